"""What is due while its owner is away passes to the next one, and comes back if nobody has touched it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from storage import due
from storage.tables import Case, Member, Task
from workflows import lifecycle, pings, routing, taskwork, timeline
from workflows.away import is_away
from workflows.policy import Policy


def is_member_away(session: Session, member_id: str | None, *, at: datetime) -> bool:
    """Tell whether this member is away; who isn't known isn't."""
    member = session.get(Member, member_id) if member_id else None
    return member is not None and is_away(member, at)


def lend(session: Session, case: Case, *, facts: dict[str, Any], policy: Policy, at: datetime) -> bool:
    """Pass a held case, of which something is due, to the next present member if its owner is away.

    Tells whether it passed: where nobody else is present, it stays where it is. `facts` say what is due.
    """
    owner = case.owner
    to = _next_present(session, owner, case.department, policy=policy, at=at)
    if owner is None or to is None:
        return False
    case.lent_by, case.lent_at = case.lent_by or owner, at
    _give(session, case, to, f"<@{owner}> is away, and something was due.", at=at)
    timeline.record(session, case, "lent", by=timeline.HEARBACK, at=at, facts={**facts, "from": owner, "to": to})
    _tell(session, case, to, "lent", facts={**facts, "from": owner}, policy=policy, at=at)
    return True


def give_back(session: Session, case: Case, *, policy: Policy, at: datetime) -> None:
    """Give a held case back to whoever was away, if nobody has touched it; else it stays with who has it now."""
    owner, lender, since = case.owner, case.lent_by, case.lent_at or case.waiting_since
    if lender is None or is_member_away(session, lender, at=at):
        return
    nobodys = (timeline.HEARBACK, timeline.CUSTOMER)
    is_kept = owner is None or owner == lender or due.is_touched(session, _id(case), since=since, nobodys=nobodys)
    case.lent_by = case.lent_at = None
    session.add(case)
    if is_kept or not lifecycle.is_open(case):
        return
    _give(session, case, lender, "They are back, and nobody had touched it meanwhile.", at=at)
    facts = {"from": owner, "to": lender}
    timeline.record(session, case, "returned", by=timeline.HEARBACK, at=at, facts=facts)
    _tell(session, case, lender, "returned", facts={"from": owner}, policy=policy, at=at)


def lend_task(session: Session, task: Task, case: Case, *, policy: Policy, at: datetime) -> bool:
    """Pass a held task that is due to the next present member of its department if its owner is away."""
    owner, before = task.owner, taskwork.view(task, policy=policy)
    to = _next_present(session, owner, task.department, policy=policy, at=at)
    if owner is None or to is None:
        return False
    task.owner, task.lent_by = to, task.lent_by or owner
    _say_of_task(session, task, case, "lent", before=before, policy=policy, at=at, was=owner)
    return True


def give_task_back(session: Session, task: Task, case: Case, *, policy: Policy, at: datetime) -> None:
    """Give a held task back to whoever was away; one that somebody has handed over since is theirs no longer."""
    owner, lender, before = task.owner, task.lent_by, taskwork.view(task, policy=policy)
    if lender is None or is_member_away(session, lender, at=at):
        return
    task.lent_by = None
    session.add(task)
    if task.state == "open" and owner != lender:
        task.owner = lender
        _say_of_task(session, task, case, "returned", before=before, policy=policy, at=at, was=owner)


def _next_present(session: Session, owner: str | None, department: str, *, policy: Policy, at: datetime) -> str | None:
    """Name the present member to whom it passes; None: its owner is present, or nobody else is."""
    if not is_member_away(session, owner, at=at):
        return None
    home = routing.department(policy, department)
    found = routing.owner_for(session, home, policy=policy, besides=owner, at=at).member
    return None if found == owner or is_member_away(session, found, at=at) else found


def _give(session: Session, case: Case, to: str, rule: str, *, at: datetime) -> None:
    case.owner, case.is_owner_stand_in = to, False
    case.why = {**case.why, "owner_rule": rule}
    session.add(case)
    session.flush()  # the next one's count of open cases decides who gets the next case
    routing.assigned(session, to, at=at)


def _tell(
    session: Session, case: Case, member: str, kind: str, *, facts: dict[str, Any], policy: Policy, at: datetime
) -> None:
    pings.ping(
        session,
        key=f"case:{case.id}:{kind}:{at.isoformat()}:{member}",
        member=member,
        case_id=case.id,
        kind=kind,
        urgency=case.urgency,
        facts=facts,
        policy=policy,
        at=at,
    )


def _say_of_task(
    session: Session,
    task: Task,
    case: Case,
    kind: str,
    *,
    before: tuple[str, str],
    policy: Policy,
    at: datetime,
    was: str | None,
) -> None:
    session.add(task)
    session.flush()
    to = task.owner or ""
    routing.assigned(session, to, at=at)
    facts = {"task_id": task.id, "from": was, "to": to}
    views = [before, taskwork.view(task, policy=policy)]
    timeline.record(session, case, kind, by=timeline.HEARBACK, at=at, facts=facts, shows=views)
    pings.ping(
        session,
        key=f"task:{task.id}:{kind}:{at.isoformat()}:{to}",
        member=to,
        case_id=case.id,
        kind=kind,
        urgency=case.urgency,
        facts={"task_id": task.id, "from": was},
        policy=policy,
        at=at,
    )


def _id(case: Case) -> int:
    return timeline.id_of(case)
