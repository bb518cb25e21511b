"""Random walks: whatever is done in whatever order, every promise holds after every step."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache

import pytest
from sqlmodel import Session, select
from story_house import START, House
from story_policy import POLICY
from story_promises import broken_promises

from bot.policies import apply
from bot.sandbox.people import NotThere, Person
from storage.database import Database
from storage.tables import Approval, Case, Event, Intent, Outreach, Response, Task
from storage.time_tables import Promise
from workflows import casework, excuses, intake, mails, outreach, pauses, promises, taskwork
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.refusal import Refusal
from workflows.scales import DEFAULT_SCALES

PEOPLE = ("UNORA", "UNORA", "UNORA", "UNORA", "UANA", "UBEN", "UGRETA", "UHUGO", "UELIF", "UZOE")
CUSTOMERS = ("jane@acme.test", "bo@acme.test", "cy@acme.test", None)
COMMENTS = ("", "The parcel was late.", "The invoice is wrong.", "It crashes.")
STEPS = 400
PRESSES = 50
Step = Callable[[Session], object]


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_promise_holds_after_every_move_in_any_order(db: Database, seed: int) -> None:
    policy, dice, at = load_once(), random.Random(seed), START
    db.write_now(lambda session: apply(session, policy, by="UNORA", at=START))
    done, states = 0, set[str]()
    for number in range(STEPS):
        at += timedelta(minutes=dice.choice((1, 30, 600)))
        step = _step(dice, number=number, at=at)
        try:
            db.write_now(step)
        except Refusal:
            continue
        done += 1
        assert db.read_now(lambda session, now=at: broken_promises(session, at=now)) == []  # type: ignore[misc]
        states |= set(db.read_now(lambda session: session.exec(select(Case.state)).all()))

    assert done > STEPS / 5
    assert states == {"new", "working", "ready", "told", "excused"}


def _step(dice: random.Random, *, number: int, at: datetime) -> Step:
    """Choose what is done next, by whom, and to what."""
    policy = load_once()
    by, to = dice.choice(PEOPLE), dice.choice(PEOPLE)
    who = {"policy": policy, "by": by, "at": at}
    department = dice.choice(("support", "billing", "product", None))

    def one(session: Session, model: type) -> int:
        ids = sorted(session.exec(select(model.id)).all())  # type: ignore[attr-defined]
        return int(dice.choice(ids)) if ids else 4711

    def case(session: Session) -> int:
        return one(session, Case)

    def mail(session: Session) -> int:
        sent = sorted(one or 0 for one in session.exec(select(Outreach.id).where(Outreach.state != "logged")))
        return dice.choice(sent) if sent else 4711

    answer = Answer(
        source="generic",
        external_id=f"r{dice.choice((number, number // 10))}",
        score=dice.choice((0.0, 2.0, 6.0, 9.0)),
        scale=DEFAULT_SCALES["nps"],
        submitted_at=at - timedelta(minutes=dice.choice((0, 60))),
        comment=dice.choice(COMMENTS),
        email=dice.choice(CUSTOMERS),
        customer_id=dice.choice(("c1", None)),
        account_manager=None,
    )
    kind, text = dice.choice(("contact", "told", "told")), dice.choice(("Because.", "Because.", "Because.", " "))
    later = timedelta(hours=dice.choice((-1, 1, 30, 200)))
    steps: list[Step] = [  # in the order of _OFTEN
        lambda s: intake.receive(s, answer, policy=policy, policy_version=1, at=at),
        lambda s: casework.take(s, case(s), **who),
        lambda s: casework.assign(s, case(s), to=dice.choice((to, None)), department=department, reason=text, **who),
        lambda s: casework.resolve(s, case(s), root_cause="process", root_cause_text="", what_changed=text, **who),
        lambda s: casework.resolve(s, case(s), root_cause="people", root_cause_text=text, what_changed="All.", **who),
        lambda s: casework.reopen(s, case(s), reason=text, **who),
        lambda s: casework.note(s, case(s), text=text, **who),
        lambda s: excuses.ask(s, case(s), excuse=dice.choice(("duplicate", "unreachable")), text=text, **who),
        lambda s: excuses.approve(s, one(s, Approval), **who),
        lambda s: excuses.decline(s, one(s, Approval), text=text, **who),
        lambda s: taskwork.add(
            s,
            case(s),
            title="Do it",
            department=department or "support",
            owner=dice.choice((to, None)),
            due_at=None,
            **who,
        ),
        lambda s: taskwork.do(s, one(s, Task), outcome=text, **who),
        lambda s: taskwork.cancel(s, one(s, Task), reason=text, **who),
        lambda s: taskwork.hand_over(s, one(s, Task), to=to, reason=text, **who),
        lambda s: mails.write(s, case(s), kind=kind, subject="Hello", body="Words.", language="en", **who),
        lambda s: outreach.log(s, case(s), kind=kind, channel="phone", happened_at=at, text="We talked.", **who),
        lambda s: mails.take_back(s, mail(s), **who),
        lambda s: outreach.begin(s, mail(s)),
        lambda s: outreach.accepted(s, mail(s), policy=policy, at=at),
        lambda s: outreach.refused(s, mail(s), reason="550", at=at),
        lambda s: outreach.unclear(s, mail(s), reason="gone", at=at),
        lambda s: outreach.mail_arrived(s, mail(s), **who),
        lambda s: outreach.mail_lost(s, mail(s), **who),
        lambda s: outreach.bounced(s, _message_id(s, dice), reason="550", policy=policy, at=at),
        lambda s: outreach.replied(s, [_message_id(s, dice)], sender="j@acme.test", text="Hm.", policy=policy, at=at),
        lambda s: pauses.pause(s, case(s), until=at + later, reason=text, **who),
        lambda s: pauses.resume(s, case(s), **who),
        lambda s: pauses.snooze(s, case(s), until=at + later, **who),
        lambda s: promises.give(s, case(s), text=text, due_at=at + later, **who),
        lambda s: promises.keep(s, one(s, Promise), **who),
        lambda s: promises.withdraw(s, one(s, Promise), reason=text, **who),
    ]
    return dice.choices(steps, weights=[6 if number in _OFTEN else 2 for number in range(len(steps))])[0]


# Responses, telling by hand, and what the mail server says: without enough of these, few cases get far.
_OFTEN = {0, 4, 7, 15, 17, 18}


@cache
def load_once() -> Policy:
    return load(POLICY)


def _message_id(session: Session, dice: random.Random) -> str:
    sent = select(Outreach.message_id).where(Outreach.state == "accepted")
    return dice.choice([*sorted(str(one) for one in session.exec(sent)), "<none@of.ours>"])


@pytest.mark.anyio
async def test_every_promise_holds_whatever_people_press(house: House) -> None:
    dice = random.Random(7)
    for _ in range(PRESSES):
        try:
            await _press_something(house, dice)
        except NotThere:
            continue
        finally:
            await house.settle()
        assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []

    assert [one.problem for one in house.all(Intent) if one.state == "dead"] == []
    assert len(house.all(Event)) > PRESSES / 4
    assert len(house.all(Response)) > 1


async def _press_something(house: House, dice: random.Random) -> None:
    who = house.person(dice.choice(("Nora", "Nora", "Ana", "Ben", "Greta", "Elif", "Zoe")))
    match dice.randrange(10):
        case 0 | 1:
            said = {"score": dice.choice((0, 3, 8)), "email": dice.choice(CUSTOMERS), "comment": dice.choice(COMMENTS)}
            await house.answered(**said)
        case 2:
            await house.wind(minutes=3)
        case 3 if house.mailbox.mails:
            await house.mailbox.bounce(dice.choice(house.mailbox.mails).id)
        case _:
            places = ("#support", "#billing", "#product", "#managers")
            shown = [*(one for place in places for one in who.messages_in(place)), *who.direct_messages()]
            seen = dice.choice([one for one in shown if one.buttons] or [None])
            if seen is not None:
                await who.press(dice.choice(seen.buttons), on=seen)
                await _fill_in(who, dice)


async def _fill_in(who: Person, dice: random.Random) -> None:
    """Fill in whatever has opened, not always well, submit it, and close what stays open."""
    while who.has_modal() and who.modal().raw.get("submit"):
        modal = who.modal()
        for block in modal.blocks if modal.title != "Read it once more" else ():
            if block["type"] == "input" and dice.random() < 0.97 and block["element"]["type"] != "datetimepicker":
                await who.fill(block["label"]["text"], _entry(block["element"], dice))
        if await who.submit() or (who.has_modal() and who.modal().title == modal.title):
            break
    if who.has_modal():
        await who.close()


def _entry(element: dict[str, object], dice: random.Random) -> object:
    if element["type"] == "users_select":
        return dice.choice(("Ana", "Ben", "Greta", "Zoe"))
    if options := element.get("options"):
        assert isinstance(options, list)
        return dice.choice(options)["text"]["text"]
    return dice.choice(("It is mended.", "<!channel> & *so* on"))
