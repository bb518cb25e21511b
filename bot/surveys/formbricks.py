"""Formbricks: responses as they grow, from the first answer to the last."""

from bot.surveys.fields import Record
from bot.surveys.request import Adapter, Ignored
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "formbricks"
TAKEN = frozenset({"responseCreated", "responseUpdated", "responseFinished"})  # parts of the same response


def parse(body: object, policy: Policy) -> Answer | Ignored:
    """Read what is known of a response so far; the policy names the questions, as their scale is not in the payload."""
    envelope = Record(body)
    event = envelope.line("event")
    if event not in TAKEN:
        return Ignored("Only Formbricks' response events hold answers.")
    response = envelope.record("data")
    form = response.required_identifier("surveyId")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"Formbricks does not say which question of the survey “{form}” is the score. Add to the policy a "
            f'[[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.'
        )
    answers = response.optional_record("data")
    score = answers.number(entry.score_field)
    if score is None:
        if response.raw.get("finished") is True and event == "responseFinished":
            return Ignored("The question for the score was not answered.")
        return Ignored("The question for the score is not answered yet.")
    scale = scale_of(policy, source=NAME, form=form, score=score, metric=entry.metric)
    contact = response.optional_record("contact")
    attributes = response.optional_record("contactAttributes")
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale,
        submitted_at=response.timestamp("updatedAt") or response.required_timestamp("createdAt"),
        comment=answers.text(entry.comment_field) if entry.comment_field else "",
        form=form,
        touchpoint=form,
        language=response.language("language"),
        email=_email(answers, attributes, entry),
        name=_name(attributes),
        customer_id=contact.identifier("userId") or contact.identifier("id"),
        account_id=attributes.identifier("account_id"),
        account_name=attributes.line("company"),
        account_value=attributes.amount("account_value"),
        account_manager=attributes.email("account_manager"),
        segment=attributes.line("segment"),
    )


def is_probe(body: bytes) -> bool:
    """Tell Formbricks' test of an address, which it sends unsigned before it saves a webhook."""
    return body.strip() == b'{"event":"testEndpoint"}'


def _email(answers: Record, attributes: Record, entry: Source) -> str | None:
    """Take the answer or the attribute that the policy names, else the attribute `email`."""
    if entry.email_field:
        return answers.email(entry.email_field) or attributes.email(entry.email_field)
    return attributes.email("email")


def _name(attributes: Record) -> str | None:
    parts = [attributes.line("firstName"), attributes.line("lastName")]
    return attributes.line("name") or " ".join(part for part in parts if part) or None


ADAPTER = Adapter(NAME, verifier(NAME), parse, is_probe)
