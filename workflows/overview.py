"""How the loops of the team, of a department or of one person stand, and who may look at that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from storage import members
from storage.casefile import CaseFile, case_files
from storage.open_lists import OpenList, Which, open_list
from workflows import figures, permission
from workflows.figures_period import Filters, Period
from workflows.figures_shapes import Headline, Load, OpenCases, Waiting
from workflows.policy import Policy
from workflows.refusal import Refusal

WEEK: Final = 7
PERIODS: Final = (7, 30, 90)
"""In days: what may be asked for."""
LONGEST: Final = 10
UNOWNED: Final = 5
LED: Final = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose loops, and over how many days up to today; None: everybody's."""

    department: str | None = None
    owner: str | None = None
    days: int = WEEK

    @property
    def filters(self) -> Filters:
        """The same as figures want it."""
        return Filters(department=self.department, owner=self.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Open cases, who waits, who has how much to do, and the figures of a period beside those of the one before."""

    scope: Scope
    at: datetime
    open: Sequence[OpenCases]
    unowned: OpenList
    longest: Sequence[CaseFile]
    loads: Sequence[Load]
    now: Headline
    before: Headline
    waiting: Waiting
    earlier: Waiting | None
    """What waited a week ago; None: the period isn't a week, so it isn't compared."""
    names: Mapping[str, str]
    """Owners' names by id."""

    @property
    def count(self) -> int:
        """How many loops are open."""
        return sum(one.count for one in self.open)

    @property
    def overdue(self) -> int:
        """How many of them are past a limit."""
        return sum(one.overdue for one in self.open)


@dataclass(frozen=True, slots=True)
class Led:
    """What a lead has to look after in the departments that they lead."""

    departments: Sequence[str]
    unowned: OpenList
    overdue: OpenList


def allowed(session: Session, asked: Scope, *, by: str, policy: Policy) -> Scope:
    """Give what somebody may see of what they ask for: managers all, others their own department.

    Raises Refusal when they aren't of the team, or ask for a department that isn't theirs.
    """
    who = permission.may_join_in(session, by, policy=policy)
    if permission.is_manager(who):
        return asked
    if asked.department is None:
        return replace(asked, department=who.departments[0])
    if asked.department not in who.departments:
        own = " and ".join(permission.department_name(policy, one) for one in who.departments)
        theirs = permission.department_name(policy, asked.department)
        raise Refusal(f"You see the figures of {own}. For those of {theirs}, ask one of its people or a manager.")
    return asked


def overview(session: Session, scope: Scope, *, policy: Policy, at: datetime) -> Overview:
    """Gather how things stand now; `scope` as `allowed` gave it."""
    filters, period = scope.filters, period_of(scope, policy=policy, at=at)
    zone = figures.zone_of(policy)
    waiters = figures.longest_waiting(session, LONGEST, filters=filters)
    files = case_files(session, [one.case_id for one in waiters])
    loads = figures.loads(session, filters=filters, at=at)
    past = period.before_in(zone)
    weeks = figures.series(session, policy=policy, weeks=2, filters=filters, at=at) if scope.days == WEEK else ()
    owners = [one.owner for one in loads if one.owner] + ([scope.owner] if scope.owner else [])
    return Overview(
        scope=scope,
        at=at,
        open=figures.open_cases(session, filters=filters, at=at),
        unowned=listed(session, "unowned", scope, at=at, limit=UNOWNED) if scope.owner is None else OpenList((), 0),
        longest=[files[one.case_id] for one in waiters if one.case_id in files],
        loads=[one for one in loads if one.owner],
        now=figures.headline(session, policy=policy, period=period, filters=filters, at=at),
        before=figures.headline(session, policy=policy, period=past, filters=filters, at=at),
        waiting=figures.waiting(session, filters=filters, at=at),
        earlier=weeks[0].waiting if weeks else None,
        names=members.names(session, owners),
    )


def led(session: Session, departments: Sequence[str], *, at: datetime) -> Led:
    """Gather what nobody owns and what is overdue in these departments."""
    unowned = open_list(session, "unowned", at=at, limit=LED, departments=departments)
    return Led(departments, unowned, open_list(session, "overdue", at=at, limit=LED, departments=departments))


def period_of(scope: Scope, *, policy: Policy, at: datetime) -> Period:
    """Give the period of a scope: so many local days, today included."""
    return Period.last_days(scope.days, at=at, zone=figures.zone_of(policy))


def listed(session: Session, which: Which, scope: Scope, *, at: datetime, limit: int) -> OpenList:
    """List the open cases of a scope. `which`: open, overdue or unowned."""
    departments = [scope.department] if scope.department else None
    return open_list(session, which, at=at, limit=limit, departments=departments, owner=scope.owner)
