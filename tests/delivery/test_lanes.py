"""One at a time in a lane, in order and at a measured pace; many lanes at once."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from delivery_house import PACE, START, House
from sqlmodel import Session, text

from bot.delivery.pace import Pace
from bot.sandbox.faults import Fault, Weather
from storage import lanes, outbox
from storage.database import Database
from storage.lanes import Claimed, Outcome
from tests.databases import WAITS_FOR_A_LOCK, fresh_postgres

pytestmark = pytest.mark.anyio
LEASE = timedelta(minutes=1)


def claim(db: Database, *, at: timedelta = timedelta(0), limit: int = 10, after: str = "") -> list[Claimed]:
    now = START + at
    return db.write_now(
        lambda session: lanes.claim(
            session, now=now, leased_until=now + LEASE, mail_until=now + 10 * LEASE, limit=limit, after=after
        )
    )


def sent(one: Claimed) -> Outcome:
    return Outcome(claimed=one, state="sent", attempts=0, not_before=START, sent_at=START)


@pytest.fixture
def homes(database_url: str) -> Iterator[Database]:
    """Two lanes, with two intents in the first."""
    db = Database(database_url)
    wants = [outbox.home("U1"), outbox.Want("more", "home", "slack:U1", {}), outbox.home("U2")]
    db.write_now(lambda session: outbox.leave_all(session, wants, at=START))
    yield db
    db.close()


async def test_only_the_first_of_each_lane_is_claimed_and_its_lane_is_held(homes: Database) -> None:
    first = claim(homes)

    second = claim(homes)

    assert [one.key for one in first] == ["home:U1", "home:U2"]
    assert second == []


async def test_the_next_of_a_lane_has_its_turn_when_the_first_is_settled(homes: Database) -> None:
    first = claim(homes)
    homes.write_now(lambda session: lanes.settle(session, [sent(one) for one in first]))

    second = claim(homes)

    assert [one.key for one in second] == ["more"]


async def test_lanes_take_turns_when_there_is_room_for_few(homes: Database) -> None:
    (first,) = claim(homes, limit=1)
    homes.write_now(lambda session: lanes.settle(session, [sent(first)]))

    (second,) = claim(homes, limit=1, after=first.lane)

    assert (first.lane, second.lane) == ("slack:U1", "slack:U2")


async def test_a_lane_that_is_closed_is_left_alone_until_it_opens(homes: Database) -> None:
    first, _ = claim(homes)
    closed = Outcome(
        claimed=first, state="waiting", attempts=0, not_before=START, lane_opens_at=START + timedelta(seconds=30)
    )
    homes.write_now(lambda session: lanes.settle(session, [closed]))

    early = claim(homes, at=timedelta(seconds=29))
    later = claim(homes, at=timedelta(seconds=30))

    assert (early, [one.key for one in later]) == ([], ["home:U1"])


async def test_an_unclear_one_holds_its_lane_until_it_may_be_looked_up(homes: Database) -> None:
    first, _ = claim(homes)
    unclear = Outcome(claimed=first, state="unclear", attempts=1, not_before=START + timedelta(seconds=20))
    homes.write_now(lambda session: lanes.settle(session, [unclear]))

    early = claim(homes, at=timedelta(seconds=19))
    (later,) = claim(homes, at=timedelta(seconds=20))

    assert early == []
    assert (later.key, later.is_unclear) == ("home:U1", True)


async def test_what_was_in_hand_when_its_lease_ran_out_is_unclear(homes: Database) -> None:
    claim(homes)

    later = claim(homes, at=LEASE)

    assert [(one.key, one.is_unclear, one.attempts) for one in later] == [("home:U1", True, 2), ("home:U2", True, 2)]


async def test_who_lost_the_lease_settles_nothing(homes: Database) -> None:
    first, _ = claim(homes)
    again, _ = claim(homes, at=LEASE)

    homes.write_now(lambda session: lanes.settle(session, [sent(first)]))

    assert not homes.read_now(lambda session: lanes.is_due(session, now=START + LEASE))
    assert again.leased_until != first.leased_until
    assert [one.key for one in claim(homes, at=3 * LEASE)] == ["home:U1", "home:U2"]


async def test_a_view_that_was_wanted_again_while_it_was_sent_is_drawn_once_more(homes: Database) -> None:
    _, second = claim(homes)
    homes.write_now(lambda session: outbox.want(session, [outbox.home("U2")], at=START))

    homes.write_now(lambda session: lanes.settle(session, [sent(second)]))

    assert [(one.key, one.wanted) for one in claim(homes)] == [("home:U2", 2)]


async def test_the_next_time_something_is_due_is_known(homes: Database) -> None:
    first, second = claim(homes)
    later = START + timedelta(seconds=40)
    unclear = Outcome(claimed=first, state="unclear", attempts=1, not_before=later)
    homes.write_now(lambda session: lanes.settle(session, [unclear, sent(second)]))

    due = homes.read_now(lambda session: lanes.next_due(session, now=START))

    assert due == later


async def test_two_workers_never_have_one_lane_in_hand(homes: Database, database_url: str) -> None:
    first, _ = claim(homes)
    homes.write_now(lambda session: lanes.settle(session, [sent(first)]))
    other, is_held, may_end = Database(database_url), threading.Event(), threading.Event()

    def hold(session: Session) -> list[Claimed]:
        found = lanes.claim(session, now=START, leased_until=START + LEASE, mail_until=START + LEASE, limit=9)
        is_held.set()
        may_end.wait(5.0)
        return found

    holding = homes.submit(hold)
    assert is_held.wait(5.0)
    if not other.is_sqlite:  # there, nobody can write while the first transaction is open
        other.write_now(lambda session: outbox.want(session, [outbox.home("U1")], at=START))
        assert claim(other) == []
    may_end.set()

    assert [one.key for one in holding.result(5.0)] == ["more"]
    assert claim(other) == []
    other.close()


async def test_what_came_of_intents_never_waits_for_a_move_that_waits_for_it(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db = Database(url)
    later, sooner = outbox.home("U2"), outbox.home("U1")  # moves take them by their keys
    for one in (later, sooner):
        db.write_now(lambda session, one=one: outbox.leave_all(session, [one], at=START))
    claimed = claim(db)

    with psycopg.connect(url, autocommit=True) as onlooker, Session(db.engine) as move:
        outbox.want(move, [sooner], at=START)
        settling = db.submit(lambda session: lanes.settle(session, [sent(one) for one in claimed]))
        while onlooker.execute(WAITS_FOR_A_LOCK).fetchone() == (0,):
            assert not settling.done()
        move.execute(text("SET LOCAL lock_timeout = '200ms'"))
        outbox.want(move, [later], at=START)  # free, whoever waits for the other
        move.commit()
        settling.result(5.0)

    assert {one.key for one in claim(db)} == {sooner.key, later.key}  # both were wanted again
    db.close()


async def test_messages_of_a_channel_keep_their_distance(house: House) -> None:
    worker = house.worker(Pace(spacing=1.0))
    case_id = house.case()
    house.card(case_id)
    house.line(case_id, "first")

    await worker.drain()
    at_once = len(house.messages())
    house.clock.wind(1.0)
    await worker.drain()

    assert (at_once, len(house.messages())) == (1, 2)


async def test_other_channels_go_on_while_one_has_to_wait(house: House) -> None:
    house.slack.faults.next("chat.postMessage", Fault.RATE_LIMITED, weather=Weather(retry_after=30))
    house.card(house.case())
    house.card(house.case(channel="#product"), "#product")
    worker = house.worker(Pace(spacing=0.0, in_flight=1))

    await worker.drain()

    assert (len(house.messages("#support")), len(house.messages("#product"))) in {(0, 1), (1, 0)}


async def test_retry_after_stops_the_whole_lane_and_counts_as_no_attempt(house: House) -> None:
    house.slack.faults.next("chat.postMessage", Fault.RATE_LIMITED, weather=Weather(retry_after=30))
    case_id = house.case()
    house.card(case_id)
    house.card(house.case())
    await house.delivery.drain()
    held = {key: (one.state, one.attempts) for key, one in house.intents().items()}
    house.clock.wind(29.0)
    await house.delivery.drain()
    early = len(house.messages())
    house.clock.wind(1.0)

    await house.delivery.drain()

    assert held == {"case:1@#support": ("waiting", 0), "case:2@#support": ("waiting", 0)}
    assert (early, len(house.messages())) == (0, 2)


async def test_many_wants_are_one_drawing(house: House) -> None:
    updates = []
    house.slack.workspace.on_payload.append(lambda kind, words: updates.append((kind, words["text"])))
    case_id = house.case()
    for _ in range(5):
        house.card(case_id)

    await house.delivery.drain()

    assert len(updates) == 1


async def test_two_workers_post_everything_once(house: House) -> None:
    for number in range(30):
        channel = ("#support", "#product")[number % 2]
        case_id = house.case(channel=channel)
        house.card(case_id, channel)
        house.line(case_id, "noted", channel)
    other = house.worker(PACE)

    await asyncio.gather(house.delivery.drain(), other.drain())
    await house.delivery.drain()

    assert set(house.states().values()) == {"sent"}
    assert (len(house.messages("#support")), len(house.messages("#product"))) == (30, 30)
