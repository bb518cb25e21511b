"""Sending what was drawn to Slack, and saying exactly what came of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery import readback
from bot.delivery.drawing import CardDrawn, HomeDrawn, LineDrawn, NoticeDrawn, PostDrawn
from bot.delivery.outcomes import outcome
from bot.delivery.pace import Pace
from bot.delivery.troubles import Kind, Trouble, trouble
from bot.slack import ids
from bot.slack.views.message import Message
from storage.lanes import Claimed, Outcome, Standing

log: Final = logging.getLogger("hearback.delivery")

PLAIN_LENGTH: Final = 3000
PLAIN: Final = "Slack refused how it was drawn: it is shown as plain text."
SIMPLER: Final = "Slack refused its charts or its table: they are shown in words."
PLAIN_HOME: Final = "Your cases can't be shown here right now. Type /loop mine to see them."
NO_CARD_YET: Final = "It waits for the card under which it belongs."

Sendable = CardDrawn | LineDrawn | HomeDrawn | NoticeDrawn | PostDrawn


class _NoCardYetError(Exception):
    """The card under which a line belongs hasn't been posted."""


@dataclass(slots=True)
class _Attempt:
    """What is known so far about one intent while it is being sent."""

    claimed: Claimed
    in_doubt: bool
    """Somebody tried before, and it isn't known whether it arrived."""
    is_posting: bool = False
    """From here on a failure leaves it open whether Slack took it."""
    stands: Standing | None = None
    is_gone: Standing | None = None
    note: str | None = None


class SlackSender:
    """Posts, changes and publishes; remembers only where members' direct messages and named channels are."""

    def __init__(
        self, slack: AsyncWebClient, *, clock: Callable[[], datetime], pace: Pace, random: Callable[[], float]
    ) -> None:
        """Call nothing yet. `random` gives numbers from 0 to 1."""
        self._slack, self._clock, self._pace, self._random = slack, clock, pace, random
        self._channels: dict[str, str] = {}

    async def send(self, drawn: Sendable) -> Outcome:
        """Send one; never raises for anything that Slack or the network does."""
        attempt = _Attempt(drawn.claimed, in_doubt=drawn.claimed.is_unclear)
        try:
            async with asyncio.timeout(self._pace.lease / 2):
                if isinstance(drawn, CardDrawn):
                    await self._card(drawn, attempt)
                elif isinstance(drawn, LineDrawn):
                    await self._line(drawn, attempt)
                elif isinstance(drawn, NoticeDrawn):
                    await self._notice(drawn, attempt)
                elif isinstance(drawn, PostDrawn):
                    await self._single(drawn, attempt)
                else:
                    await self._home(drawn, attempt)
        except _NoCardYetError:
            return self._failed(attempt, Trouble(Kind.REFUSED, NO_CARD_YET))
        except Exception as error:  # noqa: BLE001 -- the one edge of sending: whatever it was becomes an outcome
            return self._failed(attempt, trouble(error, is_new=attempt.is_posting))
        return self._sent(attempt)

    async def _card(self, drawn: CardDrawn, attempt: _Attempt) -> None:
        stands = drawn.stands
        if stands is None and attempt.in_doubt:
            stands = await self._found(drawn, attempt)
            attempt.stands = stands
        if stands is not None:
            try:
                await self._change((stands.channel, stands.ts), drawn.message, attempt)
            except SlackApiError as error:
                if trouble(error, is_new=False).kind is not Kind.GONE:
                    raise
                attempt.is_gone, attempt.stands = stands, None
            else:
                return
        channel, ts = await self._post(await self._channel(drawn.place), drawn.message, attempt)
        self._channels.setdefault(drawn.place, channel)
        attempt.stands = Standing(
            subject=drawn.subject, place=drawn.place, case_id=drawn.case_id, channel=channel, ts=ts
        )

    async def _line(self, drawn: LineDrawn, attempt: _Attempt) -> None:
        card = drawn.stands
        if card is None:
            raise _NoCardYetError
        if attempt.in_doubt:
            key, since = drawn.claimed.key, drawn.claimed.created_at
            found = await readback.find(self._slack, channel=card.channel, key=key, since=since, thread_ts=card.ts)
            attempt.in_doubt = False
            if found is not None:
                return
        await self._post(card.channel, drawn.message, attempt, thread_ts=card.ts)

    async def _notice(self, drawn: NoticeDrawn, attempt: _Attempt) -> None:
        channel = await self._channel(drawn.member)
        if attempt.in_doubt and channel.startswith("#"):
            channel = self._channels[drawn.member] = await readback.channel_id(self._slack, channel) or channel
        if attempt.in_doubt and not channel.startswith("#"):
            key, since = drawn.claimed.key, drawn.claimed.created_at
            found = await readback.find(self._slack, channel=channel, key=key, since=since)
            attempt.in_doubt = False
            if found is not None:
                return
        await self._post(channel, drawn.message, attempt)

    async def _single(self, drawn: PostDrawn, attempt: _Attempt) -> None:
        """Post it once; one that stands is changed, and one that was deleted stays away."""
        if drawn.stands is not None:
            try:
                await self._change(drawn.stands, drawn.message, attempt)
            except SlackApiError as error:
                if trouble(error, is_new=False).kind is not Kind.GONE:
                    raise
            return
        if attempt.in_doubt and await self._sought(drawn.place, drawn.claimed, attempt) is not None:
            return
        channel, _ = await self._post(await self._channel(drawn.place), drawn.message, attempt)
        self._channels.setdefault(drawn.place, channel)

    async def _home(self, drawn: HomeDrawn, attempt: _Attempt) -> None:
        try:
            await self._slack.views_publish(user_id=drawn.member, view=drawn.view)
        except SlackApiError as error:
            if trouble(error, is_new=False).kind is not Kind.TOO_MUCH:
                raise
            plain = {"type": "section", "text": {"type": "plain_text", "text": PLAIN_HOME}}
            await self._slack.views_publish(user_id=drawn.member, view={"type": "home", "blocks": [plain]})
            self._note(attempt, PLAIN)

    async def _found(self, drawn: CardDrawn, attempt: _Attempt) -> Standing | None:
        """Look for a card that may have been posted."""
        ts = await self._sought(drawn.place, drawn.claimed, attempt)
        if ts is None:
            return None
        channel = self._channels[drawn.place]
        return Standing(subject=drawn.subject, place=drawn.place, case_id=drawn.case_id, channel=channel, ts=ts)

    async def _sought(self, place: str, claimed: Claimed, attempt: _Attempt) -> str | None:
        """Look for what may have been posted at a place; afterwards there is no doubt."""
        channel = await self._channel(place)
        if channel.startswith("#"):
            channel = await readback.channel_id(self._slack, channel) or channel
        self._channels[place] = channel
        # A card that stood before was posted anew because it had been deleted; it is only ever younger than that.
        since = claimed.sent_at or claimed.created_at
        ts = None
        if not channel.startswith("#"):
            ts = await readback.find(self._slack, channel=channel, key=claimed.key, since=since)
        attempt.in_doubt = False
        return ts

    async def _post(
        self, channel: str, message: Message, attempt: _Attempt, *, thread_ts: str | None = None
    ) -> tuple[str, str]:
        said: dict[str, Any] = {
            "channel": channel,
            "text": message.text,
            # Members can see metadata: the key names rows, never people.
            "metadata": {"event_type": ids.METADATA_EVENT, "event_payload": {"key": attempt.claimed.key}},
            "unfurl_links": False,
            "unfurl_media": False,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        }
        attempt.is_posting = True
        answer = await self._said("chat.postMessage", said, message, attempt, is_new=True)
        posted = str(answer["channel"]), str(answer["ts"])
        attempt.is_posting = False
        return posted

    async def _change(self, stands: tuple[str, str], message: Message, attempt: _Attempt) -> None:
        channel, ts = stands
        said: dict[str, Any] = {"channel": channel, "ts": ts, "text": message.text}
        await self._said("chat.update", said, message, attempt, is_new=False)

    async def _said(
        self, method: str, said: dict[str, Any], message: Message, attempt: _Attempt, *, is_new: bool
    ) -> AsyncSlackResponse:
        """Say it as it is drawn; what Slack refuses is said more simply, at last as plain text."""
        drawn = {"blocks": message.blocks} if message.blocks or not is_new else {}
        plain: dict[str, Any] = {"text": message.text[:PLAIN_LENGTH], **({} if is_new else {"blocks": []})}
        simpler = [{"blocks": message.simpler}] if message.simpler and message.simpler != message.blocks else []
        *ways, last = [(drawn, None), *((one, SIMPLER) for one in simpler), (plain, PLAIN)]
        for way, note in ways:
            try:
                answer = await self._call(method, said | way)
            except SlackApiError as error:
                if trouble(error, is_new=is_new).kind is not Kind.TOO_MUCH:
                    raise
            else:
                if note:
                    self._note(attempt, note)
                return answer
        answer = await self._call(method, said | last[0])
        self._note(attempt, PLAIN)
        return answer

    async def _call(self, method: str, said: dict[str, Any]) -> AsyncSlackResponse:
        """Call a method with what is JSON already: the client's own methods would walk through every block."""
        return await self._slack.api_call(method, json=said)

    async def _channel(self, place: str) -> str:
        """Name the channel of a place as Slack wants it: for a member, that of their direct messages."""
        if place not in self._channels and place.startswith(("U", "W")):
            opened = await self._slack.conversations_open(users=place)
            self._channels[place] = str(opened["channel"]["id"])
        return self._channels.get(place, place)

    def _note(self, attempt: _Attempt, note: str) -> None:
        attempt.note = note
        log.warning("Intent %s (%s): %s", attempt.claimed.id, attempt.claimed.kind, note)

    def _sent(self, attempt: _Attempt) -> Outcome:
        now = self._clock()
        return Outcome(
            claimed=attempt.claimed,
            state="sent",
            attempts=0,  # it may be wanted again already
            not_before=now,
            sent_at=now,
            problem=attempt.note,
            lane_opens_at=self._spaced(now),
            stands=attempt.stands,
            is_gone=attempt.is_gone,
        )

    def _failed(self, attempt: _Attempt, why: Trouble) -> Outcome:
        now, claimed = self._clock(), attempt.claimed
        in_doubt = attempt.in_doubt or why.kind is Kind.UNCLEAR
        judged = _judged(why, claimed, pace=self._pace, random=self._random)
        state = "dead" if judged.is_dead else ("unclear" if in_doubt else "waiting")
        if judged.is_dead:
            log.warning("Intent %s (%s) is given up: %s", claimed.id, claimed.kind, why.sentence)
        return outcome(
            claimed,
            state,
            at=now,
            wait=judged.wait,
            counts=judged.counts,
            problem=why.sentence,
            lane_opens_at=now + timedelta(seconds=judged.wait) if judged.holds_lane else self._spaced(now),
            stands=attempt.stands,
            is_gone=attempt.is_gone,
        )

    def _spaced(self, now: datetime) -> datetime | None:
        return now + timedelta(seconds=self._pace.spacing) if self._pace.spacing else None


@dataclass(frozen=True, slots=True)
class _Judged:
    wait: float
    holds_lane: bool
    """Nothing else goes out there meanwhile: the order stays, and a sick Slack isn't hammered."""
    counts: bool = True
    is_dead: bool = False


def _judged(why: Trouble, claimed: Claimed, *, pace: Pace, random: Callable[[], float]) -> _Judged:
    short = pace.wait(claimed.attempts, base=pace.backoff, random=random)
    match why.kind:
        case Kind.SLOW_DOWN:
            return _Judged(max(why.wait, pace.spacing), holds_lane=True, counts=False)
        case Kind.UNREACHABLE:
            return _Judged(pace.wait(2, base=pace.backoff, random=random), holds_lane=True, counts=False)
        case Kind.UNCLEAR:
            return _Judged(pace.settle, holds_lane=True, is_dead=claimed.attempts >= pace.patience)
        case Kind.OUTAGE:
            return _Judged(short, holds_lane=True, is_dead=claimed.attempts >= pace.patience)
        case Kind.REFUSED:
            long = pace.wait(claimed.attempts, base=pace.long_backoff, random=random)
            return _Judged(long, holds_lane=False, is_dead=claimed.attempts >= pace.max_attempts)
        case _:
            return _Judged(short, holds_lane=False, is_dead=claimed.attempts >= pace.max_attempts)
