"""The Web API refuses what Slack refuses and answers in its words."""

import pytest
from sandbox_town import Town
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.channels import Json
from bot.sandbox.slack import PretendSlack
from bot.sandbox.workspace import Workspace

pytestmark = pytest.mark.anyio

HOME: Json = {"type": "home", "blocks": [{"type": "divider"}]}


def call(slack: PretendSlack, method: str, **params: object) -> Json:
    return slack.api.call(method, dict(params), token=slack.workspace.bot_token).body


def text_of(answer: Json) -> list[str]:
    return [message["text"] for message in answer["messages"]]


def test_a_wrong_token_a_missing_one_and_an_unknown_method(slack: PretendSlack) -> None:
    assert slack.api.call("auth.test", {}, token="xoxb-other").body == {"ok": False, "error": "invalid_auth"}
    assert slack.api.call("auth.test", {}, token="").body["error"] == "not_authed"
    assert call(slack, "chat.shout")["error"] == "unknown_method"


def test_auth_test_tells_the_scopes_and_a_missing_one_is_named(slack: PretendSlack) -> None:
    slack.workspace.scopes = {"users:read"}

    answer = slack.api.call("auth.test", {}, token=slack.workspace.bot_token)
    refused = call(slack, "chat.postMessage", channel="#support", text="x")

    assert answer.headers["x-oauth-scopes"] == "users:read"
    assert answer.body["user_id"] == slack.workspace.bot.id
    assert refused == {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "users:read"}


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "#random", "text": "x"}, "not_in_channel"),
        ({"channel": "#old", "text": "x"}, "is_archived"),
        ({"channel": "#support"}, "no_text"),
        ({"channel": "#support", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#support", "text": "x", "attachments": [{"text": "a"}] * 101}, "too_many_attachments"),
        ({"channel": "#support", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "#support", "text": "x", "blocks": [{"type": "sextion"}]}, "invalid_blocks"),
        ({"channel": "#support", "text": "x", "thread_ts": "1.2"}, "thread_not_found"),
        ({"channel": "#support", "text": "x", "metadata": {"event_type": "k"}}, "invalid_metadata_format"),
        (
            {"channel": "#support", "text": "x", "metadata": {"event_type": "k", "event_payload": {"a": "x" * 16_000}}},
            "metadata_too_large",
        ),
    ],
)
def test_a_post_that_slack_refuses(slack: PretendSlack, params: Json, error: str) -> None:
    slack.workspace.add_channel("#old", slack.workspace.bot).is_archived = True

    answer = call(slack, "chat.postMessage", **params)

    assert answer["error"] == error
    assert slack.workspace.refusals[-1].error == error


def test_blocks_without_a_text_are_posted_with_a_warning_and_kept_as_a_refusal(slack: PretendSlack) -> None:
    answer = call(slack, "chat.postMessage", channel="#support", blocks=[{"type": "divider"}])

    assert answer["ok"]
    assert answer["warning"] == "missing_text_in_message"
    assert slack.workspace.refusals[0].error == "missing_text_in_message"


def test_many_long_blocks_together_are_too_long(slack: PretendSlack) -> None:
    def blocks(count: int) -> list[Json]:
        return [{"type": "section", "text": {"type": "plain_text", "text": "x" * 2900}} for _ in range(count)]

    four, five = (call(slack, "chat.postMessage", channel="#support", text="x", blocks=blocks(n)) for n in (4, 5))

    assert four["ok"]
    assert five["error"] == "msg_blocks_too_long"


def test_an_update_changes_only_the_apps_own_messages(slack: PretendSlack) -> None:
    workspace = slack.workspace
    support = workspace.channel("#support")
    others = workspace.post(support, {"user": "U1", "text": "mine"})
    own = call(slack, "chat.postMessage", channel="#support", text="a", blocks=[{"type": "divider"}])
    where = {"channel": support.id, "ts": own["ts"]}

    assert call(slack, "chat.update", channel=support.id, ts=others["ts"], text="x")["error"] == "cant_update_message"
    assert call(slack, "chat.update", channel=support.id, ts="1.0", text="x")["error"] == "message_not_found"
    assert "edited" not in call(slack, "chat.update", **where, text="b", blocks=[{"type": "divider"}])["message"]
    plain = call(slack, "chat.update", **where, text="c")["message"]
    assert "blocks" not in plain
    assert plain["edited"]["user"] == workspace.bot.id
    assert call(slack, "chat.delete", channel=support.id, ts=others["ts"])["error"] == "cant_delete_message"
    assert call(slack, "chat.delete", **where)["ok"]
    assert call(slack, "chat.delete", **where)["error"] == "message_not_found"


def test_metadata_survives_an_update_without_it_and_is_read_only_when_asked_for(slack: PretendSlack) -> None:
    support = slack.workspace.channel("#support").id
    metadata = {"event_type": "intent", "event_payload": {"key": "7"}}
    posted = call(slack, "chat.postMessage", channel=support, text="a", metadata=metadata)
    call(slack, "chat.update", channel=support, ts=posted["ts"], text="b")

    silent = call(slack, "conversations.history", channel=support)["messages"][0]
    asked = call(slack, "conversations.history", channel=support, include_all_metadata="true")["messages"][0]

    assert "metadata" not in silent
    assert asked["metadata"] == metadata


def test_history_has_no_replies_and_pages_backwards(slack: PretendSlack) -> None:
    support = slack.workspace.channel("#support").id
    posted = [call(slack, "chat.postMessage", channel=support, text=str(n))["ts"] for n in range(5)]
    call(slack, "chat.postMessage", channel=support, text="reply", thread_ts=posted[1])

    first = call(slack, "conversations.history", channel=support, limit="2")
    second = call(
        slack, "conversations.history", channel=support, limit=2, cursor=first["response_metadata"]["next_cursor"]
    )
    since = call(slack, "conversations.history", channel=support, oldest=posted[2])
    inclusive = call(slack, "conversations.history", channel=support, oldest=posted[3], inclusive=True)
    between = call(slack, "conversations.history", channel=support, oldest=posted[0], latest=posted[2])

    assert text_of(first) == ["4", "3"]
    assert first["has_more"]
    assert text_of(second) == ["2", "1"]
    assert text_of(since) == ["4", "3"]
    assert text_of(inclusive) == ["4", "3"]
    assert text_of(between) == ["1"]
    assert second["messages"][1]["reply_count"] == 1


def test_replies_bring_the_thread_with_its_parent(slack: PretendSlack) -> None:
    support = slack.workspace.channel("#support").id
    parent = call(slack, "chat.postMessage", channel=support, text="parent")["ts"]
    reply = call(slack, "chat.postMessage", channel=support, text="one", thread_ts=parent)["ts"]
    nested = call(slack, "chat.postMessage", channel=support, text="two", thread_ts=reply)

    answer = call(slack, "conversations.replies", channel=support, ts=parent)

    assert text_of(answer) == ["parent", "one", "two"]
    assert nested["message"]["thread_ts"] == parent
    assert call(slack, "conversations.replies", channel=support, ts="1.0")["error"] == "thread_not_found"


def test_a_deleted_parent_leaves_a_tombstone_while_it_has_replies(slack: PretendSlack) -> None:
    support = slack.workspace.channel("#support").id
    parent = call(slack, "chat.postMessage", channel=support, text="parent")["ts"]
    reply = call(slack, "chat.postMessage", channel=support, text="one", thread_ts=parent)["ts"]

    call(slack, "chat.delete", channel=support, ts=parent)

    top = call(slack, "conversations.history", channel=support)["messages"][0]
    assert top["subtype"] == "tombstone"
    assert call(slack, "chat.update", channel=support, ts=parent, text="x")["error"] == "message_not_found"
    assert call(slack, "chat.update", channel=support, ts=reply, text="still here")["ok"]


def test_history_lags_behind_what_was_posted(slack: PretendSlack) -> None:
    now = [1000.0]
    slack.workspace.real_time = lambda: now[0]
    slack.workspace.history_lag = 15
    support = slack.workspace.channel("#support").id
    call(slack, "chat.postMessage", channel=support, text="a")

    early = call(slack, "conversations.history", channel=support)
    now[0] += 16
    late = call(slack, "conversations.history", channel=support)

    assert text_of(early) == []
    assert text_of(late) == ["a"]


def test_stamps_are_unique_and_grow_even_when_the_clock_stands_still() -> None:
    from sandbox_town import workspace_of_three  # noqa: PLC0415 (a plain function beside the fixtures)

    workspace: Workspace = workspace_of_three()

    stamps = [workspace.next_ts() for _ in range(1000)]

    assert stamps == sorted(set(stamps))


def test_direct_messages_are_opened_by_member(slack: PretendSlack) -> None:
    ana = slack.person("Ana").id

    opened = call(slack, "conversations.open", users=ana)["channel"]["id"]
    posted = call(slack, "chat.postMessage", channel=ana, text="hello")

    assert posted["channel"] == opened
    assert [row.text for row in slack.person("Ana").direct_messages()] == ["hello"]
    assert call(slack, "conversations.open", users="U404")["error"] == "user_not_found"
    assert call(slack, "conversations.open", users=f"{ana},{slack.person('Bo').id}")["ok"]


def test_channels_are_listed_and_private_ones_hidden_from_strangers(slack: PretendSlack) -> None:
    workspace = slack.workspace
    secret = workspace.add_channel("#secret", private=True)
    ours = workspace.add_channel("#ours", workspace.bot, private=True)

    both = call(slack, "conversations.list", types="public_channel,private_channel", limit=2)
    rest = call(
        slack,
        "conversations.list",
        types="public_channel,private_channel",
        cursor=both["response_metadata"]["next_cursor"],
    )
    mine = call(slack, "users.conversations", types="public_channel,private_channel")

    assert [row["name"] for row in (*both["channels"], *rest["channels"])] == ["support", "random", "ours"]
    assert [row["name"] for row in mine["channels"]] == ["support", "ours"]
    assert call(slack, "conversations.info", channel=secret.id)["error"] == "channel_not_found"
    assert call(slack, "conversations.members", channel=ours.id)["members"] == [workspace.bot.id]
    assert call(slack, "conversations.history", channel=workspace.channel("random").id)["error"] == "not_in_channel"


def test_joining_is_for_public_channels(slack: PretendSlack) -> None:
    workspace = slack.workspace
    random = workspace.channel("#random").id
    ours = workspace.add_channel("#ours", workspace.bot, private=True)

    joined = call(slack, "conversations.join", channel=random)

    assert joined["channel"]["is_member"]
    assert call(slack, "chat.postMessage", channel=random, text="x")["ok"]
    assert call(slack, "conversations.join", channel=ours.id)["error"] == "method_not_supported_for_channel_type"


def test_people_are_found_by_id_and_by_address_in_any_case(slack: PretendSlack) -> None:
    ana = slack.workspace.members[slack.person("Ana").id]
    ana.tz = "Europe/Warsaw"

    found = call(slack, "users.lookupByEmail", email=ana.email.upper())["user"]
    unknown = call(slack, "users.lookupByEmail", email="nobody@northwind.example")
    slack.workspace.scopes.discard("users:read.email")
    hidden = call(slack, "users.info", user=ana.id)["user"]

    assert found["id"] == ana.id
    assert found["tz_offset"] == 3600
    assert unknown["error"] == "users_not_found"
    assert "email" not in hidden["profile"]
    assert [refused.error for refused in slack.workspace.refusals] == []


def test_a_trigger_serves_once_and_dies_after_three_seconds(slack: PretendSlack) -> None:
    now = [1000.0]
    slack.workspace.real_time = lambda: now[0]
    ana = slack.person("Ana").id
    title = {"type": "plain_text", "text": "T"}
    view = {"type": "modal", "title": title, "blocks": [{"type": "divider"}]}
    fresh, stale = slack.workspace.trigger(ana), slack.workspace.trigger(ana)

    first = call(slack, "views.open", trigger_id=fresh, view=view)
    again = call(slack, "views.open", trigger_id=fresh, view=view)
    now[0] += 3.1
    late = call(slack, "views.open", trigger_id=stale, view=view)
    made_up = call(slack, "views.open", trigger_id="x", view=view)

    assert first["ok"]
    assert (again["error"], late["error"]) == ("exchanged_trigger_id", "expired_trigger_id")
    assert made_up["error"] == "invalid_trigger_id"


def test_a_fourth_modal_is_one_too_many(slack: PretendSlack) -> None:
    ana = slack.person("Ana").id
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    top = call(slack, "views.open", trigger_id=slack.workspace.trigger(ana), view=view)["view"]["id"]

    answers = [
        call(slack, "views.push", trigger_id=slack.workspace.trigger(ana, view_id=top), view=view) for _ in range(3)
    ]

    assert [answer.get("error") for answer in answers] == [None, None, "push_limit_reached"]


def test_a_view_that_changed_meanwhile_is_a_hash_conflict(slack: PretendSlack) -> None:
    ana = slack.person("Ana").id
    old = call(slack, "views.publish", user_id=ana, view=HOME)["view"]["hash"]
    new = call(slack, "views.publish", user_id=ana, view=HOME, hash=old)["view"]["hash"]

    assert old != new
    assert call(slack, "views.publish", user_id=ana, view=HOME, hash=old)["error"] == "hash_conflict"
    assert call(slack, "views.update", view_id="V404", view=HOME)["error"] == "not_found"


def test_an_ephemeral_message_needs_its_reader_in_the_channel(slack: PretendSlack) -> None:
    answer = call(slack, "chat.postEphemeral", channel="#support", user=slack.person("Cy").id, text="x")

    assert answer["error"] == "user_not_in_channel"


def test_a_workspace_comes_back_as_it_was_dumped(slack: PretendSlack) -> None:
    workspace = slack.workspace
    workspace.wind(5)
    posted = call(slack, "chat.postMessage", channel=slack.person("Ana").id, text="kept")
    call(slack, "views.publish", user_id=slack.person("Ana").id, view=HOME)

    again = Workspace.load(workspace.dump(), clock=workspace.clock, real_time=workspace.real_time)

    person = PretendSlack(again).person("Ana")
    assert person.direct_messages()[0].text == "kept"
    assert person.home().raw["type"] == "home"
    assert again.offset == workspace.offset
    assert again.next_ts() > posted["ts"]
    assert again.dump()["members"] == workspace.dump()["members"]


async def test_the_sdk_reads_what_the_sandbox_answers(town: Town) -> None:
    names = [page["channels"][0]["name"] async for page in await town.client.conversations_list(limit=1)]
    posted = await town.client.chat_postMessage(channel="#support", text="x")
    link = await town.client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])
    stranger = AsyncWebClient("xoxb-no", base_url=town.client.base_url, retry_handlers=[])

    with pytest.raises(SlackApiError) as refused:
        await stranger.auth_test()

    assert names == ["support", "random"]
    assert link["permalink"].endswith(f"/p{posted['ts'].replace('.', '')}")
    assert refused.value.response["error"] == "invalid_auth"
    assert (await town.client.auth_test()).headers["x-oauth-scopes"].startswith("app_mentions:read")
    await town.client.reactions_add(channel=posted["channel"], timestamp=posted["ts"], name="eyes")
    assert town.slack.person("Ana").latest_in("#support").raw["reactions"][0]["name"] == "eyes"
