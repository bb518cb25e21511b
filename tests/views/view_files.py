"""Case files made by hand, in every state a view may meet, with ordinary words or with hostile ones."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from view_events import events
from view_words import CALM, DAY, HOUR, MONDAY, Words

from storage.casefile import CaseFile
from storage.lists import Mine
from storage.tables import Approval, Case, Customer, Member, Outreach, Response, Task
from storage.time_tables import Pause, Promise
from workflows.policy import Policy, load

POLICY_TEXT: Final = """\
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
admins = ["UNORA"]
managers = ["UINES"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[[department]]
key = "billing"
name = "Billing & <Books>"
channel = "C0BILLING"
lead = "greta@lumendesk.example"
members = ["UHUGO"]
"""
POLICY: Final[Policy] = load(POLICY_TEXT)


def customer(words: Words = CALM, **changes: Any) -> Customer:
    values = {
        "id": 7,
        "identity": "mail:anna@acme.example",
        "email": "anna@acme.example",
        "name": words.name,
        "language": words.language,
        "account_id": "A-77",
        "account_name": words.account,
        "account_value": 60_000.0,
        "segment": words.segment,
        "created_at": MONDAY - 90 * DAY,
    }
    return Customer(**(values | changes))


def anonymous(words: Words = CALM) -> Customer:
    return Customer(
        id=8,
        identity="answer:typeform:r1",
        contactability="anonymous",
        language=words.language,
        created_at=MONDAY,
    )


def response(words: Words = CALM, **changes: Any) -> Response:
    values = {
        "id": 1,
        "source": "typeform",
        "external_id": "r1",
        "metric": "nps",
        "score": 2,
        "low_end": 0,
        "high_end": 10,
        "direction": "up",
        "band": "low",
        "comment": words.comment,
        "customer_id": 7,
        "case_id": 12,
        "form": words.form,
        "touchpoint": words.touchpoint,
        "language": words.language,
        "submitted_at": MONDAY - HOUR,
        "received_at": MONDAY,
        "digest": "d",
    }
    return Response(**(values | changes))


def case(words: Words = CALM, **changes: Any) -> Case:
    values = {
        "id": 12,
        "customer_id": 7,
        "department": "support",
        "channel": "#support",
        "owner": "UBEN",
        "urgency": "high",
        "policy_version": 3,
        "why": {
            "rule": "Invoices",
            "matched": [f"the comment says “{words.comment[:40]}”", "A score of 2 is low on a scale of 0 to 10."],
            "department": "support",
            "urgency": [
                "The rule “Invoices” makes it normal.",
                "One step up: the account is worth 60,000, and 50,000 is valuable.",
            ],
            "owner_rule": "Of the 2 present in Support, they have the fewest open cases (1).",
            "also": ["billing"],
        },
        "opened_at": MONDAY,
        "waiting_since": MONDAY,
        "claim_due_at": MONDAY + HOUR,
        "contact_due_at": MONDAY + 4 * HOUR,
        "tell_due_at": MONDAY + 3 * DAY,
        "next_due_at": MONDAY + HOUR,
        "next_step_at": MONDAY + HOUR / 2,
    }
    return Case(**(values | changes))


STATES: Final[dict[str, dict[str, Any]]] = {
    "new": {},
    "working": {"state": "working", "claimed_at": MONDAY + 2 * HOUR},
    "ready": {
        "state": "ready",
        "claimed_at": MONDAY + HOUR / 2,
        "contacted_at": MONDAY + 2 * HOUR,
        "resolved_at": MONDAY + DAY,
    },
}
STATES["told"] = STATES["ready"] | {"state": "told", "closed_at": MONDAY + 2 * DAY}
STATES["excused"] = STATES["working"] | {
    "state": "excused",
    "closed_at": MONDAY + DAY,
    "excuse": "not_a_complaint",
}


def case_in(state: str, words: Words = CALM, **changes: Any) -> Case:
    """Return the case in this state, with what must be known by then."""
    known: dict[str, Any] = dict(STATES[state])
    if state in {"ready", "told"}:
        known |= {"root_cause": "process", "root_cause_text": words.note, "what_changed": words.changed}
    if state == "excused":
        known |= {"excuse_text": words.note}
    return case(words, **(known | changes))


def task(words: Words = CALM, **changes: Any) -> Task:
    values = {
        "id": 31,
        "case_id": 12,
        "title": words.title,
        "department": "billing",
        "owner": "UHUGO",
        "due_at": MONDAY + DAY,
        "created_by": "UBEN",
        "created_at": MONDAY + HOUR,
    }
    return Task(**(values | changes))


def done_task(words: Words = CALM) -> Task:
    return task(
        words, id=32, state="done", closed_at=MONDAY + 3 * HOUR, closed_by="UBEN", outcome=words.note, owner="UBEN"
    )


def mail(words: Words = CALM, **changes: Any) -> Outreach:
    values = {
        "id": 41,
        "case_id": 12,
        "kind": "told",
        "channel": "email",
        "state": "waiting",
        "by": "UBEN",
        "at": MONDAY + DAY + timedelta(minutes=2),
        "recipient": "anna@acme.example",
        "language": "de",
        "subject": words.title,
        "body": f"Hello {words.name},\n\n{words.changed}",
        "message_id": "<case-12.mail-41@lumendesk.example>",
        "created_at": MONDAY + DAY,
    }
    return Outreach(**(values | changes))


def call(words: Words = CALM) -> Outreach:
    return mail(
        words,
        id=40,
        kind="contact",
        channel="phone",
        state="logged",
        at=MONDAY + 2 * HOUR,
        subject=None,
        body=words.note,
    )


def approval(words: Words = CALM, **changes: Any) -> Approval:
    values = {
        "id": 51,
        "case_id": 12,
        "excuse": "unreachable",
        "text": words.note,
        "asked_by": "UBEN",
        "asked_at": MONDAY + DAY,
    }
    return Approval(**(values | changes))


def pause(words: Words = CALM, **changes: Any) -> Pause:
    values = {
        "id": 71,
        "case_id": 12,
        "from_at": MONDAY + 2 * HOUR,
        "until_at": MONDAY + 3 * DAY,
        "reason": words.note,
        "by": "UBEN",
    }
    return Pause(**(values | changes))


def promise(words: Words = CALM, **changes: Any) -> Promise:
    values = {
        "id": 61,
        "case_id": 12,
        "text": words.title,
        "due_at": MONDAY + DAY,
        "by": "UBEN",
        "made_at": MONDAY + HOUR,
    }
    return Promise(**(values | changes))


def promises(words: Words = CALM) -> list[Promise]:
    """Return promises in every state: one open, one slipped, one kept, one kept late, one withdrawn."""
    return [
        promise(words),
        promise(words, id=62, due_at=MONDAY, slipped_at=MONDAY),
        promise(words, id=63, state="kept", closed_at=MONDAY + HOUR),
        promise(words, id=64, state="kept", closed_at=MONDAY + 2 * DAY),
        promise(words, id=65, state="withdrawn", closed_at=MONDAY + HOUR),
    ]


def joined(words: Words = CALM) -> list[Response]:
    later = response(
        words, id=2, external_id="r2", score=1, comment=words.later, submitted_at=MONDAY + 3 * DAY, received_at=MONDAY
    )
    return [response(words), later]


def members(words: Words = CALM) -> dict[str, Member]:
    return {
        "UBEN": Member(id="UBEN", name=words.member),
        "UHUGO": Member(id="UHUGO", name="Hugo Lefèvre"),
        "UANA": Member(id="UANA", name="Ana Ribeiro"),
        "UINES": Member(id="UINES", name="Inês Duarte"),
    }


def file(
    case: Case,
    words: Words = CALM,
    *,
    who: Customer | None = None,
    responses: Sequence[Response] | None = None,
    **more: Any,
) -> CaseFile:
    """Gather a case file; what isn't given is ordinary, or empty."""
    empty: dict[str, Any] = {
        "tasks": [],
        "events": [],
        "outreaches": [],
        "approval": None,
        "earlier_cases": [],
        "earlier_responses": [],
        "cards": [],
    }
    return CaseFile(
        case=case,
        customer=who or customer(words),
        responses=[response(words)] if responses is None else responses,
        members=members(words),
        **(empty | more),
    )


def full(state: str, words: Words = CALM, **more: Any) -> CaseFile:
    """Return a case with a past, a second response, tasks and a call."""
    earlier = case(
        words,
        id=4,
        state="told",
        opened_at=MONDAY - 40 * DAY,
        waiting_since=MONDAY - 40 * DAY,
        closed_at=MONDAY - 21 * DAY,
        what_changed=words.changed,
    )
    known: dict[str, Any] = {
        "responses": joined(words),
        "tasks": [done_task(words), task(words)],
        "outreaches": [call(words)],
        "events": events(words),
        "earlier_cases": [earlier],
        "earlier_responses": [
            response(words, id=3, external_id="r0", score=9, band="high", submitted_at=MONDAY - 60 * DAY, case_id=None)
        ],
    }
    changes = more.pop("case", {})
    return file(case_in(state, words, **changes), words, **(known | more))


def mine(words: Words = CALM, *, count: int = 2) -> Mine:
    files = [file(case_in("working", words, id=12 + number), words) for number in range(count)]
    tasks = [(task(words, id=31 + number), files[number]) for number in range(count)]
    return Mine(cases=files, tasks=tasks, case_count=count, task_count=count)
