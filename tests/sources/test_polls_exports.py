"""Polls of Qualtrics, SurveySparrow, QuestionPro, Survicate and SatisMeter: page by page, once, and to an end."""

from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from source_house import START, House, answer

from bot.sandbox.faults import Fault
from bot.surveys import ADAPTERS, qualtrics
from bot.surveys.api import NotAllowed, RefusedCall
from bot.surveys.polling import LEASE, Tally
from bot.surveys.request import Call
from storage import polls
from storage.polls import Place

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
LONG_AGO = START - 400 * DAY
TARGETS = {
    "qualtrics": "lumen-nps",
    "surveysparrow": "40",
    "questionpro": "lumen-nps",
    "survicate": "lumen-nps",
    "satismeter": "lumen",
}
COUNTS = dict.fromkeys(TARGETS, 230) | {"qualtrics": 1_100}  # more than two pages of each


def place_of(house: House, tool: str, *, since: datetime = LONG_AGO) -> Place:
    """Begin a poll, or go on with it where it stands."""
    this = {"source": tool, "target": TARGETS[tool], "purpose": "backfill:2025-01-01"}
    house.db.write_now(lambda session: polls.begin(session, **this, since=since, at=START))
    return house.db.write_now(lambda session: polls.take_over(session, **this, until=house.clock() + LEASE))


async def all_pages(house: House, place: Place, tally: Tally) -> Place:
    while not place.is_done:
        place = await house.poller.page(place, cases_since=START - 14 * DAY, tally=tally)
    return place


def fill(house: House, tool: str) -> list[str]:
    """Give a tool many happy answers, one every two hours; gives their numbers."""
    numbers = range(1, COUNTS[tool] + 1)
    rows = [answer(10 * n, at=START - n * DAY / 12, tool=tool, score=10, comment="") for n in numbers]
    house.vendors.shelves[tool].fill(rows)
    return [str(10 * n) for n in numbers]


def numbers_of(house: House) -> list[str]:
    return [one.external_id.lstrip("Rsmv_") for one in house.responses()]


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_poll_that_is_stopped_between_pages_and_within_one_goes_on_without_gap_or_double(
    house: House, tool: str
) -> None:
    wanted = fill(house, tool)
    tally, stops = Tally(), 0
    while not (place := place_of(house, tool)).is_done:
        house.vendors.faults.next(tool, Fault.RESET)
        with pytest.raises(Exception, match="can't be reached"):
            await house.poller.page(place, cases_since=START, tally=tally)
        place = await house.poller.page(place_of(house, tool), cases_since=START, tally=tally)
        stops += 1

    assert stops > 2
    assert sorted(numbers_of(house)) == sorted(wanted)
    assert (tally.counts["new"], tally.counts["known"]) == (len(wanted), 0)
    assert tally.refused == []


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_row_that_cannot_be_read_is_said_and_the_others_are_taken(house: House, tool: str) -> None:
    house.vendors.shelves[tool].fill([answer(10 * n, tool=tool, at=START - n * DAY / 24) for n in (1, 2)])
    house.vendors.shelves[tool].put(answer(30, tool=tool, score=77, at=START - DAY))

    tally = Tally()
    await all_pages(house, place_of(house, tool), tally)

    assert sorted(numbers_of(house)) == ["10", "20"]
    assert tally.counts["refused"] == 1
    assert "lies outside its scale" in tally.refused[0]


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_token_that_is_not_known_is_said_by_its_name(house: House, tool: str) -> None:
    house.vendors.expired.add(tool)

    with pytest.raises(NotAllowed, match=f"API_TOKEN_{tool.upper()}"):
        await house.poller.page(place_of(house, tool), cases_since=START, tally=Tally())


@pytest.mark.parametrize("tool", [tool for tool in TARGETS if tool not in {"satismeter", "qualtrics"}])
async def test_a_survey_that_is_not_there_is_refused(house: House, tool: str) -> None:
    this = {"source": tool, "target": "another", "purpose": "backfill:2025-01-01"}
    house.db.write_now(lambda session: polls.begin(session, **this, since=LONG_AGO, at=START))
    place = house.db.write_now(lambda session: polls.take_over(session, **this, until=START + LEASE))

    with pytest.raises(RefusedCall, match="404"):
        await house.poller.page(place, cases_since=START, tally=Tally())


@pytest.mark.parametrize("tool", TARGETS)
async def test_where_nothing_was_answered_a_poll_ends_at_once(house: House, tool: str) -> None:
    place = await house.poller.page(place_of(house, tool), cases_since=START, tally=Tally())

    assert place.is_done
    assert house.responses() == []


async def test_an_export_of_qualtrics_is_waited_for_and_never_longer_than_a_page_may_take(house: House) -> None:
    house.vendors.shelves["qualtrics"].put(answer(10, tool="qualtrics"))

    await all_pages(house, place_of(house, "qualtrics"), Tally())

    looks = [one for _, one in house.vendors.asked if "/ES_" in one.path]
    assert len(looks) == 2
    assert set(qualtrics.PAUSES[:2]) <= set(house.clock.slept)
    assert min(qualtrics.PAUSES) > 0
    assert sum(qualtrics.PAUSES) < LEASE.total_seconds() / 2


async def test_no_export_of_qualtrics_holds_more_than_one_reply_may(house: House) -> None:
    fill(house, "qualtrics")

    await all_pages(house, place_of(house, "qualtrics"), Tally())

    begun = [one.posted for _, one in house.vendors.asked if one.path.endswith("/export-responses")]
    assert {one["limit"] for one in begun} == {qualtrics.PAGE}
    taken = [one for one in begun if one["endDate"] <= "2026-03-02"]
    assert len(taken) > 2
    assert len(begun) < 12, "a year is cut in halves and not into days"


async def test_the_answers_of_surveysparrow_are_of_the_kind_that_its_questions_say(house: House) -> None:
    house.vendors.shelves["surveysparrow"].put(answer(10, tool="surveysparrow", score=3))

    await all_pages(house, place_of(house, "surveysparrow"), Tally())

    [found] = house.responses()
    assert (found.metric, found.score, found.comment, found.form) == ("nps", 3, "It broke again", "40")


async def test_survicate_is_asked_for_what_the_survey_knows_of_who_answers(house: House) -> None:
    house.vendors.shelves["survicate"].put(answer(10, tool="survicate", account="Acme"))

    await all_pages(house, place_of(house, "survicate"), Tally())

    [asked] = [request for _, request in house.vendors.asked if request.path.endswith("/responses")]
    assert asked.query["attributes[]"] == "company", "the last of the two"


async def test_what_stands_in_the_query_more_than_once_and_a_pause_reach_the_tool(house: House) -> None:
    def asking() -> Generator[Call, object, object]:
        return (yield Call("/surveys/lumen-nps", {"a": "1"}, pause=17, also=[("b[]", "2"), ("b[]", "3")]))

    await house.apis.drive(ADAPTERS["survicate"], asking(), heard=[])

    assert house.clock.slept == [17]
    assert house.vendors.asked[0][1].query == {"a": "1", "b[]": "3"}
