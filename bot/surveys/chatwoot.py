"""Chatwoot: the faces at the end of a conversation, one to five."""

from collections.abc import Sequence
from datetime import datetime

from bot.surveys.fields import Record
from bot.surveys.pages import each, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling
from bot.surveys.scoring import own_scale
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import DEFAULT_SCALES

NAME = "chatwoot"
FACES = DEFAULT_SCALES["csat"]  # 1 and 2 are low; Chatwoot itself draws no line
PAGE = 25  # Chatwoot's own, which can't be changed


def parse(body: object, policy: Policy, at: datetime) -> Answer | Ignored:
    """Read a rating. It comes twice, without its comment and with it, and never says when it was given."""
    event = Record(body)
    if event.line("event") != "message_updated" or event.line("content_type") != "input_csat":
        return Ignored("Only Chatwoot's updates of a survey message hold ratings.")
    submitted = event.optional_record("content_attributes").optional_record("submitted_values")
    if submitted.raw.get("csat_survey_response") is None:
        return Ignored("The customer was asked for a rating and has given none yet.")
    rating = submitted.record("csat_survey_response")
    score = rating.required_number("rating")
    conversation = event.optional_record("conversation")
    sender = conversation.optional_record("meta").optional_record("sender")
    inbox = event.optional_record("inbox").identifier("id")
    return Answer(
        source=NAME,
        external_id=_by_message(event.required_identifier("id")),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=FACES),
        submitted_at=at,
        is_time_known=False,
        comment=rating.text("feedback_message"),
        touchpoint=f"inbox:{inbox}" if inbox else None,
        language=conversation.optional_record("additional_attributes").language("browser_language"),
        email=sender.email("email"),
        name=sender.line("name"),
        customer_id=sender.identifier("identifier") or sender.identifier("id"),
        account_name=sender.optional_record("additional_attributes").line("company_name"),
    )


def _by_message(message_id: str) -> str:
    return f"chatwoot:message:{message_id}"


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of ratings, oldest first."""
    place = stretch(cursor, since=since, at=at)
    query = {
        "since": str(int(place.start.timestamp())),
        "until": str(int(place.end.timestamp()) + 1),  # up to, and without
        "sort": "created_at",
        "page": str(place.page),
    }
    rows = rows_of((yield Call("/csat_survey_responses", query)))
    answers, refused = each(rows, lambda row: _rating(row, policy))
    is_last = len(rows) < PAGE
    return Page(answers, place.done() if is_last else place.on(str(place.page + 1)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer]:
    """Read a saved page of the API."""
    return [_rating(Record(row, f"[{number}]"), policy) for number, row in enumerate(rows_of(reply))]


def _rating(row: Record, policy: Policy) -> Answer:
    score = row.required_number("rating")
    contact = row.optional_record("contact")
    return Answer(
        source=NAME,
        external_id=_by_message(row.required_identifier("message_id")),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=FACES),
        submitted_at=row.required_timestamp("created_at"),
        comment=row.text("feedback_message"),
        email=contact.email("email"),
        name=contact.line("name"),
        customer_id=contact.identifier("identifier") or contact.identifier("id"),
        account_name=contact.optional_record("additional_attributes").line("company_name"),
    )


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("", lambda token: {"api_access_token": token}, per_minute=60),
    poll=poll,
    parse_reply=parse_reply,
)
