"""Answers that come in by a response_url: shown, replaced or deleted where the interaction came from."""

from typing import Any

from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import name_elements
from bot.sandbox.rules import message_problems
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import change_event
from bot.sandbox.workspace import RESPONSE_URL_LIVES, RESPONSE_URL_USES, ResponseUrl


def answer_to_response_url(slack: PretendSlack, key: str, body: Any) -> str | None:
    """Do what was posted to a response_url; the answer is Slack's error, or None."""
    workspace = slack.workspace
    url = workspace.response_urls.get(key)
    error = _refusal(slack, url, body)
    if error:
        workspace.refuse("response_url", error)
        return error
    assert url is not None
    url.uses += 1
    channel = workspace.channels[url.channel]
    if body.get("delete_original"):
        return _delete(slack, channel, url)
    problems = message_problems(body)
    if problems:
        workspace.refuse("response_url", "invalid_blocks", problems)
        return "invalid_blocks"
    if body.get("replace_original") and url.source_ts:
        return _replace(slack, channel, url, body)
    slack.views.show_answer(channel, url.member, body)
    return None


def _refusal(slack: PretendSlack, url: ResponseUrl | None, body: Any) -> str | None:
    if url is None or slack.workspace.real_time() - url.born > RESPONSE_URL_LIVES:
        return "expired_url"
    if url.uses >= RESPONSE_URL_USES:
        return "used_url"
    if not isinstance(body, dict):
        return "invalid_payload"
    if not (body.get("delete_original") or body.get("text") or body.get("blocks")):
        return "no_text"
    return None


def _delete(slack: PretendSlack, channel: Channel, url: ResponseUrl) -> str | None:
    ts = url.source_ts or ""
    if url.ephemeral:
        channel.ephemeral[:] = [row for row in channel.ephemeral if row["ts"] != ts]
    elif ts in channel.messages:
        previous = channel.remove(ts)
        slack.wire.emit(change_event(slack.workspace, channel, message=None, previous=previous), channel=channel)
    else:
        return "message_not_found"
    slack.workspace.touch()
    return None


def _replace(slack: PretendSlack, channel: Channel, url: ResponseUrl, body: Json) -> str | None:
    workspace = slack.workspace
    ts = url.source_ts or ""
    for look in workspace.on_payload:
        look("message", body)
    fresh = {"text": body.get("text", ""), "blocks": body.get("blocks") or []}
    name_elements(workspace, fresh["blocks"])
    if url.ephemeral:
        channel.ephemeral[:] = [{**row, **fresh} if row["ts"] == ts else row for row in channel.ephemeral]
    elif ts in channel.messages:
        previous = channel.messages[ts]
        channel.messages[ts] = {**previous, **fresh}
        event = change_event(workspace, channel, message=channel.messages[ts], previous=previous)
        slack.wire.emit(event, channel=channel)
    else:
        return "message_not_found"
    workspace.touch()
    return None
