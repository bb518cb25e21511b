"""What the page may ask for: each act of a person, by name, with a sentence when it can't be done."""

from collections.abc import Awaitable, Callable

from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import NotThere
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.slack import PretendSlack

Act = Callable[[str, Json], Awaitable[Json]]


class Acts:
    """The acts of the page on one pretend Slack and its mailbox."""

    def __init__(self, slack: PretendSlack, *, mailbox: Mailbox | None) -> None:
        self.slack = slack
        self.mailbox = mailbox
        self._acts: dict[str, Act] = {
            "press": self._press,
            "select": self._press,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "back": self._back,
            "command": self._command,
            "shortcut": self._shortcut,
            "post": self._post,
            "read": self._read,
            "open_home": self._open_home,
            "mail_reply": self._mail_reply,
            "mail_bounce": self._mail_bounce,
            "wind": self._wind,
        }

    async def do(self, wish: Json) -> Json:
        """Do one act; the answer is `{"ok": true, ...}` or `{"ok": false, "error": sentence}`."""
        act = self._acts.get(str(wish.get("do")))
        member = str(wish.get("as") or "")
        if act is None:
            return {"ok": False, "error": f"There is no act {wish.get('do')!r}."}
        if member not in self.slack.workspace.members:
            return {"ok": False, "error": f"There is no member {member!r}."}
        before = len(self.slack.workspace.notices.get(member, ()))
        try:
            answer = await act(member, wish)
        except NotThere as refusal:
            return {"ok": False, "error": str(refusal)}
        except (KeyError, TypeError, AttributeError, ValueError) as problem:  # a malformed wish from the page
            return {"ok": False, "error": f"That act is incomplete: {problem!r}."}
        told = self.slack.workspace.notices.get(member, [])[before:]
        if told:
            return {"ok": False, "error": told[-1], **answer}
        return {"ok": not answer.get("errors"), **answer}

    async def _press(self, member: str, wish: Json) -> Json:
        given = {key: value for key, value in wish.items() if key == "value" or key.startswith("selected_")}
        if "rich_text_value" in wish:
            given["rich_text_value"] = wish["rich_text_value"]
        await self.slack.hands.press(
            member,
            wish["container"],
            block_id=wish["block_id"],
            action_id=wish["action_id"],
            given=given,
            state=wish.get("state"),
        )
        return {}

    async def _suggest(self, member: str, wish: Json) -> Json:
        options = await self.slack.hands.suggestions(
            member,
            wish["container"],
            block_id=wish["block_id"],
            action_id=wish["action_id"],
            typed=str(wish.get("value", "")),
        )
        return {"options": options}

    async def _submit(self, member: str, wish: Json) -> Json:
        errors = await self.slack.hands.submit(member, wish["view_id"], wish.get("state"))
        return {"errors": errors} if errors else {}

    async def _close(self, member: str, wish: Json) -> Json:
        del wish
        await self.slack.hands.close(member)
        return {}

    async def _back(self, member: str, wish: Json) -> Json:
        del wish
        await self.slack.hands.back(member)
        return {}

    async def _command(self, member: str, wish: Json) -> Json:
        await self.slack.hands.command(member, wish["text"], channel=self._channel(wish))
        return {}

    async def _shortcut(self, member: str, wish: Json) -> Json:
        channel = self._channel(wish) if wish.get("channel") else None
        await self.slack.hands.shortcut(member, wish["callback_id"], channel=channel, ts=wish.get("ts", ""))
        return {}

    async def _post(self, member: str, wish: Json) -> Json:
        hands = self.slack.hands
        row = hands.post(member, self._channel(wish), wish["text"], thread_ts=wish.get("thread_ts"))
        return {"ts": row["ts"]}

    async def _read(self, member: str, wish: Json) -> Json:
        channel = self._channel(wish)
        if channel.top and channel.read.get(member) != channel.top[-1]:
            channel.read[member] = channel.top[-1]
            self.slack.workspace.touch()
        return {}

    async def _open_home(self, member: str, wish: Json) -> Json:
        self.slack.hands.open_home(member, tab=wish.get("tab", "home"))
        return {}

    async def _mail_reply(self, member: str, wish: Json) -> Json:
        del member
        await self._mails().reply(wish["id"], text=wish["text"])
        return {}

    async def _mail_bounce(self, member: str, wish: Json) -> Json:
        del member
        await self._mails().bounce(wish["id"])
        return {}

    async def _wind(self, member: str, wish: Json) -> Json:
        del member
        hours = float(wish["hours"])
        if hours <= 0:
            raise NotThere("The clock only winds forward.")
        self.slack.workspace.wind(hours)
        return {}

    def _mails(self) -> Mailbox:
        if self.mailbox is None:
            raise NotThere("There is no mailbox here.")
        return self.mailbox

    def _channel(self, wish: Json) -> Channel:
        try:
            return self.slack.workspace.channel(wish["channel"])
        except KeyError:
            raise NotThere(f"There is no channel {wish.get('channel')!r}.") from None
