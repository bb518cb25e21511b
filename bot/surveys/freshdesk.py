"""Freshdesk: ratings of tickets, by their label from an automation and by their code from the API."""

import base64
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime

from bot.surveys.fields import Record
from bot.surveys.pages import each, known_by, latest_by_id, rows_of, stretch
from bot.surveys.request import Adapter, Api, Call, Found, Ignored, Page, Polling, Unreadable
from bot.surveys.scoring import own_scale
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Scale

NAME = "freshdesk"
TOUCHPOINT = "freshdesk_csat"
SEVEN = Scale("csat", 1, 7, "up", 3, 4)
# Freshdesk's codes have a gap in the middle: they are steps, not numbers to reckon with.
STEPS = {-103: 1.0, -102: 2.0, -101: 3.0, 100: 4.0, 101: 5.0, 102: 6.0, 103: 7.0}
LABELS = {
    "extremely unhappy": -103,
    "very unhappy": -102,
    "unhappy": -101,
    "neutral": 100,
    "happy": 101,
    "very happy": 102,
    "extremely happy": 103,
    # as the shorter scales are labelled at first
    "extremely dissatisfied": -103,
    "very dissatisfied": -102,
    "dissatisfied": -101,
    "not good": -103,
    "just okay": 100,
    "satisfied": 101,
    "very satisfied": 102,
    "extremely satisfied": 103,
    "awesome": 103,
}
PAGE = 30


def parse(body: object, policy: Policy, at: datetime) -> Answer | Ignored:
    """Read what our automation sends. A ticket has one rating: the ticket's id names it."""
    sent = Record(body)
    if "freshdesk_webhook" in sent.raw:
        sent = sent.record("freshdesk_webhook")
    if "ticket_satisfaction_rating" not in sent.raw:
        raise Unreadable(f"{sent.at('ticket_satisfaction_rating')} is missing: add it to the JSON of the automation.")
    said = sent.string("ticket_satisfaction_rating").strip()
    if not said:
        return Ignored("The customer has not rated.")
    score = _step_said(said, sent.at("ticket_satisfaction_rating"))
    return Answer(
        source=NAME,
        external_id=_by_ticket(sent.required_identifier("ticket_id")),
        score=score,
        scale=own_scale(policy, source=NAME, form=None, score=score, own=SEVEN),
        submitted_at=at,
        is_time_known=False,
        comment=sent.text("ticket_satisfaction_comment"),
        touchpoint=TOUCHPOINT,
        url=sent.url("ticket_url"),
        email=sent.email("ticket_contact_email") or sent.email("ticket_requester_email"),
        name=sent.line("ticket_contact_name") or sent.line("ticket_requester_name"),
        account_name=sent.line("ticket_company_name"),
    )


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of ratings, and for each person who gave one."""
    place = stretch(cursor, since=since, at=at)
    start = place.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {"created_since": start, "page": str(place.page), "per_page": str(PAGE)}
    rows = rows_of((yield Call("/api/v2/surveys/satisfaction_ratings", query)))

    def read(row: Record) -> Found:
        found = _rating(row, policy)
        # As the automation says it: one ticket, one response, whichever of the two came first.
        return found._replace(external_id=_by_ticket(row.required_identifier("ticket_id")), touchpoint=TOUCHPOINT)

    answers, refused = each(rows, read)
    people = yield from _people(answers)
    signed = [_signed_by(one, people) for one in latest_by_id(answers)]
    is_last = len(rows) < PAGE
    return Page(signed, place.done() if is_last else place.on(str(place.page + 1)), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer]:
    """Read a saved page of the API; each rating has the id that the API gives it."""
    return [_rating(Record(row, f"[{number}]"), policy) for number, row in enumerate(rows_of(reply))]


def _rating(row: Record, policy: Policy) -> Answer:
    form = row.identifier("survey_id")
    ratings = row.record("ratings")
    code = ratings.required_number("default_question")  # what else was asked is of no account
    score = _step(code, ratings.at("default_question"))
    return Answer(
        source=NAME,
        external_id=row.required_identifier("id"),
        score=score,
        scale=own_scale(policy, source=NAME, form=form, score=score, own=SEVEN),
        submitted_at=row.timestamp("updated_at") or row.required_timestamp("created_at"),
        comment=row.text("feedback"),
        form=form,
        touchpoint=form,
        customer_id=row.identifier("user_id"),
    )


def _step_said(said: str, path: str) -> float:
    """Read a label, which an administrator may have changed, or a code."""
    code = LABELS.get(" ".join(said.lower().split()))
    if code is not None:
        return STEPS[code]
    if said.lstrip("-").isdecimal() and said.isascii():
        return _step(float(said), path)
    raise Unreadable(
        f"{path} is none of Freshdesk's own labels, such as Very Unhappy: give the survey's choices their labels back, "
        "or leave this rating to the poll, which reads codes."
    )


def _step(code: float, path: str) -> float:
    if code not in STEPS:
        raise Unreadable(f"{path} must be one of the codes {', '.join(str(known) for known in STEPS)}.")
    return STEPS[int(code)]


def _by_ticket(ticket_id: str) -> str:
    return f"freshdesk:ticket:{ticket_id}"


def _people(answers: Iterable[Answer]) -> Generator[Call, object, dict[str, Record]]:
    """Ask for everybody of a page, one by one: Freshdesk has no other way."""
    found = dict[str, Record]()
    for customer_id in sorted({one.customer_id for one in answers if one.customer_id}):
        if customer_id.isascii() and customer_id.isdecimal():
            contact = yield Call(f"/api/v2/contacts/{customer_id}", is_lasting=True, may_be_missing=True)
            if isinstance(contact, dict):
                found[customer_id] = Record(contact)
    return found


def _signed_by(answer: Answer, people: dict[str, Record]) -> Answer:
    person = people.get(answer.customer_id or "")
    if person is None:
        return answer
    try:
        return known_by(answer, email=person.email("email"), name=person.line("name"))
    except Unreadable:
        return answer  # a contact in an odd shape is as good as one that is gone


def headers(token: str) -> dict[str, str]:
    """Sign in with an API key: Freshdesk takes it as a user's name, with any password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{token}:X'.encode()).decode()}"}


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    api=Api("", headers, per_minute=50),
    poll=poll,
    parse_reply=parse_reply,
)
