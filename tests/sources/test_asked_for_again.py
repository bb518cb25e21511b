"""Rows that were parked are asked for again when an admin says so, and are settled once they have been."""

from dataclasses import replace
from datetime import timedelta

import pytest
from one_tool import DAY, UNKNOWN, begin, look, put, replay, rows, to_the_end
from source_house import POLLED, START, House, answer

from bot.sandbox.faults import Fault
from bot.surveys import ADAPTERS, repolling
from bot.surveys.polling import Tally
from bot.surveys.request import Polling, Refused
from storage import parked, polls

pytestmark = pytest.mark.anyio


async def test_what_is_put_right_at_the_tool_is_taken_in_when_it_is_replayed(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    put(house, 10, 1)

    assert replay(house) == [None]
    waiting = [one.state for one in rows(house)]
    house.clock.wind(minutes=1)
    await look(house, "typeform")
    await house.work()

    assert waiting == ["parked"], "until it is taken in, an admin sees it"
    assert [one.state for one in rows(house)] == ["replayed"]
    assert [one.external_id for one in house.responses()] == ["tf10"]
    assert len(house.cases()) == len(house.cards()) == 1


async def test_what_still_cannot_be_read_waits_for_its_own_reason_again(house: House) -> None:
    put(house, 10, 77)
    put(house, 20, 78)
    await look(house, "typeform")
    put(house, 20, 1)
    before = {one.reason for one in rows(house)}

    replay(house)
    meanwhile = {one.reason for one in rows(house)}
    house.clock.wind(minutes=1)
    await look(house, "typeform")

    assert {one.state: one.reason for one in rows(house)}["parked"] in before
    assert [one.state for one in rows(house)] == ["parked", "replayed"]
    assert meanwhile == {"It is asked for again by the next poll of “lumen-nps”, as soon as API_TOKEN_TYPEFORM serves."}


async def test_it_is_asked_for_again_once_and_no_more(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    replay(house)
    replay(house)
    house.clock.wind(minutes=1)
    await look(house, "typeform")
    asked = len(house.vendors.asked)

    house.clock.wind(minutes=1)
    await look(house, "typeform")

    assert len(house.vendors.asked) == asked
    assert [one.times for one in rows(house)] == [2]


async def test_what_was_taken_in_and_comes_again_as_it_was_is_parked_again(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    put(house, 10, 1)
    replay(house)
    house.clock.wind(minutes=1)
    await look(house, "typeform")
    put(house, 10, 77)

    house.clock.wind(hours=1.1)
    await look(house, "typeform")

    assert [(one.state, one.times) for one in rows(house)] == [("parked", 2)]


async def test_what_was_let_go_while_it_was_asked_for_is_not_asked_for(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    replay(house)
    [one] = rows(house)
    house.db.write_now(lambda session: parked.settle(session, one.id or 0, "dismissed"))
    asked = len(house.vendors.asked)

    house.clock.wind(minutes=1)
    await look(house, "typeform")

    assert len(house.vendors.asked) == asked
    assert house.db.read_now(lambda session: polls.wanted_again(session, at=house.clock())) == []


async def test_an_unhappy_customer_who_was_parked_for_weeks_has_a_case_and_history_has_none(house: House) -> None:
    put(house, 10, 77)
    put(house, 20, 77, ago=100 * DAY)
    await to_the_end(house.poller, await begin(house, "typeform"))
    house.clock.wind(days=30)
    put(house, 10, 1)
    put(house, 20, 1, ago=100 * DAY)

    replay(house)
    await look(house, "typeform")

    assert [(one.external_id, one.case_id is not None) for one in house.responses()] == [
        ("tf20", False),
        ("tf10", True),
    ]
    assert [one.state for one in rows(house)] == ["replayed"] * 2


async def test_broken_off_half_way_it_goes_on_and_settles_nothing_before_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.vendors.shelves["hubspot"].fill(
        [answer(10 * n, at=START - timedelta(minutes=5 * n), score=10, comment="") for n in range(1, 251)]
    )
    put(house, 7, 77, tool="hubspot", ago=30 * DAY)
    await to_the_end(house.poller, await begin(house, "hubspot"))
    put(house, 7, 1, tool="hubspot", ago=30 * DAY)
    replay(house)
    hubspot = ADAPTERS["hubspot"]

    with monkeypatch.context() as patched:
        patched.setattr("bot.surveys.polling.TURN", timedelta(0))
        await house.poller._again(hubspot, "")
        house.vendors.faults.next("hubspot", Fault.BROKEN)
        await house.poll_again()._again(hubspot, "")
    half = [one.state for one in rows(house)]
    house.clock.wind(minutes=11)
    house.vendors.asked.clear()
    await house.poll_again()._again(hubspot, "")

    assert half == ["parked"]
    assert [one.state for one in rows(house)] == ["replayed"]
    assert len(house.responses()) == 251
    assert len([one for _, one in house.vendors.asked if one.path.endswith("/search")]) == 2, "not from the beginning"


async def test_without_a_token_it_stays_parked(house: House) -> None:
    put(house, 10, 77)
    await look(house, "typeform")
    put(house, 10, 1)
    replay(house)

    house.clock.wind(hours=2)
    await look(house)

    assert [one.state for one in rows(house)] == ["parked"]
    await look(house, "typeform")
    assert [one.state for one in rows(house)] == ["replayed"]


async def test_who_reads_it_as_it_was_before_a_replay_has_no_say(house: House) -> None:
    put(house, 10, 77)
    await to_the_end(house.poller, await begin(house, "typeform"))
    replay(house)
    again = repolling.reason("typeform", "lumen-nps")
    until = house.clock() + timedelta(minutes=10)
    this = {"source": "typeform", "target": "lumen-nps", "purpose": polls.AGAIN}
    asked_before = await house.db.write(lambda session: polls.take_over(session, **this, until=until))

    put(house, 20, 78)
    await house.poller._reconcile(ADAPTERS["typeform"], "lumen-nps")
    by_another = {one.reason for one in rows(house)}
    replay(house)

    assert by_another == {again, "The score lies outside its scale of 0 to 10."}
    with pytest.raises(polls.LeaseLostError):
        await house.poller.page(asked_before, cases_since=START, tally=Tally())
    assert [one.reason for one in rows(house)] == [again] * 2


async def test_webhook_and_poll_of_one_answer_without_a_scale_are_one_response_in_the_end(house: House) -> None:
    given = answer(10, tool="asknicely", score=1, at=START - DAY / 24)
    house.vendors.shelves["asknicely"].put(given)
    await look(house, "asknicely", policy=lambda: UNKNOWN)
    house.hook("asknicely", given)

    assert replay(house) == [None]
    house.clock.wind(minutes=1)
    await look(house, "asknicely")

    assert len(house.responses()) == len(house.cases()) == 1
    assert [one.state for one in rows(house)] == ["replayed"]


@pytest.mark.parametrize("tool", sorted(set(POLLED) & {"hubspot", "tally", "formbricks", "surveymonkey", "zendesk"}))
async def test_rows_of_every_kind_of_paging_are_asked_for_again_from_their_page_on(house: House, tool: str) -> None:
    target = {"zendesk": "satisfaction_ratings"}.get(tool)
    best = {"nps": 10, "csat": 5}[answer(1, tool=tool).metric]
    house.vendors.shelves[tool].fill(
        [answer(10 * n, tool=tool, score=best, comment="", at=START - DAY * n / 24) for n in range(1, 231)]
    )
    adapter = ADAPTERS[tool]
    assert adapter.poll is not None
    original = adapter.poll

    def poll(*asked: object) -> Polling:
        page = yield from original(*asked)  # type: ignore[arg-type] # as it was called
        lost = [one for one in page.answers if "770" in one.external_id and "1770" not in one.external_id]
        kept = [one for one in page.answers if one not in lost]
        return replace(page, answers=kept, refused=[Refused("Not today.", one.external_id) for one in lost])

    ADAPTERS[tool] = adapter._replace(poll=poll)
    try:
        await to_the_end(house.poller, await begin(house, tool, target=target))
    finally:
        ADAPTERS[tool] = adapter
    before, parked_rows = len(house.responses()), len(rows(house))

    replay(house)
    await look(house, tool)

    assert (before, parked_rows) == (229, 1)
    assert len(house.responses()) == 230
    assert [one.state for one in rows(house)] == ["replayed"]


async def test_a_long_way_is_gone_in_turns(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.vendors.shelves["hubspot"].fill(
        [answer(10 * n, at=START - DAY * n / 24, score=10, comment="") for n in range(1, 331)]
    )
    put(house, 7, 77, tool="hubspot", ago=30 * DAY)
    await to_the_end(house.poller, await begin(house, "hubspot"))
    put(house, 7, 1, tool="hubspot", ago=30 * DAY)
    replay(house)
    monkeypatch.setattr("bot.surveys.polling.TURN", timedelta(seconds=0))
    house.vendors.asked.clear()
    states = []

    for _ in range(4):
        await house.poller._again(ADAPTERS["hubspot"], "")
        states += [one.state for one in rows(house)]

    assert states == ["parked", "parked", "parked", "replayed"]
    assert len([one for _, one in house.vendors.asked if one.path.endswith("/search")]) == 4
    assert len(house.responses()) == 331
