"""Which figures are asked for: a period of local days, and what to look at only."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """A time, from `start` until before `end`, both aware. Figures take it as whole local days of the team's zone."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date, *, zone: ZoneInfo) -> "Period":
        """Make the period of these local days, both included."""
        return cls(*(datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1))))

    @classmethod
    def last_days(cls, count: int, *, at: datetime, zone: ZoneInfo) -> "Period":
        """Make the period of the latest local days, today included."""
        today = at.astimezone(zone).date()
        return cls.of_days(today - timedelta(days=count - 1), today, zone=zone)

    @classmethod
    def last_week(cls, *, at: datetime, zone: ZoneInfo) -> "Period":
        """Make the period of the latest whole week, Monday to Sunday."""
        today = at.astimezone(zone).date()
        monday = today - timedelta(days=today.weekday())
        return cls.of_days(monday - timedelta(days=7), monday - timedelta(days=1), zone=zone)

    def days(self, zone: ZoneInfo) -> tuple[date, date]:
        """Name its first and last local day: a day that it only touches counts whole."""
        first = self.start.astimezone(zone).date()
        return first, max(first, (self.end - timedelta(microseconds=1)).astimezone(zone).date())

    def whole(self, zone: ZoneInfo) -> "Period":
        """Widen it to whole local days."""
        return Period.of_days(*self.days(zone), zone=zone)

    def before_in(self, zone: ZoneInfo) -> "Period":
        """Make the period of as many local days directly before it."""
        first, last = self.days(zone)
        return Period.of_days(first - (last - first) - timedelta(days=1), first - timedelta(days=1), zone=zone)

    @property
    def before(self) -> "Period":
        """The period of the same length directly before it."""
        return Period(self.start - (self.end - self.start), self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to look at only; None: everything. Empty text means what has none: `owner=""` is nobody's."""

    department: str | None = None
    touchpoint: str | None = None
    segment: str | None = None
    owner: str | None = None
    metric: str | None = None
    root_cause: str | None = None

    @property
    def wanted(self) -> dict[str, str]:
        """What is asked for, by column."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def is_of_cases(self) -> bool:
        """It asks for what only a case has, so that responses without a case can't be told apart by it."""
        return not (self.department is None and self.owner is None and self.root_cause is None)
