"""What is claimed together is read together, and no more of it than is drawn."""

from datetime import timedelta

import pytest
from delivery_house import POLICY, START, House
from sqlalchemy import event
from sqlmodel import Session

from bot.delivery.drawing import NoticeDrawn, drawings
from storage import lanes, members, outbox, rows
from storage.casefile import case_files
from storage.tables import Event, Task
from storage.time_tables import Ping

pytestmark = pytest.mark.anyio


def tell(session: Session, case_id: int) -> None:
    """Leave a card, a line and a ping of a case, each in a lane of its own."""
    ping_id = rows.add(
        session, Ping, key=f"p{case_id}", member="UANA", case_id=case_id, kind="warn", facts={}, at=START
    )
    event_id = rows.add(session, Event, case_id=case_id, kind="note", by="UBEN", at=START, text="Look", facts={})
    wanted = outbox.card(f"case:{case_id}", "#support", case_id=case_id)
    outbox.want(session, [outbox.Want(wanted.key, "card", f"slack:c{case_id}", wanted.facts, case_id)], at=START)
    facts = {"event_id": event_id, "subject": f"case:{case_id}", "place": "#support"}
    pinged = {"ping_ids": [ping_id], "place": "UANA"}
    for kind, of_kind in (("line", facts), ("ping", pinged)):
        outbox.leave(
            session,
            key=f"{kind}:{case_id}",
            kind=kind,
            lane=f"slack:{kind}{case_id}",
            facts=of_kind,
            case_id=case_id,
            at=START,
        )


def statements_for(house: House, count: int) -> int:
    """Draw what belongs to so many new cases; gives how many statements that took."""
    cases = [house.case() for _ in range(count)]
    house.db.write_now(lambda session: members.make_known(session, ["UANA", "UBEN"]))
    for one in cases:
        house.db.write_now(lambda session, one=one: tell(session, one))  # type: ignore[misc] # its loop variable
    seen: list[str] = []

    def draw(session: Session) -> int:
        until = START + timedelta(minutes=1)
        claimed = lanes.claim(session, now=START, leased_until=until, mail_until=until, limit=100)
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: seen.append(given[2]))
        drawn = drawings(session, claimed, policy=POLICY, at=START)
        assert len(drawn) == 3 * count
        assert sum(isinstance(one, NoticeDrawn) for one in drawn) == count
        return len(seen)

    return house.db.write_now(draw)


async def test_many_take_no_more_statements_than_a_few(house: House) -> None:
    few = statements_for(house, 1)

    assert statements_for(house, 6) == few


async def test_only_the_events_that_are_told_are_read(house: House) -> None:
    case_id = house.case()
    first, second = house.line(case_id, "first"), house.line(case_id, "second")

    told = house.db.read_now(lambda session: case_files(session, [case_id], events=[second]))
    none = house.db.read_now(lambda session: case_files(session, [case_id], events=[]))
    every = house.db.read_now(lambda session: case_files(session, [case_id]))

    assert [[one.id for one in found[case_id].events] for found in (told, none, every)] == [
        [second],
        [],
        [first, second],
    ]


async def test_who_gave_a_task_is_named_though_the_timeline_is_not_read(house: House) -> None:
    case_id = house.case()

    def give(session: Session) -> None:
        members.make_known(session, ["UANA", "UBEN"])
        asked = {"title": "Call", "department": "support", "created_by": "UBEN", "created_at": START}
        rows.add(session, Task, case_id=case_id, **asked)

    house.db.write_now(give)

    found = house.db.read_now(lambda session: case_files(session, [case_id], events=[]))

    assert set(found[case_id].members) == {"UBEN"}


async def test_files_come_in_the_order_of_their_numbers(house: House) -> None:
    cases = [house.case() for _ in range(3)]

    found = house.db.read_now(lambda session: case_files(session, [*cases[::-1], 99]))

    assert list(found) == cases
