"""Each step of a case once: warned, reminded, then its lead, then the managers; whatever runs, rests or races."""

from datetime import timedelta
from typing import Any

import pytest
from chasing_house import DAY, HOUR, START, House, a_policy, away
from sqlalchemy import text

from storage.tables import Case, Event, Intent
from storage.time_tables import Ping
from workflows import casework, chasing, pauses, promises, taskwork

CLAIMED: dict[str, Any] = {"state": "working", "claimed_at": START}


def test_a_case_that_nobody_moves_is_warned_of_reminded_of_and_escalated_once_each(house: House) -> None:
    case_id = house.case()
    owner = house.row(case_id).owner

    for quarter in range(4 * 9):
        house.sweep(START + quarter * HOUR / 4)

    assert house.steps(case_id) == [
        "warned claim", "overdue claim", "escalated claim lead", "assigned", "escalated claim managers",
    ]  # fmt: skip
    assert house.pings() == [(owner, "warn"), (owner, "limit"), ("UANA", "lead")]
    assert len(house.intents("escalation")) == 1
    assert (house.row(case_id).owner, house.row(case_id).state) == ("UANA", "new")


@pytest.mark.parametrize(("minutes", "steps"), [(179, 0), (180, 1), (239, 1), (240, 2), (299, 2), (300, 4)])
def test_each_step_comes_at_its_minute(house: House, minutes: int, steps: int) -> None:
    case_id = house.case()

    for minute in range(0, minutes + 1, 1 if minutes < 0 else 60):
        house.sweep(START + timedelta(minutes=minute))
    house.sweep(START + timedelta(minutes=minutes))

    assert len(house.steps(case_id)) == steps


def test_a_week_of_downtime_says_once_how_things_stand(house: House) -> None:
    case_id = house.case()

    house.sweep(START + 7 * DAY)
    house.sweep(START + 7 * DAY + HOUR)

    assert house.steps(case_id) == [
        "escalated claim managers", "escalated contact managers", "escalated tell managers",
    ]  # fmt: skip
    assert house.pings() == []
    assert len(house.intents("escalation")) == 1
    assert house.row(case_id).next_step_at is None


def test_a_second_sweep_of_the_same_moment_does_nothing(house: House) -> None:
    house.case()
    house.sweep(START + 5 * HOUR)
    before = [len(house.all(model)) for model in (Event, Ping, Intent)]

    assert house.sweep(START + 5 * HOUR) == 0

    assert [len(house.all(model)) for model in (Event, Ping, Intent)] == before


def test_a_case_that_was_taken_meanwhile_has_no_step_of_its_claim(house: House) -> None:
    case_id = house.case()
    house.write(casework.take, case_id, policy=house.policy, by="UBEN", at=START + 5 * HOUR)

    house.sweep(START + 6 * HOUR)

    assert house.steps(case_id) == []
    assert house.pings() == []


def test_a_case_that_somebody_works_on_stays_with_them_when_the_lead_is_told(house: House) -> None:
    case_id = house.case()
    house.write(casework.take, case_id, policy=house.policy, by="UBEN", at=START + HOUR)

    house.sweep(START + 21 * HOUR)

    assert house.steps(case_id) == ["escalated contact lead"]
    assert house.row(case_id).owner == "UBEN"


def test_a_note_keeps_an_untaken_case_with_its_owner(house: House) -> None:
    case_id = house.case()
    owner = house.row(case_id).owner
    house.write(casework.note, case_id, text="I called; nobody there.", policy=house.policy, by="UCAY", at=START + HOUR)

    house.sweep(START + 5 * HOUR)

    assert house.row(case_id).owner == owner
    assert house.steps(case_id) == ["escalated claim lead"]


def test_the_policy_may_leave_cases_with_their_owner(house: House) -> None:
    house.policy = a_policy(more="[escalation]\nreassign = false\n")
    case_id = house.case()

    house.sweep(START + 5 * HOUR)

    assert house.row(case_id).owner != "UANA"


def test_a_lead_who_owns_the_case_is_not_paged_a_second_time_for_it(house: House) -> None:
    house.case(owner="UANA")
    house.sweep(START + 4 * HOUR)

    house.sweep(START + 5 * HOUR)

    assert house.pings() == [("UANA", "limit")]


def test_managers_without_a_channel_are_told_by_ping(house: House) -> None:
    house.policy = a_policy(channel="")
    case_id = house.case()

    house.sweep(START + 9 * HOUR)

    assert house.steps(case_id) == ["escalated claim managers"]
    assert house.pings() == [("UNORA", "managers")]
    assert house.intents("escalation") == []


def test_a_lead_who_is_away_is_passed_over_for_the_managers(house: House) -> None:
    case_id = house.case()
    away(house, "UANA", START + 9 * DAY)

    house.sweep(START + 5 * HOUR)
    house.sweep(START + 8 * HOUR)

    assert house.steps(case_id) == ["escalated claim managers"]
    assert len(house.intents("escalation")) == 1


def test_an_unowned_case_reminds_its_lead(house: House) -> None:
    house.case(owner=None)

    house.sweep(START + 4 * HOUR)

    assert house.pings() == [("UANA", "limit")]


def test_a_paused_case_has_no_steps_until_it_goes_on_by_itself(house: House) -> None:
    case_id = house.case()
    until = START + 2 * DAY
    house.write(
        pauses.pause, case_id, until=until, reason="Waits for a photo.", policy=house.policy, by="UBEN", at=START + HOUR
    )

    house.sweep(START + 2 * DAY - HOUR)
    assert house.steps(case_id) == []
    house.sweep(until)

    assert house.row(case_id).paused_until is None
    assert "resumed" in [one.kind for one in house.all(Event)]
    house.sweep(until + 3 * HOUR)
    assert house.steps(case_id) == ["overdue claim"]


def test_a_snooze_spares_the_owner_and_hides_nothing_from_the_lead(house: House) -> None:
    case_id = house.case(**CLAIMED)
    owner = house.row(case_id).owner
    house.write(pauses.snooze, case_id, until=START + 20.5 * HOUR, policy=house.policy, by="UBEN", at=START + HOUR)

    house.sweep(START + 20 * HOUR)
    assert house.pings() == []
    house.sweep(START + 20.5 * HOUR)
    assert house.pings() == [(owner, "limit")]

    other = house.case(**CLAIMED)
    house.write(pauses.snooze, other, until=START + 6 * DAY, policy=house.policy, by="UBEN", at=START + HOUR)
    house.sweep(START + 21 * HOUR)
    assert house.steps(other) == ["escalated contact lead"]


def test_a_reopened_case_is_warned_of_anew(house: House) -> None:
    case_id = house.case()
    house.sweep(START + 9 * HOUR)
    later = START + 10 * DAY
    house.change(Case, case_id, state="told", closed_at=later, claimed_at=later)
    house.write(casework.reopen, case_id, reason="She called again.", policy=house.policy, by="UBEN", at=later)

    house.sweep(later + 20 * HOUR)

    assert house.steps(case_id)[-1] == "overdue contact"


def test_a_row_that_cannot_be_stepped_keeps_nobody_waiting(house: House, caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = house.case(), house.case()
    spoil = text("UPDATE cases SET why = '[]' WHERE id = :broken")  # a list where `why` was always a mapping
    house.write(lambda session: session.connection().execute(spoil, {"broken": broken}))

    house.sweep(START + 5 * HOUR)

    assert house.steps(sound) != []
    assert house.steps(broken) == []
    assert "could not be swept" in caplog.text
    assert house.row(broken).next_step_at == START + 5 * HOUR + chasing.LATER


def test_many_due_cases_are_swept_a_few_at_a_time(house: House) -> None:
    cases = [house.case() for _ in range(7)]

    looked_at = house.sweep(START + 4 * HOUR, limit=3)

    assert looked_at == 7
    assert all(house.steps(one) == ["overdue claim"] for one in cases)


def test_a_task_reminds_its_owner_and_then_the_lead(house: House) -> None:
    case_id = house.case(**CLAIMED)
    task_id = house.write(
        taskwork.add, case_id, title="Check the van", department="support", owner="UBEN", due_at=START + 8 * HOUR,
        policy=house.policy, by="UCAY", at=START,
    )  # fmt: skip

    for hours in range(24):
        house.sweep(START + hours * HOUR)

    assert [one for one in house.steps(case_id) if "task" in one] == ["task_overdue", "task_escalated"]
    assert [one for one in house.pings() if one[1] == "task"] == [("UBEN", "task"), ("UBEN", "task")]
    assert ("UANA", "lead") in house.pings()
    assert house.task(task_id).next_step_at is None


def test_a_task_that_was_done_in_time_reminds_nobody(house: House) -> None:
    case_id = house.case(**CLAIMED)
    task_id = house.write(
        taskwork.add, case_id, title="Check the van", department="support", owner="UBEN", due_at=START + 3 * HOUR,
        policy=house.policy, by="UCAY", at=START,
    )  # fmt: skip
    house.write(taskwork.do, task_id, outcome="Done.", policy=house.policy, by="UBEN", at=START + HOUR)

    house.sweep(START + 5 * HOUR)

    assert house.pings() == []


def test_a_promise_is_reminded_of_before_and_said_to_have_slipped_after(house: House) -> None:
    case_id = house.case(**CLAIMED)
    due = START + 10 * HOUR
    house.write(promises.give, case_id, text="I call you", due_at=due, policy=house.policy, by="UCAY", at=START)
    owner = house.row(case_id).owner

    house.sweep(due - HOUR)
    assert house.pings() == [("UCAY", "promise")]
    house.sweep(due)
    house.sweep(due + HOUR)

    assert [one.kind for one in house.all(Event)].count("promise_slipped") == 1
    assert house.pings().count(("UCAY", "promise")) == 2
    assert (owner, "promise") in house.pings()


def test_a_promise_that_was_kept_reminds_nobody(house: House) -> None:
    case_id = house.case(**CLAIMED)
    due = START + 10 * HOUR
    one = house.write(promises.give, case_id, text="I call you", due_at=due, policy=house.policy, by="UCAY", at=START)
    house.write(promises.keep, one, policy=house.policy, by="UCAY", at=START + HOUR)

    house.sweep(due + HOUR)

    assert house.pings() == []
