"""What the hostile requests brought to light, one by one."""

import json

import pytest
from fuzz_house import House, Sent, post, signed_slack, signed_webhook
from sqlmodel import select

from storage.tables import Parked

FORM = "application/x-www-form-urlencoded"


def test_a_mail_in_an_old_encoding_is_taken(house: House) -> None:
    mail = "From: j@acme.test\r\nContent-Type: text/plain; charset=latin-1\r\n\r\nIch hätte gern …".encode("cp1252")

    ((status, _),) = house.send([Sent("POST", "/mail", signed_webhook("mail", mail), (mail,))])

    assert status == 200


def test_a_response_that_is_no_utf_8_is_parked_as_it_came(house: House) -> None:
    post(house, [("generic", b"{\xff}")])

    kept = select(Parked.body).where(Parked.body == b"{\xff}")
    assert house.hearback.db.read_now(lambda session: session.exec(kept).all()) == [b"{\xff}"]


def test_the_same_rubbish_at_once_is_counted_each_time(house: House) -> None:
    post(house, [("generic", b"rubbish")] * 100)

    counted = select(Parked.times).where(Parked.body == b"rubbish")
    assert house.hearback.db.read_now(lambda session: session.exec(counted).all()) == [100]


@pytest.mark.parametrize("body", [b"{", b"payload=%7B", b"\xff", b"payload=[]"])
def test_what_cannot_be_read_and_is_not_signed_is_refused_as_unsigned(house: House, body: bytes) -> None:
    headers = signed_slack(b"something else", FORM)

    ((status, _),) = house.send([Sent("POST", "/slack/events", headers, (body,))])

    assert status == 401


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "actions": [{"type": "button", "value": "1"}], "user": {"id": "UNORA"}},
        {"type": "event_callback", "event": {"type": "message", "user": "UNORA", "subtype": []}},
        {"type": "event_callback", "event": {"type": "message", "user": "UNORA", "subtype": {}}},
    ],
)
def test_a_signed_payload_that_slack_never_sends_is_refused(house: House, payload: dict[str, object]) -> None:
    body = json.dumps(payload).encode()

    ((status, _),) = house.send([Sent("POST", "/slack/events", signed_slack(body, "application/json"), (body,))])

    assert status == 400
