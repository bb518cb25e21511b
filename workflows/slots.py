"""When a schedule's posts are due: local hours on certain weekdays, through every change of summer time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
# Where a week has no slot at all, its day was left out when a country crossed the date line; the next week has one.
_LONGEST: Final = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """On which weekdays (Monday is 0), at which local hour, in which zone."""

    days: frozenset[int]
    hour: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn of a plan: its local name, such as 2026-11-23T09:00, and the instant in UTC."""

    local: str
    at: datetime


def next_slot(plan: Plan, *, after: datetime) -> Slot:
    """Return the first slot later than `after`. A plan has at least one day."""
    return next(slots_after(plan, after))


def slots_after(plan: Plan, after: datetime) -> Iterator[Slot]:
    """Yield all slots later than `after`, in order; they never end."""
    day = after.astimezone(plan.zone).date() - _DAY  # a slot of yesterday may be due today, after a gap at midnight
    idle = 0
    while idle <= _LONGEST:
        slot = _slot_of(plan, day)
        idle += 1
        if slot is not None and slot.at > after:
            yield slot
            idle = 0
        day += _DAY
    raise ValueError("A plan without a weekday has no slots.")


def latest_slot(plan: Plan, *, at: datetime) -> Slot:
    """Return the last slot that isn't later than `at`. A plan has at least one day."""
    day = at.astimezone(plan.zone).date() + _DAY
    for _ in range(_LONGEST + 2):
        slot = _slot_of(plan, day)
        if slot is not None and slot.at <= at:
            return slot
        day -= _DAY
    raise ValueError("A plan without a weekday has no slots.")


def day_after(plan: Plan, at: datetime) -> datetime:
    """Return the instant at which the local day of `at` ends."""
    return _instant(datetime.combine(at.astimezone(plan.zone).date() + _DAY, time()), plan.zone)


def _slot_of(plan: Plan, day: date) -> Slot | None:
    """Return the slot of a local day; None: it isn't one of the plan's, or the calendar of the zone left it out."""
    if day.weekday() not in plan.days:
        return None
    begins = _instant(datetime.combine(day, time()), plan.zone)
    if begins.astimezone(plan.zone).date() != day:
        return None
    local = datetime.combine(day, plan.hour)
    return Slot(f"{local:%Y-%m-%dT%H:%M}", _instant(local, plan.zone))


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time: the first where there are two, the end of the gap where there is none."""
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    low, high = local.replace(tzinfo=zone, fold=1).astimezone(UTC), at
    after = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) // 2).replace(microsecond=0)
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high
