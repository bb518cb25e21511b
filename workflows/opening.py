"""A case is opened: triage, owner, clocks, tasks for further departments, and the views that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from storage import crowd, rows, umbrellas
from storage.tables import URGENCIES, Case, Event
from workflows import clocks, customers, permission, routing, storms, taskwork, timeline
from workflows.answers import Answer
from workflows.policy import Department, Policy
from workflows.triage import SECOND_LOW_DAYS, Triage, triage


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that has been written and is still to be announced. `views`: (subject, place) each."""

    case_id: int
    rule: str | None
    tasks: tuple[int, ...]
    views: tuple[tuple[str, str], ...]
    umbrella_id: int | None = None
    """The umbrella whose posts speak for it; then it has no views of its own but its tasks'."""
    owner: str | None = None


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
    verdict = _verdict(session, answer, policy=policy, is_second=is_second)
    shelter = storms.shelter(session, answer, verdict, customer_id, policy=policy, at=at)
    home = _home(shelter, verdict, policy)
    owner = _owner(session, shelter, answer, home, policy=policy, at=at)
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
        umbrella_id=shelter.umbrella_id,
        withheld_at=at if shelter.is_withheld else None,
        why=_why(verdict, owner),
        opened_at=at,
        waiting_since=at,
        claim_due_at=limits.claim,
        contact_due_at=None if is_anonymous else limits.contact,
        tell_due_at=limits.tell,
        next_due_at=limits.claim,
        next_step_at=limits.warn,
    )
    lead = umbrellas.Lead(
        case_id, shelter.umbrella_id, home.key, home.channel, owner.member, is_owner_stand_in=owner.is_stand_in
    )
    umbrellas.opens(session, lead, customer_id=customer_id)
    storms.sheltered(session, shelter, case_id, at=at)
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
        for key in _further(shelter, verdict, home)
    ]
    views = [(f"case:{case_id}", home.channel), *([(f"owner:{case_id}", owner.member)] if owner.member else [])]
    return Opened(
        case_id,
        verdict.rule_name,
        tuple(task_id for task_id, _ in tasks),
        (*([] if shelter.is_withheld else views), *(view for _, view in tasks)),
        shelter.umbrella_id,
        owner.member,
    )


def _verdict(session: Session, answer: Answer, *, policy: Policy, is_second: bool) -> Triage:
    company = crowd.of(session)
    if not is_second and company is not None and (known := company.memory("verdicts").get(id(answer))) is not None:
        verdict: Triage = known
        return verdict
    return triage(policy, answer, band="low", low_before_within_90_days=is_second)


def _home(shelter: storms.Shelter, verdict: Triage, policy: Policy) -> Department:
    """Choose the department: that of the account's open case, if the policy still has it, else the rule's."""
    known = {one.key: one for one in policy.departments}
    own = known.get(shelter.lead.department) if shelter.lead else None
    return own or policy.department(verdict.department)


def _owner(
    session: Session, shelter: storms.Shelter, answer: Answer, home: Department, *, policy: Policy, at: datetime
) -> routing.Owner:
    lead = shelter.lead
    if lead is not None and lead.owner is not None and lead.department == home.key:
        return routing.Owner(lead.owner, f"They own case {lead.id} of the same account.", lead.is_owner_stand_in)
    return routing.owner_for(session, home, policy=policy, account_manager=answer.account_manager, at=at)


def _further(shelter: storms.Shelter, verdict: Triage, home: Department) -> list[str]:
    """Name the further departments that get a task.

    In a storm they have theirs from the cases before; of one account each department has one task.
    """
    if shelter.lead is None:
        return [] if shelter.is_withheld else list(verdict.also)
    named = dict.fromkeys([verdict.department, *verdict.also])
    return [one for one in named if one != home.key and one not in shelter.tasks_given]


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
    timeline.draw_umbrella(session, opened.umbrella_id, owner=opened.owner, at=at)


def route_again(session: Session, case: Case, answer: Answer, *, policy: Policy, at: datetime) -> None:
    """Let a later part of the response move a case that nobody has touched yet: its comment may name another rule."""
    if case.state != "new" or case.contacted_at is not None:
        return
    verdict = triage(policy, answer, band="low", low_before_within_90_days=False)
    if URGENCIES.index(verdict.urgency) > URGENCIES.index(case.urgency):
        case.urgency = verdict.urgency
        clocks.quicken(session, case, policy=policy, at=at)
    if verdict.rule_name is None or verdict.rule_name == case.why.get("rule"):
        return
    home = policy.department(verdict.department)
    owner = routing.owner_for(session, home, policy=policy, account_manager=answer.account_manager, at=at)
    if home.key == case.department:
        case.why = {**_why(verdict, owner), "owner_rule": case.why.get("owner_rule", owner.rule)}
        return
    facts: dict[str, Any] = {"from": case.owner, "to": owner.member, "department": home.key, "rule": verdict.rule_name}
    case.department, case.channel, case.why = home.key, home.channel, _why(verdict, owner)
    case.owner, case.is_owner_stand_in = owner.member, owner.is_stand_in
    clocks.set_again(session, case, policy=policy, at=at)
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
