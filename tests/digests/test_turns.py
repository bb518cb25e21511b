"""Each slot is taken once: after a week of downtime, with two processes at once, and when somebody edits a schedule."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from digest_house import DAILY, DAY, HOUR, MONDAY, Desk
from sqlmodel import Session

from storage import schedules
from storage.database import Database
from storage.time_tables import Run, Schedule
from workflows import digest_editing, digests
from workflows.digest_editing import Wish
from workflows.refusal import Refusal

NINE = MONDAY + HOUR  # 09:00 in Berlin
WISH = Wish(
    name="Daily",
    kind="department_daily",
    channel=None,
    department="support",
    days=(0, 1, 2, 3, 4),
    hour="11:00",
    timezone="Europe/Berlin",
)


def edited(desk: Desk, wish: Wish, *, at: datetime) -> None:
    schedule_id = desk.schedule().id or 0
    desk.write(lambda session: digest_editing.edit(session, schedule_id, wish, policy=desk.policy, by="UMAX", at=at))


def test_a_slot_is_posted_once_however_often_it_is_looked_for(desk: Desk) -> None:
    desk.case()

    taken = [desk.due(NINE - timedelta(seconds=1)), desk.due(NINE), desk.due(NINE), desk.due(NINE + HOUR)]

    assert taken == [0, 1, 0, 0]
    assert (desk.runs(), desk.posts()) == ([("2026-03-02T09:00", "posted")], ["digest:1"])
    assert desk.schedule().next_slot == "2026-03-03T09:00"


def test_an_empty_digest_is_not_posted_unless_it_was_asked_for(desk: Desk) -> None:
    desk.due(NINE)
    desk.apply(DAILY + "empty = true\n", at=NINE)
    desk.due(NINE + DAY)

    assert desk.runs() == [("2026-03-02T09:00", "empty"), ("2026-03-03T09:00", "posted")]
    assert desk.posts() == ["digest:2"]


def test_a_slot_that_was_missed_is_made_up_for_inside_its_window(desk: Desk) -> None:
    desk.case()

    desk.due(NINE + 6 * HOUR)

    assert desk.runs() == [("2026-03-02T09:00", "posted")]


def test_after_its_window_a_slot_is_recorded_as_skipped(desk: Desk) -> None:
    desk.case()

    desk.due(NINE + 6 * HOUR + timedelta(seconds=1))

    assert (desk.runs(), desk.posts()) == ([("2026-03-02T09:00", "skipped")], [])
    assert desk.schedule().next_slot == "2026-03-03T09:00"


def test_after_a_week_of_downtime_only_the_latest_slot_is_made_up_for(desk: Desk) -> None:
    desk.case()

    desk.due(NINE + 7 * DAY + HOUR)

    skipped = [f"2026-03-0{day}T09:00" for day in (2, 3, 4, 5, 6)]
    assert desk.runs() == [*((one, "skipped") for one in skipped), ("2026-03-09T09:00", "posted")]
    assert len(desk.posts()) == 1


def test_a_night_in_which_the_clock_goes_back_posts_once(desk: Desk) -> None:
    desk.apply("")
    desk.apply(DAILY + 'hour = "02:30"\ndays = ["sun"]\nempty = true\n', at=datetime(2026, 10, 24, tzinfo=UTC))
    quarter = HOUR / 4

    for number in range(5 * 4):
        desk.due(datetime(2026, 10, 24, 23, tzinfo=UTC) + quarter * number)

    assert desk.runs() == [("2026-10-25T02:30", "posted")]
    assert desk.all(Run)[0].at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_night_in_which_the_clock_goes_forward_posts_after_the_gap(desk: Desk) -> None:
    desk.apply("")
    desk.apply(DAILY + 'hour = "02:30"\ndays = ["sun"]\nempty = true\n', at=datetime(2026, 3, 28, tzinfo=UTC))

    desk.due(datetime(2026, 3, 29, 1, tzinfo=UTC))

    assert desk.runs() == [("2026-03-29T02:30", "posted")]


def test_a_day_that_has_had_its_post_gets_no_second_one_when_its_hour_is_changed(desk: Desk) -> None:
    desk.case()
    desk.due(NINE)

    edited(desk, WISH, at=NINE + HOUR)
    desk.due(NINE + 3 * HOUR)

    assert desk.runs() == [("2026-03-02T09:00", "posted")]
    assert desk.schedule().next_slot == "2026-03-03T11:00"


def test_a_schedule_that_is_edited_before_its_hour_is_posted_at_its_new_one(desk: Desk) -> None:
    desk.case()

    edited(desk, WISH, at=MONDAY)
    desk.due(NINE + 2 * HOUR)

    assert desk.runs() == [("2026-03-02T11:00", "posted")]


def test_a_slot_that_is_due_when_somebody_edits_is_still_posted(desk: Desk) -> None:
    desk.case()

    edited(desk, WISH, at=NINE + timedelta(seconds=5))

    assert desk.runs() == [("2026-03-02T09:00", "posted")]
    assert desk.schedule().next_slot == "2026-03-03T11:00"


def test_an_entry_that_stays_as_it_was_changes_nothing(desk: Desk) -> None:
    desk.case()

    desk.apply(DAILY, at=NINE + timedelta(seconds=5))
    desk.due(NINE + timedelta(seconds=10))

    assert desk.runs() == [("2026-03-02T09:00", "posted")]


def test_what_was_changed_in_slack_holds_until_the_entry_is_changed_too(desk: Desk) -> None:
    edited(desk, WISH, at=MONDAY)

    desk.apply(DAILY + "\n# another comment\n")
    meanwhile = (desk.schedule().hour, desk.schedule().origin)
    desk.apply(DAILY + 'hour = "10:00"\n')

    assert meanwhile == ("11:00", "slack")
    assert (desk.schedule().hour, desk.schedule().origin) == ("10:00", "policy")


def test_a_schedule_whose_entry_is_gone_is_switched_off(desk: Desk) -> None:
    desk.case()

    desk.apply("")
    desk.due(NINE)

    assert (desk.schedule().is_on, desk.schedule().next_at, desk.runs()) == (False, None, [])


def test_one_that_was_switched_off_is_posted_again_from_its_next_slot_on(desk: Desk) -> None:
    desk.case()
    schedule_id = desk.schedule().id or 0
    who = {"policy": desk.policy, "by": "UMAX"}
    desk.write(lambda session: digest_editing.switch_off(session, schedule_id, at=MONDAY, **who))
    desk.due(NINE)

    desk.write(lambda session: digest_editing.switch_on(session, schedule_id, at=NINE + HOUR, **who))
    desk.due(NINE + DAY)

    assert desk.runs() == [("2026-03-03T09:00", "posted")]


def test_an_outside_clock_posts_the_latest_slot_once(desk: Desk) -> None:
    desk.case()
    schedule_id = desk.schedule().id or 0

    def run(at: datetime) -> digests.Ran:
        return desk.write(lambda session: digests.run_slot(session, schedule_id, policy=desk.policy, at=at))

    first, second = run(NINE + HOUR), run(NINE + 2 * HOUR)
    desk.due(NINE + 3 * HOUR)

    assert (first.state, first.is_new) == ("posted", True)
    assert (second.state, second.is_new) == ("posted", False)
    assert desk.runs() == [("2026-03-02T09:00", "posted")]


def test_an_outside_clock_posts_what_had_been_skipped(desk: Desk) -> None:
    desk.case()
    desk.due(NINE + 7 * HOUR)
    schedule_id = desk.schedule().id or 0

    ran = desk.write(lambda session: digests.run_slot(session, schedule_id, policy=desk.policy, at=NINE + 8 * HOUR))

    assert (ran.state, ran.is_new) == ("posted", True)
    assert (desk.runs(), desk.posts()) == ([("2026-03-02T09:00", "posted")], ["digest:1"])


def test_a_post_by_hand_stands_beside_the_slots(desk: Desk) -> None:
    schedule_id, at = desk.schedule().id or 0, NINE - timedelta(minutes=3)

    desk.write(lambda session: digests.post_now(session, schedule_id, policy=desk.policy, by="UMAX", at=at))
    desk.case()
    desk.due(NINE)

    assert desk.runs() == [("2026-03-02T08:57:00", "posted"), ("2026-03-02T09:00", "posted")]


def test_only_managers_change_what_is_posted_when(desk: Desk) -> None:
    with pytest.raises(Refusal, match="Only a manager or an admin"):
        desk.write(lambda session: digest_editing.create(session, WISH, policy=desk.policy, by="UBEN", at=MONDAY))
    assert len(desk.all(Schedule)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "Daily"}, "name"),
        ({"kind": "poem"}, "kind"),
        ({"department": None}, "department"),
        ({"department": "gone"}, "department"),
        ({"days": ()}, "days"),
        ({"days": (7,)}, "days"),
        ({"hour": "9 o'clock"}, "hour"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_at_its_field(desk: Desk, changes: dict[str, object], field: str) -> None:
    values = {one: getattr(WISH, one) for one in WISH.__slots__}
    wish = Wish(**{**values, "name": "Another", **changes})

    with pytest.raises(Refusal) as refused:
        desk.write(lambda session: digest_editing.create(session, wish, policy=desk.policy, by="UMAX", at=MONDAY))

    assert refused.value.field == field


def test_a_morning_goes_to_everybody_who_has_something_and_is_here(desk: Desk) -> None:
    desk.people("UANA", "UBEN", "UHUGO", "UGONE")
    desk.people("UAWAY", away_until=NINE + DAY)
    desk.people("UGONE", is_deleted=True)
    for owner in ("UANA", "UANA", "UAWAY", "UGONE"):
        desk.case(owner=owner)
    desk.apply('\n[[digest]]\nname = "Mornings"\nkind = "my_morning"\n')

    desk.due(NINE)

    run = next(one for one in desk.all(Run) if one.state == "posted")
    assert desk.posts() == [f"digest:{run.id}:UANA"]


def test_two_processes_that_overlap_post_once(desk: Desk, database_url: str) -> None:
    desk.case()
    other = Database(database_url)
    inside, go_on = threading.Event(), threading.Event()

    def first(session: Session) -> int:
        taken = digests.due(session, policy=desk.policy, at=NINE)
        inside.set()
        assert go_on.wait(5)
        return taken

    slow = desk.db.submit(first)
    assert inside.wait(5)
    waiting = other.submit(lambda session: digests.due(session, policy=desk.policy, at=NINE))
    threading.Timer(0.2, go_on.set).start()
    taken = slow.result(10) + waiting.result(10)
    other.close()

    assert taken == 1
    assert (desk.runs(), len(desk.posts())) == ([("2026-03-02T09:00", "posted")], 1)


def test_a_slot_that_two_take_by_hand_at_once_is_posted_once(desk: Desk, database_url: str) -> None:
    """Not even the schedule's row is held by the other here: the turn itself is unique."""
    desk.case()
    schedule_id, at = desk.schedule().id or 0, NINE + HOUR
    other = Database(database_url)
    inside, go_on = threading.Event(), threading.Event()

    def run(pause: Callable[[], object]) -> Callable[[Session], digests.Ran]:
        def work(session: Session) -> digests.Ran:
            ran = digests.run_slot(session, schedule_id, policy=desk.policy, at=at)
            pause()
            return ran

        return work

    slow = desk.db.submit(run(lambda: (inside.set(), go_on.wait(5))))
    assert inside.wait(5)
    second = other.submit(run(lambda: None))
    threading.Timer(0.2, go_on.set).start()
    found = [slow.result(10), second.result(10)]
    other.close()

    assert sorted(one.is_new for one in found) == [False, True]
    assert len(desk.posts()) == 1


def test_what_was_skipped_is_listed(desk: Desk) -> None:
    desk.case()
    desk.due(NINE)

    desk.due(NINE + 3 * DAY)

    found = desk.db.read_now(schedules.listed)
    lately = desk.db.read_now(lambda session: schedules.skipped_lately(session, since=NINE))
    assert [(one.last.slot if one.last else None, one.skipped) for one in found] == [("2026-03-05T09:00", 0)]
    assert [(run.slot, name) for run, name in lately] == [("2026-03-04T09:00", "Daily"), ("2026-03-03T09:00", "Daily")]
