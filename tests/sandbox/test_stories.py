"""People press, fill and read; a small Bolt app answers through the pretend Slack."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sandbox_town import Town
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.people import NotThere

pytestmark = pytest.mark.anyio

TAKE = {"type": "button", "action_id": "take", "text": {"type": "plain_text", "text": ":hand: Take"}, "value": "7"}


def card(*buttons: dict[str, Any], words: str = "A low score") -> list[dict[str, Any]]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": words}}
    return [section, {"type": "actions", "block_id": "moves", "elements": list(buttons)}] if buttons else [section]


def text_input(label: str, **element: object) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "x", **element}
    return {
        "type": "input",
        "block_id": label.lower(),
        "label": {"type": "plain_text", "text": label},
        "element": element,
    }


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "Resolve"}
    return {"type": "modal", "title": title, "submit": title, "callback_id": "resolve", "blocks": [*blocks], **more}


async def test_a_press_reaches_the_app_with_the_message_and_the_card_is_redrawn(town: Town) -> None:
    heard: list[dict[str, Any]] = []

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        message = body["message"]
        await client.chat_update(
            channel=body["channel"]["id"], ts=message["ts"], text="Taken", blocks=card(words="Taken by Ana")
        )

    await town.client.chat_postMessage(channel="#support", text="A low score", blocks=card(TAKE))
    ana = town.slack.person("Ana")

    await ana.press("Take")

    assert heard[0]["actions"][0]["value"] == "7"
    assert heard[0]["user"]["id"] == ana.id
    assert heard[0]["container"]["message_ts"] == heard[0]["message"]["ts"]
    assert heard[0]["state"] == {"values": {}}
    assert ana.latest_in("#support").words == "Taken by Ana"
    with pytest.raises(NotThere, match="no button 'Take'"):
        await ana.press("Take", on="#support")
    assert town.slack.workspace.refusals == []


async def test_a_stale_screen_still_sends_its_button(town: Town) -> None:
    heard: list[str] = []

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body["message"]["text"])
        await ack()

    posted = await town.client.chat_postMessage(channel="#support", text="First", blocks=card(TAKE))
    seen = town.slack.person("Bo").latest_in("#support")
    await town.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Second")

    await town.slack.person("Bo").press_as_seen("Take", on=seen)

    assert heard == ["Second"]


async def test_a_modal_is_filled_refused_and_submitted(town: Town) -> None:
    heard: list[dict[str, Any]] = []

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(
            trigger_id=body["trigger_id"],
            view=modal(text_input("What changed"), text_input("Note", initial_value="as before")),
        )
        await ack()

    @town.app.view("resolve")
    async def resolve(ack: AsyncAck, view: dict[str, Any]) -> None:
        heard.append(view["state"]["values"])
        if view["state"]["values"]["what changed"]["x"]["value"] == "nothing":
            await ack(response_action="errors", errors={"what changed": "Say what changed."})
        else:
            await ack()

    await town.client.chat_postMessage(channel="#support", text="A low score", blocks=card(TAKE))
    ana = town.slack.person("Ana")
    await ana.press("Take", on="#support")

    by_client = await ana.submit()
    await ana.fill("What changed", "nothing")
    by_app = await ana.submit()
    await ana.fill("What changed", "The invoice shows the date")
    accepted = await ana.submit()

    assert by_client == {"What changed": "Please complete this required field."}
    assert by_app == {"What changed": "Say what changed."}
    assert accepted == {}
    assert not ana.has_modal()
    assert heard[-1]["note"]["x"] == {"type": "plain_text_input", "value": "as before"}
    assert len(heard) == 2


async def test_every_kind_of_input_is_filled_by_what_a_person_reads(town: Town) -> None:
    heard: dict[str, Any] = {}
    options = [{"text": {"type": "plain_text", "text": text}, "value": text[0]} for text in ("People", "Other")]
    elements: dict[str, dict[str, Any]] = {
        "Cause": {"type": "static_select", "options": options},
        "Causes": {"type": "multi_static_select", "options": options},
        "Owner": {"type": "users_select"},
        "Owners": {"type": "multi_users_select"},
        "Place": {"type": "channels_select"},
        "Talk": {"type": "conversations_select"},
        "Day": {"type": "datepicker"},
        "Hour": {"type": "timepicker"},
        "Moment": {"type": "datetimepicker"},
        "Way": {"type": "radio_buttons", "options": options},
        "Flags": {"type": "checkboxes", "options": options},
        "Hours": {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"},
        "Mail": {"type": "email_text_input"},
        "Rich": {"type": "rich_text_input"},
    }
    inputs = [text_input(label, **element) for label, element in elements.items()]

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(*inputs))
        await ack()

    @town.app.view("resolve")
    async def resolve(ack: AsyncAck, view: dict[str, Any]) -> None:
        heard.update(view["state"]["values"])
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop add", at="#support")
    support = town.slack.workspace.channel("#support").id

    await ana.fill("Cause", "people")
    await ana.fill("Causes", ["People", "Other"])
    await ana.fill("Owner", "Bo")
    await ana.fill("Owners", ["Bo", "Ana"])
    await ana.fill("Place", "#support")
    await ana.fill("Talk", "#support")
    await ana.fill("Day", "2026-11-20")
    await ana.fill("Hour", "09:30")
    await ana.fill("Moment", 1795000000)
    await ana.fill("Way", "Other")
    await ana.fill("Flags", "Other")
    await ana.fill("Hours", 12)
    await ana.fill("Mail", "nobody")
    await ana.fill("Rich", "hello")
    refused = await ana.submit()
    await ana.fill("Hours", 3)
    await ana.fill("Mail", "jo@larkfield.example")
    await ana.submit()

    assert refused == {
        "Hours": "Please enter a number of at most 9.",
        "Mail": "Please enter a valid email address.",
    }
    assert heard["cause"]["x"]["selected_option"] == options[0]
    assert [option["value"] for option in heard["causes"]["x"]["selected_options"]] == ["P", "O"]
    assert heard["owner"]["x"]["selected_user"] == town.slack.person("Bo").id
    assert heard["place"]["x"]["selected_channel"] == support
    assert heard["day"]["x"] == {"type": "datepicker", "selected_date": "2026-11-20"}
    assert heard["moment"]["x"]["selected_date_time"] == 1795000000
    assert heard["hours"]["x"]["value"] == "3"
    assert heard["rich"]["x"]["rich_text_value"]["type"] == "rich_text"
    with pytest.raises(NotThere, match="no modal open"):
        ana.modal()


async def test_what_is_not_on_the_screen_cannot_be_filled_or_chosen(town: Town) -> None:
    options = [{"text": {"type": "plain_text", "text": "People"}, "value": "p"}]

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        view = modal(text_input("Cause", type="static_select", options=options))
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop add")

    with pytest.raises(NotThere, match="no field 'Note'"):
        await ana.fill("Note", "x")
    with pytest.raises(NotThere, match="There are: People"):
        await ana.fill("Cause", "Weather")


async def test_a_command_is_answered_to_one_person_and_later_by_its_response_url(town: Town) -> None:
    @town.app.command("/loop")
    async def loop(ack: AsyncAck, command: dict[str, Any], respond: Any) -> None:
        await ack(f"You wrote {command['text']}")
        await respond(text="And later", response_type="ephemeral")

    ana, bo = town.slack.person("Ana"), town.slack.person("Bo")
    await town.client.auth_test()

    await ana.command("/loop mine", at="#support")

    assert [row.text for row in ana.private_answers()] == ["And later", "You wrote mine"]
    assert bo.private_answers() == []
    assert town.slack.workspace.refusals == []


async def test_a_slow_app_shows_operation_timeout_and_a_failing_one_dispatch_failed(town: Town) -> None:
    @town.app.command("/slow")
    async def slow(ack: AsyncAck) -> None:
        await asyncio.sleep(0.6)
        await ack()

    ana = town.slack.person("Ana")

    await ana.command("/slow")
    await ana.command("/nobody-listens")

    assert ana.troubles() == [
        "/slow failed with the error “operation_timeout”.",
        "/nobody-listens failed with the error “dispatch_failed”.",
    ]


async def test_an_event_that_fails_comes_again_under_the_same_id(town: Town) -> None:
    heard: list[tuple[str, str | None, str | None]] = []

    @town.app.event("message")
    async def message(body: dict[str, Any], request: Any) -> None:
        number = request.headers.get("x-slack-retry-num", [None])[0]
        heard.append((body["event_id"], number, request.headers.get("x-slack-retry-reason", [None])[0]))
        if len(heard) < 3:
            raise RuntimeError("not yet")

    await town.slack.person("Ana").post("#support", "It broke again")

    assert [(number, reason) for _, number, reason in heard] == [
        (None, None),
        ("1", "http_error"),
        ("2", "http_error"),
    ]
    assert len({event_id for event_id, _, _ in heard}) == 1


async def test_messages_reach_the_app_only_from_where_it_is(town: Town) -> None:
    heard: list[dict[str, Any]] = []

    @town.app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    @town.app.event("app_mention")
    async def mention(event: dict[str, Any]) -> None:
        heard.append(event)

    ana = town.slack.person("Ana")

    await ana.post("#random", "nobody hears this")
    seen = await ana.post("#support", "ask @Bo & @hearback <!channel>")
    await ana.reply("in the thread", to=seen)

    bo, bot = town.slack.person("Bo").id, town.slack.workspace.bot.id
    texts = sorted((event["type"], event["text"]) for event in heard)
    assert texts == [
        ("app_mention", f"ask <@{bo}> &amp; <@{bot}> &lt;!channel&gt;"),
        ("message", f"ask <@{bo}> &amp; <@{bot}> &lt;!channel&gt;"),
        ("message", "in the thread"),
    ]
    assert heard[-1]["thread_ts"] == seen.ts
    assert heard[-1]["channel_type"] == "channel"
    assert [row.text for row in ana.thread_of(seen)] == ["in the thread"]


async def test_the_home_is_published_and_pressed_with_its_view(town: Town) -> None:
    heard: list[dict[str, Any]] = []

    @town.app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": card(TAKE)})

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    ana = town.slack.person("Ana")

    home = await ana.open_home()
    await ana.press("Take", on="home")

    assert "A low score" in home.words
    assert heard[0]["view"]["type"] == "home"
    assert heard[0]["container"]["type"] == "view"
    assert "message" not in heard[0]
    assert "response_url" not in heard[0]


async def test_modals_stack_update_and_tell_that_they_were_closed(town: Town) -> None:
    closed: list[tuple[str, bool]] = []

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        view = modal(*card(TAKE), private_metadata="first", notify_on_close=True)
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        view = modal(*card(words="on top"), private_metadata="second", notify_on_close=True)
        await client.views_push(trigger_id=body["trigger_id"], view=view)
        await ack()

    @town.app.view_closed("resolve")
    async def gone(ack: AsyncAck, body: dict[str, Any]) -> None:
        closed.append((body["view"]["private_metadata"], body["is_cleared"]))
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop")

    await ana.press("Take")
    on_top = ana.modal().words
    await ana.back()
    below = ana.modal().buttons
    await ana.press("Take")
    await ana.close()

    assert on_top == "on top"
    assert below == [":hand: Take"]
    assert closed == [("second", False), ("second", True), ("first", True)]
    assert not ana.has_modal()


async def test_an_answer_to_a_submission_may_update_push_and_clear(town: Town) -> None:
    answers: Iterator[dict[str, Any]] = iter(
        [
            {"response_action": "update", "view": modal(text_input("Two", initial_value="b"))},
            {"response_action": "push", "view": modal(text_input("Three", initial_value="c"))},
            {"response_action": "clear"},
        ]
    )

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("One", initial_value="a")))
        await ack()

    @town.app.view("resolve")
    async def resolve(ack: AsyncAck) -> None:
        await ack(**next(answers))

    ana = town.slack.person("Ana")
    await ana.command("/loop")
    seen = []

    while ana.has_modal():
        seen.append((ana.modal().labels, len(town.slack.workspace.stack(ana.id))))
        await ana.submit()

    assert seen == [(["One"], 1), (["Two"], 1), (["Three"], 2)]


async def test_errors_for_a_field_that_is_not_there_are_a_fault_of_the_app(town: Town) -> None:
    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("One", initial_value="a")))
        await ack()

    @town.app.view("resolve")
    async def resolve(ack: AsyncAck) -> None:
        await ack(response_action="errors", errors={"elsewhere": "No."})

    ana = town.slack.person("Ana")
    await ana.command("/loop")

    await ana.submit()

    assert ana.has_modal()
    assert ana.troubles() == ["We had some trouble connecting. Try again?"]
    assert town.slack.workspace.refusals[0].error == "invalid_ack"


async def test_shortcuts_on_a_message_and_without_one(town: Town) -> None:
    heard: list[str] = []

    @town.app.shortcut("log_feedback")
    async def log(ack: AsyncAck, shortcut: dict[str, Any]) -> None:
        heard.append(shortcut.get("message", {}).get("text", "global"))
        await ack()

    bo = town.slack.person("Bo")
    seen = await bo.post("#support", "The customer was cross")

    await bo.shortcut("log_feedback", on=seen)
    await bo.shortcut("log_feedback")

    assert heard == ["The customer was cross", "global"]


async def test_an_external_select_offers_what_the_app_suggests(town: Town) -> None:
    heard: list[Any] = []

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        view = modal(text_input("Customer", type="external_select", action_id="customer"))
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @town.app.options("customer")
    async def suggest(ack: AsyncAck, payload: dict[str, Any]) -> None:
        text = {"type": "plain_text", "text": f"{payload['value']} Ostrowska"}
        await ack(options=[{"text": text, "value": "c-118"}])

    @town.app.view("resolve")
    async def resolve(ack: AsyncAck, view: dict[str, Any]) -> None:
        heard.append(view["state"]["values"]["customer"]["customer"]["selected_option"]["value"])
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop")
    view = ana.modal()

    options = await town.slack.hands.suggestions(
        ana.id, view.container, block_id="customer", action_id="customer", typed="Wanda"
    )
    await ana.fill("Customer", "c-118")
    await ana.submit()

    assert [option["text"]["text"] for option in options] == ["Wanda Ostrowska"]
    assert heard == ["c-118"]


async def test_an_ephemeral_message_is_seen_by_one_and_replaced_through_its_response_url(town: Town) -> None:
    @town.app.action("take")
    async def take(ack: AsyncAck, respond: Any) -> None:
        await ack()
        await respond(text="Done", replace_original=True)

    ana, bo = town.slack.person("Ana"), town.slack.person("Bo")
    await town.client.chat_postEphemeral(channel="#support", user=ana.id, text="Only you", blocks=card(TAKE))

    with pytest.raises(NotThere):
        await bo.press("Take")
    await ana.press("Take")

    assert [row.words for row in ana.private_answers()] == ["Done"]
    assert bo.messages_in("#support") == []
    history = await town.client.conversations_history(channel=town.slack.workspace.channel("#support").id)
    assert history["messages"] == []


async def test_a_response_url_serves_five_times(town: Town) -> None:
    urls: list[str] = []

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, command: dict[str, Any]) -> None:
        urls.append(command["response_url"])
        await ack()

    await town.client.auth_test()
    await town.slack.person("Ana").command("/loop")

    answers = [(await town.http.post(urls[0], json={"text": "again"})).json() for _ in range(6)]

    assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
    assert answers[-1]["error"] == "used_url"


async def test_a_confirmed_choice_in_a_message_select_carries_its_state(town: Town) -> None:
    heard: list[dict[str, Any]] = []
    options = [{"text": {"type": "plain_text", "text": text}, "value": text} for text in ("Low", "High")]
    select = {
        "type": "static_select",
        "action_id": "urgency",
        "placeholder": {"type": "plain_text", "text": "Urgency"},
        "options": options,
    }

    @town.app.action("urgency")
    async def urgency(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    await town.client.chat_postMessage(channel="#support", text="A card", blocks=card(select))

    await town.slack.person("Ana").choose("Urgency", "High", on="#support")

    assert heard[0]["actions"][0]["selected_option"] == options[1]
    assert heard[0]["state"]["values"]["moves"]["urgency"]["selected_option"] == options[1]


async def test_joining_and_a_new_status_are_events(town: Town) -> None:
    heard: list[tuple[str, str]] = []

    @town.app.event("member_joined_channel")
    async def joined(event: dict[str, Any]) -> None:
        heard.append(("joined", event["user"]))

    @town.app.event("user_profile_changed")
    async def profile(event: dict[str, Any]) -> None:
        heard.append(("status", event["user"]["profile"]["status_text"]))

    town.slack.workspace.subscriptions = {"member_joined_channel", "user_profile_changed"}
    cy = town.slack.person("Cy")

    await cy.join("#support")
    await cy.join("#random")
    await cy.set_status("On holiday", emoji=":palm_tree:")

    assert heard == [("joined", cy.id), ("status", "On holiday")]


async def test_only_what_the_app_subscribed_to_is_sent(town: Town) -> None:
    town.slack.workspace.subscriptions = {"message.im"}
    ana = town.slack.person("Ana")

    await ana.post("#support", "not this")
    await ana.post(town.slack.workspace.direct(ana.id, town.slack.workspace.bot.id).id, "but this")

    assert [envelope["event"]["text"] for envelope in town.slack.wire.sent] == ["but this"]


async def test_a_modal_without_a_submit_button_cannot_be_submitted(town: Town) -> None:
    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        view = {"type": "modal", "title": {"type": "plain_text", "text": "Help"}, "blocks": card(words="Read this")}
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop help")

    with pytest.raises(NotThere, match="no submit button"):
        await ana.submit()


async def test_a_test_may_look_at_every_payload_that_arrives(town: Town) -> None:
    seen: list[str] = []
    town.slack.workspace.on_payload.append(lambda kind, payload: seen.append(f"{kind} {len(payload['blocks'])}"))

    await town.client.chat_postMessage(channel="#support", text="x", blocks=card(TAKE))
    await town.client.views_publish(user_id=town.slack.person("Ana").id, view={"type": "home", "blocks": card()})

    assert seen == ["message 2", "home 1"]


async def test_an_input_that_dispatches_tells_the_app_and_an_update_keeps_what_was_typed(town: Town) -> None:
    heard: list[dict[str, Any]] = []
    name = {**text_input("Name"), "dispatch_action": True}

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(name, text_input("Note")))
        await ack()

    @town.app.action("x")
    async def typed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(body)
        view = modal(name, text_input("Note"), text_input("Team", initial_value="Care"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    ana = town.slack.person("Ana")
    await ana.command("/loop")

    await ana.fill("Note", "kept")
    await ana.fill("Name", "Wanda")

    values = heard[0]["view"]["state"]["values"]
    assert heard[0]["actions"][0]["value"] == "Wanda"
    assert (values["note"]["x"]["value"], values["name"]["x"]["value"]) == ("kept", "Wanda")
    assert ana.modal().labels == ["Name", "Note", "Team"]
    assert (ana.filled("Note"), ana.filled("Team")) == ("kept", "Care")
    assert len(heard) == 1


async def test_a_message_is_deleted_through_its_response_url_which_dies_after_half_an_hour(town: Town) -> None:
    urls: list[str] = []

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack()

    await town.client.chat_postMessage(channel="#support", text="A card", blocks=card(TAKE))
    ana = town.slack.person("Ana")
    await ana.press("Take")
    now = town.slack.workspace.real_time

    town.slack.workspace.real_time = lambda: now() + 31 * 60
    late = (await town.http.post(urls[0], json={"delete_original": True})).json()
    town.slack.workspace.real_time = now
    still_there = len(ana.messages_in("#support"))
    in_time = (await town.http.post(urls[0], json={"delete_original": True})).json()

    assert (late["error"], still_there) == ("expired_url", 1)
    assert in_time == {"ok": True}
    assert ana.messages_in("#support") == []


async def test_an_event_that_is_answered_too_late_comes_again_with_the_reason(town: Town) -> None:
    heard: list[str | None] = []

    @town.app.event("message")
    async def message(request: Any) -> None:
        heard.append(request.headers.get("x-slack-retry-reason", [None])[0])
        if len(heard) == 1:
            await asyncio.sleep(1)

    await town.slack.person("Ana").post("#support", "hello")

    assert heard == [None, "http_timeout"]
