"""A whole team at work: each takes their cases and tasks from their direct messages and works them to the end."""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Final

from bot.sandbox.elements import elements
from bot.slack import ids
from tests.crash import town
from tests.crash.colleague import Colleague
from tests.crash.ledger import Ledger
from tests.crash.outside import Outside

REST: Final = 0.1


class People:
    """Everybody who works, and what they were promised."""

    def __init__(self, outside: Outside, *, seed: int, do_reply: bool) -> None:
        self.ledger = Ledger()
        self._do_reply = do_reply
        self._numbers = itertools.count(1)
        members = [one for department in town.MEMBERS.values() for one in department]
        self._colleagues = [
            Colleague(one, outside=outside, ledger=self.ledger, chance=random.Random(f"{seed} {one}"))
            for one in members
        ]

    async def work(self, is_over: Callable[[], bool]) -> None:
        """Work until it is over; whatever is begun then is still finished."""
        async with asyncio.TaskGroup() as team:
            for one in self._colleagues:
                team.create_task(self._day(one, is_over))

    async def settle_unclear(self) -> int:
        """Look after mails of which nobody knows whether they arrived; gives how many there were."""
        return sum([await self._settle(one) for one in self._colleagues])

    async def _day(self, colleague: Colleague, is_over: Callable[[], bool]) -> None:
        worked: set[str] = set()
        while not is_over():
            fresh = [(key, ts) for key, ts in colleague.inbox() if ts not in worked]
            if not fresh:
                await asyncio.sleep(REST)
                continue
            key, ts = colleague.chance.choice(fresh)
            worked.add(ts)
            subject = key.partition("@")[0]
            if subject.startswith("owner:"):
                await self._case(colleague, ts, int(subject.removeprefix("owner:")))
            elif subject.startswith("task:"):
                task_id = int(subject.removeprefix("task:"))
                words = self._words("Done")
                promise = self.ledger.promise("done", task_id, by=colleague.member, words=words)
                await colleague.fill_in(ts, ids.TASK_DO, promise, outcome=words)

    async def _case(self, colleague: Colleague, ts: str, case_id: int) -> None:
        """Work one case: take it, do some of what can be done, resolve it, and tell the customer."""
        by, chance, promise = colleague.member, colleague.chance, self.ledger.promise
        if not await colleague.press(ts, ids.TAKE, promise("taken", case_id, by=by)):
            return
        if chance.random() < 0.3:
            words = self._words("Note")
            await colleague.fill_in(ts, ids.NOTE, promise("note", case_id, by=by, words=words), text=words)
        if self._do_reply and chance.random() < 0.2:
            place = next(iter(_cards(colleague.outside, case_id)), "")
            await colleague.reply(place, promise("reply", case_id, by=by, words=self._words("Reply")))
        if chance.random() < 0.3:
            words = self._words("Call")
            made = promise("contact", case_id, by=by, words=words)
            await colleague.fill_in(ts, ids.LOG_CONTACT, made, channel="phone", text=words)
        if chance.random() < 0.7:
            await self._end(colleague, ts, case_id)

    async def _end(self, colleague: Colleague, ts: str, case_id: int) -> None:
        by, words = colleague.member, self._words("Changed")
        can_reach = colleague.button(ts, ids.LOG_CONTACT) is not None
        made = self.ledger.promise("resolved", case_id, by=by, words=words)
        if not await colleague.fill_in(ts, ids.RESOLVE, made, root_cause="process", what_changed=words):
            return
        if not can_reach or not await colleague.appears(ts, ids.LOG_TOLD):
            return  # the case of an anonymous customer ends here; or the house has much to draw just now
        if colleague.chance.random() < 0.6 and colleague.button(ts, ids.TELL) is not None:
            await colleague.write_mail(ts, self.ledger.promise("mail", case_id, by=by, words=words))
        else:
            words = self._words("Told")
            made = self.ledger.promise("told", case_id, by=by, words=words)
            await colleague.fill_in(ts, ids.LOG_TOLD, made, channel="phone", text=words)

    async def _settle(self, colleague: Colleague) -> int:
        arrived = {str(mail.message["Message-ID"]) for mail in colleague.outside.mailbox.mails}
        settled = 0
        for _, ts in colleague.inbox():
            found = colleague.button(ts, ids.MAIL_ARRIVED)
            if found is None:
                continue
            mail_id = int(found[1]["value"])
            has_arrived = any(f".mail-{mail_id}." in one for one in arrived)
            kind = "arrived" if has_arrived else "lost"
            made = self.ledger.promise(kind, mail_id, by=colleague.member)
            await colleague.press(ts, ids.MAIL_ARRIVED if has_arrived else ids.MAIL_LOST, made)
            settled += 1
        return settled

    def _words(self, what: str) -> str:
        return f"{what} no. {next(self._numbers)}."


def _cards(outside: Outside, case_id: int) -> Iterator[str]:
    """Name the cards of a case that stand in channels."""
    for name in town.DEPARTMENTS:
        key = f"case:{case_id}@#{name}"
        if key in outside.workspace.posted:
            yield key


def is_quiet(outside: Outside) -> bool:
    """Tell whether nothing on anybody's screen waits for a decision about a mail."""
    return not any(
        one["action_id"] == ids.MAIL_ARRIVED
        for channel in outside.workspace.channels.values()
        if channel.is_im
        for message in channel.messages.values()
        for _, one in elements(message.get("blocks") or [])
    )
