"""A changed calendar or limit and the open cases: how many it would change, and changing them when asked to."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.tables import IS_OPEN_CASE, Case
from workflows import clocks, timeline
from workflows.policy import Policy

PART: Final = 200  # cases in one transaction: a press must not wait for thousands


class Part(NamedTuple):
    """What became of some cases: how many changed, and the last one's id; None: there are no more."""

    changed: int
    last: int | None


class Look(NamedTuple):
    """How many of the open cases that were looked at a policy would change, and whether these were all there are."""

    changes: int
    is_all: bool


def count(session: Session, *, policy: Policy) -> int:
    """Say how many open cases have limits that this policy would set otherwise. Changes nothing."""
    return look(session, policy=policy).changes


def look(session: Session, *, policy: Policy, most: int | None = None) -> Look:
    """Do the same among the first so many open cases; None: among all of them."""
    after, found, looked = 0, 0, 0
    while cases := session.exec(_open_after(after)).all():
        if most is not None and looked >= most:
            return Look(found, is_all=False)
        looked += len(cases)
        found += sum(clocks.is_changed(session, case, policy=policy) for case in cases)
        after = timeline.id_of(cases[-1])
        for case in cases:
            session.expunge(case)
    return Look(found, is_all=True)


def some(session: Session, *, after: int, policy: Policy, policy_version: int | None, by: str, at: datetime) -> Part:
    """Set the limits of the next open cases, by id, to what the policy says; limits that are met stay as they are.

    Nobody is told by a line: it may be thousands. Each case's timeline says it, and its card is drawn anew.
    """
    cases = session.exec(_open_after(after).with_for_update()).all()
    changed = 0
    for case in cases:
        before = case.next_due_at
        if not clocks.set_again(session, case, policy=policy, at=at):
            continue
        changed += 1
        facts = {"policy_version": policy_version, "from": _iso(before), "to": _iso(case.next_due_at)}
        timeline.append(session, case, "limits_changed", by=by, at=at, facts=facts)
        timeline.draw(session, timeline.id_of(case), timeline.main_views(case), at=at)
    return Part(changed, timeline.id_of(cases[-1]) if len(cases) == PART else None)


def _open_after(after: int) -> SelectOfScalar[Case]:
    is_next = IS_OPEN_CASE, col(Case.id) > after
    return select(Case).where(*is_next).order_by(col(Case.id)).limit(PART)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
