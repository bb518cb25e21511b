"""A case is opened: triage, owner, clocks, tasks for further departments, and the views that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from storage import rows
from storage.tables import URGENCIES, Case, Event
from workflows import clocks, customers, permission, routing, taskwork, timeline
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.triage import SECOND_LOW_DAYS, Triage, triage


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that has been written and is still to be announced. `views`: (subject, place) each."""

    case_id: int
    rule: str | None
    tasks: tuple[int, ...]
    views: tuple[tuple[str, str], ...]


def open_case(
    session: Session,
    answer: Answer,
    customer_id: int,
    earlier: Sequence[Case],
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
) -> Opened:
    """Write the case of a low answer: its department and urgency by rule, its owner, its limits, its tasks."""
    since = at - timedelta(days=SECOND_LOW_DAYS)
    is_second = any(one.opened_at >= since for one in earlier)
    verdict = triage(policy, answer, band="low", low_before_within_90_days=is_second)
    home = policy.department(verdict.department)
    owner = routing.owner_for(session, home, policy=policy, account_manager=answer.account_manager)
    limits = clocks.due_times(policy, opened_at=at, urgency=verdict.urgency, department=home.key)
    is_anonymous = customers.contactability_of(answer) == "anonymous"  # nobody can be contacted: no limit for it
    case_id = rows.add(
        session,
        Case,
        customer_id=customer_id,
        department=home.key,
        channel=home.channel,
        owner=owner.member,
        is_owner_stand_in=owner.is_stand_in,
        urgency=verdict.urgency,
        policy_version=policy_version,
        why=_why(verdict, owner),
        opened_at=at,
        waiting_since=at,
        claim_due_at=limits.claim,
        contact_due_at=None if is_anonymous else limits.contact,
        tell_due_at=limits.tell,
        next_due_at=min(limits.claim, limits.tell),
    )
    if owner.member is not None:
        routing.assigned(session, owner.member, at=at)
    tasks = [
        taskwork.give(
            session,
            case_id,
            title=f"Find out what happened on {permission.department_name(policy, key)}'s side, and tell the owner",
            department=key,
            owner=None,
            due_at=clocks.task_due(policy, urgency=verdict.urgency, department=key, at=at),
            policy=policy,
            by=timeline.HEARBACK,
            at=at,
        )
        for key in verdict.also
    ]
    views = [(f"case:{case_id}", home.channel), *([(f"owner:{case_id}", owner.member)] if owner.member else [])]
    return Opened(
        case_id, verdict.rule_name, tuple(task_id for task_id, _ in tasks), (*views, *(view for _, view in tasks))
    )


def announce(session: Session, opened: Opened, response_id: int, *, at: datetime) -> None:
    """Write down that a case was opened, and have it shown: the card itself is the news, so no line repeats it."""
    events = [("opened", {"response_id": response_id, "rule": opened.rule})]
    events += [("task_added", {"task_id": task_id}) for task_id in opened.tasks]
    rows.add_all(
        session,
        Event,
        [
            {"case_id": opened.case_id, "kind": kind, "by": timeline.HEARBACK, "at": at, "facts": facts}
            for kind, facts in events
        ],
    )
    timeline.draw(session, opened.case_id, opened.views, at=at)


def route_again(session: Session, case: Case, answer: Answer, *, policy: Policy, at: datetime) -> None:
    """Let a later part of the response move a case that nobody has touched yet: its comment may name another rule."""
    if case.state != "new" or case.contacted_at is not None:
        return
    verdict = triage(policy, answer, band="low", low_before_within_90_days=False)
    if URGENCIES.index(verdict.urgency) > URGENCIES.index(case.urgency):
        case.urgency = verdict.urgency
        clocks.quicken(case, policy=policy)
    if verdict.rule_name is None or verdict.rule_name == case.why.get("rule"):
        return
    home = policy.department(verdict.department)
    owner = routing.owner_for(session, home, policy=policy, account_manager=answer.account_manager)
    if home.key == case.department:
        case.why = {**_why(verdict, owner), "owner_rule": case.why.get("owner_rule", owner.rule)}
        return
    facts: dict[str, Any] = {"from": case.owner, "to": owner.member, "department": home.key, "rule": verdict.rule_name}
    case.department, case.channel, case.why = home.key, home.channel, _why(verdict, owner)
    case.owner, case.is_owner_stand_in = owner.member, owner.is_stand_in
    if owner.member is not None:
        routing.assigned(session, owner.member, at=at)
    timeline.record(session, case, "rerouted", by=timeline.HEARBACK, at=at, facts=facts)


def _why(verdict: Triage, owner: routing.Owner) -> dict[str, Any]:
    return {
        "rule": verdict.rule_name,
        "matched": list(verdict.because),
        "department": verdict.department,
        "also": list(verdict.also),
        "urgency": list(verdict.urgency_reasons),
        "owner_rule": owner.rule,
    }
