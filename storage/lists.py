"""Which cases and tasks somebody has, which cases nobody has, and what waits for an admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import parked, policies, sources
from storage.casefile import CaseFile, case_files
from storage.tables import IS_OPEN_CASE, Case, Intent, Task

# Slack's Home takes 100 blocks; nobody reads on after so many.
SHOWN: Final = 25


@dataclass(frozen=True, slots=True)
class Mine:
    """What a member has to do: cases by next due time, and tasks by due time with the case each belongs to."""

    cases: Sequence[CaseFile]
    tasks: Sequence[tuple[Task, CaseFile]]
    case_count: int
    task_count: int


@dataclass(frozen=True, slots=True)
class Troubles:
    """What only an admin can mend: messages that were given up, and requests that couldn't be read."""

    dead: Sequence[tuple[str, int]]
    """(reason, how many) each."""
    latest_dead: int | None
    parked: Sequence[tuple[str, str, int]]
    """(source, reason, how many) each."""
    missed: Sequence[tuple[str, int]] = ()
    """(source, how many) that no webhook brought lately."""
    changed_policy: tuple[int, datetime] | None = None
    """The policy's version and when it came, if that was lately, and open cases are older than it."""


def troubles(session: Session, *, missed_since: datetime | None = None) -> Troubles:
    """Count what waits for an admin, the most frequent first.

    What webhooks missed and a changed policy are news from `missed_since` on; None: they are left out.
    """
    reason, count = func.coalesce(Intent.problem, ""), func.count()
    counted = select(reason, count).where(Intent.state == "dead").group_by(reason).order_by(count.desc())
    return Troubles(
        dead=[(problem, times) for problem, times in session.exec(counted.limit(SHOWN))],
        latest_dead=session.exec(select(func.max(Intent.id)).where(Intent.state == "dead")).one(),
        parked=parked.waiting_by_reason(session)[:SHOWN],
        missed=sources.missed_since(session, missed_since) if missed_since else (),
        changed_policy=_changed_policy(session, missed_since) if missed_since else None,
    )


def _changed_policy(session: Session, since: datetime) -> tuple[int, datetime] | None:
    latest = policies.latest(session)
    if latest is None or latest.id is None or latest.applied_at < since:
        return None
    older = select(Case.id).where(IS_OPEN_CASE, col(Case.policy_version) < latest.id).limit(1)
    return None if session.exec(older).first() is None else (latest.id, latest.applied_at)


def mine(session: Session, member: str, *, limit: int = SHOWN) -> Mine:
    """List a member's open cases and tasks, what is due first coming first; the counts are of all there are."""
    is_my_case = (Case.owner == member, IS_OPEN_CASE)
    is_my_task = (Task.owner == member, Task.state == "open")
    ids = session.exec(
        select(Case.id).where(*is_my_case).order_by(col(Case.next_due_at), col(Case.id)).limit(limit)
    ).all()
    tasks = session.exec(select(Task).where(*is_my_task).order_by(col(Task.due_at), col(Task.id)).limit(limit)).all()
    files = case_files(session, {one for one in ids if one} | {task.case_id for task in tasks})
    return Mine(
        cases=[files[one] for one in ids if one in files],
        tasks=[(task, files[task.case_id]) for task in tasks if task.case_id in files],
        case_count=session.exec(select(func.count()).select_from(Case).where(*is_my_case)).one(),
        task_count=session.exec(select(func.count()).select_from(Task).where(*is_my_task)).one(),
    )


def unowned(session: Session, *, limit: int = SHOWN) -> Sequence[CaseFile]:
    """List open cases that nobody owns, the oldest first: every case has an owner or stands here."""
    found = select(Case.id).where(col(Case.owner).is_(None), IS_OPEN_CASE)
    ids = session.exec(found.order_by(col(Case.opened_at), col(Case.id)).limit(limit)).all()
    files = case_files(session, [one for one in ids if one])
    return [files[one] for one in ids if one in files]
