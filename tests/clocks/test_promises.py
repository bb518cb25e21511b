"""A promise is reminded of before its time, and is kept, kept late, withdrawn, or settled with its case."""

from datetime import datetime
from typing import Any

import pytest
from clock_house import DAY, ClockHouse, berlin
from sqlmodel import Session

from storage.time_tables import Promise
from workflows import casework, excuses, outreach, promises
from workflows.refusal import Refusal


def promised(house: ClockHouse, due: str = "2026-03-05T15:00", *, case_id: int | None = None) -> int:
    case = case_id or house.answer()
    return house.do(lambda s: promises.give(s, case, text="I call her.", due_at=berlin(due), **house.who()))


def keep(house: ClockHouse, promise_id: int) -> None:
    house.do(lambda s: promises.keep(s, promise_id, **house.who("UBEN")))


def told(house: ClockHouse, case_id: int) -> None:
    words: dict[str, Any] = {"root_cause": "process", "root_cause_text": "", "what_changed": "All."}
    house.do(lambda s: casework.resolve(s, case_id, **words, **house.who()))
    how: dict[str, Any] = {"kind": "told", "channel": "phone", "happened_at": house.now, "text": "Told."}
    house.do(lambda s: outreach.log(s, case_id, **how, **house.who()))


@pytest.mark.parametrize(
    ("due", "reminder"),
    [
        ("2026-03-05T15:00", "2026-03-05T14:00"),
        ("2026-03-05T09:30", "2026-03-05T09:00"),  # in the morning of the day: an hour before is the day before
        ("2026-03-05T09:00", "2026-03-04T16:00"),
        ("2026-03-05T08:00", "2026-03-04T16:00"),
        ("2026-03-07T12:00", "2026-03-06T16:00"),  # a Saturday
        ("2026-03-05T20:00", "2026-03-05T16:00"),
        ("2026-03-02T10:30", "2026-03-02T10:30"),  # there is no time left for a reminder
    ],
)
def test_a_reminder_comes_a_working_hour_before_or_in_the_morning(house: ClockHouse, due: str, reminder: str) -> None:
    promise = house.promise(promised(house, due))

    assert promise.next_step_at == berlin(reminder)
    assert (promise.state, promise.by, promise.due_at) == ("open", "UANA", berlin(due))


def test_a_case_may_have_several_promises(house: ClockHouse) -> None:
    case_id = house.answer()

    first, second = (promised(house, due, case_id=case_id) for due in ("2026-03-05T15:00", "2026-03-06T15:00"))
    keep(house, first)

    assert [house.promise(one).state for one in (first, second)] == ["kept", "open"]
    assert house.kinds(case_id)[-3:] == ["promised", "promised", "promise_kept"]


def test_a_promise_is_kept_once(house: ClockHouse) -> None:
    promise_id = promised(house)
    keep(house, promise_id)

    keep(house, promise_id)

    promise = house.promise(promise_id)
    assert (promise.state, promise.closed_at, promise.next_step_at) == ("kept", house.now, None)
    [kept] = [one for one in house.events(promise.case_id) if one.kind == "promise_kept"]
    assert (kept.by, kept.facts["late"]) == ("UBEN", False)


def test_a_promise_that_slipped_is_kept_late(house: ClockHouse) -> None:
    promise_id = promised(house)
    house.go("2026-03-05T15:01")
    house.do(lambda s: slip(s, promise_id, house.now))

    keep(house, promise_id)

    promise = house.promise(promise_id)
    assert (promise.state, promise.slipped_at) == ("kept", house.now)
    slipped, kept = house.events(promise.case_id)[-2:]
    assert (slipped.kind, slipped.by, slipped.text) == ("promise_slipped", "hearback", "I call her.")
    assert (kept.kind, kept.facts["late"]) == ("promise_kept", True)


def slip(session: Session, promise_id: int, at: datetime) -> None:
    promise = session.get_one(Promise, promise_id)
    promises.slipped(session, promise, casework.held(session, promise.case_id), at=at)


def test_after_its_reminder_comes_its_time(house: ClockHouse) -> None:
    promise_id = promised(house)
    house.go("2026-03-05T14:00")

    house.do(lambda s: promises.reminded(s.get_one(Promise, promise_id), at=house.now))

    promise = house.promise(promise_id)
    assert (promise.reminded_at, promise.next_step_at) == (house.now, promise.due_at)


def test_a_promise_is_withdrawn_with_a_reason_and_then_settled(house: ClockHouse) -> None:
    promise_id = promised(house)
    with pytest.raises(Refusal, match="Say why") as refused:
        house.do(lambda s: promises.withdraw(s, promise_id, reason=" ", **house.who()))
    assert refused.value.field == "reason"

    for _ in range(2):
        house.do(lambda s: promises.withdraw(s, promise_id, reason="She called us.", **house.who()))

    assert house.promise(promise_id).state == "withdrawn"
    assert house.kinds(house.promise(promise_id).case_id).count("promise_withdrawn") == 1
    with pytest.raises(Refusal, match="withdrawn already"):
        keep(house, promise_id)


@pytest.mark.parametrize(
    ("text", "due", "field", "words"),
    [
        (" ", "2026-03-05T15:00", "text", "Say what you promised"),
        ("I call.", "2026-03-02T10:00", "due_at", "has passed already"),
        ("I call.", "2027-03-04T10:00", "due_at", "more than a year"),
    ],
)
def test_a_promise_says_what_and_when(house: ClockHouse, text: str, due: str, field: str, words: str) -> None:
    case_id = house.answer()

    with pytest.raises(Refusal, match=words) as refused:
        house.do(lambda s: promises.give(s, case_id, text=text, due_at=berlin(due), **house.who()))

    assert refused.value.field == field


def test_only_who_works_on_a_case_promises_keeps_and_withdraws(house: ClockHouse) -> None:
    promise_id = promised(house)
    case_id, stranger = house.promise(promise_id).case_id, house.who("UGRETA")

    for move in (
        lambda s: promises.give(s, case_id, text="No.", due_at=house.now + DAY, **stranger),
        lambda s: promises.keep(s, promise_id, **stranger),
        lambda s: promises.withdraw(s, promise_id, reason="No.", **stranger),
    ):
        with pytest.raises(Refusal, match="belongs to Support"):
            house.do(move)

    assert house.promise(promise_id).state == "open"


def test_telling_the_customer_keeps_what_was_promised_in_time_or_late(house: ClockHouse) -> None:
    case_id = house.answer()
    missed, in_time = (promised(house, due, case_id=case_id) for due in ("2026-03-03T10:00", "2026-03-09T10:00"))
    house.go("2026-03-05T10:00")

    told(house, case_id)

    assert [house.promise(one).state for one in (missed, in_time)] == ["kept", "kept"]
    kept = [one for one in house.events(case_id) if one.kind == "promise_kept"]
    assert [(one.by, one.facts["late"]) for one in kept] == [("UANA", True), ("UANA", False)]
    with pytest.raises(Refusal, match="Reopen it first"):
        promised(house, "2026-03-20T10:00", case_id=case_id)


def test_a_case_that_ends_untold_withdraws_what_nobody_will_keep(house: ClockHouse) -> None:
    case_id = house.answer()
    promise_id = promised(house, case_id=case_id)

    house.do(lambda s: excuses.ask(s, case_id, excuse="duplicate", text="Twice.", **house.who("UNORA")))

    promise = house.promise(promise_id)
    assert (promise.state, promise.closed_at, promise.next_step_at) == ("withdrawn", house.now, None)
    [event] = [one for one in house.events(case_id) if one.kind == "promise_withdrawn"]
    assert event.text == "The case has ended without telling the customer."
