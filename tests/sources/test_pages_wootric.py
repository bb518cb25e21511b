"""Wootric's responses: read as its webhook says them, by their time, to an end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from played import SILENT, TEAM, played
from source_house import START

from bot.surveys import wootric
from bot.surveys.request import Call, Page
from workflows.policy import Policy, load
from workflows.scales import UnknownScale

LONG_AGO = START - timedelta(days=400)

POLICY = load(TEAM + '[[source]]\nname = "wootric"\nmetric = "nps"\n')

SAID: dict[str, Any] = {
    "id": 1,
    "end_user_id": 2,
    "survey_id": 3,
    "score": 2,
    "text": "Slow",
    "created_at": "2026-03-01 02:00:00 -0800",
    "end_user": {"properties": {"company": "Acme"}},
}


def wootric_page(*replies: object, cursor: str = "", policy: Policy = POLICY) -> tuple[Page, list[Call]]:
    return played(wootric.poll(None, LONG_AGO, cursor, policy, START), replies)


def test_a_response_is_read_as_its_webhook_says_it() -> None:
    hook = {
        "event_name": "created",
        "survey_mode": "NPS",
        "response": {
            **{key: value for key, value in SAID.items() if key != "end_user"},
            "email": "jo@acme.test",
            "external_id": "crm-5",
            "end_user_properties": {"company": "Acme"},
        },
    }

    page, _ = wootric_page([SAID], {"id": 2, "email": "jo@acme.test", "external_id": "crm-5"})

    assert list(page.answers) == [wootric.parse(hook, POLICY, START)]


@pytest.mark.parametrize("person", [None, [], "gone"])
def test_an_end_user_who_was_erased_loses_no_response(person: object) -> None:
    page, calls = wootric_page([SAID], person)

    [found] = page.answers
    assert (found.email, found.account_name, found.customer_id) == (None, "Acme", "2")
    assert calls[1].may_be_missing


def test_nobody_is_asked_for_by_anything_but_a_number() -> None:
    odd: list[object] = ["../settings", "²", None, {}, "9" * 40]
    rows = [SAID | {"id": n, "end_user_id": who} for n, who in enumerate(odd, 1)]

    page, calls = wootric_page(rows)

    assert [one.path for one in calls] == ["/v1/responses"]
    assert len(page.answers) == 4


def test_what_is_measured_is_never_guessed() -> None:
    unknown, _ = wootric_page([SAID], None, policy=SILENT)
    said, _ = wootric_page([SAID | {"survey_mode": "CSAT"}], None, policy=SILENT)

    [refused] = unknown.refused
    assert unknown.answers == []
    assert isinstance(refused.unknown, UnknownScale)
    assert 'name = "wootric" and metric' in refused.reason
    assert [one.scale.metric for one in said.answers] == ["csat"]


def full(at: str, *, first: int = 1, **more: object) -> list[object]:
    return [SAID | {"id": first + n, "end_user_id": None, "created_at": at, **more} for n in range(wootric.PAGE)]


def test_a_page_of_one_second_is_followed_by_its_next_number_up_to_the_last_that_there_is() -> None:
    cursor, pages = "", list[str]()
    for number in range(wootric.MOST_PAGES + 1):
        page, calls = wootric_page(full("2026-03-01 10:00:00 +0000", first=100 * number), cursor=cursor)
        pages.append(calls[0].query["page"])
        cursor = page.cursor
    onward, calls = wootric_page(full("2026-03-01 10:00:05 +0000"), cursor=cursor)

    assert pages == ["1", *(str(n) for n in range(1, wootric.MOST_PAGES + 1))]
    assert [one.reason for one in page.refused] == [
        "More than 1500 responses at one time: import the others from a file."
    ]
    assert calls[0].query["page"] == "1"
    assert int(calls[0].query["created[gte]"]) == int(datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp())
    assert not onward.is_last


def test_rows_that_cannot_be_read_take_the_poll_on_by_their_time() -> None:
    page, _ = wootric_page(full("2026-03-01 10:00:00 +0000", score="?"))

    assert page.answers == []
    assert page.cursor.endswith(f"{int(datetime(2026, 3, 1, 9, 59, 59, tzinfo=UTC).timestamp())}/1")


def test_a_full_page_without_a_time_ends_the_poll() -> None:
    page, _ = wootric_page(full("never"))

    assert page.is_last
