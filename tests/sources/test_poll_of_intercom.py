"""Rated conversations, as a search of Intercom lists them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from one_page import DAY, MINUTE, kept, replied
from source_house import START, House, answer

from bot.surveys import intercom
from bot.surveys.request import Call, Unreadable

pytestmark = pytest.mark.anyio


def conversation(number: int = 1, **rating: Any) -> dict[str, Any]:
    contact = {"type": "contact", "id": f"c{number}", "external_id": None}
    return {
        "id": str(number),
        "updated_at": 1772439000,
        "source": {"author": {"type": "bot", "id": "9", "name": "Finn"}},
        "contacts": {"contacts": [contact]},
        "conversation_rating": {"rating": 1, "remark": "No", "created_at": 1772438000, "contact": contact, **rating},
    }


def intercom_says(
    rows: Sequence[object], *, people: object = (), app: object = None, following: object = None
) -> Callable[[Call], object]:
    def reply(call: Call) -> object:
        if call.path == "/me":
            assert call.may_be_withheld
            return app
        if call.path == "/contacts/search":
            return {"data": people if people is None else [*people]}  # type: ignore[misc] # a list, whatever is in it
        assert call.path == "/conversations/search"
        return {"conversations": rows, "pages": {"next": following} if following else {}}

    return reply


def test_rated_conversations_are_searched_for_in_the_time_of_the_poll() -> None:
    calls = list[Call]()

    replied("intercom", kept(calls, {"conversations": []}))

    [call] = calls
    posted: Any = call.post
    fields = [(one["field"], one["operator"], one["value"]) for one in posted["query"]["value"]]
    begin, end = int((START - DAY).timestamp()), int(START.timestamp())
    assert fields[:2] == [("updated_at", ">", begin - 1), ("updated_at", "<", end + 1)]
    assert fields[2] == ("conversation_rating.score", "IN", [1, 2, 3, 4, 5])
    assert posted["sort"] == {"field": "updated_at", "order": "ascending"}
    assert posted["pagination"] == {"per_page": intercom.PAGE}


def test_a_contact_that_is_gone_or_in_an_odd_shape_leaves_the_rating_without_a_name() -> None:
    people = [{"id": "c2", "name": {"first": "Jane"}}, "c3", {"name": "nobody"}, {"id": "c4", "email": "d@acme.test"}]
    rows = [conversation(number) for number in (1, 2, 3, 4)]

    page = replied("intercom", intercom_says(rows, people=people))

    assert [one.email for one in page.answers] == [None, None, None, "d@acme.test"]
    assert [one.customer_id for one in page.answers] == ["c1", "c2", "c3", "c4"]
    assert page.refused == []


def test_a_token_that_may_not_say_whose_the_conversations_are_gives_no_links() -> None:
    withheld = replied("intercom", intercom_says([conversation()], app=None))
    odd = replied("intercom", intercom_says([conversation()], app={"app": {"id_code": "../x"}}))
    told = replied("intercom", intercom_says([conversation()], app={"app": {"id_code": "lumen123"}}))

    assert [page.answers[0].url for page in (withheld, odd)] == [None, None]
    assert told.answers[0].url == "https://app.intercom.com/a/apps/lumen123/conversations/1"


def test_when_a_rating_was_given_is_known_only_where_intercom_says_it() -> None:
    rows = [conversation(1), conversation(2, updated_at=1772438600), conversation(3, rating=None)]

    page = replied("intercom", intercom_says(rows))

    assert [(one.submitted_at, one.is_time_known) for one in page.answers] == [
        (datetime.fromtimestamp(1772438000, UTC), False),
        (datetime.fromtimestamp(1772438600, UTC), True),
    ]


async def test_a_rating_that_was_changed_without_a_webhook_is_corrected_by_the_poll(house: House) -> None:
    given = answer(4_000, tool="intercom", at=START - DAY / 24, score=5, comment="")
    house.hook("intercom", given)
    house.vendors.shelves["intercom"].put(answer(4_000, tool="intercom", at=given.at - MINUTE, score=1))

    await house.poller.reconcile()

    [response] = house.responses()
    assert (response.score, response.comment, response.submitted_at) == (1, "It broke again", given.at)
    assert len(house.cases()) == 1


@pytest.mark.parametrize("token", ["abc", "a b/c=%\nd"])
def test_what_says_where_the_next_page_begins_is_kept_and_sent_back(token: str) -> None:
    calls = list[Call]()

    first = replied("intercom", intercom_says([conversation()], following={"starting_after": token}))
    replied("intercom", kept(calls, {"conversations": []}), first.cursor)

    assert not first.is_last
    assert first.cursor.isprintable()
    posted: Any = calls[0].post
    assert posted["pagination"]["starting_after"] == token


def test_a_search_that_gives_the_same_place_again_or_nothing_ends() -> None:
    says = intercom_says([conversation()], following={"starting_after": "abc"})
    first = replied("intercom", says)

    again = replied("intercom", says, first.cursor)
    empty = replied("intercom", intercom_says([], following={"starting_after": "abd"}), first.cursor)
    circling = replied("intercom", says, first.cursor.replace("2/abc", f"{intercom.MOST_PAGES}/abd"))

    assert [page.is_last for page in (first, again, empty, circling)] == [False, True, True, True]
    assert "don't come to an end" in again.refused[0].reason
    assert "don't come to an end" in circling.refused[0].reason
    assert not empty.refused


@pytest.mark.parametrize(
    "reply",
    [[], {"conversations": {}}, {"conversations": [], "pages": {"next": "https://api.intercom.io/?page=2"}}, {},
     {"conversations": [], "pages": {"next": {"starting_after": "\ud800"}}}],
)  # fmt: skip
def test_a_search_in_another_shape_is_unreadable(reply: object) -> None:
    with pytest.raises(Unreadable):
        replied("intercom", lambda _: reply)


def test_a_conversation_that_cannot_be_read_is_refused_by_its_place() -> None:
    rows = [conversation(1), conversation(2, rating="very"), conversation(3, rating=0), "x", conversation(5)]

    page = replied("intercom", intercom_says(rows))

    assert [one.external_id for one in page.answers] == ["1", "5"]
    assert [one.reason.partition(" ")[0] for one in page.refused] == [
        "conversations[1].conversation_rating.rating",
        "The",
        "conversations[3]",
    ]
