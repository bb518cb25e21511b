"""Rows that a poll can't read: parked once, however often they are seen, and asked about."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from one_tool import DAY, UNKNOWN, begin, look, put, rows, to_the_end
from source_house import POLICY, START, House, answer
from sqlmodel import Session

from bot.surveys import ADAPTERS, repolling
from bot.surveys.pages import each
from bot.surveys.polling import Tally
from bot.surveys.request import Call, Ignored, Polling, Refused
from storage import alarms, parked, polls, sources
from storage.database import Database
from workflows import asking
from workflows.scales import UnknownScale

pytestmark = pytest.mark.anyio


async def test_a_row_is_parked_once_with_what_the_tool_said_however_often_it_is_seen(house: House) -> None:
    put(house, 10, 77)
    put(house, 20, 1)

    for _ in range(3):
        await look(house, "typeform")
        house.clock.wind(hours=1.1)
    await to_the_end(house.poller, await begin(house, "typeform"))

    [one] = rows(house)
    assert (one.source, one.state, one.times, one.form) == ("typeform", "parked", 1, None)
    assert one.reason == "The score lies outside its scale of 0 to 10."
    assert json.loads(one.body)["row"]["token"] == "tf10"
    assert [found.external_id for found in house.responses()] == ["tf20"]


async def test_where_a_row_stands_on_its_page_makes_no_other_reason_of_it(house: House) -> None:
    shelf = house.vendors.shelves["tally"]
    shelf.put(answer(10, tool="tally", score=5, at=START - DAY / 24))
    odd = "st4rs"

    def poll(place: str) -> Polling:
        listed = yield Call("/x")
        assert isinstance(listed, dict)
        answers, refused = each([{"id": odd, "n": []}], lambda row: Ignored(str(row.required_number("n"))), place)
        raise AssertionError((answers, refused))

    asking = poll("submissions")
    next(asking)
    with pytest.raises(AssertionError) as caught:
        asking.send({})
    [refused] = caught.value.args[0][1]

    assert refused.reason == "submissions[0].n must be a number, not a list."
    assert refused.own_reason == "row.n must be a number, not a list."


async def test_what_was_let_go_stays_so(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    [one] = rows(house)
    house.db.write_now(lambda session: parked.settle(session, one.id or 0, "dismissed"))

    house.clock.wind(hours=1.1)
    await look(house, "typeform")

    assert [found.state for found in rows(house)] == ["dismissed"]


async def test_whoever_is_overtaken_parks_nothing(house: House) -> None:
    put(house, 10, 77)
    mine = await begin(house, "typeform")
    house.clock.wind(seconds=1)
    await begin(house, "typeform")

    with pytest.raises(polls.LeaseLostError):
        await house.poller.page(mine, cases_since=START, tally=Tally())

    assert rows(house) == []


async def test_a_row_that_another_process_is_parking_is_waited_for_and_left_to_it(
    house: House, database_url: str
) -> None:
    other, is_parked, may_end = Database(database_url), threading.Event(), threading.Event()
    page, refused = repolling.Page("", START, START), [Refused("It is odd.", {"id": 1})]

    def park(session: Session) -> None:
        repolling.park(session, "hubspot", page, refused, policy=POLICY, at=START)

    def park_and_hold(session: Session) -> None:
        park(session)
        is_parked.set()
        may_end.wait(5.0)

    try:
        first = other.submit(park_and_hold)
        await asyncio.to_thread(is_parked.wait, 5.0)
        second = house.db.submit(park)
        await asyncio.sleep(0.2)
        was_waiting = not second.done()
        may_end.set()
        await asyncio.to_thread(lambda: (first.result(5.0), second.result(5.0)))
    finally:
        may_end.set()
        other.close()

    assert was_waiting
    assert [one.times for one in rows(house)] == [1]


async def test_two_polls_that_see_a_row_at_once_park_it_once(house: House) -> None:
    house.vendors.shelves["typeform"].fill(
        [answer(n, tool="typeform", score=77, at=START - DAY / 24) for n in range(10, 60)]
    )
    first, second = await begin(house, "typeform"), await begin(house, "typeform", purpose="backfill:2025-02-01")

    await asyncio.gather(to_the_end(house.poller, first), to_the_end(house.poll_again(), second))

    assert len(rows(house)) == 50
    assert {one.times for one in rows(house)} == {1}


async def test_a_scale_that_nobody_knows_is_asked_for_once_and_with_its_form(house: House) -> None:
    put(house, 10, 1, tool="asknicely")
    put(house, 20, 9, tool="asknicely")

    for _ in range(2):
        await look(house, "asknicely", policy=lambda: UNKNOWN)
        house.clock.wind(hours=1.1)

    assert [(one.form, one.state) for one in rows(house)] == [("lumen-nps", "parked")] * 2
    [question] = house.db.read_now(alarms.open_questions)
    assert (question.alarm.source, question.alarm.form, question.waiting) == ("asknicely", "lumen-nps", 2)
    await house.work()
    assert len([one for one in house.direct() if "On which scale" in one]) == 1


async def test_about_what_was_let_go_nobody_is_asked_again(house: House) -> None:
    put(house, 10, 1, tool="asknicely")
    await look(house, "asknicely", policy=lambda: UNKNOWN)
    [one], [question] = rows(house), house.db.read_now(alarms.open_questions)
    house.db.write_now(lambda session: parked.settle(session, one.id or 0, "dismissed"))
    house.db.write_now(
        lambda session: asking.answer(
            session, session.merge(question.alarm), "said", policy=POLICY, by="UANA", at=house.clock()
        )
    )

    house.clock.wind(hours=1.1)
    await look(house, "asknicely", policy=lambda: UNKNOWN)

    assert house.db.read_now(alarms.open_questions) == []


async def test_a_page_that_as_a_whole_has_no_scale_is_asked_about_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poll(*_: object) -> Polling:
        yield Call("/forms/lumen-nps/responses")
        raise UnknownScale("Nobody said.", source="typeform", form="lumen-nps")

    monkeypatch.setitem(ADAPTERS, "typeform", ADAPTERS["typeform"]._replace(poll=poll))
    await look(house, "typeform")

    [question] = house.db.read_now(alarms.open_questions)
    assert question.alarm.form == "lumen-nps"
    assert "Nobody said." in str(house.db.read_now(sources.states)["typeform"].problem)


async def test_a_sentence_about_a_page_is_parked_once_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = ADAPTERS["typeform"]

    def poll(target: str | None, *more: object) -> Polling:
        assert tool.poll is not None
        page = yield from tool.poll(target, *more)  # type: ignore[arg-type] # as it was called
        return replace(page, refused=[Refused("There is more than we can ask for.")])

    monkeypatch.setitem(ADAPTERS, "typeform", tool._replace(poll=poll))
    for _ in range(2):
        await look(house, "typeform")
        house.clock.wind(hours=1.1)

    assert [one.reason for one in rows(house)] == ["There is more than we can ask for."]


async def test_a_full_page_that_cannot_be_read_is_passed_at_once(house: House) -> None:
    house.vendors.shelves["typeform"].fill(
        [answer(n, tool="typeform", score=77, at=START - DAY + timedelta(seconds=30 * n)) for n in range(1, 1_101)]
    )

    tally = await to_the_end(house.poller, await begin(house, "typeform"))

    assert len(house.vendors.asked) == 2
    assert tally.counts["refused"] == len(rows(house)) + 1, "the last row of a page is on the next one as well"
    assert len(rows(house)) == 1_100


@pytest.mark.parametrize("odd", ["\ud800", "zł", "\x00", 10**400, None, [[]], {"": {"": 1}}])
async def test_whatever_a_row_holds_can_be_parked(house: House, odd: object) -> None:
    page = repolling.Page("", START, START)
    refused = [Refused("It is odd.", {"odd": odd}), Refused("It is odd.", odd)]

    for _ in range(2):
        house.db.write_now(
            lambda session: repolling.park(session, "hubspot", page, refused, policy=POLICY, at=house.clock())
        )

    assert len(rows(house)) == 2
    assert {repolling.page_of(one.body) for one in rows(house)} == {page}


def test_a_row_that_is_nested_too_deeply_to_be_written_is_parked_as_such() -> None:
    row: list[object] = []
    for _ in range(100_000):
        row = [row]

    found = repolling._row(repolling.Page("", START, START), "x", Refused("It is deep.", row))

    assert b"nested too deeply" in found.body
