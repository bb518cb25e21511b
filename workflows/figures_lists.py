"""Every figure opens: the list of responses behind it, in pages or as one long stream."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import loops, report_lists, tallies
from storage.report_lists import Marks
from storage.reports import Days
from workflows.figures_period import Filters, Period
from workflows.figures_shapes import ListedRow, ListPage
from workflows.policy import Policy
from workflows.refusal import Refusal

_TELLABLE: Final = (loops.OPEN, loops.TOLD)


def _limit(clock: str, kind: int) -> Marks:
    return Marks(bits=loops.FIRST | kind << loops.LIMIT_SHIFT[clock])


LOW_LISTS: Final[Mapping[str, Marks]] = MappingProxyType(
    {
        "low": Marks(),
        "told_rate": Marks(_TELLABLE),
        "told": Marks((loops.TOLD,)),
        "open": Marks((loops.OPEN,)),
        "excused": Marks((loops.EXCUSED,)),
        "anonymous": Marks((loops.ANONYMOUS,)),
        "history": Marks((loops.HISTORY,)),
        "funnel": Marks(_TELLABLE),
        "claimed": Marks(_TELLABLE, loops.CLAIMED),
        "contacted": Marks(_TELLABLE, loops.CONTACTED),
        "resolved": Marks(_TELLABLE, loops.RESOLVED),
        "reopened": Marks(bits=loops.FIRST | loops.REOPENED),
        "in_limit": Marks(bits=loops.FIRST),
        "times": Marks(bits=loops.FIRST),
        **{f"{clock}_kept": _limit(clock, loops.IN_LIMIT) for clock in loops.LIMIT_SHIFT},
        **{f"{clock}_late": _limit(clock, loops.LATE) for clock in loops.LIMIT_SHIFT},
    }
)
"""The lists of low responses of a period, by figure; `in_limit` and `times` hold the first of each case."""
METRICS: Final = ("nps", "csat", "ces")
WAITING: Final = "customer_hours_waiting"
RESPONSES: Final = "responses"
LOW: Final = "low"
LISTS: Final = (*LOW_LISTS, *METRICS, RESPONSES, WAITING)
PAGE: Final = 50
STREAMED_AT_ONCE: Final = 1_000


def behind(
    session: Session,
    key: str,
    *,
    policy: Policy,
    period: Period,
    filters: Filters,
    at: datetime,
    after: str | None = None,
    size: int = PAGE,
) -> ListPage:
    """Give a page of the responses behind a figure; `after` is the `next` of the page before.

    `responses` are all of the period, and `customer_hours_waiting` is as of now, whatever the period. Raises Refusal
    for a list or a page that there is none of.
    """
    if key not in LISTS:
        raise Refusal(f"There is no list “{key}”. Choose one of: {', '.join(LISTS)}.")
    wanted = filters.wanted
    begin = _place(after)
    if key == WAITING:
        rows, skip = report_lists.waiting_page(session, wanted, skip=begin[0] if begin else 0, size=size)
        return _page(rows, skip)
    counted = tallies.counted(session, ZoneInfo(policy.team.timezone))
    first, last = (day.toordinal() for day in period.days(counted.zone))
    days = Days(first, last, counted)
    if key in LOW_LISTS:
        after_place = (begin[0], begin[-1]) if begin else None
        rows, place = report_lists.low_page(session, days, wanted, LOW_LISTS[key], after=after_place, size=size, at=at)
        return _page(rows, *(place or (None,)))
    if filters.is_of_cases:
        return ListPage((), None)  # as the figure: an answer belongs to no department, owner or root cause
    if key in METRICS:
        if wanted.get("metric", key) != key:
            return ListPage((), None)
        wanted["metric"] = key
    rows, last_id = report_lists.response_page(session, days, wanted, after=begin[0] if begin else None, size=size)
    return _page(rows, last_id)


def rows(
    session: Session, what: str, *, policy: Policy, period: Period, filters: Filters, at: datetime
) -> Iterator[ListedRow]:
    """Give all rows behind a figure, one after the other, without ever holding more than a page of them."""
    after: str | None = None
    while True:
        page = behind(
            session, what, policy=policy, period=period, filters=filters, at=at, after=after, size=STREAMED_AT_ONCE
        )
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def _place(after: str | None) -> list[int]:
    if after is None:
        return []
    try:
        return [int(part) for part in after.split("-")]
    except ValueError as error:
        raise Refusal("There is no such page. Begin with the first one.") from error


def _page(found: list[tuple[object, ...]], *place: int | None) -> ListPage:
    following = None if place[0] is None else "-".join(str(one) for one in place)
    return ListPage(tuple(ListedRow(*row) for row in found), following)  # type: ignore[arg-type] # as DETAILS lists them
