"""What the report's address asks for: a period and filters, both ways; whatever can't be read is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from workflows.entrance import Visitor
from workflows.figures_period import Filters, Period

PERIODS: Final = (7, 30, 90, 365)
DAYS: Final = 30
MOST_DAYS: Final = 1100  # three years: a longer table is an export's work
MOST_TEXT: Final = 200
NONE: Final = "-"
NAMES: Final = tuple(field.name for field in fields(Filters))


@dataclass(frozen=True, slots=True)
class Query:
    """A period, in days up to today or between two dates, and what to look at only."""

    filters: Filters
    days: int | None = DAYS
    first: date | None = None
    last: date | None = None

    def period(self, *, at: datetime, zone: ZoneInfo) -> Period:
        """Give the period in the team's zone."""
        if self.days is None and self.first and self.last:
            return Period.of_days(self.first, self.last, zone=zone)
        return Period.last_days(self.days or DAYS, at=at, zone=zone)

    def address(self, path: str, **more: str | int | None) -> str:
        """Give the address of a page that asks for the same; `more` adds to it or, by None, takes out."""
        said: dict[str, str] = {}
        if self.days is None and self.first and self.last:
            said |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
        elif self.days != DAYS:
            said["days"] = str(self.days)
        said |= {name: value or NONE for name in NAMES if (value := getattr(self.filters, name)) is not None}
        said |= {name: str(value) for name, value in more.items() if value is not None}
        left_out = {name for name, value in more.items() if value is None}
        said = {name: value for name, value in said.items() if name not in left_out}
        return f"{path}?{urlencode(said)}" if said else path


def query_of(params: Mapping[str, str], visitor: Visitor) -> Query:
    """Read an address. Who may only see their departments gets the first of them when another is asked for."""
    given = {name: params[name].strip()[:MOST_TEXT] for name in NAMES if name in params}
    # A form sends its empty fields as well: they stand for "everything"; what has none is asked for by NONE.
    filters = Filters(**{name: "" if value == NONE else value for name, value in given.items() if value})
    if not visitor.may_see(filters.department):
        filters = replace(filters, department=(visitor.departments or ("",))[0])
    first, last = _date(params.get("from")), _date(params.get("to"))
    if first and last and first <= last and (last - first).days < MOST_DAYS:
        return Query(filters, None, first, last)
    return Query(filters, _days(params.get("days", "")))


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_DAYS))):
        return DAYS
    return min(int(text), MOST_DAYS) or DAYS


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None  # noqa: PLR2004 -- the years that responses may be of
