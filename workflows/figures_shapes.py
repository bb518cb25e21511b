"""What a figure looks like: shares, scores, times, counts of loops, and the whole page of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from workflows.figures_period import Filters, Period

CLOCKS: Final = ("claim", "contact", "tell")
DIMENSIONS: Final = ("department", "touchpoint", "segment", "owner", "root_cause")

Unit = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None: of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Score:
    """What customers answered to one metric.

    `value` is the NPS (-100 to 100), for CSAT the percentage of high scores, for CES the mean: in the scale's own
    points where all answers were given on one scale (`scale`: its low end, high end and direction), else in percent of
    the way from the unhappiest to the happiest end. `margin` is half the width of its 95 % interval, in the same unit.
    """

    metric: str
    count: int
    low: int
    neutral: int
    high: int
    value: float | None
    margin: float | None
    scale: tuple[float, float, str] | None = None

    @property
    def low_share(self) -> Share:
        """The low ones, on each scale's own direction."""
        return Share(self.low, self.count)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds: of so many, half took at most `median` and nine in ten at most `p90`."""

    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """How long one clock ran: for the customer (wall clock), and in the team's working time."""

    wall: Spread
    working: Spread


@dataclass(frozen=True, slots=True)
class Loops:
    """Low responses and what became of them. `tellable` = told + still open; the next three are not among them."""

    low: int
    told: int
    excused: int
    anonymous: int
    history: int
    claimed: int
    contacted: int
    resolved: int
    in_limit: Mapping[str, Share]
    """By clock: claim, contact, tell."""
    reopened: Share
    """Of the cases that have ended at least once."""

    @property
    def tellable(self) -> int:
        """Those whose customer can be told: all that are neither excused, anonymous, nor history without a case."""
        return self.low - self.excused - self.anonymous - self.history

    @property
    def told_rate(self) -> Share:
        """The told ones among those that can be told."""
        return Share(self.told, self.tellable)

    @property
    def funnel(self) -> tuple[tuple[str, int], ...]:
        """From low to told, among those that can be told; excused, anonymous and history stand beside it."""
        stages = (self.tellable, self.claimed, self.contacted, self.resolved, self.told)
        return tuple(zip(("low", "claimed", "contacted", "resolved", "told"), stages, strict=True))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open cases whose customer has not been contacted: how many, and their hours on the wall clock together."""

    cases: int
    hours: float


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures of one period. `scores` by metric, only those answered; `times` by clock."""

    loops: Loops
    scores: Mapping[str, Score]
    times: Mapping[str, Times]


@dataclass(frozen=True, slots=True)
class Group:
    """The same for one department, touchpoint, segment, owner or root cause; `key` "" is what has none.

    `scores` only by touchpoint and segment: an answer that isn't low belongs to no department, owner or root cause.
    """

    key: str
    loops: Loops
    scores: Mapping[str, Score] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week of the period, both dates included."""

    first: date
    last: date
    loops: Loops
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Week:
    """One of the weeks up to now, seven local days each: told-rate of its low responses, and waiting at its end."""

    first: date
    last: date
    told_rate: Share
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a period, with those of the period before."""

    period: Period
    """In whole local days."""
    filters: Filters
    at: datetime
    zone: str
    now: Headline
    before: Headline
    waiting: Waiting
    """As of `at`, whatever the period."""
    unit: Unit
    over_time: tuple[Point, ...]
    by: Mapping[str, tuple[Group, ...]]
    """By dimension, see DIMENSIONS; the group with the most low responses first."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A case whose customer waits to hear back; `waiting_since` runs from its opening or latest reopening."""

    case_id: int
    customer_id: int
    customer: str | None
    account: str | None
    department: str
    owner: str | None
    state: str
    urgency: str
    waiting_since: datetime
    contacted_at: datetime | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Open cases of one department in one state whose next limit is this clock.

    `clock`: claim, contact or tell; `overdue`: past that limit; `unowned`: nobody's.
    """

    department: str
    state: str
    clock: str
    count: int
    overdue: int
    unowned: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has open; `owner` None: what nobody has."""

    owner: str | None
    cases: int
    overdue: int
    uncontacted: int


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One line of the list behind a figure: a response, its customer, and its case if it has one."""

    response_id: int
    case_id: int | None
    metric: str
    score: float
    high_end: float
    band: str
    comment: str
    touchpoint: str | None
    segment: str | None
    customer_id: int
    customer: str | None
    account: str | None
    submitted_at: datetime
    state: str | None
    department: str | None
    owner: str | None
    root_cause: str | None
    excuse: str | None
    opened_at: datetime | None
    waiting_since: datetime | None
    claimed_at: datetime | None
    contacted_at: datetime | None
    closed_at: datetime | None
    contactability: str
    """Of the customer; whom somebody may not see is left to whoever shows the row."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of such a list; `next` asks for the following one (give it as `after`), None: this is the last."""

    rows: tuple[ListedRow, ...]
    next: str | None
