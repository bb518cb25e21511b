"""Whatever is pressed, sent or answered twice, or by two people at once, happens once."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from story_house import House
from story_moves import excuse, log, reopen, resolve, take, tell, told

from bot.sandbox.mailbox import MailFault
from bot.slack import ids
from bot.slack.listeners.buttons import MOVES
from storage.tables import Case, Customer, Response
from storage.time_tables import Run, Schedule

pytestmark = pytest.mark.anyio


@contextmanager
def first_commit_held(house: House) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Hold open the first transaction that is about to commit; gives (is held, may go on)."""
    held, may_go = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        if not held.is_set():
            held.set()
            may_go.wait(2)

    event.listen(house.db.engine, "commit", hold)
    try:
        yield held, may_go
    finally:
        may_go.set()
        event.remove(house.db.engine, "commit", hold)


async def overlapping(house: House, first: Awaitable[object], second: Awaitable[object]) -> list[object]:
    """Begin the second while the first one's transaction is open, and end both."""
    with first_commit_held(house) as (held, may_go):
        one = asyncio.ensure_future(first)
        await asyncio.to_thread(held.wait, 2)
        other = asyncio.ensure_future(second)
        await asyncio.sleep(0.3)
        assert held.is_set()
        assert not one.done()
        assert not other.done()
        may_go.set()
        answers = [await one, await other]
    await house.settle()
    return answers


async def test_of_two_people_who_press_take_at_once_one_gets_the_case_and_the_other_is_told(house: House) -> None:
    case_id = await house.answer()
    ana, ben = house.people("Ana", "Ben")

    await overlapping(house, ben.press("Take", on="#support"), ana.press("Take", on="#support"))

    assert house.row(case_id).owner == "UBEN"
    assert house.events(case_id).count("taken") == 1
    assert "<@UBEN> has taken case" in ana.private_answers()[-1].text
    assert ben.private_answers() == []


async def test_two_low_responses_of_a_new_customer_at_once_open_one_case(house: House) -> None:
    first, second = await overlapping(house, house.answered(score=2), house.answered(score=1))

    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["case"] == second["case"] is not None
    assert len(house.all(Case)) == len(house.all(Customer)) == len(house.cards()) == 1
    assert len(house.all(Response)) == 2


async def test_the_same_response_twice_at_once_is_one_response(house: House) -> None:
    answers = await overlapping(house, house.answered(id="r1", score=2), house.answered(id="r1", score=2))

    assert [one["status"] for one in answers if isinstance(one, dict)] == ["new", "known"]
    assert len(house.all(Response)) == len(house.all(Case)) == len(house.cards()) == 1


async def test_a_second_press_of_any_button_that_moves_something_is_harmless(house: House) -> None:
    pressed = set[str]()

    async def twice(name: str, button: str, place: str = "#support") -> None:
        who = house.person(name)
        seen = who.latest_in(place)
        await who.press_as_seen(button, on=seen)
        await house.settle()
        pressed.add(house.interactions[-1]["actions"][0]["action_id"])
        before = house.counts()
        await who.press_as_seen(button, on=seen)
        await house.settle()
        assert house.counts() == before
        assert who.private_answers() == []  # not even a refusal: it is as they wished

    await house.answer()
    await twice("Ana", "Take")
    for form in (_pause, _promise):
        await form(house)
        await house.person("Ana").close()
    await twice("Ana", "Resume")
    await twice("Ana", "Promise kept")
    await resolve(house, "Ana")
    await tell(house, "Ana")
    await twice("Ana", "Take back")
    for fault, button in ((MailFault.DROPPED, "It did not arrive"), (MailFault.LOST_REPLY, "It arrived")):
        house.mailbox.next(fault)
        await tell(house, "Ana")
        await house.wind(minutes=3)
        await twice("Ana", button)
    await reopen(house, "Ana")
    await excuse(house, "Ana")
    await twice("Nora", "Approve", "#managers")

    elsewhere = {ids.UMBRELLA_TAKE, ids.SCALE_RIGHT}  # in the stories of storms and of forms that are upside-down
    assert pressed == set(MOVES) - {ids.SEND_AGAIN, ids.BACK} - elsewhere  # the first two are about no case


async def test_every_submitted_modal_may_arrive_twice(house: House) -> None:
    submitted = set[str]()

    async def again() -> None:
        before = house.counts()
        reply = await house.again()
        assert reply.ok
        assert "errors" not in (reply.body or {})
        assert house.counts() == before
        submitted.add(house.interactions[-1]["view"]["callback_id"])

    await house.answer()
    for story in _lives(house):
        await story()
        await again()

    modals = {value for name, value in vars(ids).items() if name.startswith("MODAL_")}
    elsewhere = {ids.MODAL_UMBRELLA_RESOLVE, ids.MODAL_SCALE}  # in the stories of storms and of unknown scales
    elsewhere |= {ids.MODAL_LIMITS}  # in the stories of a changed policy
    elsewhere |= {ids.MODAL_DIGEST, ids.MODAL_DIGEST_DRAFT, ids.MODAL_DIGEST_POST}  # below
    assert submitted == modals - elsewhere


async def test_a_digest_whose_forms_arrive_twice_is_made_and_posted_once(house: House) -> None:
    nora = house.person("Nora")
    await nora.command("/loop digests")
    await nora.press("New digest")
    for label, value in {"Name": "Mornings", "What does it tell?": "Closed without telling"}.items():
        await nora.fill(label, value)
    for _ in range(2):  # the form, then the look at what it makes
        assert "errors" not in (await nora.submit())
        await house.again()
    await house.settle()
    await nora.close()
    await nora.command("/loop digests")
    await nora.press("Look")

    await nora.submit()
    await house.again()

    assert [one.name for one in house.all(Schedule)] == ["Mornings"]
    assert len(house.all(Run)) == 1


def _lives(house: House) -> list[Callable[[], Awaitable[object]]]:
    """Go once through every modal there is; the last thing that each does is to submit one."""
    ana, nora = house.people("Ana", "Nora")

    async def form(who: object, button: str, fields: dict[str, str], place: str = "#support") -> None:
        person = house.person("Nora") if who is nora else house.person("Ana")
        await person.press(button, on=place)
        for label, value in fields.items():
            await person.fill(label, value)
        assert await person.submit() == {}
        await house.settle()

    async def feedback() -> None:
        await ana.command("/loop add")
        await ana.fill("Score", "1")
        assert await ana.submit() == {}
        await house.settle()

    task = {"What is to be done?": "Correct the invoice", "Department": "Product"}
    home = "home"

    async def opened_home(button: str, fields: dict[str, str], name: str) -> None:
        who = house.person(name)
        await house.home(name)
        await who.press(button, on=home)
        for label, value in fields.items():
            await who.fill(label, value)
        assert await who.submit() == {}
        await house.settle()

    async def shown(button: str) -> None:
        await ana.close() if ana.has_modal() else None
        await ana.press(button, on="#support")
        assert await ana.submit() == {}

    async def sent() -> None:
        assert await ana.submit() == {}
        await house.settle()

    return [
        lambda: form(ana, "Hand over", {"Person": "Ben"}),
        lambda: form(ana, "Note", {"Note": "She was upset."}),
        lambda: log(house, "Ana", "Log contact"),
        lambda: _pause(house),
        lambda: _put_off(house),
        lambda: _promise(house),
        lambda: _withdraw(house),
        lambda: _add_task(house, task),
        lambda: opened_home("Hand over", {"Person": "Ana"}, "Elif"),
        lambda: opened_home("Done", {}, "Ana"),
        lambda: form(ana, "Add task", task),
        lambda: opened_home("Not needed", {"Why isn't it needed any more?": "It was right."}, "Elif"),
        lambda: excuse(house, "Ana"),
        lambda: form(nora, "Decline", {"Why not, and what should happen next?": "Call once more."}, "#managers"),
        lambda: shown("Write to customer"),
        sent,
        lambda: _after_the_mail(house),
        lambda: shown("Tell customer"),
        sent,
        lambda: _told_then_reopened(house),
        lambda: _told_by_phone(house),
        feedback,
        lambda: opened_home("I'm away", {}, "Ben"),
    ]


async def _in_the_case(house: House, button: str, fields: dict[str, object]) -> None:
    """Open the case, press a button there, and submit its form."""
    ana = house.person("Ana")
    await ana.close() if ana.has_modal() else None
    await ana.press("Open case", on="#support")
    await ana.press(button, on="modal")
    for label, value in fields.items():
        await ana.fill(label, value)
    assert await ana.submit() == {}
    await house.settle()


async def _pause(house: House) -> None:
    await _in_the_case(house, "Pause", {"What do you wait for?": "A photo."})


async def _put_off(house: House) -> None:
    await _in_the_case(house, "Put off reminders", {})


async def _promise(house: House) -> None:
    due = house.now() + timedelta(days=2)
    await _in_the_case(house, "Promise", {"What did you promise the customer?": "I call her.", "For when?": due})


async def _withdraw(house: House) -> None:
    await _in_the_case(house, "Withdraw", {"Why doesn't it hold any more?": "She called us."})


async def _add_task(house: House, fields: dict[str, str]) -> None:
    ana = house.person("Ana")
    await ana.close()
    await ana.press("Add task", on="#support")
    for label, value in fields.items():
        await ana.fill(label, value)
    assert await ana.submit() == {}
    await house.settle()


async def _after_the_mail(house: House) -> None:
    await house.wind(minutes=3)
    await resolve(house, "Ana")


async def _told_then_reopened(house: House) -> None:
    await house.wind(minutes=3)
    await reopen(house, "Ana")


async def _told_by_phone(house: House) -> None:
    await resolve(house, "Ana")
    await log(house, "Ana", "Log as told")


async def test_an_event_that_slack_repeats_is_kept_once(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")
    await ana.reply("I will call her.", to=ana.latest_in("#support"))
    envelope = next(one for one in house.slack.wire.sent if one["event"].get("text") == "I will call her.")
    before = house.counts()

    reply = await house.slack.wire._send("events_api", envelope, {"retry_num": 1, "retry_reason": "http_timeout"})
    await house.settle()

    assert reply.ok
    assert house.counts() == before
    assert house.events(case_id).count("note") == 1


async def test_a_told_mail_is_sent_once_whatever_is_pressed_again(house: House) -> None:
    await house.answer()
    await take(house, "Ana")
    await told(house)

    await house.again()
    await house.wind(days=1)

    assert len(house.mailbox.mails) == 1
