"""People who press at the same time have their moves made together, as if each had been the only one."""

import asyncio
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from crowds import AT, answers, everything, house, urls, without_numbers
from sqlmodel import Session, select, text
from story_house import House

from bot.slack import ids
from bot.slack.listeners import buttons, copies
from bot.slack.listeners.move import Move
from bot.slack.payloads import Copy, Press
from bot.surveys import ADAPTERS
from bot.surveys.taking import Arrived, Understood, keep_all
from storage.database import Database
from storage.tables import Case
from tests.databases import WAITS_FOR_A_LOCK, crowds_wait, fresh_postgres
from workflows import casework
from workflows.policy import Policy
from workflows.refusal import Refusal

__all__ = ["urls"]  # a fixture
pytestmark = pytest.mark.anyio
TEAM = ("UTEAMA1", "UTEAMA2", "UTEAMA3", "UTEAMB1", "UTEAMB2", "UNOBODY")


def with_cases(db: Database, policy: Policy, version: int) -> list[int]:
    """Take in answers, and give the numbers of the cases that they opened."""
    arrived = [Arrived(ADAPTERS["generic"], b"{}", Understood([one]), policy, version, AT) for one in answers(3, 60)]
    for one in arrived:
        db.write_now(lambda session, one=one: keep_all(session, [one]))
    return list(db.read_now(lambda session: session.exec(select(Case.id).order_by(Case.id)).all()))  # type: ignore[arg-type] # a column


def pressed(rolls: random.Random, cases: Sequence[int]) -> Press:
    """Make up a press on Take: by anybody, on any case, mostly on its card, sometimes on a copy, or on a wrong one."""
    number = rolls.choice([*cases, 9999])
    where = {"channel": "CSUPPORT", "ts": rolls.choice(["1.1", "1.1", "2.2"])}
    copy = Copy(subject=f"case:{number}", place="#support", **where)
    return take(number, by=rolls.choice(TEAM), copy=rolls.choice([copy, None]))


def take(number: int, *, by: str, copy: Copy | None = None) -> Press:
    return Press(action_id=ids.TAKE, value=str(number), by=by, trigger_id="1.2.3", copy=copy)


async def told_together(db: Database, made: Sequence[buttons._Made]) -> list[str]:
    """Press while whoever makes moves together is busy; gives what each hears."""
    async with crowds_wait(db):
        waiting = [asyncio.create_task(db.write_with_others(one, buttons._taken_all)) for one in made]
        await asyncio.sleep(0.01)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    return [str(one) for one in told]


def told_alone(db: Database, one: buttons._Made) -> str:
    try:
        db.write_now(one.make)
    except Refusal as refusal:
        return str(refusal)
    return "None"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_quarrelsome", [False, True])
async def test_a_crowd_of_presses_leaves_what_one_after_the_other_leaves(
    seed: int,
    is_quarrelsome: bool,  # noqa: FBT001 -- pytest names it
    urls: list[str],
) -> None:
    together, alone = (house(url) for url in urls)
    cases = with_cases(*together)
    assert with_cases(*alone) == cases
    rolls = random.Random(seed)
    free = list(cases)
    rolls.shuffle(free)

    for turn in range(1, 6):
        at = AT + timedelta(minutes=turn)
        presses = [pressed(rolls, cases) for _ in range(8)]
        if not is_quarrelsome:  # each on a case of their own, by an admin, so that nobody is refused
            presses = [take(free.pop(), by="UTEAMA1") for _ in range(min(6, len(free)))]
        made = [
            buttons._Made(one, one.row, Move(by=one.by, at=at, policy=together[1], policy_version=together[2]))
            for one in presses
        ]

        heard = await told_together(together[0], made)

        assert heard == [told_alone(alone[0], one) for one in made]
        assert is_quarrelsome or set(heard) == {"None"}
    in_crowds, one_by_one = everything(together[0]), everything(alone[0])
    for db in (together[0], alone[0]):
        db.close()
    assert without_numbers(in_crowds) == without_numbers(one_by_one)
    if urls[0].startswith("sqlite"):
        assert in_crowds == one_by_one
    assert sum(one["kind"] == "taken" for one in in_crowds["events"]) > 5


def test_a_crowd_waits_for_whoever_holds_one_of_its_cases(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db, policy, version = house(url)
    first, second, *_ = with_cases(db, policy, version)
    move = Move(by="UTEAMA2", at=AT, policy=policy, policy_version=version)
    made = [buttons._Made(take(number, by="UTEAMA2"), number, move) for number in (second, first)]

    with (
        psycopg.connect(url, autocommit=True) as onlooker,
        Session(db.engine) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        casework.take(other, first, policy=policy, by="UTEAMA1", at=AT)
        crowd = threads.submit(db.write_now, lambda session: buttons._taken_all(session, made))
        while onlooker.execute(WAITS_FOR_A_LOCK).fetchone() == (0,):
            assert not crowd.done()
        other.commit()
        with pytest.raises(Refusal, match="<@UTEAMA1> has taken case"):
            crowd.result(5)

    assert told_alone(db, made[0]) == "None"
    db.close()


def test_whoever_presses_on_a_copy_alone_waits_for_no_crowd_that_waits_for_them(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db, policy, version = house(url)
    first, second, *_ = with_cases(db, policy, version)
    move = Move(by="UTEAMA2", at=AT, policy=policy, policy_version=version)

    def on_copy(number: int, ts: str) -> buttons._Made:
        copy = Copy(subject=f"case:{number}", place="#support", channel="CSUPPORT", ts=ts)
        return buttons._Made(take(number, by="UTEAMA2", copy=copy), number, move)

    for number in (first, second):
        db.write_now(lambda session, number=number: copies.adopt(session, on_copy(number, "1.1").press.copy))

    with psycopg.connect(url, autocommit=True) as onlooker, Session(db.engine) as alone:
        copies.adopt(alone, on_copy(first, "7.7").press.copy)
        made = [on_copy(first, "8.8"), on_copy(second, "8.9")]
        crowd = db.submit(lambda session: buttons._taken_all(session, made))
        while onlooker.execute(WAITS_FOR_A_LOCK).fetchone() == (0,):
            assert not crowd.done()
        alone.execute(text("SET LOCAL lock_timeout = '200ms'"))
        casework.held(alone, first)  # free, whoever waits for the message
        alone.commit()
        crowd.result(5)

    db.close()


def test_a_new_card_is_written_down_while_its_case_is_held(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db, policy, version = house(url)
    first, *_ = with_cases(db, policy, version)

    with Session(db.engine) as move:
        casework.held(move, first)
        copy = Copy(subject=f"case:{first}", place="#support", channel="CSUPPORT", ts="1.1")
        db.submit(lambda session: copies.adopt(session, copy)).result(1)
        move.rollback()

    db.close()


async def test_everybody_takes_their_case_at_the_same_moment_and_sees_it_taken(house: House) -> None:
    for number in range(6):
        await house.answer(email=f"c{number}@acme.test", id=f"r{number}")
    ana, ben = house.person("Ana"), house.person("Ben")
    cards = house.cards()
    async with crowds_wait(house.db):
        presses = [
            asyncio.create_task(who.press_as_seen("Take", on=card))
            for card, who in [*zip(cards, [ana, ben] * 3, strict=True), (cards[0], ben)]
        ]
        await asyncio.sleep(0.2)
    await asyncio.gather(*presses)
    await house.settle()

    assert [(one.state, one.owner) for one in house.all(Case)] == [("working", "UANA"), ("working", "UBEN")] * 3
    assert all("Take" not in card.buttons for card in house.cards())
    assert "<@UANA> has taken case 1" in ben.private_answers()[-1].text
    assert ana.private_answers() == []
