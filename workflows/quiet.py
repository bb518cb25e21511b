"""When somebody wants to be left alone: their own zone, their quiet hours, the hour at which small things come."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from workflows.policy import Policy

_DAY: Final = timedelta(days=1)


def zone_of(timezone: str | None, *, policy: Policy) -> ZoneInfo:
    """Return somebody's own zone; the team's where Slack names none, or one that isn't known here."""
    try:
        return ZoneInfo(timezone or policy.team.timezone)
    except (KeyError, ValueError, OSError):  # unknown; not a plain name; a folder of the zone files
        return ZoneInfo(policy.team.timezone)


def quiet_until(at: datetime, *, zone: ZoneInfo, policy: Policy) -> datetime | None:
    """Return when the quiet hours end that `at` lies in, in UTC; None: it lies in none."""
    quiet = policy.pings.quiet
    if quiet is None:
        return None
    today = at.astimezone(zone).date()
    for day in (today - _DAY, today):  # yesterday's may last over midnight
        starts, ends = _instant(day, quiet.start, zone, fold=0), _instant(day, quiet.end, zone, fold=1)
        if starts <= at < ends:
            return ends
    return None


def next_batch(at: datetime, *, zone: ZoneInfo, policy: Policy) -> datetime:
    """Return when small things come next, in UTC: once a day, and outside of the quiet hours."""
    return _batch(at, at.astimezone(zone).date(), zone=zone, policy=policy)


def tomorrow(at: datetime, *, zone: ZoneInfo, policy: Policy) -> datetime:
    """Return when the next day's small things come, in UTC: today has had enough."""
    return _batch(at, at.astimezone(zone).date() + _DAY, zone=zone, policy=policy)


def day_began(at: datetime, *, zone: ZoneInfo) -> datetime:
    """Return when the day began in somebody's zone, in UTC."""
    return _instant(at.astimezone(zone).date(), 0, zone, fold=0)


def _batch(at: datetime, day: date, *, zone: ZoneInfo, policy: Policy) -> datetime:
    minutes = policy.pings.batch_at.hour * 60 + policy.pings.batch_at.minute
    batch = _instant(day, minutes, zone, fold=0)
    if batch <= at:
        batch = _instant(day + _DAY, minutes, zone, fold=0)
    return quiet_until(batch, zone=zone, policy=policy) or batch


def _instant(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
