"""The one edge where anything unexpected ends: it is logged under a reference, and the person gets a sentence."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.context import Context
from bot.slack.errors import SlackCallError, sentence_for
from bot.slack.listeners import replies
from bot.slack.payloads import PickedMessage, Press, Submission
from bot.slack.views import modals

log = logging.getLogger(__name__)

_JSON: Final = {"content-type": "application/json;charset=utf-8"}


async def failed(context: Context, error: Exception, body: Mapping[str, Any], ack: AsyncAck) -> BoltResponse:
    """Return what Slack hears when a listener raised.

    What was acked is committed, so Slack hears that. Otherwise a modal and a command answer with the sentence; a
    press and an event answer 500, so that Slack marks the one and repeats the other.
    """
    reference = secrets.token_hex(4)
    _note(error, reference, str(body.get("type") or "command"))
    if ack.response is not None:
        return ack.response
    sentence = sentence_for(error, reference)
    match body.get("type"):
        case "view_submission":
            return _json(_in_modal(Submission.of(body), sentence))
        case "block_actions":
            _say_later(context, Press.of(body), error, sentence)
        case "message_action":
            _say_later(context, PickedMessage.of(body), error, sentence)
        case None if "command" in body:
            return _json({"response_type": "ephemeral", "text": sentence})
    return BoltResponse(status=500, body="")


def _note(error: Exception, reference: str, kind: str) -> None:
    if isinstance(error, SlackCallError) and error.sentence:
        log.warning("Slack refused a call while a %s was answered: %s", kind, error.code)
    else:
        log.error("Something unexpected, reference %s (%s)", reference, kind, exc_info=error)


def _in_modal(sent: Submission, sentence: str) -> dict[str, Any]:
    if sent.inputs:
        return replies.errors({sent.inputs[0]: sentence})
    return replies.update(modals.sentence(sentence))


def _say_later(context: Context, about: Press | PickedMessage, error: Exception, sentence: str) -> None:
    # A trigger that Slack has refused serves no second time.
    if about.response_url or (isinstance(about, Press) and not isinstance(error, SlackCallError)):
        context.background(_say(context, about, sentence))


async def _say(context: Context, about: Press | PickedMessage, sentence: str) -> None:
    if isinstance(about, Press):
        await replies.say(context, about, sentence)
    elif about.response_url:
        try:
            await replies.say_at(context, about.response_url, sentence)
        except SlackCallError as error:
            log.warning("somebody could not be told why a shortcut failed: %s", error.code)


def _json(answer: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=answer, headers=dict(_JSON))
