"""The limits of a case: by urgency and department, with their steps, moved by urgency, department and policy."""

from datetime import datetime
from typing import Any

import pytest
from clock_house import DAY, HOUR, POLICY, ClockHouse, berlin
from sqlmodel import Session, select

from storage.tables import Task
from workflows import casework, clocks, pauses, recompute, taskwork
from workflows.clocks import Step

BILLING = """
[[clock]]
urgency = "normal"
department = "billing"
claim = "1h"
contact = "2h"
tell = "4h"
"""
ALL = """
[[clock]]
urgency = "normal"
claim = "2h"
contact = "1d"
tell = "5d"
"""
CLOSED = "\n[calendar]\nclosed = [2026-03-03]\nopen = [2026-03-07]\n"
DAYS = [f"{day:%m-%d}" for day in (datetime(2028, 1, 1) + number * DAY for number in range(366))]  # noqa: DTZ001 - days
NEVER = f"\n[calendar]\nclosed = {DAYS}\n"


def test_a_departments_own_limits_win_over_those_of_all(house: ClockHouse) -> None:
    house.change(to=POLICY + BILLING + ALL)
    house.go("2026-03-02T16:00")  # 10:00 in New York

    ours, theirs = house.case(house.answer()), house.case(house.answer("The invoice is wrong."))

    assert (ours.claim_due_at, theirs.claim_due_at) == (berlin("2026-03-03T10:00"), berlin("2026-03-02T17:00"))
    assert (theirs.contact_due_at, theirs.tell_due_at) == (berlin("2026-03-02T18:00"), berlin("2026-03-02T20:00"))


def test_the_first_step_is_the_warning_of_the_first_limit(house: ClockHouse) -> None:
    case = house.case(house.answer())

    steps = clocks.steps(case, policy=house.policy)

    assert case.next_step_at == berlin("2026-03-02T13:00")  # 3 of 4 hours
    assert steps[:4] == [
        Step("claim", "warn", berlin("2026-03-02T13:00")),
        Step("claim", "limit", berlin("2026-03-02T14:00")),
        Step("claim", "lead", berlin("2026-03-02T15:00")),
        Step("contact", "warn", berlin("2026-03-02T16:00")),
    ]
    assert [one.at for one in steps] == sorted(one.at for one in steps)
    assert {(one.clock, one.kind) for one in steps} == {
        (clock, kind) for clock in ("claim", "contact", "tell") for kind in ("warn", "limit", "lead", "managers")
    }


def test_the_policy_says_when_to_warn_and_to_escalate(house: ClockHouse) -> None:
    house.change(to=POLICY + '[escalation]\nwarn_at = 50\nlead = "30m"\nmanagers = "2h"\n')

    case = house.case(house.answer())

    claim = [one.at for one in clocks.steps(case, policy=house.policy) if one.clock == "claim"]
    assert claim == [berlin(f"2026-03-02T{at}") for at in ("12:00", "14:00", "14:30", "16:00")]


def test_a_limit_that_is_met_has_no_steps_any_more(house: ClockHouse) -> None:
    case_id = house.answer()

    house.do(lambda s: casework.take(s, case_id, **house.who()))

    case = house.case(case_id)
    assert {one.clock for one in clocks.steps(case, policy=house.policy)} == {"contact", "tell"}
    assert case.next_step_at == berlin("2026-03-02T16:00")


def test_an_anonymous_case_has_no_limit_for_contact(house: ClockHouse) -> None:
    case = house.case(house.answer(email=None))

    assert {one.clock for one in clocks.steps(case, policy=house.policy)} == {"claim", "tell"}


def test_after_the_last_step_a_case_is_still_due(house: ClockHouse) -> None:
    case_id = house.answer()
    house.now += 60 * DAY

    house.do(lambda s: clocks.looked_at(casework.held(s, case_id), policy=house.policy, at=house.now))

    case = house.case(case_id)
    assert (case.next_due_at, case.next_step_at) == (case.claim_due_at, None)


def test_a_case_that_moves_to_another_department_gets_its_limits_from_the_beginning(house: ClockHouse) -> None:
    house.change(to=POLICY + BILLING)
    case_id = house.answer()
    house.go("2026-03-02T16:00")

    house.do(lambda s: casework.assign(s, case_id, to=None, department="billing", reason="", **house.who()))

    case = house.case(case_id)
    assert case.claimed_at == house.now
    assert case.contact_due_at == berlin("2026-03-02T17:00")  # New York opens at 15:00 in Berlin
    assert case.tell_due_at == berlin("2026-03-02T19:00")
    assert case.claim_due_at == berlin("2026-03-02T14:00")  # met: it stays as it was
    assert case.claim_used == HOUR.total_seconds()


def test_rising_urgency_brings_limits_forward_and_never_back(house: ClockHouse) -> None:
    case_id = house.answer()

    assert house.answer("Again.", email="c1@acme.test") == case_id

    case = house.case(case_id)
    assert case.urgency == "high"
    assert (case.claim_due_at, case.contact_due_at) == (berlin("2026-03-02T11:00"), berlin("2026-03-02T14:00"))
    assert case.next_step_at == berlin("2026-03-02T10:45")


def test_a_task_is_looked_at_as_its_time_comes_near(house: ClockHouse) -> None:
    case_id = house.answer()
    add: dict[str, Any] = {
        "title": "Check it",
        "department": "support",
        "owner": None,
        "due_at": berlin("2026-03-02T14:00"),
    }

    task_id = house.do(lambda s: taskwork.add(s, case_id, **add, **house.who()))

    task = house.db.read_now(lambda s: s.exec(select(Task)).one())
    assert task.next_step_at == berlin("2026-03-02T13:00")
    assert [(one.clock, one.kind, one.at) for one in clocks.task_steps(task, policy=house.policy)][:2] == [
        ("task", "warn", berlin("2026-03-02T13:00")),
        ("task", "limit", berlin("2026-03-02T14:00")),
    ]
    house.do(lambda s: taskwork.do(s, task_id, outcome="", **house.who()))
    assert house.db.read_now(lambda s: s.exec(select(Task)).one()).next_step_at is None


def test_limits_count_the_29_of_february_and_its_anniversaries(house: ClockHouse) -> None:
    house.change(to=POLICY + '\n[calendar]\ndays = ["mon", "tue", "wed", "thu", "fri"]\nclosed = ["02-29"]\n')
    house.go("2028-02-28T16:00")  # a Monday; the 29th is a Tuesday

    leap = house.case(house.answer())
    house.go("2027-02-26T16:00")  # a Friday of a year without one
    plain = house.case(house.answer())

    assert leap.claim_due_at == berlin("2028-03-01T12:00")
    assert plain.claim_due_at == berlin("2027-03-01T12:00")


def test_without_a_working_hour_left_a_case_has_limits_that_run_day_and_night(house: ClockHouse) -> None:
    house.change(to=POLICY + NEVER)

    case_id = house.answer()

    case = house.case(case_id)
    assert (case.claim_due_at, case.contact_due_at) == (house.now + 4 * HOUR, house.now + 8 * HOUR)
    assert case.tell_due_at == house.now + 40 * HOUR
    assert case.next_step_at == house.now + 3 * HOUR
    house.do(lambda s: casework.take(s, case_id, **house.who()))
    assert house.case(case_id).next_step_at == house.now + 6 * HOUR
    assert house.case(case_id).claim_used == 0


# A changed calendar or limit


def changes(house: ClockHouse) -> int:
    return house.db.read_now(lambda s: recompute.count(s, policy=house.policy))


def set_anew(house: ClockHouse) -> int:
    part = house.do(
        lambda s: recompute.some(s, after=0, policy=house.policy, policy_version=2, by="hearback", at=house.now)
    )
    assert part.last is None
    return part.changed


def test_an_unchanged_policy_changes_no_limit_whatever_was_done(house: ClockHouse) -> None:
    taken = house.answer()
    house.go("2026-03-02T11:00")
    house.do(lambda s: casework.take(s, taken, **house.who()))
    house.answer("Again.", email="c1@acme.test")
    house.go("2026-03-02T11:30")
    house.do(lambda s: casework.assign(s, taken, to=None, department="billing", reason="", **house.who()))
    house.answer()

    assert changes(house) == set_anew(house) == 0


def test_a_changed_policy_leaves_open_cases_until_they_are_set_anew(house: ClockHouse) -> None:
    first, second, elsewhere = house.answer(), house.answer(), house.answer("The invoice is wrong.")
    house.do(lambda s: casework.take(s, second, **house.who()))
    house.change(to=POLICY + CLOSED + ALL)
    before = house.case(first)

    assert changes(house) == 3
    assert house.case(first).claim_due_at == before.claim_due_at
    assert set_anew(house) == 3

    assert house.case(first).claim_due_at == berlin("2026-03-02T12:00")
    assert house.case(first).contact_due_at == berlin("2026-03-04T10:00")  # Tuesday is closed
    assert house.case(first).tell_due_at == berlin("2026-03-09T10:00")  # and Saturday open instead
    assert house.case(first).next_step_at == berlin("2026-03-02T11:30")
    assert house.case(second).claim_due_at == berlin("2026-03-02T14:00")  # met: it stays as it was
    assert house.kinds(elsewhere)[-1] == "limits_changed"
    assert changes(house) == 0


def test_setting_limits_anew_leaves_pauses_out_and_closed_cases_alone(house: ClockHouse) -> None:
    paused = house.answer()
    closed = house.answer(email=None)
    house.do(lambda s: _pause(s, paused, house))
    words: dict[str, Any] = {"root_cause": "process", "root_cause_text": "", "what_changed": "All."}
    house.do(lambda s: casework.resolve(s, closed, **words, **house.who()))
    assert changes(house) == 0
    house.change(to=POLICY + ALL)

    assert set_anew(house) == 1

    assert house.case(paused).claim_due_at == berlin("2026-03-04T14:00")  # 2 hours after the pause
    assert house.case(paused).next_step_at == berlin("2026-03-04T12:00")
    assert house.case(closed).next_due_at is None


def _pause(session: Session, case_id: int, house: ClockHouse) -> None:
    until = berlin("2026-03-04T12:00")
    pauses.pause(session, case_id, until=until, reason="A photo.", **house.who())


def test_thousands_are_set_anew_part_by_part(house: ClockHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "PART", 2)
    for _ in range(5):
        house.answer()
    house.change(to=POLICY + ALL)
    assert changes(house) == 5

    after: int | None = 0
    parts = []
    while after is not None:
        part = house.do(
            lambda s, last=after: recompute.some(  # type: ignore[misc] # a lambda with a default
                s, after=last, policy=house.policy, policy_version=2, by="hearback", at=house.now
            )
        )
        parts.append(part.changed)
        after = part.last

    assert parts == [2, 2, 1]
    assert changes(house) == 0
