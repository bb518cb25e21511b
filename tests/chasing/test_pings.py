"""A budget of pings: quiet hours in one's own zone, small things in one message, never two for one thing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chasing_house import DAY, HOUR, START, House, a_policy

from storage.tables import Case, Member
from storage.time_tables import Ping
from workflows import casework, pings
from workflows.quiet import quiet_until, tomorrow

NIGHTLY = 'quiet = "20:00-08:00"'
EVENING = datetime(2026, 3, 2, 22, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)


def ping(house: House, key: str, *, at: datetime, member: str = "UBEN", **more: Any) -> None:
    given = {"case_id": None, "kind": "task", "urgency": "normal", "facts": {}, "policy": house.policy, **more}
    house.write(pings.ping, key=key, member=member, at=at, **given)


def test_one_key_disturbs_once(house: House) -> None:
    ping(house, "task:1", at=START)

    ping(house, "task:1", at=START + HOUR)

    assert house.pings() == [("UBEN", "task")]
    assert len(house.intents("ping")) == 1


def test_at_night_nothing_is_sent_and_in_the_morning_one_message(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    for number in range(3):
        ping(house, f"task:{number}", at=EVENING, case_id=house.case(at=EVENING, state="working"))

    house.sweep(MORNING - timedelta(minutes=1))
    assert house.intents("ping", "pings") == []
    house.sweep(MORNING)

    [key] = house.intents("ping", "pings")
    assert key == f"pings:UBEN:{MORNING.isoformat()}"
    assert len(house.pings("sent")) == 3


@pytest.mark.parametrize(
    ("zone", "at", "ends"),
    [
        ("Europe/Berlin", "2026-03-02T19:30+00:00", "2026-03-03T07:00+00:00"),
        ("America/New_York", "2026-03-03T02:00+00:00", "2026-03-03T13:00+00:00"),
        ("America/New_York", "2026-03-02T19:30+00:00", None),
        ("Asia/Kathmandu", "2026-03-02T19:30+00:00", "2026-03-03T02:15+00:00"),
        # The nights in which Berlin's clock goes forward, and back.
        ("Europe/Berlin", "2026-03-28T22:00+00:00", "2026-03-29T06:00+00:00"),
        ("Europe/Berlin", "2026-10-24T22:00+00:00", "2026-10-25T07:00+00:00"),
        ("nowhere/at/all", "2026-03-02T21:00+00:00", "2026-03-03T08:00+00:00"),
    ],
)
def test_quiet_hours_are_those_of_the_members_own_zone(house: House, zone: str, at: str, ends: str | None) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    house.change(Member, "UBEN", timezone=zone)

    ping(house, "task:1", at=datetime.fromisoformat(at))

    [one] = house.all(Ping)
    assert one.release_at == (ends and datetime.fromisoformat(ends))


def test_quiet_hours_that_begin_or_end_in_the_hour_that_comes_twice(house: House) -> None:
    policy = a_policy(pings='quiet = "22:00-02:30"')
    zone = ZoneInfo("Europe/Berlin")

    between = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 02:00, the second time

    assert quiet_until(between, zone=zone, policy=policy) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    del house


def test_an_urgent_case_to_be_claimed_waits_for_no_morning(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)

    ping(house, "a", at=EVENING, urgency="urgent", facts={"clock": "claim"})
    ping(house, "b", at=EVENING, urgency="urgent", facts={"clock": "tell"})
    ping(house, "c", at=EVENING, urgency="high", facts={"clock": "claim"})

    assert [one.state for one in house.all(Ping)] == ["sent", "held", "held"]


def test_low_urgency_comes_once_a_day(house: House) -> None:
    house.policy = a_policy(pings='quiet = "never"\nbatch_at = "16:00"')

    ping(house, "a", at=START, urgency="low")

    [one] = house.all(Ping)
    assert one.release_at == START.replace(hour=16)


def test_low_urgency_is_not_batched_where_the_policy_says_so(house: House) -> None:
    house.policy = a_policy(pings='quiet = "never"\nbatch_low = false')

    ping(house, "a", at=START, urgency="low")

    assert house.pings("sent") == [("UBEN", "task")]


def test_a_batch_in_the_quiet_hours_waits_for_their_end(house: House) -> None:
    house.policy = a_policy(pings='quiet = "20:00-10:00"\nbatch_at = "09:00"')

    ping(house, "a", at=START + 3 * HOUR, urgency="low")

    [one] = house.all(Ping)
    assert one.release_at == (START + DAY).replace(hour=10)


def test_more_than_so_many_a_day_wait_for_the_next_day_and_claims_are_not_counted(house: House) -> None:
    house.policy = a_policy(pings='quiet = "never"\na_day = 2')
    for number in range(3):
        ping(house, f"claim:{number}", at=START, facts={"clock": "claim"})

    for number in range(3):
        ping(house, f"task:{number}", at=START)
    ping(house, "claim:last", at=START, facts={"clock": "claim"})
    ping(house, "other", at=START, member="UCAY")

    states = {one.key: one.state for one in house.all(Ping)}
    assert [key for key, state in states.items() if state == "held"] == ["task:2"]
    held = next(one for one in house.all(Ping) if one.state == "held")
    assert held.release_at == tomorrow(START, zone=ZoneInfo("Europe/London"), policy=house.policy)
    ping(house, "next day", at=START + DAY)
    assert house.pings("held") == [("UBEN", "task")]


def test_what_has_settled_itself_is_dropped_and_only_the_latest_word_on_a_case_is_said(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    taken, waiting = house.case(at=EVENING, owner="UBEN"), house.case(at=EVENING, owner="UBEN")
    for case_id in (taken, waiting):
        for kind in ("warn", "limit"):
            ping(house, f"{case_id}:{kind}", at=EVENING, case_id=case_id, kind=kind, facts={"clock": "claim"})
    house.write(casework.take, taken, policy=house.policy, by="UBEN", at=EVENING)

    house.write(pings.release, policy=house.policy, at=MORNING, limit=50)

    assert {one.key: one.state for one in house.all(Ping)} == {
        f"{taken}:warn": "dropped",
        f"{taken}:limit": "dropped",
        f"{waiting}:warn": "dropped",
        f"{waiting}:limit": "sent",
    }
    assert len(house.intents("pings")) == 1


def test_what_is_held_for_an_owner_who_has_it_no_longer_is_dropped(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    case_id = house.case(at=EVENING, owner="UBEN")
    ping(house, "a", at=EVENING, case_id=case_id, kind="limit", facts={"clock": "claim"})
    house.change(Case, case_id, owner="UCAY")

    house.write(pings.release, policy=house.policy, at=MORNING, limit=50)

    assert house.pings("dropped") == [("UBEN", "limit")]


def test_a_morning_that_was_slept_through_does_not_end_in_the_next_night(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    ping(house, "a", at=EVENING)

    house.sweep(EVENING + DAY)

    assert house.pings("held") == [("UBEN", "task")]
    house.sweep(MORNING + DAY)
    assert house.pings("sent") == [("UBEN", "task")]


def test_whoever_left_slack_is_not_disturbed(house: House) -> None:
    house.change(Member, "UBEN", is_deleted=True)

    ping(house, "a", at=START)

    assert house.pings("dropped") == [("UBEN", "task")]
    assert house.intents("ping") == []


def test_somebody_whom_slack_has_not_described_yet_hears_of_it_too(house: House) -> None:
    house.policy = a_policy(pings=NIGHTLY)
    ping(house, "a", at=EVENING, member="UZOE")

    house.sweep(MORNING)

    assert house.pings("sent") == [("UZOE", "task")]
