"""The list behind every figure, page by page: low responses by what became of them, all responses, who waits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session

from storage import loops, reports
from storage.figure_days import TALLIES
from storage.loops import CASES, CUSTOMERS, RESPONSES
from storage.reports import Days, Wanted

_r, _c, _who = RESPONSES.c, CASES.c, CUSTOMERS.c
DETAILS: Final = (
    *(_r.id, _r.case_id, _r.metric, _r.score, _r.high_end, _r.band, _r.comment, _r.touchpoint, _r.segment),
    *(_who.id, _who.name, _who.account_name, _r.submitted_at, _c.state, _c.department, _c.owner, _c.root_cause),
    *(_c.excuse, _c.opened_at, _c.waiting_since, _c.claimed_at, _c.contacted_at, _c.closed_at, _who.contactability),
)
_ALL: Final = RESPONSES.join(CUSTOMERS, _who.id == _r.customer_id).outerjoin(CASES, _c.id == _r.case_id)


@dataclass(frozen=True, slots=True)
class Marks:
    """Which low responses a list holds: of these outcomes (empty: of all), with all of these bits in their code."""

    outcomes: Collection[int] = ()
    bits: int = 0

    def of(self, code: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Say it of a column of codes."""
        outcome = code.op("&")(loops.OUTCOME)
        found: list[ColumnElement[bool]] = [outcome.in_(list(self.outcomes))] if self.outcomes else []
        return [*found, code.op("&")(self.bits) == self.bits] if self.bits else found


def low_page(
    session: Session,
    days: Days,
    wanted: Wanted,
    marks: Marks,
    *,
    after: tuple[int, int] | None,
    size: int,
    at: datetime,
) -> tuple[list[Any], tuple[int, int] | None]:
    """Give low responses, the latest day first, and where the next page begins: after (day, response id)."""
    found: list[tuple[int, int]] = []
    for part in reports.parts(days, at):
        place = part.c.day, part.c.response_id
        is_next = [] if after is None else [or_(place[0] < after[0], and_(place[0] == after[0], place[1] < after[1]))]
        chosen = select(*place).where(*marks.of(part.c.code), *reports.matches(part, wanted), *is_next)
        ordered = chosen.order_by(place[0].desc(), place[1].desc()).limit(size + 1)
        found += [(day, response_id) for day, response_id in session.execute(ordered)]
    page = sorted(found, reverse=True)[: size + 1]
    return _detailed(session, [one for _, one in page[:size]]), page[size - 1] if len(page) > size else None


def response_page(
    session: Session, days: Days, wanted: Wanted, *, after: int | None, size: int
) -> tuple[list[Any], int | None]:
    """Give responses of all bands, the latest to arrive first, and after which id the next page begins."""
    first, last = _ids_of(session, days)
    start, end = days.span
    conditions = [_r.submitted_at >= start, _r.submitted_at < end, _r.id >= first]
    conditions += [_r.id < after] if after is not None else [_r.id <= last] if last is not None else []
    conditions += [func.coalesce(_r[name], "") == value for name, value in wanted.items()]
    chosen = select(*DETAILS).select_from(_ALL).where(*conditions).order_by(_r.id.desc()).limit(size + 1)
    page = list(session.execute(chosen))
    return page[:size], page[size - 1][0] if len(page) > size else None


def waiting_page(session: Session, wanted: Wanted, *, skip: int, size: int) -> tuple[list[Any], int | None]:
    """Give the first low response of the cases whose customers wait, whoever has waited longest first."""
    earlier = RESPONSES.alias("earlier")
    first = select(func.min(earlier.c.id)).where(earlier.c.case_id == _c.id, earlier.c.band == "low")
    any_one = select(func.min(earlier.c.id)).where(earlier.c.case_id == _c.id)  # corrected since: it is no longer low
    theirs = func.coalesce(first.scalar_subquery(), any_one.scalar_subquery())
    source = CASES.join(CUSTOMERS, _who.id == _c.customer_id).join(RESPONSES, _r.id == theirs)
    chosen = select(*DETAILS).select_from(source).where(*reports.is_waiting(), *reports.of_cases(wanted))
    page = list(session.execute(chosen.order_by(_c.waiting_since, _c.id).offset(skip).limit(size + 1)))
    return page[:size], skip + size if len(page) > size else None


def _ids_of(session: Session, days: Days) -> tuple[int, int | None]:
    """Narrow down where the responses of these days lie. None: up to the latest, as some aren't counted yet."""
    of_days = TALLIES.c.day.between(days.first, days.last)
    chosen: Select[Any] = select(func.min(TALLIES.c.first_id), func.max(TALLIES.c.last_id)).where(of_days)
    first, last = session.execute(chosen).one()
    start, end = days.span
    is_fresh = _r.id > days.counted.last_id, _r.submitted_at >= start, _r.submitted_at < end
    fresh = session.execute(select(func.min(_r.id)).where(*is_fresh)).scalar()
    return (first or days.counted.last_id + 1), None if fresh is not None else last or 0


def _detailed(session: Session, ids: Sequence[int]) -> list[Any]:
    rows: Mapping[int, Any] = {
        row[0]: row for row in session.execute(select(*DETAILS).select_from(_ALL).where(_r.id.in_(ids)))
    }
    return [rows[one] for one in ids if one in rows]
