"""Formbricks: responses as they grow, from the first answer to the last."""

from collections.abc import Sequence
from datetime import datetime

from bot.surveys.asking import forms_named
from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import entry_of, scale_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy, Source
from workflows.scales import UnknownScale

NAME = "formbricks"
TAKEN = frozenset({"responseCreated", "responseUpdated", "responseFinished"})  # parts of the same response
PAGE = 100


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read what is known of a response so far; the policy names the questions, as their scale is not in the payload."""
    envelope = Record(body)
    event = envelope.line("event")
    if event not in TAKEN:
        return Ignored("Only Formbricks' response events hold answers.")
    return _read(envelope.record("data"), policy)


def poll(target: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of a survey's responses, the newest first: Formbricks knows no other order, and no times."""
    place = stretch(cursor, since=since, at=at)
    skip = int(place.place) if place.place.isdecimal() else 0
    query = {"surveyId": target or "", "limit": str(PAGE), "skip": str(skip)}
    reply = Record((yield Call("/api/v1/management/responses", query)))
    rows = rows_of(reply.raw.get("data"), "data")

    def read(row: Record) -> Found:
        return Ignored("It is older than was asked for.") if _changed_at(row) < place.start else _read(row, policy)

    answers, refused = each(rows, read, "data")
    is_last = len(rows) < PAGE or _is_older(rows[-1], place.start)
    return Page(answers, place.done() if is_last else place.on(str(skip + PAGE)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Found]:
    """Read a saved page of responses."""
    return [_read(response, policy) for response in Record(reply).records("data")]


def _is_older(row: object, start: datetime) -> bool:
    try:
        return Record(row).required_timestamp("createdAt") < start
    except Unreadable:
        return False  # the next page will tell


def _changed_at(response: Record) -> datetime:
    return response.timestamp("updatedAt") or response.required_timestamp("createdAt")


def _read(response: Record, policy: Policy) -> Answer | Ignored:
    """Read what is known of a response so far; the policy names the questions."""
    form = response.required_identifier("surveyId")
    entry = entry_of(policy, NAME, form)
    if entry is None or not entry.score_field:
        raise UnknownScale(
            f"Formbricks does not say which question of the survey “{form}” is the score. Add to the policy a "
            f'[[source]] with name = "{NAME}", form = "{form}", metric, scale, low, neutral and score_field.',
            source=NAME,
            form=form,
        )
    answers = response.optional_record("data")
    score = answers.number(entry.score_field)
    if score is None:
        if response.raw.get("finished") is True:
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
        submitted_at=_changed_at(response),
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


def headers(token: str) -> dict[str, str]:
    """Make the header that Formbricks wants."""
    return {"x-api-key": token}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    is_probe=is_probe,
    api=Api("https://app.formbricks.com", headers, per_minute=60),
    targets=forms_named(NAME),
    poll=poll,
    parse_reply=parse_reply,
)
