"""What a tool's API doesn't have, or not for us: an erased customer, a part of the API, any more calls today."""

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta

import pytest
from one_tool import look
from source_house import POLICY, START, House, answer

from bot.surveys import ADAPTERS
from bot.surveys.api import TooMany
from bot.surveys.budgets import Budgets
from bot.surveys.request import Call
from storage import sources
from storage.tables import Customer

pytestmark = pytest.mark.anyio

ZENDESK_ROW = {"id": 1, "ticket_id": 2, "requester_id": 7, "score": "bad", "updated_at": "2026-03-02T08:00:00Z"}
FRESHDESK_ROW = {
    "id": 1,
    "ticket_id": 2,
    "user_id": 7,
    "ratings": {"default_question": -103},
    "updated_at": "2026-03-02T08:00:00Z",
}
RATINGS, SURVEYS = "/api/v2/satisfaction_ratings", "/api/v2/guide/survey_responses"


def names(house: House) -> set[str | None]:
    return {one.name for one in house.all(Customer)}


def problem(house: House, tool: str) -> str | None:
    state = house.db.read_now(sources.states).get(tool)
    return state.problem if state else None


@pytest.fixture
def five_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SurveyMonkey allow five calls a day: five hundred would take a while."""
    adapter = ADAPTERS["surveymonkey"]
    assert adapter.api is not None
    monkeypatch.setitem(ADAPTERS, "surveymonkey", adapter._replace(api=replace(adapter.api, per_day=5)))


async def call(house: House, times: int) -> None:
    def asking() -> Generator[Call, object, None]:
        for _ in range(times):
            yield Call("/v3/surveys/lumen-nps/details")

    await house.apis.drive(ADAPTERS["surveymonkey"], asking(), heard=[])


@pytest.mark.parametrize("tool", ["hubspot", "freshdesk"])
async def test_of_a_page_only_who_was_erased_is_unknown(house: House, tool: str) -> None:
    for number, name in ((10, "Jane Doe"), (20, "Adam Roe")):
        house.vendors.shelves[tool].put(answer(number, tool=tool, name=name, at=START - timedelta(hours=1)))
    house.vendors.shelves[tool].erased.add(10)

    await look(house, tool)

    assert problem(house, tool) is None
    assert (len(house.responses()), len(house.cases())) == (2, 2)
    assert {"Adam Roe"} <= names(house)
    assert "Jane Doe" not in names(house)


@pytest.mark.parametrize("tool", ["hubspot", "freshdesk"])
async def test_a_page_whose_customers_were_all_erased_is_taken_in(house: House, tool: str) -> None:
    house.vendors.shelves[tool].put(answer(10, tool=tool, at=START - timedelta(hours=1)))
    house.vendors.shelves[tool].erased.add(10)

    await look(house, tool)

    assert (len(house.responses()), problem(house, tool)) == (1, None)


@pytest.mark.parametrize(
    ("tool", "target", "listed", "person"),
    [
        (
            "zendesk",
            "satisfaction_ratings",
            {"satisfaction_ratings": [ZENDESK_ROW]},
            {"users": [{"id": 7, "email": {}}]},
        ),
        ("freshdesk", None, [FRESHDESK_ROW], {"id": 7, "email": {}}),
        ("freshdesk", None, [FRESHDESK_ROW], ["no contact"]),
    ],
)
def test_a_customer_in_an_odd_shape_holds_up_no_page(
    tool: str, target: str | None, listed: object, person: object
) -> None:
    poll = ADAPTERS[tool].poll
    assert poll is not None
    asking = poll(target, START, "", POLICY, START)
    next(asking)
    asking.send(listed)

    with pytest.raises(StopIteration) as end:
        asking.send(person)

    assert [(one.customer_id, one.email) for one in end.value.value.answers] == [("7", None)]


async def test_a_submission_is_fetched_whose_customer_was_erased(house: House) -> None:
    given = answer(10)
    house.vendors.shelves["hubspot"].put(given)
    house.vendors.shelves["hubspot"].erased.add(10)
    house.hook("hubspot", given)

    await house.work()

    assert [one.state for one in house.fetches()] == ["sent"]
    assert [one.comment for one in house.responses()] == ["It broke again"]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_zendesk_without_the_newer_surveys_has_no_trouble(house: House, status: int) -> None:
    shelf = house.vendors.shelves["zendesk"]
    shelf.withheld[SURVEYS] = status
    shelf.put(answer(10, tool="zendesk", at=START - timedelta(hours=1)))

    await look(house, "zendesk")

    assert len(house.responses()) == 1
    assert problem(house, "zendesk") is None


async def test_what_a_zendesk_has_only_later_is_asked_for_from_the_beginning(house: House) -> None:
    shelf = house.vendors.shelves["zendesk"]
    shelf.withheld[RATINGS] = 404
    shelf.put(answer(10, tool="zendesk", at=START - timedelta(hours=1)))
    for _ in range(3):
        await look(house, "zendesk")
        house.clock.wind(days=5)
    before = len(house.responses())
    shelf.withheld.clear()

    await look(house, "zendesk")

    assert (before, len(house.responses())) == (0, 1)


@pytest.mark.parametrize(("status", "said"), [(403, "API_TOKEN_ZENDESK"), (404, "API_URL_ZENDESK")])
async def test_a_zendesk_with_neither_is_a_trouble_that_is_said(house: House, status: int, said: str) -> None:
    house.vendors.shelves["zendesk"].withheld |= {SURVEYS: status, RATINGS: status}

    await look(house, "zendesk")

    assert said in str(problem(house, "zendesk"))


async def test_a_wrong_token_is_no_part_that_is_missing(house: House) -> None:
    house.vendors.expired.add("zendesk")

    await look(house, "zendesk")

    assert "refuses our token (401)" in str(problem(house, "zendesk"))


def test_a_private_app_of_surveymonkey_may_ask_five_hundred_times_a_day() -> None:
    api = ADAPTERS["surveymonkey"].api

    assert api is not None
    assert api.per_day == 500


@pytest.mark.usefixtures("five_a_day")
async def test_a_days_calls_are_not_exceeded(house: House) -> None:
    await call(house, 5)
    spent = house.clock() - START

    with pytest.raises(TooMany) as stopped:
        await call(house, 1)
    asked = len(house.vendors.asked)
    house.clock.wind(seconds=stopped.value.wait)
    await call(house, 1)

    assert stopped.value.wait == (timedelta(days=1) - spent).total_seconds()
    assert (asked, len(house.vendors.asked)) == (5, 6)


@pytest.mark.usefixtures("five_a_day")
async def test_a_poll_that_has_no_calls_left_goes_on_when_it_has(house: House) -> None:
    await call(house, 5)
    house.vendors.shelves["surveymonkey"].put(answer(10, tool="surveymonkey", at=START - timedelta(hours=1)))
    await house.poller._reconcile(ADAPTERS["surveymonkey"], "lumen-nps")
    said, before = problem(house, "surveymonkey"), len(house.responses())

    house.clock.wind(days=1)
    await house.poller._reconcile(ADAPTERS["surveymonkey"], "lumen-nps")

    assert "as often as it allows" in str(said)
    assert (before, len(house.responses())) == (0, 1)


@pytest.mark.usefixtures("five_a_day")
async def test_a_response_that_was_named_is_fetched_when_there_are_calls_again(house: House) -> None:
    await call(house, 5)
    given = answer(10, tool="surveymonkey")
    house.vendors.shelves["surveymonkey"].put(given)
    house.hook("surveymonkey", given)
    await house.work(hours=0.1)
    [waiting] = house.fetches()

    house.clock.wind(days=1)
    await house.work()

    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert len(house.responses()) == 1


def test_a_budget_frees_call_by_call() -> None:
    budgets = Budgets()
    budgets.spend("x", at=START)
    budgets.spend("x", at=START + timedelta(hours=1))

    waits = [budgets.wait("x", 2, at=START + timedelta(hours=hours)) / 3600 for hours in (2, 24, 24.5)]

    assert waits == [22, 0, 0]
    assert budgets.wait("x", 1, at=START + timedelta(hours=24)) == 3600
    assert budgets.wait("y", 1, at=START) == 0


@pytest.mark.parametrize("score", range(1, 8))
async def test_hubspots_own_groups_of_an_effort_score_are_ours(house: House, score: int) -> None:
    band = "low" if score <= 3 else "neutral" if score <= 5 else "high"
    given = answer(10, at=START - timedelta(hours=1), score=score)
    house.vendors.shelves["hubspot"].put(type(given)(10, "ces", score, given.at, email="c@acme.test"))

    await look(house, "hubspot")

    assert [(one.band, one.high_end) for one in house.responses()] == [(band, 7)]
    assert house.parked() == []
