"""What must hold whatever happens: nothing disappears, nothing is un-closable, and every count is right."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from storage.tables import Approval, Case, Member, Outreach, Response, Task
from storage.time_tables import Pause, Promise
from workflows import figures, lifecycle

OPEN = {"new", "working", "ready"}


def broken_promises(session: Session, *, at: datetime) -> list[str]:
    """Name every promise of the design that doesn't hold in these rows; empty: all hold."""
    cases = {one.id: one for one in session.exec(select(Case))}
    broken = [
        f"low response {one.id} is reachable from no case"
        for one in session.exec(select(Response))
        if one.band == "low" and one.case_id not in cases
    ]
    for case in cases.values():
        broken += [f"case {case.id} ({case.state}): {what}" for what in _of_case(session, case)]
    open_cases = [one for one in cases.values() if one.state in OPEN]
    customers = Counter(one.customer_id for one in open_cases)
    broken += [f"customer {one} has {many} open cases" for one, many in customers.items() if many > 1]
    return [*broken, *_of_counts(session, open_cases, at=at)]


def _of_case(session: Session, case: Case) -> list[str]:
    tasks = session.exec(select(Task).where(Task.case_id == case.id, Task.state == "open")).all()
    asked = session.exec(
        select(Approval).where(Approval.case_id == case.id, Approval.decision == None)  # noqa: E711 -- SQL's word
    ).all()
    is_open = case.state in OPEN
    promised = session.exec(select(Promise).where(Promise.case_id == case.id, Promise.state == "open")).all()
    pauses = session.exec(select(Pause).where(Pause.case_id == case.id)).all()
    lasting = [one for one in pauses if case.paused_until is not None and one.until_at == case.paused_until]
    rules = {
        "an open case has a next due time, a closed one none": (case.next_due_at is not None) is is_open,
        "a closed case says when, an open one doesn't": (case.closed_at is None) is is_open,
        "every state can be left again": bool(lifecycle.moves(case.state)),
        "told means told, with proof": case.state != "told" or _has_proof(session, case),
        "an excuse is kept with excused cases alone": (case.excuse is not None) is (case.state == "excused"),
        "what is ready has no open task": case.state not in {"ready", "told"} or not tasks,
        "what is ready says what changed": case.state not in {"ready", "told"} or bool(case.what_changed),
        "who works on it is known": case.state != "working" or case.claimed_at is not None,
        "a closed case asks nobody anything": is_open or not asked,
        "a closed case is neither paused nor looked at again": is_open
        or (case.paused_until or case.next_step_at) is None,
        "a closed case promises nothing": is_open or not promised,
        "what is paused has one pause that lasts": len(lasting) == (case.paused_until is not None),
        "time to contact is known once somebody did": (case.contact_used is None) is (case.contacted_at is None),
        "time to telling is known of who was told": (case.tell_used is not None) is (case.state == "told"),
    }
    return [rule for rule, holds in rules.items() if not holds]


def _has_proof(session: Session, case: Case) -> bool:
    told = session.exec(select(Outreach).where(Outreach.case_id == case.id, Outreach.kind == "told"))
    return any(one.state in {"accepted", "logged"} for one in told)


def _of_counts(session: Session, open_cases: Sequence[Case], *, at: datetime) -> list[str]:
    owned = Counter(one.owner for one in open_cases)
    counted = [
        f"{one.id} has {owned[one.id]} open cases, counted are {one.open_cases}"
        for one in session.exec(select(Member))
        if one.open_cases != owned[one.id]
    ]
    found = figures.open_cases(session, at=at)
    if (sum(one.count for one in found), sum(one.unowned for one in found)) != (len(open_cases), owned[None]):
        counted.append("the figures of /loop status are wrong")
    return counted
