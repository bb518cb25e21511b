"""One event of every kind that a case's timeline knows."""

from typing import Any

from view_words import CALM, DAY, HOUR, MONDAY, Words

from storage.tables import Event


def event(name: str, /, *, number: int = 1, text: str = "", by: str = "UBEN", **facts: Any) -> Event:
    return Event(id=number, case_id=12, kind=name, by=by, at=MONDAY + number * HOUR, text=text, facts=facts)


def events(words: Words = CALM) -> list[Event]:
    """Return one event of every kind, and one of a kind that nobody knows."""
    made = [
        event("opened", by="hearback", response_id=1, rule="Invoices"),
        event("joined", by="customer", response_id=2),
        event("updated", by="customer", response_id=1, what="the comment came later"),
        event("logged_by_hand", response_id=1),
        event("rerouted", by="hearback", to="UHUGO", department="billing", rule="Invoices"),
        event("taken", **{"from": "UANA"}),
        event("assigned", text=words.note, **{"from": "UBEN", "to": "UANA", "department": "support", "stand_in": True}),
        event("contact", text=words.note, outreach_id=40, channel="phone"),
        event("mail_waiting", outreach_id=41, kind="told", send_at=(MONDAY + DAY).isoformat()),
        event("mail_taken_back", outreach_id=41),
        event("mail_accepted", outreach_id=41, kind="told"),
        event("mail_refused", by="hearback", text="550 no such user anna@acme.example", outreach_id=41, kind="told"),
        event("mail_bounced", by="hearback", text="mailbox full: anna@acme.example", outreach_id=41),
        event("mail_unclear", by="hearback", text="the connection broke", outreach_id=41),
        event("address_changed", by_hand=True),
        event("replied", by="customer", text=words.later, sender="anna@acme.example"),
        event("task_added", text=words.title, task_id=31, to="UHUGO", department="billing"),
        event("task_done", text=words.note, task_id=32, left=0),
        event("task_cancelled", text=words.note, task_id=31),
        event("task_handed_over", text=words.note, task_id=31, to="UANA"),
        event("resolved", text=words.changed, root_cause="process"),
        event("told", outreach_id=41, channel="email"),
        event("excuse_asked", text=words.note, approval_id=51, excuse="unreachable"),
        event("excuse_declined", text=words.note, by="UINES", approval_id=51, excuse="unreachable", asked_by="UBEN"),
        event("excuse_withdrawn", by="hearback", approval_id=51),
        event("excused", text=words.note, by="UINES", excuse="unreachable"),
        event("reopened", text=words.note, cause="person"),
        event("reopened", by="hearback", cause="low_response"),
        event("reopened", by="hearback", text="mailbox full: anna@acme.example", cause="delivery"),
        event("reopened", by="customer", text=words.later, cause="reply"),
        event("note", text=words.note, in_thread=True),
        event("urgency", by="hearback", **{"from": "normal", "to": "high", "reason": "a second low response"}),
        event("paused", text=words.note, until=(MONDAY + 3 * DAY).isoformat()),
        event("resumed"),
        event("resumed", by="hearback"),
        event("resumed", by="customer"),
        event("snoozed", until=(MONDAY + DAY).isoformat()),
        event("promised", text=words.title, promise_id=61, due=(MONDAY + DAY).isoformat()),
        event("promise_kept", text=words.title, promise_id=61, due=(MONDAY + DAY).isoformat(), late=False),
        event("promise_kept", text=words.title, promise_id=61, due=MONDAY.isoformat(), late=True),
        event("promise_withdrawn", text=words.note, promise_id=61, due=(MONDAY + DAY).isoformat()),
        event("promise_slipped", by="hearback", text=words.title, promise_id=61, due=(MONDAY + DAY).isoformat()),
        event("limits_changed", by="hearback", policy_version=4, to=(MONDAY + DAY).isoformat()),
        *(
            event(kind, by="hearback", clock=clock, due=(MONDAY + HOUR).isoformat())
            for kind in ("warned", "overdue")
            for clock in ("claim", "contact", "tell")
        ),
        event("escalated", by="hearback", clock="claim", level="lead", to="UANA", due=(MONDAY + HOUR).isoformat()),
        event("escalated", by="hearback", clock="tell", level="managers", to="#customer-voice", because="lead_away"),
        event("escalated", by="hearback", clock="tell", level="managers", to=None),
        event("assigned", by="hearback", text="Nobody had taken it.", **{"from": "UBEN", "to": "UANA"}),
        event("lent", by="hearback", clock="claim", **{"from": "UBEN", "to": "UANA"}),
        event("returned", by="hearback", **{"from": "UANA", "to": "UBEN"}),
        event("lent", by="hearback", task_id=31, **{"from": "UBEN", "to": "UANA"}),
        event("task_overdue", by="hearback", task_id=31, due=(MONDAY + HOUR).isoformat()),
        event("task_escalated", by="hearback", task_id=31, to="UANA"),
        event("fed_the_cat", text=words.note),
        event("revealed", by="UINES"),
        event("erased", by="command line, ops"),
    ]
    for number, one in enumerate(made, 1):
        one.id, one.at = number, MONDAY + number * HOUR
    return made
