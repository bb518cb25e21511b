"""A low response and what became of it, in few numbers: computed from the rows, and packed."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)

from storage import rows
from storage.local_days import Shift, day_in, seconds
from storage.report_tables import Loop
from storage.tables import IS_OPEN_CASE, Case, Customer, Response

# The lowest three bits of a code say how it ended; the rest are marks.
OPEN: Final = 0
TOLD: Final = 1
EXCUSED: Final = 2
ANONYMOUS: Final = 3
HISTORY: Final = 4
OUTCOME: Final = 7
CLAIMED: Final = 1 << 3
CONTACTED: Final = 1 << 4
RESOLVED: Final = 1 << 5
FIRST: Final = 1 << 6
"""It is the first low response of its case: what is counted by cases is counted here."""
ENDED: Final = 1 << 7
REOPENED: Final = 1 << 8
# Two bits for each clock: 0 isn't counted, else in its limit or late.
IN_LIMIT: Final = 1
LATE: Final = 2
LIMIT_SHIFT: Final = {"claim": 9, "contact": 11, "tell": 13}

FEATURES: Final = (
    *("low", "told", "excused", "anonymous", "history", "claimed", "contacted", "resolved", "reopened", "ended"),
    *("claim_kept", "claim_late", "contact_kept", "contact_late", "tell_kept", "tell_late"),
)
TIMES: Final = ("claim_wall", "contact_wall", "tell_wall", "claim_used", "contact_used", "tell_used")
DIMENSIONS: Final = ("department", "touchpoint", "segment", "owner", "root_cause")

LOOPS: Final = rows.table_of(Loop)
RESPONSES: Final = rows.table_of(Response)
CUSTOMERS: Final = rows.table_of(Customer)
CASES: Final = rows.table_of(Case)
COLUMNS: Final = tuple(column.name for column in LOOPS.c)
# As the partial indexes have it, word for word: with bound values SQLite would not see that they fit.
UNSETTLED: Final[ColumnElement[bool]] = literal_column("(NOT loops.is_settled)")

_r, _c, _who = RESPONSES.c, CASES.c, CUSTOMERS.c
_YES: Final = literal(True, Boolean)
_NO: Final = literal(False, Boolean)
_IS_ANONYMOUS: Final = _who.contactability == "anonymous"
_CLAIMED_AT: Final = func.coalesce(_c.claimed_at, _c.resolved_at)
_BEFORE: Final = RESPONSES.alias("earlier")
_IS_FIRST: Final = ~exists().where(
    _BEFORE.c.case_id == _r.case_id, _BEFORE.c.band == "low", _BEFORE.c.id < _r.id
).correlate(RESPONSES)


def computed(*where: ColumnElement[bool], day: ColumnElement[int], at: datetime, known: bool = False) -> Select[Any]:
    """Select the columns of Loop for low responses as they stand at `at`. `known`: of those that are in it, for `day`.

    The columns have their table's names, so the statement may be a subquery or feed an INSERT.
    """
    values = _values(day, at)
    source = RESPONSES.join(CUSTOMERS, _who.id == _r.customer_id).outerjoin(CASES, _c.id == _r.case_id)
    if known:
        source = LOOPS.join(source, LOOPS.c.response_id == _r.id)
    return select(*(values[name].label(name) for name in COLUMNS)).select_from(source).where(_r.band == "low", *where)


@cache
def features(code: int) -> tuple[int, ...]:
    """Say what a code counts for, in the order of FEATURES: 1 or 0 each."""
    outcome = code & OUTCOME
    outcomes = [int(outcome == one) for one in (TOLD, EXCUSED, ANONYMOUS, HISTORY)]
    tellable, first = outcome in {OPEN, TOLD}, bool(code & FIRST)
    marks = [int(tellable and bool(code & mark)) for mark in (CLAIMED, CONTACTED, RESOLVED)]
    cases = [int(first and bool(code & mark)) for mark in (REOPENED, ENDED)]
    limits = [int(first and code >> shift & 3 == kind) for shift in LIMIT_SHIFT.values() for kind in (IN_LIMIT, LATE)]
    return 1, *outcomes, *marks, *cases, *limits


def by_local_day(shifts: Sequence[Shift]) -> ColumnElement[int]:
    """Give the local day on which the customer answered."""
    return day_in(_r.submitted_at, shifts)


def _values(day: ColumnElement[int], at: datetime) -> dict[str, ColumnElement[Any]]:
    is_told = _c.state == "told"
    counts_wait = and_(_r.case_id.is_not(None), ~_IS_ANONYMOUS, _IS_FIRST)
    claim_began = case((_c.waiting_since > _CLAIMED_AT, _c.opened_at), else_=_c.waiting_since)
    return {
        "day": day,
        "response_id": _r.id,
        "case_id": _r.case_id,
        "is_settled": case(
            (or_(_r.case_id.is_(None), ~IS_OPEN_CASE), literal(True, Boolean)), else_=literal(False, Boolean)
        ),
        "metric": _r.metric,
        "touchpoint": func.coalesce(_r.touchpoint, ""),
        "segment": func.coalesce(_r.segment, ""),
        "department": func.coalesce(_c.department, ""),
        "owner": func.coalesce(_c.owner, ""),
        "root_cause": func.coalesce(_c.root_cause, ""),
        "code": _code(at),
        "claim_wall": _between(claim_began, _CLAIMED_AT),
        "contact_wall": _between(_c.waiting_since, _c.contacted_at),
        "tell_wall": case((is_told, _between(_c.waiting_since, _c.closed_at)), else_=null()),
        "claim_used": case((_CLAIMED_AT.is_not(None), _c.claim_used), else_=null()),
        "contact_used": case((_c.contacted_at.is_not(None), _c.contact_used), else_=null()),
        "tell_used": case((is_told, _c.tell_used), else_=null()),
        "since": case((counts_wait, seconds(_c.waiting_since)), else_=null()),
        "answered": case((counts_wait, seconds(func.coalesce(_c.contacted_at, _c.closed_at))), else_=null()),
    }


def _code(at: datetime) -> ColumnElement[int]:
    outcome = case(
        (_r.case_id.is_(None), HISTORY),
        (_IS_ANONYMOUS, ANONYMOUS),
        (_c.state == "told", TOLD),
        (_c.state == "excused", EXCUSED),
        else_=OPEN,
    )
    is_resolved = _c.state.in_(("ready", "told"))
    return (
        outcome
        + _mark(CLAIMED, _CLAIMED_AT.is_not(None))
        + _mark(CONTACTED, _c.contacted_at.is_not(None))
        + _mark(RESOLVED, is_resolved)
        + _mark(FIRST, and_(_r.case_id.is_not(None), _IS_FIRST))
        + _mark(ENDED, or_(and_(_r.case_id.is_not(None), ~IS_OPEN_CASE), _c.reopened > 0))
        + _mark(REOPENED, _c.reopened > 0)
        + _limits(at)
    )


def _limits(at: datetime) -> ColumnElement[int]:
    """Say of each clock whether its limit was kept, has been missed by now, or neither."""
    was_before = and_(_c.reopened > 0, _c.waiting_since > _CLAIMED_AT)
    is_told, can_be_told = _c.state == "told", ~_IS_ANONYMOUS
    return (
        _limit("claim", _CLAIMED_AT, _c.claim_due_at, at, ~was_before)
        + _limit("contact", _c.contacted_at, _c.contact_due_at, at, can_be_told)
        + _limit("tell", case((is_told, _c.closed_at), else_=null()), _c.tell_due_at, at, can_be_told)
    )


def _limit(
    clock: str,
    done_at: ColumnElement[Any],
    due_at: ColumnElement[Any],
    at: datetime,
    counts: ColumnElement[bool],
) -> ColumnElement[int]:
    kept, late = IN_LIMIT << LIMIT_SHIFT[clock], LATE << LIMIT_SHIFT[clock]
    return case(
        (and_(counts, done_at <= due_at), kept),
        (and_(counts, done_at > due_at), late),
        (and_(counts, done_at.is_(None), IS_OPEN_CASE, due_at < at), late),
        else_=0,
    )


def _mark(bit: int, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, bit), else_=0)


def _between(begun: ColumnElement[Any], done: ColumnElement[Any]) -> ColumnElement[int]:
    """Give the seconds between two instants; never fewer than none, for a call may be noted with an earlier time."""
    took = seconds(done) - seconds(begun)
    return case((took < 0, 0), else_=took)
