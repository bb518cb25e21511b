"""Changing what is posted when: by the policy file, and by people in Slack. The latest change counts."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import schedules
from storage.time_tables import Schedule
from workflows import digests
from workflows.policy import Digest, Policy
from workflows.refusal import Refusal

CATCH_UP_MINUTES: Final = 360
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a schedule should be, as somebody filled it in. `hour` is local time, such as 09:00."""

    name: str
    kind: str
    channel: str | None
    department: str | None
    days: tuple[int, ...]
    hour: str
    timezone: str
    posts_empty: bool = False


def from_policy(session: Session, policy: Policy, *, at: datetime, before: Policy | None = None) -> None:
    """Bring the schedules in line with the policy's entries.

    `before` is the policy that held until now: an entry that is the same in both doesn't undo what somebody changed in
    Slack. A schedule whose entry is gone is switched off; what was posted is remembered.
    """
    known = {one.name: one for one in schedules.all_of_them(session, for_update=True)}
    old = {one.name: one for one in before.digests} if before else {}
    for entry in policy.digests:
        schedule = known.pop(entry.name, None)
        if schedule is None:
            _create(session, _columns(entry, policy), origin=digests.POLICY, by=digests.POLICY, at=at)
        elif schedule.origin == digests.POLICY or old.get(entry.name) != entry:
            columns = {**_columns(entry, policy), "origin": digests.POLICY, "is_on": True}
            _change(session, schedule, columns, policy=policy, by=digests.POLICY, at=at)
    for schedule in known.values():
        if schedule.origin == digests.POLICY:
            _change(session, schedule, {"is_on": False}, policy=policy, by=digests.POLICY, at=at)


def create(session: Session, wish: Wish, *, policy: Policy, by: str, at: datetime) -> int:
    """Make a schedule. Returns its id; raises Refusal."""
    digests.may_schedule(session, by, policy=policy)
    columns = _checked(wish, policy)
    if schedules.named(session, wish.name) is not None:
        raise Refusal("Another digest has this name. Choose a different one.", "name")
    return _create(session, columns, origin=digests.SLACK, by=by, at=at)


def edit(session: Session, schedule_id: int, wish: Wish, *, policy: Policy, by: str, at: datetime) -> None:
    """Change a schedule: its next time is found anew, and a day that has had its post gets no second one."""
    schedule = _held(session, schedule_id, policy=policy, by=by)
    columns = _checked(wish, policy)
    other = schedules.named(session, wish.name)
    if other is not None and other.id != schedule_id:
        raise Refusal("Another digest has this name. Choose a different one.", "name")
    _change(session, schedule, {**columns, "origin": digests.SLACK}, policy=policy, by=by, at=at)


def switch_off(session: Session, schedule_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Post it no more, until it is switched on again."""
    schedule = _held(session, schedule_id, policy=policy, by=by)
    _change(session, schedule, {"is_on": False, "origin": digests.SLACK}, policy=policy, by=by, at=at)


def switch_on(session: Session, schedule_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Post it again from its next time on."""
    schedule = _held(session, schedule_id, policy=policy, by=by)
    _change(session, schedule, {"is_on": True, "origin": digests.SLACK}, policy=policy, by=by, at=at)


def drafted(wish: Wish, policy: Policy, *, at: datetime) -> Schedule:
    """Return the schedule that this wish would make, for looking at it first: it is nowhere kept. Raises Refusal."""
    return Schedule(**_checked(wish, policy), changed_by="", changed_at=at)


def _create(session: Session, columns: dict[str, Any], *, origin: str, by: str, at: datetime) -> int:
    schedule = Schedule(**columns, origin=origin, changed_by=by, changed_at=at)
    session.add(schedule)
    session.flush()
    digests.set_next(session, schedule, at=at)
    session.flush()
    assert schedule.id is not None
    return schedule.id


def _change(
    session: Session, schedule: Schedule, columns: dict[str, Any], *, policy: Policy, by: str, at: datetime
) -> None:
    if all(getattr(schedule, name) == value for name, value in columns.items()):
        return  # nothing is new: what is due now stays due now
    digests.finish_what_is_due(session, schedule, policy=policy, at=at)
    for name, value in columns.items():
        setattr(schedule, name, value)
    schedule.changed_by, schedule.changed_at = by, at
    digests.set_next(session, schedule, at=at)
    session.flush()


def _columns(entry: Digest, policy: Policy) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "channel": entry.channel,
        "department": entry.department,
        "days": sorted(entry.days),
        "hour": f"{entry.hour:%H:%M}",
        "timezone": entry.timezone or policy.team.timezone,
        "posts_empty": entry.empty,
        "catch_up_minutes": int(entry.catch_up.total_seconds() // 60),
    }


def _checked(wish: Wish, policy: Policy) -> dict[str, Any]:
    name = " ".join(wish.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refusal(f"Give it a name of at most {LONGEST_NAME} characters.", "name")
    if wish.kind not in digests.KINDS:
        raise Refusal("Choose what it tells.", "kind")
    if wish.department and all(one.key != wish.department for one in policy.departments):
        raise Refusal("The policy has no such department any more. Choose another one.", "department")
    if wish.kind == "department_daily" and not wish.department:
        raise Refusal("This is for one department: choose which.", "department")
    if not wish.days or not {*wish.days} <= {*range(7)}:
        raise Refusal("Choose at least one day.", "days")
    is_personal = wish.kind == "my_morning"
    if not is_personal and not (wish.channel or wish.department or policy.team.manager_channel):
        raise Refusal("Choose the channel where it is posted.", "channel")
    return {
        "name": name,
        "kind": wish.kind,
        "channel": None if is_personal else wish.channel,
        "department": None if is_personal else wish.department,
        "days": sorted({*wish.days}),
        "hour": _hour(wish.hour),
        "timezone": _zone(wish.timezone),
        "posts_empty": wish.posts_empty,
    }


def _hour(text: str) -> str:
    try:
        return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        raise Refusal("Choose an hour, such as 09:00.", "hour") from None


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise Refusal("This time zone isn't known. Write it like Europe/Berlin.", "timezone") from None
    return text


def _held(session: Session, schedule_id: int, *, policy: Policy, by: str) -> Schedule:
    digests.may_schedule(session, by, policy=policy)
    schedule = schedules.hold(session, schedule_id)
    if schedule is None:
        raise Refusal("That digest isn't known any more. Type /loop digests to see those that there are.")
    return schedule
