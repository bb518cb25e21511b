"""A digest's post stands once, whatever Slack does; charts that it refuses are said in words, then in plain text."""

from datetime import timedelta
from typing import Any

import pytest
from delivery_house import POLICY, START, House
from sqlmodel import Session

from bot.delivery.slack import PLAIN, SIMPLER
from bot.sandbox.faults import Fault
from storage import members, outbox, rows
from storage.time_tables import Schedule
from workflows import digests, huddle

pytestmark = pytest.mark.anyio
POST = "chat.postMessage"


def schedule(house: House, kind: str = "department_daily", **more: Any) -> int:
    """Make a digest that is due now, and take its turn; returns the schedule's id."""
    known = {"name": kind, "kind": kind, "department": "support", "channel": "#support", "timezone": "Europe/Berlin"}
    times = {"days": list(range(7)), "hour": "10:00", "next_at": START, "next_slot": "2026-03-02T10:00"}
    who = {"changed_by": "policy", "changed_at": START, "posts_empty": True}

    def work(session: Session) -> int:
        schedule_id = rows.add(session, Schedule, **{**known, **times, **who, **more})
        digests.due(session, policy=POLICY, at=house.clock())
        return schedule_id

    return house.db.write_now(work)


def late(house: House) -> None:
    """Have a case be past its limit, so that there is a table to draw."""
    from storage.tables import Case  # noqa: PLC0415 -- only here

    case_id = house.case()

    def work(session: Session) -> None:
        case = session.get_one(Case, case_id)
        case.next_due_at = START - timedelta(hours=3)
        session.add(case)

    house.db.write_now(work)


def kinds(message: dict[str, Any]) -> set[str]:
    return {one["type"] for one in message.get("blocks") or []}


async def test_a_post_goes_out_with_its_table(house: House) -> None:
    late(house)
    schedule(house)

    await house.delivery.drain()

    (message,) = house.messages()
    assert "table" in kinds(message)
    assert house.states() == {"digest:1": "sent"}


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.RESET, Fault.BROKEN])
@pytest.mark.parametrize("place", ["#support", "UANA"])
async def test_a_post_whose_outcome_was_unclear_stands_once(house: House, fault: Fault, place: str) -> None:
    house.slack.faults.next(POST, fault)
    if place == "UANA":
        house.db.write_now(lambda session: members.make_known(session, ["UANA"]))
        house.case(owner="UANA")
        schedule(house, "my_morning", channel=None, department=None)
    else:
        schedule(house)
    await house.delivery.drain()
    unclear = set(house.states().values())

    house.clock.wind(20.0)
    await house.delivery.drain()

    assert unclear == {"unclear"}
    assert set(house.states().values()) == {"sent"}
    assert len(house.messages(place)) == 1


@pytest.mark.parametrize(("refused", "note"), [({"table"}, SIMPLER), ({"table", "section"}, PLAIN)])
async def test_what_slack_refuses_is_said_more_simply(
    house: House, refused: set[str], note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.sandbox import rules  # noqa: PLC0415 -- only here

    monkeypatch.setattr(rules, "BLOCKS", {kind: rule for kind, rule in rules.BLOCKS.items() if kind not in refused})
    late(house)
    schedule(house)

    await house.delivery.drain()

    (message,) = house.messages()
    assert kinds(message) & refused == set()
    assert "1 overdue" in message["text"]
    assert house.intents()["digest:1"].problem == note


async def test_a_decision_redraws_the_copy_that_was_pressed_and_posts_nothing(house: House) -> None:
    house.case()
    house.clock.wind(3600)
    schedule(house, "huddle", next_at=house.clock())
    await house.delivery.drain()
    (message,) = house.messages()
    where = huddle.copy_of(1, channel=house.slack.workspace.channel("#support").id, ts=message["ts"])

    house.db.write_now(
        lambda session: huddle.decide(
            session, 1, "comment_1", "yes", where=where, policy=POLICY, by="UANA", at=house.clock()
        )
    )
    await house.delivery.drain()

    pack = next(one for one in house.messages() if one["ts"] == message["ts"])
    assert "The huddle acts on it" in str(pack["blocks"])
    assert len([one for one in house.messages() if "huddle:comment_1" in str(one.get("blocks"))]) == 1


async def test_a_pack_that_was_deleted_stays_away(house: House) -> None:
    house.case()
    house.clock.wind(3600)
    schedule(house, "huddle", next_at=house.clock())
    await house.delivery.drain()
    channel = house.slack.workspace.channel("#support").id

    gone = huddle.copy_of(1, channel=channel, ts="1.000001")
    house.db.write_now(lambda session: outbox.want(session, [gone], at=house.clock()))
    await house.delivery.drain()

    assert len(house.messages()) == 1
    assert house.states()[gone.key] == "sent"
