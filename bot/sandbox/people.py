"""A person at their screen, for tests: they press what they see, and can't press what isn't there."""

from datetime import datetime

from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import NotThere, find, held
from bot.sandbox.interactions import Hands
from bot.sandbox.people_forms import entry
from bot.sandbox.screen import Seen, field_named, plain, pressable
from bot.sandbox.workspace import Workspace

__all__ = ["NotThere", "Person", "Seen"]

Where = Seen | str | None


class Person:
    """One member in front of Slack. Every move raises NotThere when the screen doesn't offer it."""

    def __init__(self, workspace: Workspace, hands: Hands, member: str) -> None:
        self.workspace = workspace
        self.hands = hands
        self.member = hands.member(member)
        self.id = self.member.id
        self._drafts: dict[str, Json] = {}
        self._errors: dict[str, str] = {}

    # What they see

    def messages_in(self, place: str) -> list[Seen]:
        """Return the messages of a channel (`#name` or id), oldest first, without thread replies."""
        channel = self._channel(place)
        rows = [channel.messages[ts] for ts in channel.top] + self._for_me(channel)
        rows = [row for row in rows if row.get("thread_ts") in (None, row["ts"]) or row.get("subtype")]
        return [self._seen(channel, row) for row in sorted(rows, key=lambda row: str(row["ts"]))]

    def latest_in(self, place: str) -> Seen:
        """Return the newest message of a channel."""
        rows = self.messages_in(place)
        if not rows:
            raise NotThere(f"There is nothing in {place} yet.")
        return rows[-1]

    def thread_of(self, message: Seen) -> list[Seen]:
        """Return the replies in a message's thread, oldest first, with those only they can see."""
        channel = self._channel(message.channel_id)
        parent_ts = message.raw.get("thread_ts") or message.ts
        rows = [channel.messages[ts] for ts in channel.threads.get(parent_ts, [])]
        rows += [row for row in self._for_me(channel) if row.get("thread_ts") == parent_ts]
        return [self._seen(channel, row) for row in sorted(rows, key=lambda row: str(row["ts"]))]

    def direct_messages(self) -> list[Seen]:
        """Return what is in their direct messages with the app, oldest first."""
        return self.messages_in(self.workspace.direct(self.id, self.workspace.bot.id).id)

    def private_answers(self) -> list[Seen]:
        """Everything shown to them only, in any channel, oldest first."""
        rows = [
            self._seen(channel, row) for channel in self.workspace.channels.values() for row in self._for_me(channel)
        ]
        return sorted(rows, key=lambda seen: seen.ts)

    def modal(self) -> Seen:
        """Return the modal on top."""
        stack = self.workspace.stack(self.id)
        if not stack:
            raise NotThere(f"{self.member.real_name} has no modal open. Slack told them: {self.troubles()}.")
        return Seen({"view": stack[-1]["id"]}, stack[-1])

    def has_modal(self) -> bool:
        """Whether a modal is open."""
        return bool(self.workspace.modals.get(self.id))

    def home(self) -> Seen:
        """Return the app's Home as it was last published for them."""
        view_id = self.workspace.homes.get(self.id)
        if view_id is None:
            raise NotThere(f"{self.member.real_name} has no Home yet: open it first.")
        return Seen({"view": view_id}, self.workspace.views[view_id])

    def errors(self) -> dict[str, str]:
        """Return what the last submit was refused for, by the label of the field."""
        return dict(self._errors)

    def troubles(self) -> list[str]:
        """Return what Slack itself told them when the app failed: operation_timeout, dispatch_failed and the like."""
        return list(self.workspace.notices.get(self.id, ()))

    def again(self, seen: Seen) -> Seen:
        """Return the same thing as it is now."""
        if "view" in seen.container:
            view = self.workspace.views.get(seen.container["view"])
            if view is None:
                raise NotThere("That view is gone.")
            return Seen(seen.container, view)
        channel = self._channel(seen.channel_id)
        row = channel.messages.get(seen.ts) or self.workspace.ephemeral(channel, seen.ts)
        if row is None or row.get("ephemeral_for", self.id) != self.id:
            raise NotThere("That message is gone.")
        return self._seen(channel, row)

    # What they do

    async def press(self, text: str, *, on: Where = None) -> None:
        """Press the button (or overflow entry) with this text.

        `on` is something seen (its present state counts), "home", "modal" or a channel's latest message; without
        it, the open modal, else the newest message they can see that has the button.
        """
        seen = self._look(on) if on is not None else self._newest_with(text)
        block, element, given = pressable(seen, text)
        await self._press(seen, block, element, given)

    async def press_as_seen(self, text: str, *, on: Seen) -> None:
        """Press a button on a screen that hasn't been redrawn since `on` was looked at."""
        block, element, given = pressable(on, text)
        await self.hands.press_stale(self.id, on.container, on.raw, block=block, element=element, given=given)

    async def press_id(self, action_id: str, *, block_id: str, on: Where = None) -> None:
        """Press the button with these ids, where several have the same text."""
        seen = self._look(on)
        block, element = find(seen.blocks, block_id=block_id, action_id=action_id)
        await self._press(seen, block, element, {})

    async def choose(self, label: str, value: object, *, on: Where = None) -> None:
        """Choose in a select, picker or checkbox outside a form: by its placeholder or the text beside it."""
        await self.fill(label, value, on=on)

    async def fill(self, label: str, value: object, *, on: Where = None) -> None:
        """Fill in the input with this label (the modal on top unless `on` says otherwise).

        Options and people go by their visible text or name, dates as `2026-11-22`, times as `09:30`, several
        choices as a list. It reaches the app at once where Slack would send it (`dispatch_action`, no input block).
        """
        seen = self._look(on)
        block, element = field_named(seen, label)
        given = await entry(self.hands, self.id, seen, block=block, element=element, value=value)
        draft = self._drafts.setdefault(_key(seen), {})
        draft.setdefault(block["block_id"], {})[element["action_id"]] = given
        if block["type"] != "input" or block.get("dispatch_action"):
            await self._press(seen, block, element, given)

    def filled(self, label: str, *, on: Where = None) -> object:
        """Return what is in a field now: what they entered, else what it was prefilled with."""
        seen = self._look(on)
        block, element = field_named(seen, label)
        return held(block, element, self._drafts.get(_key(seen)))

    async def submit(self) -> dict[str, str]:
        """Submit the modal on top; the answer (also `errors()`) is what was refused, by label."""
        seen = self.modal()
        labels = {block["block_id"]: block["label"]["text"] for block in seen.blocks if block["type"] == "input"}
        refused = await self.hands.submit(self.id, seen.raw["id"], self._drafts.get(_key(seen)))
        self._errors = {labels[block_id]: sentence for block_id, sentence in refused.items()}
        return self.errors()

    async def close(self) -> None:
        """Close every open modal."""
        await self.hands.close(self.id)

    async def back(self) -> None:
        """Leave the modal on top."""
        await self.hands.back(self.id)

    async def command(self, text: str, *, at: str | None = None) -> None:
        """Type a slash command, in a channel or in the direct messages with the app."""
        await self.hands.command(self.id, text, channel=self._channel(at) if at else self._im())

    async def shortcut(self, callback_id: str, *, on: Seen | None = None) -> None:
        """Use a message shortcut on something seen, or a global one."""
        if on is None:
            await self.hands.shortcut(self.id, callback_id)
        else:
            channel = self._channel(on.channel_id)
            await self.hands.shortcut(self.id, callback_id, channel=channel, ts=on.ts)

    async def post(self, place: str, text: str, *, thread: Seen | None = None) -> Seen:
        """Write a message and wait until the app has heard of it; @names and #channels become links."""
        channel = self._channel(place)
        thread_ts = (thread.raw.get("thread_ts") or thread.ts) if thread else None
        row = self.hands.post(self.id, channel, text, thread_ts=thread_ts)
        await self.hands.wire.settle()
        return self._seen(channel, row)

    async def reply(self, text: str, *, to: Seen) -> Seen:
        """Write in a message's thread."""
        return await self.post(to.channel_id, text, thread=to)

    async def join(self, place: str) -> None:
        """Join a channel."""
        self.hands.join(self.id, self._channel(place))
        await self.hands.wire.settle()

    async def set_status(self, text: str, *, emoji: str = "") -> None:
        """Set their status, such as `On holiday` with `:palm_tree:`."""
        self.hands.set_status(self.id, text=text, emoji=emoji)
        await self.hands.wire.settle()

    async def ask_for_silence(self, *, start: datetime, end: datetime) -> None:
        """Pause Slack's notifications from one time to another."""
        self.hands.ask_for_silence(self.id, start=start, end=end)
        await self.hands.wire.settle()

    async def open_home(self) -> Seen:
        """Open the app's Home and wait until the app has had its say."""
        self.hands.open_home(self.id)
        await self.hands.wire.settle()
        return self.home()

    async def _press(self, seen: Seen, block: Json, element: Json, given: Json) -> None:
        await self.hands.press(
            self.id,
            seen.container,
            block_id=block["block_id"],
            action_id=element["action_id"],
            given=given,
            state=self._drafts.get(_key(seen)),
        )

    def _look(self, on: Where) -> Seen:
        if on is None or on == "modal":
            return self.modal()
        if on == "home":
            return self.home()
        if isinstance(on, str):
            return self.latest_in(on)
        return self.again(on)

    def _newest_with(self, text: str) -> Seen:
        if self.has_modal():
            return self.modal()
        seen = [
            row
            for channel in self.workspace.channels.values()
            if self.id in channel.member_ids
            for row in self._all_in(channel)
            if plain(text) in map(plain, row.buttons)
        ]
        if not seen:
            raise NotThere(f"{self.member.real_name} sees no button {text!r} anywhere.")
        return max(seen, key=lambda row: row.ts)

    def _all_in(self, channel: Channel) -> list[Seen]:
        return [self._seen(channel, row) for row in (*channel.messages.values(), *self._for_me(channel))]

    def _for_me(self, channel: Channel) -> list[Json]:
        return [row for row in channel.ephemeral if row["ephemeral_for"] == self.id]

    def _seen(self, channel: Channel, row: Json) -> Seen:
        return Seen({"message": {"channel": channel.id, "ts": row["ts"]}}, row)

    def _im(self) -> Channel:
        return self.workspace.direct(self.id, self.workspace.bot.id)

    def _channel(self, place: str) -> Channel:
        try:
            channel = self.workspace.channel(place)
        except KeyError:
            raise NotThere(f"There is no channel {place}.") from None
        if channel.kind != "channel" and self.id not in channel.member_ids:
            raise NotThere(f"{self.member.real_name} can't see {place}.")
        return channel


def _key(seen: Seen) -> str:
    if "view" in seen.container:
        return str(seen.container["view"])
    return f"{seen.container['message']['channel']}/{seen.container['message']['ts']}"
