"""What happens to a case that nobody moves: its owner is warned and reminded, then the lead is told, then the managers.

While a case is snoozed its owner is left alone until the snooze ends. Others are told as ever: the limits run on, and a
snooze must not be a way to hide a case.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from storage import due, outbox
from storage.tables import Case
from workflows import clocks, handover, pings, routing, timeline
from workflows.clocks import Step
from workflows.policy import Policy

RANK: Final = {"warn": 1, "limit": 2, "lead": 3, "managers": 4}
_EVENTS: Final = {"warn": "warned", "limit": "overdue", "lead": "escalated", "managers": "escalated"}
_STEPS: Final = {"warned": "warn", "overdue": "limit"}
_UNTOUCHED: Final = "Nobody had taken it, contacted the customer or left a note: it is the lead's now."


def take(session: Session, case: Case, *, policy: Policy, at: datetime) -> None:
    """Take the steps of a held case that are due: of each clock the latest one, and only if it wasn't taken before.

    What a step has overtaken is passed over: after a week of downtime nobody hears of the same limit four times.
    """
    steps = due_steps(session, case, policy=policy, at=at)
    if not steps:
        return
    highest = max(steps, key=lambda step: RANK[step.kind])
    is_lent = handover.lend(session, case, facts=_facts(case, highest), policy=policy, at=at)
    told: dict[str, Step] = {}
    posted: list[int] = []
    for step in steps:
        kind = _as_it_can_be(session, case, step, policy=policy, at=at)
        event_id, people = _taken(session, case, step, kind, policy=policy, at=at)
        for member in people:
            if member not in told or RANK[kind] > RANK[told[member].kind]:
                told[member] = Step(step.clock, kind, step.at)
        if kind == "managers" and policy.team.manager_channel:
            posted.append(event_id)
        if kind == "lead" and not is_lent:
            _reassign(session, case, people, policy=policy, at=at)
    if is_lent and case.owner:
        told.pop(case.owner, None)  # they have just been told whose it was, and what is due
    _ping(session, case, told, policy, at)
    _post(session, case, posted, policy=policy, at=at)


def due_steps(session: Session, case: Case, *, policy: Policy, at: datetime) -> list[Step]:
    """List what has to be done about a case now: of each clock that runs the latest step that wasn't taken yet."""
    taken: dict[str, int] = {}
    for kind, facts in due.steps_taken(session, timeline.id_of(case), since=case.waiting_since):
        step = str(facts.get("level", "lead")) if kind == "escalated" else _STEPS[kind]
        clock = str(facts.get("clock"))
        taken[clock] = max(taken.get(clock, 0), RANK[step])
    is_snoozed = case.snoozed_until is not None and case.snoozed_until > at
    is_leads_own = lead_of(session, case, policy=policy) in (None, case.owner)
    found: dict[str, Step] = {}
    for one in clocks.steps(case, policy=policy):
        for_owner = one.kind in {"warn", "limit"}
        is_nothing = (is_snoozed and for_owner) or (one.kind == "lead" and is_leads_own)
        if one.at <= at and RANK[one.kind] > taken.get(one.clock, 0) and not is_nothing:
            found[one.clock] = one
    return [*found.values()]


def lead_of(session: Session, case: Case, *, policy: Policy) -> str | None:
    """Name the lead of a case's department by their Slack id; None: Slack doesn't know them."""
    called = routing.members_called(session, [routing.department(policy, case.department).lead])
    return called[0] if called else None


def _as_it_can_be(session: Session, case: Case, step: Step, *, policy: Policy, at: datetime) -> clocks.StepKind:
    """Say which step is taken: a lead who is away can't help, so the managers are told at once."""
    if step.kind != "lead":
        return step.kind
    is_gone = handover.is_member_away(session, lead_of(session, case, policy=policy), at=at)
    return "managers" if is_gone else "lead"


def _taken(
    session: Session, case: Case, step: Step, kind: clocks.StepKind, *, policy: Policy, at: datetime
) -> tuple[int, list[str]]:
    """Write a step down, and say who is to be disturbed for it."""
    people = _people(session, case, kind, policy=policy)
    facts = _facts(case, step)
    if kind in {"lead", "managers"}:
        to = policy.team.manager_channel if kind == "managers" else None
        facts |= {"level": kind, "to": to or (people[0] if len(people) == 1 else None)}
        if kind != step.kind:
            facts |= {"because": "lead_away"}
    return timeline.record(session, case, _EVENTS[kind], by=timeline.HEARBACK, at=at, facts=facts), people


def _people(session: Session, case: Case, kind: clocks.StepKind, *, policy: Policy) -> list[str]:
    lead = lead_of(session, case, policy=policy)
    if kind == "managers":
        team = policy.team
        return [] if team.manager_channel else routing.members_called(session, team.managers or team.admins)
    if kind == "lead" or case.owner is None:
        return [lead] if lead else []
    return [case.owner]


def _facts(case: Case, step: Step) -> dict[str, Any]:
    limit = next((one.due for one in clocks.running(case) if one.kind == step.clock), step.at)
    return {"clock": step.clock, "due": limit.isoformat(), "since": case.waiting_since.isoformat()}


def _reassign(session: Session, case: Case, people: Iterable[str], *, policy: Policy, at: datetime) -> None:
    """Make the lead the owner of a case that nobody has touched; its state stays, for they haven't taken it either."""
    to = next(iter(people), None)
    is_touched = case.state != "new" or case.contacted_at is not None
    if not policy.escalation.reassign or to in (None, case.owner) or is_touched:
        return
    if due.has_note(session, timeline.id_of(case), since=case.waiting_since):
        return
    facts = {"from": case.owner, "to": to, "department": case.department}
    case.owner, case.is_owner_stand_in = to, False
    case.lent_by = case.lent_at = None
    case.why = {**case.why, "owner_rule": _UNTOUCHED}
    session.add(case)
    session.flush()
    routing.assigned(session, str(to), at=at)
    timeline.record(session, case, "assigned", by=timeline.HEARBACK, at=at, text=_UNTOUCHED, facts=facts)


def _ping(session: Session, case: Case, told: dict[str, Step], policy: Policy, at: datetime) -> None:
    for member, step in told.items():
        pings.ping(
            session,
            key=f"case:{case.id}:{step.clock}:{step.kind}:{case.waiting_since.isoformat()}:{member}",
            member=member,
            case_id=case.id,
            kind=step.kind,
            urgency=case.urgency,
            facts=_facts(case, step),
            policy=policy,
            at=at,
        )


def _post(session: Session, case: Case, event_ids: list[int], *, policy: Policy, at: datetime) -> None:
    """Tell the managers in their channel, once for all that has become late at the same time."""
    place = policy.team.manager_channel
    if not event_ids or not place:
        return
    facts = {"event_ids": event_ids, "place": place}
    key = f"escalation:{event_ids[0]}"
    outbox.leave(
        session, key=key, kind="escalation", lane=f"slack:{place}", facts=facts, case_id=timeline.id_of(case), at=at
    )
