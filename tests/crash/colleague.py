"""One person at their screen: presses what they see, and once more when Slack says that it didn't work."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any, Final

from bot.sandbox.channels import Json
from bot.sandbox.elements import NotThere, elements
from bot.slack import ids
from tests.crash.ledger import Ledger, Promise
from tests.crash.outside import Outside, key_of

LOOKS: Final = 0.1
PATIENCE: Final = 8.0


class Colleague:
    """One member of the workspace. Nobody else acts as them, so what is on their screen is their own doing."""

    def __init__(self, member: str, *, outside: Outside, ledger: Ledger, chance: random.Random) -> None:
        self.member = member
        self.ledger = ledger
        self.chance = chance
        self.outside = outside
        self._workspace, self._hands = outside.workspace, outside.slack.hands
        self._inbox = self._workspace.direct(member, self._workspace.bot.id)

    def inbox(self) -> list[tuple[str, str]]:
        """List what the app has written to them: (key, ts) each."""
        messages = self._inbox.messages
        return [(key, ts) for ts in self._inbox.top if (key := key_of(messages[ts]))]

    def button(self, ts: str, action_id: str) -> tuple[Json, Json] | None:
        """Find a button on a message as it is now: its block and itself."""
        blocks = self._inbox.messages[ts].get("blocks") or []
        return next(((block, one) for block, one in elements(blocks) if one["action_id"] == action_id), None)

    async def appears(self, ts: str, action_id: str) -> bool:
        """Wait a little for a button: the house may be down, and redraws what it was told when it is back."""
        for _ in range(int(PATIENCE / LOOKS)):
            if self.button(ts, action_id) is not None:
                return True
            await asyncio.sleep(LOOKS)
        return False

    async def press(self, ts: str, action_id: str, promise: Promise) -> bool:
        """Press until it is acked, or the button is gone. Tells whether it was acked."""
        while self.button(ts, action_id) is not None:
            if await self._press_once(ts, action_id):
                promise.is_acked = True
                return True
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        return False

    async def fill_in(self, ts: str, action_id: str, promise: Promise, **entered: str) -> bool:
        """Press a button that opens a form, fill it in and submit it until it is taken. Tells whether it was acked."""
        if not await self._opened(ts, action_id):
            return False
        promise.is_acked = await self._submitted(_state(entered))
        return promise.is_acked

    async def write_mail(self, ts: str, promise: Promise) -> bool:
        """Press the button that offers the mail, look at its preview, and send it as it is."""
        if not await self._opened(ts, ids.TELL):
            return False
        # The form is followed by the preview, in the same modal.
        promise.is_acked = await self._submitted({}) and await self._submitted({})
        return promise.is_acked

    async def reply(self, key: str, promise: Promise) -> None:
        """Write into the thread of a card; Slack tells the app until it is acked."""
        places = self._workspace.posted.get(key)
        if places:
            channel, ts = places[-1]
            self._hands.post(self.member, self._workspace.channels[channel], promise.words, thread_ts=ts)
            promise.is_acked = True

    async def tidy(self) -> None:
        """Close whatever is open."""
        if self._workspace.stack(self.member):
            await self._hands.close(self.member)

    async def _opened(self, ts: str, action_id: str) -> bool:
        await self.tidy()
        while self.button(ts, action_id) is not None:
            is_acked = await self._press_once(ts, action_id)
            if self._workspace.stack(self.member):
                return True
            if is_acked:
                self.ledger.presses["told why not"] += 1
                return False
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        return False

    async def _press_once(self, ts: str, action_id: str) -> bool:
        found = self.button(ts, action_id)
        if found is None:
            return False
        block, _ = found
        container = {"message": {"channel": self._inbox.id, "ts": ts}}
        pressing = self._hands.press(self.member, container, block_id=block["block_id"], action_id=action_id)
        return (await self._acked(pressing))[0]

    async def _submitted(self, state: Json) -> bool:
        """Submit the modal on top until it is taken. False: it was refused, or something else has opened over it."""
        view_id = self._workspace.stack(self.member)[-1]["id"]
        while True:
            try:
                is_acked, errors = await self._acked(self._hands.submit(self.member, view_id, state))
            except NotThere:
                self.ledger.presses["modal gone"] += 1
                await self.tidy()
                return False
            if is_acked:
                break
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        if errors:
            self.ledger.presses["told why not"] += 1
            await self.tidy()
        return not errors

    async def _acked(self, doing: Awaitable[Any]) -> tuple[bool, Any]:
        """Do it; Slack says so on the screen of whoever pressed when the app didn't answer."""
        notices = self._workspace.notices.setdefault(self.member, [])
        before = len(notices)
        result = await doing
        is_acked = len(notices) == before
        self.ledger.presses["acked" if is_acked else "unanswered"] += 1
        return is_acked, result


def _state(entered: dict[str, str]) -> Json:
    """Shape what was entered as Slack does: choices are options, everything else is text."""
    choices = {"root_cause", "channel"}
    return {
        name: {"value": {"selected_option": {"value": value}} if name in choices else {"value": value}}
        for name, value in entered.items()
    }
