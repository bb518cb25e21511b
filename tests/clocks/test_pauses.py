"""A pause stops the limits of a case and gives back what was left; a snooze stops nothing but reminders."""

from datetime import timedelta

import pytest
from clock_house import DAY, ClockHouse, berlin

from workflows import casework, clocks, outreach, pauses
from workflows.refusal import Refusal


def paused(house: ClockHouse, until: str = "2026-03-04T12:00", **more: str) -> int:
    """Open a case on Monday at 10:00 and pause it until Wednesday at 12:00."""
    case_id = house.answer()
    pause(house, case_id, until, **more)
    return case_id


def pause(house: ClockHouse, case_id: int, until: str, *, reason: str = "She sends a photo.", by: str = "UANA") -> None:
    house.do(lambda s: pauses.pause(s, case_id, until=berlin(until), reason=reason, **house.who(by)))


def resume(house: ClockHouse, case_id: int) -> None:
    house.do(lambda s: pauses.resume(s, case_id, **house.who()))


def test_limits_go_on_after_a_pause_with_the_working_time_that_was_left(house: ClockHouse) -> None:
    case_id = paused(house)

    case = house.case(case_id)
    assert case.claim_due_at == berlin("2026-03-04T16:00")  # 4 hours
    assert case.contact_due_at == berlin("2026-03-05T12:00")  # 8 hours
    assert case.tell_due_at == berlin("2026-03-11T12:00")  # 40 hours
    assert (case.next_due_at, case.next_step_at) == (case.claim_due_at, case.paused_until)


def test_a_case_that_is_taken_up_earlier_gets_its_limits_back(house: ClockHouse) -> None:
    case_id = paused(house)
    house.go("2026-03-03T10:00")

    resume(house, case_id)

    case = house.case(case_id)
    assert case.claim_due_at == berlin("2026-03-03T14:00")
    assert case.paused_until is None
    assert case.next_step_at == berlin("2026-03-03T13:00")  # 75 % of 4 hours
    assert [(one.from_at, one.until_at) for one in house.pauses(case_id)] == [
        (berlin("2026-03-02T10:00"), berlin("2026-03-03T10:00"))
    ]
    assert house.kinds(case_id)[-2:] == ["paused", "resumed"]


def test_ending_a_pause_at_once_changes_nothing(house: ClockHouse) -> None:
    case_id = house.answer()
    before = house.case(case_id)
    pause(house, case_id, "2026-03-20T09:00")

    resume(house, case_id)

    after = house.case(case_id)
    for name in ("claim_due_at", "contact_due_at", "tell_due_at", "next_due_at", "next_step_at"):
        assert getattr(after, name) == getattr(before, name)


def test_a_limit_that_has_passed_or_is_met_does_not_move(house: ClockHouse) -> None:
    case_id = house.answer()
    house.go("2026-03-02T15:00")  # the claim was due at 14:00
    pause(house, case_id, "2026-03-05T15:00")

    case = house.case(case_id)

    assert case.claim_due_at == berlin("2026-03-02T14:00")
    assert case.contact_due_at == berlin("2026-03-06T10:00")


def test_a_pause_can_be_made_longer_and_shorter(house: ClockHouse) -> None:
    case_id = paused(house)
    house.go("2026-03-03T10:00")

    pause(house, case_id, "2026-03-09T10:00")
    later = house.case(case_id).claim_due_at
    pause(house, case_id, "2026-03-04T10:00")

    assert later == berlin("2026-03-09T14:00")
    assert house.case(case_id).claim_due_at == berlin("2026-03-04T14:00")
    assert sum((one.until_at - one.from_at for one in house.pauses(case_id)), timedelta()) == 2 * DAY


def test_a_second_press_pauses_and_resumes_once(house: ClockHouse) -> None:
    case_id = paused(house)
    pause(house, case_id, "2026-03-04T12:00")
    resume(house, case_id)

    resume(house, case_id)

    assert house.kinds(case_id).count("paused") == house.kinds(case_id).count("resumed") == 1


@pytest.mark.parametrize(
    ("until", "reason", "field", "words"),
    [
        ("2026-03-02T09:59", "Why not.", "until", "has passed already"),
        ("2026-06-01T10:00", "Why not.", "until", "90 days at most"),
        ("2026-03-04T12:00", "  ", "reason", "Say what you wait for"),
    ],
)
def test_a_pause_has_an_end_within_90_days_and_a_reason(
    house: ClockHouse, until: str, reason: str, field: str, words: str
) -> None:
    case_id = house.answer()

    with pytest.raises(Refusal, match=words) as refused:
        pause(house, case_id, until, reason=reason)

    assert refused.value.field == field
    assert house.case(case_id).paused_until is None


def test_a_pause_of_exactly_90_days_is_taken(house: ClockHouse) -> None:
    case_id = house.answer()

    house.do(lambda s: pauses.pause(s, case_id, until=house.now + 90 * DAY, reason="Long.", **house.who()))

    assert house.case(case_id).paused_until == house.now + 90 * DAY


def test_only_who_works_on_a_case_pauses_it(house: ClockHouse) -> None:
    case_id = house.answer()

    with pytest.raises(Refusal, match="belongs to Support"):
        pause(house, case_id, "2026-03-04T12:00", by="UGRETA")


def test_the_customers_next_low_response_ends_a_pause(house: ClockHouse) -> None:
    case_id = paused(house)
    house.go("2026-03-03T10:00")

    assert house.answer("Again.", email="c1@acme.test") == case_id

    assert house.case(case_id).paused_until is None
    assert house.kinds(case_id)[-2:] == ["resumed", "joined"]
    assert house.events(case_id)[-2].by == "customer"


def test_closing_a_case_ends_its_pause_and_its_snooze(house: ClockHouse) -> None:
    case_id = paused(house)
    house.do(lambda s: pauses.snooze(s, case_id, until=berlin("2026-03-05T09:00"), **house.who()))
    house.go("2026-03-03T10:00")
    resolved(house, case_id)

    told(house, case_id)

    case = house.case(case_id)
    assert (case.state, case.paused_until, case.snoozed_until, case.next_step_at) == ("told", None, None, None)
    assert [one.until_at for one in house.pauses(case_id)] == [house.now]
    with pytest.raises(Refusal, match="Reopen it"):
        pause(house, case_id, "2026-03-06T09:00")


def test_reopening_a_case_that_is_ready_ends_its_pause(house: ClockHouse) -> None:
    case_id = house.answer()
    resolved(house, case_id)
    pause(house, case_id, "2026-03-04T12:00")
    house.go("2026-03-03T10:00")

    house.do(lambda s: casework.reopen(s, case_id, reason="More.", **house.who()))

    case = house.case(case_id)
    assert case.paused_until is None
    assert case.tell_due_at == berlin("2026-03-10T10:00")
    assert [one.until_at for one in house.pauses(case_id)] == [house.now]


def test_a_snooze_moves_no_limit_and_holds_the_owners_reminders(house: ClockHouse) -> None:
    case_id = house.answer()
    before = house.case(case_id)

    house.do(lambda s: pauses.snooze(s, case_id, until=berlin("2026-03-02T13:30"), **house.who()))

    case = house.case(case_id)
    assert (case.claim_due_at, case.next_due_at) == (before.claim_due_at, before.next_due_at)
    assert case.next_step_at == berlin("2026-03-02T13:30")
    with pytest.raises(Refusal, match="7 days at most"):
        house.do(lambda s: pauses.snooze(s, case_id, until=house.now + 8 * DAY, **house.who()))


def test_working_time_used_leaves_pauses_out(house: ClockHouse) -> None:
    case_id = paused(house)  # on Monday at 10:00, until Wednesday at 12:00
    house.go("2026-03-04T14:00")
    house.do(lambda s: casework.take(s, case_id, **house.who()))
    house.go("2026-03-05T10:00")
    house.do(
        lambda s: outreach.log(
            s, case_id, kind="contact", channel="phone", happened_at=house.now, text="Hm.", **house.who()
        )
    )
    house.go("2026-03-05T12:00")
    resolved(house, case_id)

    told(house, case_id)

    case = house.case(case_id)
    assert (case.claim_used, case.contact_used, case.tell_used) == (2 * 3600, 6 * 3600, 8 * 3600)


def test_reopening_measures_contact_and_telling_anew(house: ClockHouse) -> None:
    case_id = house.answer()
    resolved(house, case_id)
    told(house, case_id)

    house.go("2026-03-04T10:00")
    house.do(lambda s: casework.reopen(s, case_id, reason="More.", **house.who()))

    case = house.case(case_id)
    assert (case.contact_used, case.tell_used) == (None, None)
    house.go("2026-03-04T11:00")
    resolved(house, case_id)
    told(house, case_id)
    assert house.case(case_id).tell_used == 3600


def test_an_excused_case_was_never_told_so_nothing_was_measured(house: ClockHouse) -> None:
    case_id = house.answer(email=None)
    house.go("2026-03-02T11:00")

    resolved(house, case_id)

    case = house.case(case_id)
    assert (case.state, case.tell_used, case.contact_used) == ("excused", None, None)


def test_what_was_due_before_a_move_and_was_not_looked_at_stays_due(house: ClockHouse) -> None:
    case_id = house.answer()
    house.go("2026-03-02T16:30")  # the warning of 13:00 and the limit of 14:00 have passed unseen

    house.do(lambda s: casework.take(s, case_id, **house.who()))

    assert house.case(case_id).next_step_at == berlin("2026-03-02T13:00")
    house.do(lambda s: clocks.looked_at(casework.held(s, case_id), policy=house.policy, at=house.now))
    assert house.case(case_id).next_step_at == berlin("2026-03-03T10:00")


def resolved(house: ClockHouse, case_id: int) -> None:
    house.do(
        lambda s: casework.resolve(
            s, case_id, root_cause="process", root_cause_text="", what_changed="All.", **house.who()
        )
    )


def told(house: ClockHouse, case_id: int) -> None:
    house.do(
        lambda s: outreach.log(
            s, case_id, kind="told", channel="phone", happened_at=house.now, text="Told.", **house.who()
        )
    )
