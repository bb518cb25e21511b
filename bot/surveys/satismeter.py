"""SatisMeter: completed surveys; an NPS is their rating, any other score is an answer that the policy names."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.surveys.asking import bearer, forms_named
from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import entry_of, own_scale, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import DEFAULT_SCALES, Scale, UnknownScale

NAME = "satismeter"
PAGE = 100
TEXT = "text"  # in the type of a question that is answered in words
_CURSOR = re.compile(r"[\x21-\x7e]{1,1000}")


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read a completed survey; one that was dismissed holds nothing."""
    sent = Record(body)
    if sent.line("event") != "completed":
        return Ignored("Only SatisMeter's event completed holds answers.")
    return _read(sent.record("response"), policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a project's responses; without a start, SatisMeter would leave out all but a month."""
    place = stretch(cursor, since=since, at=at)
    query = {"startDate": _spelt(place.start), "endDate": _spelt(place.end), "pageSize": str(PAGE)}
    if place.place:
        query["pageCursor"] = place.place
    reply = Record((yield Call(f"/projects/{target}/responses", query)))
    rows = rows_of(reply.raw.get("data"), "data")
    answers, refused = each(rows, lambda row: _read(row, policy), "data")
    following = _following(reply.optional_record("page"))
    if following and following == place.place:
        refused = [*refused, Refused(f"SatisMeter gives a page of “{target}” as the one that follows itself.")]
    is_last = not rows or following in {"", place.place}
    return Page(answers, place.done() if is_last else place.on(following), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of responses."""
    return [_read(row, policy) for row in Record(reply).records("data")]


def _following(page: Record) -> str:
    """Take where the next page begins; "" when there is none."""
    following = page.string("nextPageCursor") if page.raw.get("hasNextPage") is True else ""
    if following and not _CURSOR.fullmatch(following):
        raise Unreadable(f"{page.at('nextPageCursor')} is no cursor.")
    return following


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(response: Record, policy: Policy) -> Answer | Ignored:
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
    rating = _rating(response)
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


def _rating(response: Record) -> float | None:
    """Return the rating, which is always an NPS; the API has it among the answers, with the name of its metric."""
    rating = response.number("rating")
    if rating is not None:
        return rating
    asked = (answer for answer in response.records("answers") if answer.string("metric").strip().lower() == "nps")
    return next((score for answer in asked if (score := answer.number("value")) is not None), None)


def _comment(response: Record, entry: Source | None) -> str:
    """Take the answer that the policy names, else the feedback; the API has that among the answers as well."""
    if entry is not None and entry.comment_field:
        answer = _answer(response, entry.comment_field)
        if answer is not None:
            return answer.text("value")
    if said := response.text("feedback"):
        return said
    texts = (answer for answer in response.records("answers") if TEXT in answer.string("type").lower())
    return next((text for answer in texts if (text := answer.text("value"))), "")


def _answer(response: Record, question: str) -> Record | None:
    return next((answer for answer in response.records("answers") if answer.string("id") == question), None)


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("https://app.satismeter.com/api/v3", bearer, per_minute=60),
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
