"""Follow-ups for departments: add one, do it, cancel it, hand it over."""

from datetime import datetime

from sqlmodel import Session, select

from storage import rows
from storage.tables import Case, Task
from workflows import casework, clocks, lifecycle, permission, routing, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal


def add(
    session: Session,
    case_id: int,
    *,
    title: str,
    department: str,
    owner: str | None,
    due_at: datetime | None,
    policy: Policy,
    by: str,
    at: datetime,
) -> int:
    """Give a department something to do for a case. Without an owner its next member gets it. Returns the task's id."""
    case = casework.held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    if case.state not in {"new", "working"}:
        raise Refusal(f"Case {case_id} is {case.state}. Reopen it first: then there is something to do again.", "title")
    if not title.strip():
        raise Refusal("Say what is to be done.", "title")
    if department not in {one.key for one in policy.departments}:
        raise Refusal("That department isn't in the policy any more. Choose another one.", "department")
    if due_at is not None and due_at <= at:
        raise Refusal("That time has passed already. Choose a later one.", "due_at")
    if owner is not None and not permission.role(session, owner, policy=policy).is_known:
        raise Refusal(f"<@{owner}> isn't in Hearback's policy. Choose somebody who is, or leave it empty.", "owner")
    due_at = due_at or clocks.task_due(policy, urgency=case.urgency, department=department, at=at)
    task_id, _ = give(
        session, case_id, title=title, department=department, owner=owner, due_at=due_at, policy=policy, by=by, at=at
    )
    task = session.get_one(Task, task_id)
    facts = {"task_id": task_id, "to": task.owner, "department": department}
    views = [view(task, policy=policy)]
    timeline.record(session, case, "task_added", by=by, at=at, text=title.strip(), facts=facts, shows=views)
    return task_id


def give(
    session: Session,
    case_id: int,
    *,
    title: str,
    department: str,
    owner: str | None,
    due_at: datetime,
    policy: Policy,
    by: str,
    at: datetime,
) -> tuple[int, tuple[str, str]]:
    """Write a task's row and choose its owner; the caller records it. Returns its id and the view that shows it."""
    home = routing.department(policy, department)
    chosen = owner or routing.owner_for(session, home, policy=policy, at=at).member
    if chosen is not None:
        routing.assigned(session, chosen, at=at)
    task_id = rows.add(
        session,
        Task,
        case_id=case_id,
        title=title.strip(),
        department=department,
        owner=chosen,
        due_at=due_at,
        next_step_at=clocks.next_task_step(policy, department=department, since=at, due=due_at, after=at),
        created_by=by,
        created_at=at,
    )
    return task_id, (f"task:{task_id}", chosen or home.channel)


def do(session: Session, task_id: int, *, outcome: str, policy: Policy, by: str, at: datetime) -> None:
    """Mark a task done and say what was done. A second press changes nothing."""
    _close(session, task_id, "done", text=outcome, policy=policy, by=by, at=at)


def cancel(session: Session, task_id: int, *, reason: str, policy: Policy, by: str, at: datetime) -> None:
    """Mark a task as not needed any more, with a reason."""
    if not reason.strip():
        raise Refusal("Say why it isn't needed any more.", "reason")
    _close(session, task_id, "cancelled", text=reason, policy=policy, by=by, at=at)


def hand_over(session: Session, task_id: int, *, to: str, reason: str, policy: Policy, by: str, at: datetime) -> None:
    """Give a task to somebody else of the team."""
    task, case = _held(session, task_id)
    permission.may_close(session, task, case, by, policy=policy)
    if task.state != "open":
        raise Refusal(f"This task is {task.state} already. Add a new one if there is more to do.", "to")
    who = permission.role(session, to, policy=policy)
    if not who.is_known:
        raise Refusal(f"<@{to}> isn't in Hearback's policy. Choose somebody who is, or ask an admin.", "to")
    if task.owner == to:
        raise Refusal(f"<@{to}> has this task already. Choose somebody else.", "to")
    before = view(task, policy=policy)
    task.owner, task.lent_by = to, None
    if who.departments and task.department not in who.departments:
        task.department = who.departments[0]
    session.add(task)
    routing.assigned(session, to, at=at)
    facts = {"task_id": task_id, "to": to}
    views = [before, view(task, policy=policy)]
    timeline.record(session, case, "task_handed_over", by=by, at=at, text=reason.strip(), facts=facts, shows=views)


def view(task: Task, *, policy: Policy) -> tuple[str, str]:
    """Name where a task is shown: to its owner, or in its department's channel while it has none."""
    return f"task:{task.id}", task.owner or routing.department(policy, task.department).channel


def _close(session: Session, task_id: int, state: str, *, text: str, policy: Policy, by: str, at: datetime) -> None:
    task, case = _held(session, task_id)
    permission.may_close(session, task, case, by, policy=policy)
    if task.state == state:
        return
    if task.state != "open":
        raise Refusal(f"This task is {task.state} already. Add a new one if there is more to do.")
    task.state, task.closed_at, task.closed_by, task.outcome = state, at, by, text.strip()
    task.next_step_at = None
    session.add(task)
    session.flush()
    left = session.exec(select(Task.id).where(Task.case_id == case.id, Task.state == "open")).all()
    facts = {"task_id": task_id, "title": task.title, "left": len(left), "is_case_open": lifecycle.is_open(case)}
    views = [view(task, policy=policy)]
    timeline.record(session, case, f"task_{state}", by=by, at=at, text=text.strip(), facts=facts, shows=views)


def _held(session: Session, task_id: int) -> tuple[Task, Case]:
    """Hold the case first, then its task: everybody takes them in this order."""
    task = session.get(Task, task_id)
    if task is None:
        raise Refusal("That task isn't known any more. Open the case to see its tasks.")
    case = casework.held(session, task.case_id)
    session.refresh(task, with_for_update=True)
    return task, case
