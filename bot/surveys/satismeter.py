"""SatisMeter: completed surveys; an NPS is their rating, any other score is an answer that the policy names."""

from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Scale, UnknownScale

NAME = "satismeter"


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a completed survey; one that was dismissed holds nothing."""
    sent = Record(body)
    if sent.line("event") != "completed":
        return Ignored("Only SatisMeter's event completed holds answers.")
    response = sent.record("response")
    form = response.identifier("project")
    entry = entry_of(policy, NAME, form)
    found = _scored(response, form, entry, policy)
    if isinstance(found, Ignored):
        return found
    score, scale = found
    user = response.optional_record("user")
    traits = user.optional_record("traits")
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale,
        submitted_at=response.required_timestamp("created"),
        comment=_comment(response, entry),
        form=form,
        touchpoint=form,
        language=response.language("language") or traits.language("language"),
        email=user.email("email"),
        name=user.line("name"),
        customer_id=user.identifier("userId"),
        account_name=traits.line("company"),
        segment=traits.line("segment"),
    )


def _scored(response: Record, form: str | None, entry: Source | None, policy: Policy) -> tuple[float, Scale] | Ignored:
    """Return the score and its scale: the answer that the policy names, else the rating, which is always an NPS."""
    if entry is not None and entry.score_field:
        answer = _answer(response, entry.score_field)
        if answer is not None:
            score = answer.required_number("value")
            return score, scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric)
    rating = response.number("rating")
    if rating is not None:
        return rating, own_scale(policy, source=NAME, form=form, score=rating, own=DEFAULT_SCALES["nps"])
    if entry is not None and entry.score_field:
        return Ignored("The question for the score was not answered.")
    if not response.records("answers"):
        return Ignored("The survey was completed without an answer.")
    raise UnknownScale(
        "SatisMeter gives this survey no rating of its own. Add to the policy a [[source]] with "
        f'name = "{NAME}", form = "{form or ""}", metric, scale, low, neutral and score_field, the id of its question.',
        source=NAME,
        form=form,
    )


def _comment(response: Record, entry: Source | None) -> str:
    if entry is not None and entry.comment_field:
        answer = _answer(response, entry.comment_field)
        if answer is not None:
            return answer.text("value")
    return response.text("feedback")


def _answer(response: Record, question: str) -> Record | None:
    return next((answer for answer in response.records("answers") if answer.string("id") == question), None)


ADAPTER = Adapter(NAME, verifier(NAME), parse)
