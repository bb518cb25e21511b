"""Help Scout's report of ratings: who rated what, whatever has been deleted since."""

from datetime import timedelta
from typing import Any

import pytest
from played import SILENT, played
from source_house import START

from bot.surveys import helpscout
from bot.surveys.request import Call, Page

LONG_AGO = START - timedelta(days=400)

RATED: dict[str, Any] = {
    "number": 31,
    "id": 41,
    "threadid": 51,
    "ratingId": 3,
    "ratingCustomerId": 61,
    "ratingComments": "Closed, not solved",
    "ratingCreatedAt": "2026-03-01T10:00:00Z",
    "ratingCustomerName": "Aino Lehto",
}
PRIMARY = {"id": 61, "email": "Aino@koivu.example"}


def report(*rows: object, pages: int = 1) -> dict[str, Any]:
    return {"results": list(rows), "page": 1, "pages": pages, "count": len(rows)}


def helpscout_page(*replies: object, cursor: str = "") -> tuple[Page, list[Call]]:
    return played(helpscout.poll(None, LONG_AGO, cursor, SILENT, START), replies)


def test_a_rating_is_named_by_its_reply_and_its_customer() -> None:
    page, calls = helpscout_page(report(RATED), {"mailboxId": 8, "primaryCustomer": PRIMARY})

    [found] = page.answers
    assert found.external_id == "helpscout:thread:51:61"
    assert (found.score, found.email, found.name, found.touchpoint) == (
        1,
        "aino@koivu.example",
        "Aino Lehto",
        "mailbox:8",
    )
    assert [one.path for one in calls] == ["/v2/reports/happiness/ratings", "/v2/conversations/41"]


def test_whoever_rates_a_conversation_of_somebody_else_is_asked_for() -> None:
    customer = {"id": 61, "_embedded": {"emails": [{"id": 1, "value": "aino@koivu.example"}]}}

    page, calls = helpscout_page(
        report(RATED), {"mailboxId": 8, "primaryCustomer": {"id": 7, "email": "x@y.zz"}}, customer
    )

    assert [one.email for one in page.answers] == ["aino@koivu.example"]
    assert calls[-1].path == "/v2/customers/61"


@pytest.mark.parametrize("gone", [None, [], {"mailboxId": [], "primaryCustomer": "?"}])
def test_a_conversation_that_was_deleted_loses_no_rating(gone: object) -> None:
    page, _ = helpscout_page(report(RATED), gone, None)

    assert [(one.email, one.touchpoint, one.name) for one in page.answers] == [(None, None, "Aino Lehto")]


def test_a_customer_without_a_name_is_known_by_the_address_that_stands_there() -> None:
    page, _ = helpscout_page(report(RATED | {"ratingCustomerName": "aino@koivu.example"}), None, None)

    assert [(one.email, one.name) for one in page.answers] == [("aino@koivu.example", None)]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"ratingId": 4}, "results[0].ratingId"),
        ({"ratingId": None}, "results[0].ratingId"),
        ({"threadid": None}, "results[0].threadid"),
        ({"ratingCreatedAt": "soon"}, "results[0].ratingCreatedAt"),
    ],
)
def test_an_odd_rating_is_refused_with_its_place(wrong: dict[str, object], where: str) -> None:
    page, _ = helpscout_page(report(RATED | wrong, RATED | {"threadid": 52}), None, None)

    assert [one.external_id for one in page.answers] == ["helpscout:thread:52:61"]
    assert [one.reason.startswith(where) for one in page.refused] == [True]


def test_a_changed_rating_is_taken_as_it_is_now() -> None:
    later = RATED | {"ratingId": 1, "ratingCreatedAt": "2026-03-01T11:00:00Z"}

    page, _ = helpscout_page(report(later, RATED), None, None)

    assert [one.score for one in page.answers] == [3]


@pytest.mark.parametrize("reply", [report(pages=9), {"results": [], "pages": None}, {"results": []}])
def test_a_report_without_ratings_ends_whatever_it_says_of_pages(reply: object) -> None:
    page, _ = helpscout_page(reply)

    assert page.is_last
