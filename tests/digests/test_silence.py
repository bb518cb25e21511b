"""A survey tool that falls silent is reported once, and once more when it is back; weekends are no silence."""

from datetime import datetime, timedelta

import pytest
from digest_house import DAILY, DAY, HOUR, MONDAY, TEAM, Desk

from storage import sources
from storage.source_tables import Alarm, SourceState
from storage.tables import Intent
from workflows import silence
from workflows.policy import load

SOURCE = '\n[[source]]\nname = "typeform"\nmetric = "nps"\n'


def listened(desk: Desk, at: datetime, *, limit: int = 1000) -> list[str]:
    """Look once; returns what was said so far."""
    desk.write(lambda session: silence.listen(session, policy=desk.policy, at=at, limit=limit))
    return [one.key for one in desk.all(Alarm)]


def notices(desk: Desk) -> list[str]:
    return [one.key for one in desk.all(Intent) if one.kind == "notice"]


def days(desk: Desk, count: int, *, start: datetime = MONDAY) -> datetime:
    """Have two answers come on each of so many days; returns when the last one came."""
    for number in range(count):
        desk.case(at=start + DAY * number)
        desk.case(at=start + DAY * number + HOUR)
    return start + DAY * (count - 1) + HOUR


def test_a_source_is_reported_once_after_twice_its_rhythm_and_once_when_it_is_back(desk: Desk) -> None:
    desk.people("UNORA")
    last = days(desk, 8)

    early = listened(desk, last + 45 * HOUR)
    late = [listened(desk, last + 47 * HOUR) for _ in range(2)]
    desk.case(at=last + 3 * DAY)
    back = [listened(desk, last + 3 * DAY + HOUR) for _ in range(2)]

    key = f"silence:typeform:{last.isoformat()}"
    assert early == []
    assert late == [[key], [key]]
    assert back == [[key, f"{key}:back"]] * 2
    assert notices(desk) == ["notice:1@UNORA", "notice:2@UNORA"]


def test_a_new_silence_is_reported_again(desk: Desk) -> None:
    last = days(desk, 8)
    listened(desk, last + 3 * DAY)
    again = days(desk, 3, start=last + 4 * DAY)
    listened(desk, again + HOUR)

    found = listened(desk, again + 20 * DAY)

    assert len(found) == 3


def test_too_few_days_tell_nothing_of_a_rhythm(desk: Desk) -> None:
    last = days(desk, 3)

    assert listened(desk, last + 90 * DAY) == []


def test_weekends_are_in_the_rhythm(desk: Desk) -> None:
    for week in range(4):
        last = days(desk, 5, start=MONDAY + 7 * DAY * week)

    over_the_weekend = listened(desk, last + 3 * DAY)
    much_later = listened(desk, last + 6 * DAY)

    assert (over_the_weekend, len(much_later)) == ([], 1)


def test_a_busy_source_may_be_silent_for_a_day(desk: Desk) -> None:
    for number in range(7 * 24):
        desk.case(at=MONDAY + HOUR * number)
    last = MONDAY + HOUR * (7 * 24 - 1)

    assert listened(desk, last + 23 * HOUR) == []
    assert len(listened(desk, last + 25 * HOUR)) == 1


def test_the_policys_own_span_wins_and_is_working_time(desk: Desk) -> None:
    desk.policy = load(TEAM + DAILY + SOURCE + 'silence = "8h"\n')
    friday = MONDAY + 4 * DAY + 7 * HOUR  # 15:00 in Berlin: two hours of work are left
    desk.case(at=friday)

    monday_afternoon, later = friday + 2 * DAY + 23 * HOUR, friday + 3 * DAY + 1.5 * HOUR

    assert listened(desk, monday_afternoon) == []
    assert len(listened(desk, later)) == 1


def test_a_flood_of_old_answers_says_nothing_of_the_rhythm(desk: Desk) -> None:
    last = days(desk, 8)
    for _ in range(200):
        desk.case(at=last + HOUR)

    listened(desk, last + 2 * HOUR)

    gaps = desk.all_sources()["typeform"].gaps
    assert len(gaps) == 8
    assert max(gaps) == (23 * HOUR).total_seconds()


def test_while_there_is_more_to_look_at_nobody_is_called_silent(desk: Desk) -> None:
    last = days(desk, 20)

    found = [listened(desk, last + HOUR, limit=10) for _ in range(6)]

    assert found == [[]] * 6
    assert desk.all_sources()["typeform"].last_response_id == 40


def test_what_is_typed_in_by_hand_is_never_missed(desk: Desk) -> None:
    state = SourceState(name="hand", last_at=MONDAY, gaps=[3600.0] * 20)

    assert not silence.is_silent(state, policy=desk.policy, at=MONDAY + 90 * DAY)


@pytest.mark.parametrize(("gaps", "allowed"), [([60.0] * 4, None), ([60.0] * 5, DAY), ([86_400.0] * 10, 2 * DAY)])
def test_what_is_learned(gaps: list[float], allowed: timedelta | None) -> None:
    assert silence.learned(gaps) == allowed


def test_what_comes_is_looked_at_when_it_has_settled(desk: Desk) -> None:
    desk.case(at=MONDAY)

    listened(desk, MONDAY + timedelta(seconds=30))
    early = desk.all_sources()
    listened(desk, MONDAY + timedelta(minutes=3))

    assert early == {}
    assert desk.all_sources()["typeform"].last_response_id == 1
    assert desk.db.read_now(sources.states).keys() == {"typeform"}
