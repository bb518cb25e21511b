"""Counting responses by day: what has been counted, turn after turn, and what a later change does to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, delete, func, literal, select, update
from sqlmodel import Session

from storage import figure_days, loops, rows
from storage.figure_days import COUNTED, TALLIES, upsert
from storage.local_days import shifts_between
from storage.report_tables import Loop, Tallying
from storage.tables import IS_OPEN_CASE, Response

TALLYING: Final = rows.table_of(Tallying)
KEY: Final = tuple(column.name for column in TALLIES.primary_key.columns)
# Each of them is named in a statement.
SETTLED_AT_ONCE: Final = 2_000
# A day of a thousand loops takes some 20 ms, and whoever writes waits for it.
DAYS_AT_ONCE: Final = 4
COLUMNS: Final = (*KEY, *COUNTED, "first_id", "last_id")


@dataclass(frozen=True, slots=True)
class Counted:
    """How far responses have been counted, and in whose local days."""

    zone: ZoneInfo
    last_id: int
    turns: int


def counted(session: Session, zone: ZoneInfo) -> Counted:
    """Say how far responses have been counted; `zone` is meant to be theirs as long as none has been."""
    found = session.execute(select(TALLYING.c.zone, TALLYING.c.last_response_id, TALLYING.c.turns)).one()
    known = ZoneInfo(found.zone) if found.zone else zone
    return Counted(known, found.last_response_id, found.turns)


def take_turn(session: Session, *, zone: ZoneInfo, until: datetime, at: datetime, limit: int) -> int:
    """Count the next responses received by `until`, and settle loops that have been closed.

    Returns `limit` or more while there may be more to do. Begins anew when the zone is another one. Whoever takes a
    turn holds the one row of Tallying.
    """
    session.execute(select(TALLYING.c.id).with_for_update())
    state = counted(session, zone)
    if state.zone.key != zone.key:
        _begin_anew(session, zone)
        return limit
    last = _last_of(session, state.last_id, until, limit)
    done = _count(session, state, last, at) if last > state.last_id else 0
    settled = _settle(session, at, min(limit, SETTLED_AT_ONCE))
    # While there is more to count, the days that it touches would only be added up again and again.
    added_up = figure_days.add_up(session, limit=DAYS_AT_ONCE) if done < limit else 0
    if done or settled or added_up:
        changes = {"zone": zone.key, "last_response_id": max(last, state.last_id)}
        session.execute(update(TALLYING).values(turns=TALLYING.c.turns + 1, **changes))
    return limit if settled == SETTLED_AT_ONCE or added_up == DAYS_AT_ONCE else done


def tallied(*where: ColumnElement[bool], day: ColumnElement[int]) -> Select[Any]:
    """Select the columns of Tally for responses that fulfil these conditions."""
    table = loops.RESPONSES.c
    key: dict[str, ColumnElement[Any]] = {
        "day": day,
        "metric": table.metric,
        "touchpoint": func.coalesce(table.touchpoint, ""),
        "segment": func.coalesce(table.segment, ""),
        **{name: table[name] for name in KEY[4:]},
    }
    sums = {"count": func.count(), "total": func.sum(table.score), "squares": func.sum(table.score * table.score)}
    sums |= {"first_id": func.min(table.id), "last_id": func.max(table.id)}
    columns = [value.label(name) for name, value in (key | sums).items()]
    return select(*columns).where(*where).group_by(*key.values())


def unsettle(session: Session, case_id: int) -> None:
    """Have a case that is taken up again read from its row once more."""
    _share(session)
    table = loops.LOOPS
    figure_days.spoil_of_loops(session, table.c.case_id == case_id)
    session.execute(update(table).where(table.c.case_id == case_id, table.c.is_settled).values(is_settled=False))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a response counts as, before or after a change."""

    submitted_at: datetime
    key: tuple[Any, ...]
    """As KEY, without the day."""
    score: float
    case_id: int | None


def standing(response: Response) -> Standing:
    """Note what a response counts as at this moment."""
    key = (
        response.metric,
        response.touchpoint or "",
        response.segment or "",
        response.low_end,
        response.high_end,
        response.direction,
        response.band,
    )
    return Standing(response.submitted_at, key, response.score, response.case_id)


def changed(session: Session, response_id: int, *, before: Standing, after: Standing, at: datetime) -> None:
    """Count a response that has been written anew as what it is now; one that isn't counted yet will be, as it is."""
    _share(session)
    state = session.execute(select(TALLYING.c.zone, TALLYING.c.last_response_id)).one()
    if response_id > state.last_response_id:
        return
    zone = ZoneInfo(state.zone)
    if before != after:
        _add(session, _row(before, response_id, zone, -1))
        _add(session, _row(after, response_id, zone, 1))
        session.execute(delete(TALLIES).where(TALLIES.c.day == _day(before, zone), TALLIES.c.count == 0))
        figure_days.spoil(session, select(literal(_day(before, zone))))
    _read_again(session, response_id, before, after, zone=zone, last_id=state.last_response_id, at=at)


def _read_again(
    session: Session, response_id: int, before: Standing, after: Standing, *, zone: ZoneInfo, last_id: int, at: datetime
) -> None:
    """Write the loop of a response anew, with those of its case: another one may be the first of them now."""
    kept, cases = loops.LOOPS.c, {one for one in (before.case_id, after.case_id) if one is not None}
    figure_days.spoil_of_loops(session, kept.day == _day(before, zone), kept.response_id == response_id)
    figure_days.spoil_of_loops(session, kept.case_id.in_(cases))
    session.execute(delete(loops.LOOPS).where(kept.day == _day(before, zone), kept.response_id == response_id))
    session.execute(delete(loops.LOOPS).where(kept.case_id.in_(cases)))
    table = loops.RESPONSES.c
    ids = {response_id, *session.execute(select(table.id).where(table.case_id.in_(cases))).scalars()}
    _write_loops(session, table.id.in_(ids), table.id <= last_id, zone=zone, at=at)


def _share(session: Session) -> None:
    """Keep whoever counts waiting until this transaction is over: what it counts must not change under its eyes."""
    session.execute(select(TALLYING.c.id).with_for_update(read=True))


def _begin_anew(session: Session, zone: ZoneInfo) -> None:
    for table in (TALLIES, loops.LOOPS, figure_days.FIGURE_DAYS):
        session.execute(delete(table))
    session.execute(update(TALLYING).values(turns=TALLYING.c.turns + 1, zone=zone.key, last_response_id=0))


def _last_of(session: Session, last_id: int, until: datetime, limit: int) -> int:
    """Find the last of the next responses: none comes after one that is too fresh.

    PostgreSQL hands out ids before it commits: a smaller one may still turn up beside a fresh one.
    """
    table = loops.RESPONSES.c
    following = select(table.id, table.received_at).where(table.id > last_id).order_by(table.id).limit(limit).subquery()
    fresh = func.min(case((following.c.received_at > until, following.c.id)))
    first_fresh, last = session.execute(select(fresh, func.max(following.c.id))).one()
    return first_fresh - 1 if first_fresh is not None else last or last_id


def _count(session: Session, state: Counted, last: int, at: datetime) -> int:
    table = loops.RESPONSES.c
    these = table.id > state.last_id, table.id <= last
    shifts = shifts_between(state.zone, *_span(session, *these))
    _add(session, tallied(*these, day=loops.by_local_day(shifts)))
    _write_loops(session, *these, zone=state.zone, at=at)
    return last - state.last_id


def _settle(session: Session, at: datetime, limit: int) -> int:
    """Write down how loops have ended whose cases are closed by now."""
    kept = loops.LOOPS.c
    # Not as a join: SQLite would begin with all cases.
    is_closed = select(loops.CASES.c.id).where(loops.CASES.c.id == kept.case_id, ~IS_OPEN_CASE).exists()
    closed = select(kept.response_id, kept.day).where(loops.UNSETTLED, is_closed).limit(limit)
    found = {row.response_id: row.day for row in session.execute(closed)}
    if not found:
        return 0
    # Computed before the rows go that say on which day they are.
    ended = loops.computed(loops.RESPONSES.c.id.in_(found), day=kept.day, at=at, known=True)
    ready = [dict(row) for row in session.execute(ended.where(loops.UNSETTLED)).mappings()]
    figure_days.spoil_of_loops(session, loops.UNSETTLED, kept.day.in_({*found.values()}), kept.response_id.in_(found))
    these = kept.day.in_({*found.values()}), kept.response_id.in_(found)
    session.execute(delete(loops.LOOPS).where(loops.UNSETTLED, *these))
    rows.add_all(session, Loop, ready)
    return len(ready)


def _write_loops(session: Session, *these: ColumnElement[bool], zone: ZoneInfo, at: datetime) -> None:
    span = _span(session, *these)
    day = loops.by_local_day(shifts_between(zone, *span))
    session.execute(loops.LOOPS.insert().from_select(loops.COLUMNS, loops.computed(*these, day=day, at=at)))
    figure_days.spoil(session, select(day).where(*these).distinct())


def _span(session: Session, *these: ColumnElement[bool]) -> tuple[datetime, datetime]:
    """Give the earliest and the latest answer of these responses."""
    at = loops.RESPONSES.c.submitted_at
    first, last = session.execute(select(func.min(at), func.max(at)).where(*these)).one()
    return first, last


def _row(one: Standing, response_id: int, zone: ZoneInfo, sign: int) -> dict[str, Any]:
    sums = (sign, sign * one.score, sign * one.score * one.score)
    return dict(zip(COLUMNS, (_day(one, zone), *one.key, *sums, response_id, response_id), strict=True))


def _day(one: Standing, zone: ZoneInfo) -> int:
    return one.submitted_at.astimezone(zone).toordinal()


def _add(session: Session, more: Select[Any] | dict[str, Any]) -> None:
    """Add to what has been counted."""
    insert = upsert(session, TALLIES)
    insert = insert.values(more) if isinstance(more, dict) else insert.from_select(COLUMNS, more)
    new, now = insert.excluded, TALLIES.c
    changes: dict[str, Any] = {name: now[name] + new[name] for name in COUNTED}
    changes["first_id"] = case((new.first_id < now.first_id, new.first_id), else_=now.first_id)
    changes["last_id"] = case((new.last_id > now.last_id, new.last_id), else_=now.last_id)
    session.execute(insert.on_conflict_do_update(index_elements=list(KEY), set_=changes))
