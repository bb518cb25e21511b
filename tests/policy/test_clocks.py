"""Limits run in the working hours of the case's department, and an open case always has a next one."""

from datetime import UTC, datetime, timedelta

import pytest
from small_policy import small_policy

from workflows.calendar import Calendar
from workflows.clocks import Clocks, due_times
from workflows.policy import Policy, Urgency

FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)  # 16:00 in Berlin, 10:00 in New York
CLOCK = """
[[clock]]
urgency = "urgent"
claim = "30m"
contact = "1h 30m"
tell = "2d"
"""


def hour(day: int, hours: int, minutes: int = 0) -> datetime:
    return datetime(2026, 11, day, hours, minutes, tzinfo=UTC)


def test_limits_run_in_the_teams_hours() -> None:
    clocks = due_times(small_policy(CLOCK), opened_at=FRIDAY, urgency="urgent", department="support")

    warn = hour(20, 15, 22) + timedelta(seconds=30)
    assert clocks == Clocks(claim=hour(20, 15, 30), contact=hour(23, 8, 30), tell=hour(24, 15), warn=warn)


def test_a_department_has_hours_of_its_own() -> None:
    clocks = due_times(small_policy(CLOCK), opened_at=FRIDAY, urgency="urgent", department="billing")

    assert clocks.claim == hour(24, 3, 30)  # Monday 22:30 in New York


def test_a_department_that_is_gone_leaves_the_teams_hours() -> None:
    policy = small_policy(CLOCK)

    clocks = due_times(policy, opened_at=FRIDAY, urgency="urgent", department="sales")

    assert clocks == due_times(policy, opened_at=FRIDAY, urgency="urgent", department=None)


@pytest.mark.parametrize(
    ("urgency", "claim"), [("high", hour(20, 16)), ("normal", hour(23, 11)), ("low", hour(23, 15))]
)
def test_urgencies_without_a_clock_have_built_in_limits(urgency: Urgency, claim: datetime) -> None:
    clocks = due_times(small_policy(CLOCK), opened_at=FRIDAY, urgency=urgency, department=None)

    assert clocks.claim == claim


def test_without_any_working_hour_limits_run_day_and_night(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = small_policy(CLOCK)
    team = policy.calendar_of()
    never = Calendar(zone=team.zone, weekdays=frozenset(), windows=team.windows)
    monkeypatch.setattr(Policy, "calendar_of", lambda *_: never)

    clocks = due_times(policy, opened_at=FRIDAY, urgency="urgent", department=None)

    assert clocks.contact == hour(20, 16, 30)
