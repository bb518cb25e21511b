"""Chasing: what time brings to cases, tasks and promises, each step once, whoever sweeps and however often."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage import due
from storage.tables import Case, Task
from storage.time_tables import Promise
from workflows import clocks, escalation, handover, lifecycle, pauses, pings, promises, routing, timeline
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.chasing")

LIMIT: Final = 200
# A row that can't be stepped is tried again so much later: it must not keep all the others waiting.
LATER: Final = timedelta(minutes=15)


def sweep(session: Session, *, policy: Policy, at: datetime, limit: int = LIMIT) -> int:
    """Do what is due by `at`, at most `limit` rows of each kind; returns how many rows were looked at.

    Every row is held while it is stepped, and one that somebody else holds is left for the next time. So any number
    of processes may sweep at once, and a case that moves at this moment is judged by how it stands afterwards.
    """
    looked_at = _each(session, ((one, _case) for one in due.cases(session, at=at, limit=limit)), policy=policy, at=at)
    for found, step in (
        (due.tasks(session, at=at, limit=limit), _task),
        (due.promises(session, at=at, limit=limit), _promise),
        (due.tasks_to_return(session, at=at, limit=limit), _task_back),
    ):
        rows = [(case_id, _of(row_id, step)) for row_id, case_id in found]
        looked_at += _each(session, rows, policy=policy, at=at)
    back = due.cases_to_return(session, at=at, limit=limit)
    looked_at += _each(session, ((one, _case_back) for one in back), policy=policy, at=at)
    return looked_at + pings.release(session, policy=policy, at=at, limit=limit)


Step = Callable[[Session, Case, Policy, datetime], None]


def _each(session: Session, rows: Iterable[tuple[int, Step]], *, policy: Policy, at: datetime) -> int:
    """Hold one case after the other and step it, each by itself; returns how many there were."""
    count = 0
    for case_id, step in rows:
        case = due.held_case(session, case_id)
        if case is None:
            continue
        count += 1
        try:
            with session.begin_nested():
                step(session, case, policy, at)
        except DBAPIError:
            raise  # a lost race: all of it is done again
        except Exception:  # the one edge of the sweep: one row that can't be stepped must not stop the others
            log.exception("Case %s could not be swept; it is tried again in a quarter of an hour.", case_id)
            due.put_off(session, case_id, at=at, until=at + LATER)
    return count


def _case(session: Session, case: Case, policy: Policy, at: datetime) -> None:
    if case.next_step_at is None or case.next_step_at > at or not lifecycle.is_open(case):
        return  # it has moved since it was found
    if case.paused_until is not None and case.paused_until <= at:
        pauses.go_on(session, case, policy=policy, by=timeline.HEARBACK, at=at)
    if case.paused_until is None:
        escalation.take(session, case, policy=policy, at=at)
    clocks.looked_at(case, policy=policy, at=at)
    session.add(case)


def _case_back(session: Session, case: Case, policy: Policy, at: datetime) -> None:
    handover.give_back(session, case, policy=policy, at=at)


def _of(row_id: int, step: Callable[[Session, Case, int, Policy, datetime], None]) -> Step:
    def run(session: Session, case: Case, policy: Policy, at: datetime) -> None:
        step(session, case, row_id, policy, at)

    return run


def _task_back(session: Session, case: Case, task_id: int, policy: Policy, at: datetime) -> None:
    handover.give_task_back(session, due.held_task(session, task_id), case, policy=policy, at=at)


def _task(session: Session, case: Case, task_id: int, policy: Policy, at: datetime) -> None:
    """Remind a task's owner, then tell the lead of its department; of several steps that are due only the latest."""
    task = due.held_task(session, task_id)
    since = task.next_step_at
    if task.state != "open" or since is None or since > at:
        return
    steps = [] if not lifecycle.is_open(case) else clocks.task_steps(task, policy=policy)
    late = [step for step in steps if since <= step.at <= at and step.kind != "managers"]
    if late:
        _task_step(session, case, task, late[-1].kind, policy=policy, at=at)
    task.next_step_at = next((step.at for step in steps if step.at > at and step.kind != "managers"), None)
    session.add(task)


def _task_step(
    session: Session, case: Case, task: Task, kind: clocks.StepKind, *, policy: Policy, at: datetime
) -> None:
    home = routing.department(policy, task.department)
    lead = next(iter(routing.members_called(session, [home.lead])), None)
    is_for_lead = kind == "lead" and lead is not None
    is_lent = handover.lend_task(session, task, case, policy=policy, at=at)
    to = lead if is_for_lead or task.owner is None else task.owner
    if kind != "warn" and not (kind == "lead" and to == task.owner):
        facts = {"task_id": task.id, "to": to if is_for_lead else None, "due": _iso(task.due_at)}
        what = "task_escalated" if is_for_lead else "task_overdue"
        timeline.record(session, case, what, by=timeline.HEARBACK, at=at, facts=facts)
    if to is None or (is_lent and to == task.owner) or (kind == "lead" and to == task.owner):
        return  # they have just been told, or were reminded of the limit itself
    facts = {"task_id": task.id, "step": kind}
    key = f"task:{task.id}:{kind}:{_iso(task.due_at)}"
    _ping(session, case, to, key=key, kind="lead" if is_for_lead else "task", facts=facts, policy=policy, at=at)


def _promise(session: Session, case: Case, promise_id: int, policy: Policy, at: datetime) -> None:
    """Remind whoever gave a promise; once its time has passed, say so to them and to the case's owner."""
    promise = due.held_promise(session, promise_id)
    if promise.state != "open" or promise.next_step_at is None or promise.next_step_at > at:
        return
    is_slipped = promise.due_at <= at
    if is_slipped:
        promises.slipped(session, promise, case, at=at)
    else:
        promises.reminded(promise, at=at)
    session.add(promise)
    what = "slipped" if is_slipped else "reminder"
    for member in _concerned(session, promise, case, at=at, everybody=is_slipped):
        facts = {"promise_id": promise.id, "slipped": is_slipped}
        key = f"promise:{promise.id}:{what}"
        _ping(session, case, member, key=key, kind="promise", facts=facts, policy=policy, at=at)


def _concerned(session: Session, promise: Promise, case: Case, *, at: datetime, everybody: bool) -> list[str]:
    """Name who has to hear of a promise: whoever gave it, or the owner while they are away; both when it slipped."""
    is_away = handover.is_member_away(session, promise.by, at=at)
    people = [promise.by] if not is_away or case.owner is None else []
    return list(dict.fromkeys([*people, *([case.owner] if case.owner and (everybody or is_away) else [])]))


def _ping(
    session: Session,
    case: Case,
    member: str,
    *,
    key: str,
    kind: str,
    facts: dict[str, Any],
    policy: Policy,
    at: datetime,
) -> None:
    pings.ping(
        session,
        key=f"{key}:{member}",
        member=member,
        case_id=case.id,
        kind=kind,
        urgency=case.urgency,
        facts=facts,
        policy=policy,
        at=at,
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
