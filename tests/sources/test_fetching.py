"""A tool that only names a response: it is asked for, for as long as it takes, and kept once."""

import asyncio

import pytest
from source_house import PACE, POLICY, START, House, answer

from bot.sandbox.faults import Fault, Weather
from bot.sandbox.given import Given
from bot.surveys import ADAPTERS
from storage import lanes, outbox
from workflows import fetching

pytestmark = pytest.mark.anyio

MINUTE = 60.0


def surveymonkey(number: int, **more: object) -> Given:
    return answer(number, tool="surveymonkey", **more)  # type: ignore[arg-type] # an answer's own fields


def put_and_hook(house: House, number: int, **more: object) -> None:
    given = surveymonkey(number, **more)
    house.vendors.shelves["surveymonkey"].put(given)
    house.hook("surveymonkey", given)


@pytest.mark.parametrize("tool", ["surveymonkey", "hubspot", "qualtrics"])
async def test_what_a_webhook_named_is_asked_for_and_has_its_case_and_card(house: House, tool: str) -> None:
    given = answer(51, tool=tool)
    house.vendors.shelves[tool].put(given)

    kept = house.hook(tool, given)
    await house.work()

    assert kept.status == "fetching"
    [response] = house.responses()
    assert (response.source, response.score, response.comment) == (tool, 1, "It broke again")
    assert len(house.cases()) == len(house.cards()) == 1
    assert [one.state for one in house.fetches()] == ["sent"]


async def test_the_same_hook_again_asks_again_and_takes_the_correction(house: House) -> None:
    put_and_hook(house, 51, comment="")
    await house.work()

    put_and_hook(house, 51, comment="And the invoice was wrong")
    await house.work(hours=0.05)

    assert [one.comment for one in house.responses()] == ["And the invoice was wrong"]
    assert len(house.cases()) == len(house.cards()) == len(house.fetches()) == 1


async def test_a_fetch_that_fails_for_an_hour_is_made_good(house: House) -> None:
    house.vendors.faults.by_method["surveymonkey"] = Weather(broken=1.0)
    put_and_hook(house, 51)
    await house.work(hours=1)

    [waiting] = house.fetches()
    house.vendors.faults.calm()
    await house.work(hours=0.5)

    assert waiting.state == "waiting"
    assert "problem of its own (502)" in str(waiting.problem)
    assert len(house.responses()) == len(house.cases()) == 1
    assert [one.state for one in house.fetches()] == ["sent"]


async def test_a_cut_connection_and_a_late_reply_are_made_good(house: House) -> None:
    house.vendors.faults.next("surveymonkey", Fault.RESET)
    house.vendors.faults.next("surveymonkey", Fault.LATE_REPLY, weather=Weather(hangs=0.2))
    put_and_hook(house, 51)

    await house.work(hours=0.2)

    assert len(house.responses()) == 1


async def test_too_many_is_waited_for_as_long_as_the_tool_says(house: House) -> None:
    house.vendors.faults.next("surveymonkey", Fault.RATE_LIMITED, weather=Weather(retry_after=1800))
    put_and_hook(house, 51)
    put_and_hook(house, 52)
    await house.work(hours=0.45)
    asked_too_early = [*house.vendors.asked]

    await house.work(hours=0.1)

    assert asked_too_early == []
    assert len(house.responses()) == 2
    assert {one.attempts for one in house.fetches()} == {1}


async def test_an_expired_token_is_shown_and_given_up_after_a_day_and_can_be_sent_again(house: House) -> None:
    house.vendors.expired.add("surveymonkey")
    put_and_hook(house, 51)
    await house.work(hours=1)
    [waiting] = house.fetches()

    await house.work(hours=30)
    [dead] = house.fetches()
    house.vendors.expired.clear()
    house.db.write_now(lambda session: outbox.retry(session, at=house.clock()))
    await house.work(hours=0.1)

    assert (waiting.state, dead.state) == ("waiting", "dead")
    assert "API_TOKEN_SURVEYMONKEY" in str(dead.problem)
    assert len(house.responses()) == 1


async def test_what_is_gone_there_is_a_dead_letter_and_holds_up_nobody(house: House) -> None:
    house.hook("surveymonkey", surveymonkey(50))
    put_and_hook(house, 51)

    await house.work(hours=2)

    assert [one.state for one in house.fetches()] == ["dead", "sent"]
    assert [one.external_id for one in house.responses()] == ["51"]


async def test_what_cannot_be_read_is_parked_with_the_reply_and_asked_for_again_when_replayed(house: House) -> None:
    given = answer(51, tool="surveymonkey", score=99)
    house.vendors.shelves["surveymonkey"].put(given)
    house.hook("surveymonkey", given)
    await house.work()
    [one] = house.parked()
    house.vendors.shelves["surveymonkey"].put(surveymonkey(51))

    problem = house.replay(one)
    await house.work(hours=0.05)

    assert b"response_status" in one.body
    assert "lacks the choice" in one.reason
    assert problem == ""
    assert house.parked() == []
    assert [one.score for one in house.responses()] == [1]


async def test_what_stays_unreadable_is_parked_again(house: House) -> None:
    given = answer(51, tool="surveymonkey", score=99)
    house.vendors.shelves["surveymonkey"].put(given)
    house.hook("surveymonkey", given)
    await house.work()
    [one] = house.parked()

    house.replay(one)
    await house.work(hours=0.05)

    assert [(again.id, again.times) for again in house.parked()] == [(one.id, 2)]


async def test_two_workers_ask_once(house: House) -> None:
    house.vendors.faults.by_method["surveymonkey"] = Weather(latency=0.1)
    for number in range(51, 54):
        put_and_hook(house, number)

    await asyncio.gather(house.work(hours=0.1), house.work(hours=0.1))

    asked = [one.path for _, one in house.vendors.asked if "/responses/" in one.path]
    assert len(asked) == len(set(asked)) == 3
    assert len(house.responses()) == 3


async def test_a_surveys_questions_are_asked_for_once_in_an_hour(house: House) -> None:
    for number in range(51, 54):
        put_and_hook(house, number)

    await house.work(hours=0.1)

    asked = [one.path for _, one in house.vendors.asked]
    assert asked.count("/v3/surveys/lumen-nps/details") == 1


async def test_a_crash_after_the_commit_of_a_fetch_leaves_nothing_to_do_again(house: House) -> None:
    put_and_hook(house, 51)
    later = START.replace(hour=12)
    [claimed] = house.db.write_now(
        lambda session: lanes.claim(session, now=house.clock(), leased_until=later, mail_until=later, limit=9)
    )

    await house.fetcher.send(claimed)  # and whoever sent it is gone before the loop can write anything down

    assert [one.state for one in house.fetches()] == ["sent"]
    assert len(house.responses()) == 1


async def test_a_want_during_the_fetch_is_one_more_fetch(house: House) -> None:
    put_and_hook(house, 51, comment="")
    later = START.replace(hour=12)
    [claimed] = house.db.write_now(
        lambda session: lanes.claim(session, now=house.clock(), leased_until=later, mail_until=later, limit=9)
    )
    await house.fetcher._apis.drive(
        ADAPTERS["surveymonkey"],
        ADAPTERS["surveymonkey"].fetch(claimed.facts["ids"], POLICY, START),  # type: ignore[misc]
        heard=[],
    )
    put_and_hook(house, 51, comment="Corrected")

    await house.fetcher.send(claimed)
    states = [one.state for one in house.fetches()]
    await house.work(hours=0.05)

    assert states == ["waiting"]
    assert [one.state for one in house.fetches()] == ["sent"]


async def test_waiting_fetches_do_not_make_delivery_look_stuck(house: House) -> None:
    house.vendors.expired.add("surveymonkey")
    put_and_hook(house, 51)

    await house.work(hours=1)

    assert (await house.delivery.oldest_waiting()).total_seconds() == 0


async def test_slack_is_not_kept_waiting_by_a_tool_that_hangs(house: House) -> None:
    house.vendors.faults.by_method["surveymonkey"] = Weather(silent=1.0, hangs=3.0)
    put_and_hook(house, 51)
    house.hook("intercom", answer(52, tool="intercom"))

    running = asyncio.create_task(house.delivery.run())
    async with asyncio.timeout(2):
        while not house.cards():  # noqa: ASYNC110 -- the pretend Slack has no event for it
            await asyncio.sleep(0.02)
    await house.delivery.stop()
    await running

    assert [one.state for one in house.fetches()] == ["waiting"]


def test_ids_and_nothing_else_stand_in_the_outbox(database_url: str) -> None:
    from storage.database import Database  # noqa: PLC0415 -- the only test here without a house

    db = Database(database_url)
    try:
        db.write_now(lambda s: fetching.want(s, source="hubspot", external_id="7", ids={"submission": "7"}, at=START))
        [one] = db.write_now(
            lambda s: lanes.claim(s, now=START, leased_until=START, mail_until=START.replace(hour=23), limit=1)
        )
    finally:
        db.close()

    assert one.facts == {"source": "hubspot", "external_id": "7", "ids": {"submission": "7"}}
    assert one.leased_until.hour == 23
    assert PACE.mail_lease > PACE.lease
