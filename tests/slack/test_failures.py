"""When something breaks: a sentence with a reference that is in the log, and what was acked stays acked."""

from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_house import House
from test_mail_modals import press

from bot.slack.listeners.failures import failed

pytestmark = pytest.mark.anyio


class BrokenError(Exception):
    """Something nobody thought of."""


async def test_a_press_that_breaks_is_not_acked_and_the_person_gets_a_reference(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await house.case()
    ben = house.person("Ben")
    monkeypatch.setattr("workflows.casework.take", broken)

    await ben.press("Take", on="#support")
    await house.settle()

    assert ben.troubles() == ["dispatch_failed"]
    assert house.row(case_id).state == "new"
    sentence = ben.private_answers()[-1].text
    reference = sentence.rsplit(" ", 1)[-1].rstrip(".")
    assert reference in caplog.text
    assert "BrokenError" not in sentence


async def test_a_form_that_breaks_keeps_what_was_typed(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.case()
    ben = house.person("Ben")
    await ben.press("Note", on="#support")
    await ben.fill("Note", "Kept")
    monkeypatch.setattr("workflows.casework.note", broken)

    refused = await ben.submit()

    assert "this reference" in refused["Note"]
    assert ben.filled("Note") == "Kept"
    assert refused["Note"].rsplit(" ", 1)[-1].rstrip(".") in caplog.text


async def test_a_command_that_breaks_is_answered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = house.person("Ben")
    monkeypatch.setattr("storage.lists.mine", broken)

    await ben.command("/loop mine")

    assert "this reference" in ben.private_answers()[-1].text


async def test_a_form_that_broke_can_be_submitted_once_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = await house.case()
    ben = house.person("Ben")
    await ben.press("Note", on="#support")
    await ben.fill("Note", "Kept")
    with monkeypatch.context() as for_now:
        for_now.setattr("workflows.casework.note", broken)
        await ben.submit()

    refused = await ben.submit()

    assert refused == {}
    assert house.events(case_id).count("note") == 1


async def test_a_trigger_that_is_too_old_asks_for_another_press(house: House) -> None:
    await house.case()
    ben = house.person("Ben")
    house.slack.workspace.triggers.clear()
    card = ben.latest_in("#support")
    payload = {
        **press("case_note", 1, by="UBEN", trigger="trigger.gone"),
        "response_url": response_url(house, card.channel_id),
        "channel": {"id": card.channel_id},
    }

    answer = await house.send(payload)
    await house.settle()

    assert answer.status_code == 500
    assert "press once more" in ben.private_answers()[-1].text
    house.slack.workspace.refusals.clear()


@pytest.mark.parametrize("action_id", ["case_take", "case_note", "mail_take_back", "task_do", "excuse_approve"])
async def test_garbage_on_a_button_is_refused_in_a_sentence(house: House, action_id: str) -> None:
    ben = house.person("Ben")
    for value in ["", "abc", "-1", "0", "1e3", "12; DROP TABLE cases", "9" * 30, "\uff12", "4711", None, 12]:
        payload = press(action_id, "", by="UBEN", trigger=house.slack.workspace.trigger("UBEN"))
        payload["actions"] = [{"action_id": action_id, "type": "button", "value": value}]

        answer = await house.send(payload)
        await house.settle()

        assert answer.status_code == 200, value
        assert ben.modal().title == "Not possible now", value
        await ben.close()


async def test_what_slack_never_sends_is_no_error_of_ours(house: House) -> None:
    for payload in NEVER_SENT:
        answer = await house.send(payload)
        await house.settle()

        assert answer.status_code in {200, 400, 404}, payload
    house.slack.workspace.refusals.clear()


NEVER_SENT: list[Any] = [
    {"type": "block_actions"},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": "x"},
    {"type": "block_actions", "actions": [{"action_id": 7}]},
    {"type": "block_actions", "actions": [{"action_id": "case_take", "value": {}}], "user": []},
    {"type": "view_submission"},
    {"type": "view_submission", "view": 1},
    {"type": "view_submission", "view": {"callback_id": 1}},
    {"type": "view_submission", "view": {"callback_id": "note"}},
    {
        "type": "view_submission",
        "view": {"type": "modal", "callback_id": "note", "state": {"values": [1]}, "blocks": 1},
    },
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "note", "blocks": [{"type": "input"}, 7]}},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "nobody knows"}},
    {"type": ["x"]},
    {"type": "event_callback", "event": []},
    {"type": "event_callback", "event": {"type": "user_change", "user": 5}},
    {"type": "event_callback", "event": {"type": "app_home_opened"}},
    [],
    "text",
    None,
    7,
]


async def test_what_was_acked_stays_acked_whatever_breaks_afterwards(house: House) -> None:
    ack = AsyncAck()
    await ack("done")

    answer = await failed(house.context, BrokenError(), {"type": "block_actions"}, ack)

    assert (answer.status, answer.body) == (200, "done")


async def test_an_event_that_breaks_is_sent_again_by_slack(house: House) -> None:
    answer = await failed(house.context, BrokenError(), {"type": "event_callback"}, AsyncAck())

    assert answer.status == 500


async def test_a_window_without_fields_shows_the_sentence_in_itself(house: House) -> None:
    body = {"type": "view_submission", "view": {"callback_id": "x"}}

    answer = await failed(house.context, BrokenError(), body, AsyncAck())

    assert answer.status == 200
    assert '"response_action": "update"' in answer.body


def broken(*_: Any, **__: Any) -> None:
    raise BrokenError


def response_url(house: House, channel: str) -> str:
    workspace = house.slack.workspace
    key = workspace.response_url(workspace.channel(channel), member="UBEN")
    return f"{house.slack.wire.base_url}/slack/response/{key}"
