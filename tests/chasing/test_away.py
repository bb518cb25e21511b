"""Away and back: nothing new comes, what is due passes on, and what nobody touched returns."""

from datetime import datetime
from typing import Any

import pytest
from chasing_house import DAY, HOUR, START, House, away
from sqlalchemy import select

from storage import due
from storage.members import MEMBERS
from storage.tables import Case, Member
from workflows import casework, taskwork
from workflows.away import come_back, go_away, is_away
from workflows.refusal import Refusal

WORKING: dict[str, Any] = {"state": "working", "claimed_at": START}


@pytest.mark.parametrize(
    ("columns", "is_gone"),
    [
        ({}, False),
        ({"is_present": False}, True),
        ({"is_present": False, "status_until": START + HOUR}, True),
        ({"is_present": False, "status_until": START}, False),
        ({"is_present": True, "status_until": START + HOUR}, False),
        ({"dnd_until": START + HOUR}, True),
        ({"dnd_until": START}, False),
        ({"away_until": START + HOUR}, True),
        ({"away_until": START}, False),
        ({"is_deleted": True}, True),
    ],
)
def test_who_is_away_is_the_same_in_words_and_in_sql(house: House, columns: dict[str, Any], *, is_gone: bool) -> None:
    house.change(Member, "UBEN", **columns)

    absent = select(MEMBERS.c.id).where(due.is_absent(START), MEMBERS.c.id == "UBEN")
    found = house.db.read_now(lambda session: session.connection().execute(absent).scalar())

    assert is_away(house.db.read_now(lambda session: session.get_one(Member, "UBEN")), START) is is_gone
    assert (found is not None) is is_gone


def test_whoever_is_away_gets_no_new_case(house: House) -> None:
    away(house, "UBEN", START + DAY)

    owners = {house.row(house.case()).owner for _ in range(3)}

    assert owners == {"UCAY"}


def test_whoever_is_back_gets_cases_at_that_moment(house: House) -> None:
    away(house, "UBEN", START + HOUR)
    house.case()

    case_id = house.case(at=START + HOUR)

    assert house.row(case_id).owner == "UBEN"


def test_what_falls_due_passes_to_the_next_one_and_comes_back_untouched(house: House) -> None:
    case_id = house.case(owner="UBEN")
    away(house, "UBEN", START + 4.5 * HOUR)

    house.sweep(START + 4 * HOUR)
    lent = house.row(case_id)
    assert (lent.owner, lent.lent_by, lent.lent_at) == ("UCAY", "UBEN", START + 4 * HOUR)
    house.sweep(START + 4.5 * HOUR)

    assert (house.row(case_id).owner, house.row(case_id).lent_by) == ("UBEN", None)
    assert house.steps(case_id) == ["lent claim", "overdue claim", "returned"]
    assert house.pings() == [("UCAY", "lent"), ("UBEN", "returned")]


def test_a_case_that_somebody_touched_stays_with_them(house: House) -> None:
    case_id = house.case(owner="UBEN", **WORKING)
    away(house, "UBEN", START + 30 * HOUR)
    house.sweep(START + 20 * HOUR)
    house.write(casework.note, case_id, text="I called.", policy=house.policy, by="UCAY", at=START + 20.1 * HOUR)

    house.sweep(START + 30 * HOUR)

    assert (house.row(case_id).owner, house.row(case_id).lent_by) == ("UCAY", None)
    assert "returned" not in house.steps(case_id)


def test_a_case_that_is_taken_by_whoever_has_it_is_theirs(house: House) -> None:
    case_id = house.case(owner="UBEN")
    away(house, "UBEN", START + DAY)
    house.sweep(START + 4 * HOUR)

    house.write(casework.take, case_id, policy=house.policy, by="UCAY", at=START + 4.1 * HOUR)

    assert house.row(case_id).lent_by is None


def test_whoever_has_it_may_be_away_too_and_it_returns_to_the_first(house: House) -> None:
    case_id = house.case(owner="UBEN", **WORKING)
    away(house, "UBEN", START + 30 * HOUR)
    house.sweep(START + 15 * HOUR)
    assert house.row(case_id).owner == "UCAY"
    away(house, "UCAY", START + 40 * HOUR)

    house.sweep(START + 20 * HOUR)
    assert (house.row(case_id).owner, house.row(case_id).lent_by) == ("UANA", "UBEN")
    house.sweep(START + 30 * HOUR)

    assert house.row(case_id).owner == "UBEN"


def test_where_nobody_else_is_there_it_stays_and_reminds_its_owner(house: House) -> None:
    case_id = house.case(owner="UBEN")
    for member in ("UANA", "UBEN", "UCAY"):
        away(house, member, START + DAY)

    house.sweep(START + 4 * HOUR)

    assert house.row(case_id).owner == "UBEN"
    assert house.pings() == [("UBEN", "limit")]


def test_a_closed_case_returns_to_nobody(house: House) -> None:
    case_id = house.case(owner="UCAY", state="told", closed_at=START, lent_by="UBEN", lent_at=START)

    house.sweep(START + DAY)

    assert house.row(case_id).owner == "UCAY"


def test_a_task_passes_on_and_comes_back(house: House) -> None:
    case_id = house.case(**WORKING)
    task_id = house.write(
        taskwork.add,
        case_id,
        title="Check the van",
        department="support",
        owner="UBEN",
        due_at=START + 8 * HOUR,
        policy=house.policy,
        by="UCAY",
        at=START,
    )
    away(house, "UBEN", START + 8.5 * HOUR)

    house.sweep(START + 8 * HOUR)
    assert (house.task(task_id).owner, house.task(task_id).lent_by) == ("UCAY", "UBEN")
    house.sweep(START + 8.5 * HOUR)

    assert (house.task(task_id).owner, house.task(task_id).lent_by) == ("UBEN", None)
    assert house.pings() == [("UCAY", "lent"), ("UBEN", "returned")]


def test_a_lent_task_that_was_handed_over_is_not_taken_back(house: House) -> None:
    case_id = house.case(**WORKING)
    task_id = house.write(
        taskwork.add,
        case_id,
        title="Check the van",
        department="support",
        owner="UBEN",
        due_at=START + 8 * HOUR,
        policy=house.policy,
        by="UCAY",
        at=START,
    )
    away(house, "UBEN", START + 9 * HOUR)
    house.sweep(START + 8 * HOUR)
    moved = START + 8.1 * HOUR
    house.write(taskwork.hand_over, task_id, to="UANA", reason="", policy=house.policy, by="UCAY", at=moved)

    house.sweep(START + 9 * HOUR)

    assert house.task(task_id).owner == "UANA"


def test_somebody_says_that_they_are_away_and_that_they_are_back(house: House) -> None:
    house.write(go_away, "UBEN", until=START + DAY, note="  On  holiday ", at=START)
    ben = house.db.read_now(lambda session: session.get_one(Member, "UBEN"))
    assert (ben.away_until, ben.away_note) == (START + DAY, "On holiday")

    house.write(come_back, "UBEN", at=START)
    house.write(come_back, "UBEN", at=START)

    ben = house.db.read_now(lambda session: session.get_one(Member, "UBEN"))
    assert (ben.away_until, ben.away_note) == (None, None)


@pytest.mark.parametrize("until", [START, START + 400 * DAY])
def test_a_time_that_has_passed_or_is_too_far_away_is_refused(house: House, until: datetime) -> None:
    with pytest.raises(Refusal):
        house.write(go_away, "UBEN", until=until, note="", at=START)
    assert house.all(Case) == []
