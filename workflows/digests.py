"""Posts that come again and again: each slot is taken once, whatever restarts and however many processes run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import members, outbox, schedules
from storage.outbox import Want
from storage.time_tables import Run, Schedule
from workflows import permission, routing
from workflows.digest_facts import Turn, gathered, is_empty, place_of, with_something_to_do
from workflows.policy import Policy
from workflows.refusal import Refusal
from workflows.slots import Plan, Slot, latest_slot, next_slot, slots_after

KINDS: Final = ("department_daily", "manager_weekly", "huddle", "my_morning", "excused")
POLICY: Final = "policy"
SLACK: Final = "slack"
HEARBACK: Final = "hearback"


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one turn: its state, and whether it was taken just now or had been before."""

    run_id: int
    slot: str
    state: str
    is_new: bool


def plan_of(schedule: Schedule) -> Plan:
    """Return when a schedule's posts are due."""
    return Plan(frozenset(schedule.days), time.fromisoformat(schedule.hour), ZoneInfo(schedule.timezone))


def preview_times(plan: Plan, *, at: datetime, count: int = 3) -> list[Slot]:
    """Return the next few slots of a plan."""
    return list(islice(slots_after(plan, at), count))


def due(session: Session, *, policy: Policy, at: datetime, limit: int = 5) -> int:
    """Take the turns that are due; returns of how many schedules. Others may do the same at the same time.

    A turn is a row, unique by schedule and local slot, written together with what it wants to be sent. Of the turns
    that were missed, only the latest is made up for, inside the schedule's window; the others are recorded as skipped.
    """
    held = schedules.hold_due(session, at=at, limit=limit)
    for schedule in held:
        _take_what_is_due(session, schedule, policy=policy, at=at)
    return len(held)


def run_slot(session: Session, schedule_id: int, *, policy: Policy, at: datetime) -> Ran:
    """Take the latest slot now, for somebody who keeps the time elsewhere. One that was skipped is posted after all."""
    schedule = _held(session, schedule_id)
    slot = latest_slot(plan_of(schedule), at=at)
    before = schedules.run_of(session, schedule_id, slot.local)
    if before is None:
        ran = _take(session, schedule, slot, policy=policy, at=at)
    elif before.state == "skipped":
        ran = _retake(session, schedule, before, slot, policy=policy, at=at)
    else:
        return Ran(_id(before), slot.local, before.state, is_new=False)
    if schedule.is_on and schedule.next_at is not None and schedule.next_at <= at:
        _move_on(session, schedule, at=at)
    return ran


def post_now(session: Session, schedule_id: int, *, policy: Policy, by: str, at: datetime) -> Ran:
    """Post it at once beside its slots, empty or not. Raises Refusal."""
    may_schedule(session, by, policy=policy)
    schedule = _held(session, schedule_id)
    if schedule.kind != "my_morning" and place_of(schedule, policy) is None:
        raise Refusal("It has no channel to go to. Edit it and choose one, then post it.")
    local = at.astimezone(ZoneInfo(schedule.timezone))
    return _take(session, schedule, Slot(f"{local:%Y-%m-%dT%H:%M:%S}", at), policy=policy, at=at, is_wanted=True)


def may_schedule(session: Session, by: str, *, policy: Policy) -> None:
    """Let managers and admins change what is posted when; Refusal for everybody else."""
    if not permission.is_manager(permission.may_join_in(session, by, policy=policy)):
        raise Refusal("Only a manager or an admin may change what is posted when. Ask one of them.")


def finish_what_is_due(session: Session, schedule: Schedule, *, policy: Policy, at: datetime) -> None:
    """Take the turns of a schedule that is held and about to be changed, before its times are others."""
    if schedule.is_on and schedule.next_at is not None and schedule.next_at <= at:
        _take_what_is_due(session, schedule, policy=policy, at=at)


def set_next(session: Session, schedule: Schedule, *, at: datetime) -> None:
    """Set the next time of a schedule that was changed. A day on which it was posted has had its post."""
    schedule.next_at = schedule.next_slot = None
    if schedule.is_on:
        free = (
            slot
            for slot in slots_after(plan_of(schedule), at)
            if not schedules.was_taken_on(session, schedule.id or 0, slot.local[:10])
        )
        _set(schedule, next(free))
    session.add(schedule)


def _take_what_is_due(session: Session, schedule: Schedule, *, policy: Policy, at: datetime) -> None:
    *missed, latest = _due_slots(schedule, at)
    is_late = at - latest.at > timedelta(minutes=schedule.catch_up_minutes)
    for slot in [*missed, *([latest] if is_late else [])]:
        _write(session, schedule, slot, state="skipped", at=at, facts={"why": "late"})
    if not is_late:
        _take(session, schedule, latest, policy=policy, at=at)
    if missed or is_late:
        _tell_admins(session, policy, at=at)
    _move_on(session, schedule, at=at)


def _due_slots(schedule: Schedule, at: datetime) -> Iterator[Slot]:
    assert schedule.next_at is not None
    assert schedule.next_slot is not None
    yield Slot(schedule.next_slot, schedule.next_at)
    yield from takewhile(lambda slot: slot.at <= at, slots_after(plan_of(schedule), schedule.next_at))


def _take(
    session: Session, schedule: Schedule, slot: Slot, *, policy: Policy, at: datetime, is_wanted: bool = False
) -> Ran:
    """Write the turn and what it wants to be sent; a slot that was taken before wants nothing."""
    state, facts = _told(session, schedule, slot, policy=policy, is_wanted=is_wanted)
    run_id = _write(session, schedule, slot, state=state, at=at, facts=facts)
    if run_id is None:
        before = schedules.run_of(session, schedule.id or 0, slot.local)
        assert before is not None
        return Ran(_id(before), slot.local, before.state, is_new=False)
    _leave(session, run_id, state, facts, at=at)
    return Ran(run_id, slot.local, state, is_new=True)


def _retake(session: Session, schedule: Schedule, before: Run, slot: Slot, *, policy: Policy, at: datetime) -> Ran:
    state, facts = _told(session, schedule, slot, policy=policy, is_wanted=False)
    is_new = schedules.retake(session, _id(before), state=state, at=at, facts=facts)
    if is_new:
        _leave(session, _id(before), state, facts, at=at)
    return Ran(_id(before), slot.local, state, is_new=is_new)


def _told(
    session: Session, schedule: Schedule, slot: Slot, *, policy: Policy, is_wanted: bool
) -> tuple[str, dict[str, Any]]:
    """Find out what there is to tell, and to whom: the turn's state and facts."""
    facts = gathered(session, Turn.of(schedule, plan_of(schedule), slot.at))
    if schedule.kind == "my_morning":
        facts["places"] = with_something_to_do(session, at=slot.at)
    elif place := place_of(schedule, policy):
        facts["places"] = [place]
    else:
        return "skipped", {"why": "nowhere"}
    is_told = is_wanted or schedule.posts_empty or not is_empty(facts)
    return "posted" if is_told else "empty", facts


def _write(
    session: Session, schedule: Schedule, slot: Slot, *, state: str, at: datetime, facts: dict[str, Any]
) -> int | None:
    values = {"slot": slot.local, "slot_at": slot.at, "state": state, "at": at, "facts": facts}
    return schedules.take(session, schedule_id=schedule.id, **values)


def _leave(session: Session, run_id: int, state: str, facts: dict[str, Any], *, at: datetime) -> None:
    if state != "posted":
        return
    posts = [
        Want(
            f"digest:{run_id}:{place}" if place.startswith(("U", "W")) else f"digest:{run_id}",
            "post",
            f"slack:{place}",
            {"run_id": run_id, "place": place},
        )
        for place in facts["places"]
    ]
    outbox.leave_all(session, posts, at=at)


def _move_on(session: Session, schedule: Schedule, *, at: datetime) -> None:
    _set(schedule, next_slot(plan_of(schedule), after=at))
    session.add(schedule)
    session.flush()


def _set(schedule: Schedule, slot: Slot) -> None:
    schedule.next_at, schedule.next_slot = slot.at, slot.local


def _tell_admins(session: Session, policy: Policy, *, at: datetime) -> None:
    admins = routing.members_called(session, policy.team.admins)
    outbox.want(session, [outbox.home(one) for one in members.with_home(session, admins)] if admins else [], at=at)


def _held(session: Session, schedule_id: int) -> Schedule:
    schedule = schedules.hold(session, schedule_id)
    if schedule is None:
        raise Refusal("That digest isn't known any more. Type /loop digests to see those that there are.")
    return schedule


def _id(run: Run) -> int:
    assert run.id is not None
    return run.id
