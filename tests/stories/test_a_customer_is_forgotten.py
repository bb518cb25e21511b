"""A customer asks to be forgotten: no word of theirs is left, the figures stay, and Slack is drawn without them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel
from story_house import House
from story_moves import excuse, log, resolve, take, tell
from story_policy import POLICY

from bot.sandbox.people import Seen
from storage.tables import Customer, Intent, Outreach, Parked, Response
from workflows import erasing, figures
from workflows.figures_period import Period
from workflows.policy import load
from workflows.refusal import Refusal

pytestmark = pytest.mark.anyio

NAMES = ("jane", "acme", "zebra")
"""Her name, address and account; and a word that stands in whatever anybody writes."""
ANSWER: dict[str, Any] = {
    "id": "r1",
    "comment": "The zebra was late.",
    "url": "https://survey.test/jane",
    "account_id": "acme-1",
}


async def forget(house: House, who: str = "jane@acme.test") -> None:
    """Do what `python -m bot erase` does once it has asked, by the story's clock."""
    done = house.db.write_now(lambda session: erasing.erase(session, who, by="command line, ops", at=house.now()))
    assert done is not None
    await house.settle()


def left(house: House) -> list[str]:
    """List what stands in the database of her and of what was written about her: table and row."""

    def read(session: Session) -> list[str]:
        rows = [
            (table.name, b" ".join(one if isinstance(one, bytes) else str(one).encode() for one in row))
            for table in SQLModel.metadata.sorted_tables
            for row in session.connection().execute(table.select())
        ]
        return [f"{name}: {row!r}" for name, row in rows if any(one.encode() in row.lower() for one in NAMES)]

    return house.db.read_now(read)


def names_her(seen: Seen) -> bool:
    return any(one in (seen.words + seen.text).lower() for one in NAMES)


def the_figures(house: House) -> Any:
    """Compute what the report shows of the week, as things stand."""
    at, policy = house.now(), load(POLICY)
    period = Period(at - timedelta(days=6), at)
    return house.db.read_now(lambda session: figures.figures(session, policy=policy, period=period, at=at))


async def live_through_all(house: House) -> int:
    """Let one case see everything that people write down of a customer; returns its number."""
    case_id = await house.answer(**ANSWER)
    ana = house.person("Ana")
    await take(house, "Ana")
    forms: list[tuple[str, dict[str, Any]]] = [
        ("Note", {"Note": "She is the zebra lady."}),
        ("Hand over", {"Person": "Ben", "Reason": "Ben knows the zebra."}),
        ("Add task", {"What is to be done?": "Find the zebra", "Department": "Billing"}),
    ]
    for button, fields in forms:
        await ana.press(button, on="#support")
        for label, value in fields.items():
            await ana.fill(label, value)
        assert await ana.submit() == {}
        await house.settle()
    for button, fields in (
        ("Promise", {"What did you promise the customer?": "A zebra.", "For when?": house.now() + timedelta(days=2)}),
        ("Pause", {"What do you wait for?": "A photo of it: zebra.", "Until when?": house.now() + timedelta(days=1)}),
    ):
        await ana.press("Open case", on="#support")
        await ana.press(button, on="modal")
        for label, value in fields.items():
            await ana.fill(label, value)
        assert await ana.submit() == {}
        await house.settle()
        await ana.close()
    await ana.press("Write to customer", on="#support")
    await ana.fill("Text", "Dear Jane, which zebra?")
    for _ in range(2):
        assert await ana.submit() == {}
    await house.wind(minutes=3)
    await house.mailbox.reply("mail-1", text="Mine, the zebra. Jane")
    await house.settle()
    await house.mailbox.bounce("mail-1", reason="550 <jane@acme.test> is full")
    await house.settle()
    await excuse(house, "Ana", reason="Duplicate of another case")
    return case_id


async def test_nothing_of_a_forgotten_customer_is_left_in_the_database_and_slack_is_drawn_without_them(
    house: House,
) -> None:
    case_id = await live_through_all(house)
    assert len({one.partition(":")[0] for one in left(house)}) >= 9
    kinds = house.events(case_id)

    await forget(house)

    assert left(house) == []
    assert set(house.row(case_id).why) == {
        "rule",
        "department",
        "also",
        "owner_rule",
    }
    assert house.events(case_id) == [*kinds, "erased"]
    assert [one for name in ("#support", "#managers") for one in house.cards(name) if names_her(one)] == []
    assert "Erased customer" in house.cards()[-1].words
    assert "command line, ops erased the customer" in house.thread()[-1]
    ana, ben = house.people("Ana", "Ben")
    assert not names_her(await house.home("Ana"))
    await ana.press("Open case", on="#support")
    assert not names_her(ana.modal())
    await ana.close()
    owned = [one for one in ben.direct_messages() if "Open case" in one.buttons]
    assert owned
    assert not any(map(names_her, owned))


async def test_figures_are_what_they_were_and_lists_count_the_case(house: House) -> None:
    await house.answer(**ANSWER)
    await house.answered(id="r2", score=9, email="bo@other.test", name="Bo", account_name="Other")
    await resolve(house, "Ana")
    await tell(house, "Ana")
    await house.wind(minutes=3)
    before = the_figures(house)

    await forget(house)

    assert the_figures(house) == before
    assert before.now.loops.told == 1


async def test_the_survey_tool_that_sends_the_same_answer_again_brings_nothing_back(house: House) -> None:
    await house.answer(**ANSWER)
    await forget(house)

    said = await house.answered(score=1, **ANSWER)

    assert said["status"] == "known"
    assert left(house) == []
    assert [one.score for one in house.all(Response)] == [2]


async def test_an_answer_of_theirs_that_is_new_is_a_new_customers(house: House) -> None:
    first = await house.answer(**ANSWER)
    await forget(house)

    second = await house.answer(id="r2")

    assert second != first
    assert [one.identity for one in house.all(Customer)] == ["erased:1", "mail:jane@acme.test"]


async def test_a_mail_that_waits_is_taken_back_and_nobody_can_write_another(house: House) -> None:
    case_id = await house.answer(**ANSWER)
    await resolve(house, "Ana")
    await tell(house, "Ana")

    await forget(house)
    await house.wind(hours=1)

    assert house.mailbox.mails == []
    assert [one.state for one in house.all(Outreach)] == ["taken_back"]
    assert [one.key for one in house.all(Intent) if one.kind == "mail"] == []
    assert "Tell customer" not in house.cards()[-1].buttons
    await log(house, "Ana", "Log as told")
    assert house.row(case_id).state == "told"


async def test_while_a_mail_is_being_sent_nothing_is_erased(house: House) -> None:
    await house.answer(**ANSWER)
    await resolve(house, "Ana")
    await tell(house, "Ana")

    def sending(session: Session) -> None:
        session.connection().execute(text("UPDATE outreaches SET state = 'sending'"))

    def waiting(session: Session) -> None:
        session.connection().execute(text("UPDATE outreaches SET state = 'waiting'"))

    house.db.write_now(sending)
    before = left(house)

    with pytest.raises(Refusal, match="in a minute"):
        house.db.write_now(lambda session: erasing.erase(session, "jane@acme.test", by="x", at=house.now()))

    assert left(house) == before
    house.db.write_now(waiting)


async def test_parked_bytes_with_their_address_go_and_those_of_others_stay(house: House) -> None:
    await house.answer(**ANSWER)
    bodies = ("jane@acme.test", "JANE%40acme.test", "jane\\u0040acme.test", "bo@other.test")

    def park(session: Session) -> None:
        session.add_all(
            Parked(source="generic", digest=str(hash(one)), body=one.encode(), reason="Zebra?", received_at=house.now())
            for one in bodies
        )

    house.db.write_now(park)

    await forget(house)

    assert [(one.body, one.state) for one in house.all(Parked)] == [(b"", "dismissed")] * 3 + [
        (b"bo@other.test", "parked")
    ]
    assert [one for one in left(house) if "bo@other.test" not in one] == []


async def test_other_customers_keep_what_they_said_and_the_name_of_the_account(house: House) -> None:
    await house.answer(**ANSWER)
    await house.answered(id="r2", score=9, name="Bo", email="bo@acme.test", account_id="acme-1", comment="Zebra.")

    await forget(house)

    [_, bo] = house.all(Customer)
    assert (bo.name, bo.email, bo.account_name) == ("Bo", "bo@acme.test", "Acme")
    assert [one.comment for one in house.all(Response)] == ["", "Zebra."]


async def test_the_post_over_an_accounts_cases_names_it_until_its_last_customer_is_forgotten(
    house: House,
) -> None:
    await house.answer(**ANSWER)
    await house.answer(id="r2", name="Bo", email="bo@other.test", account_id="acme-1", comment="Late.")
    assert any(one.startswith("umbrellas") for one in left(house))

    await forget(house)
    assert any(one.startswith("umbrellas") for one in left(house))
    await forget(house, "bo@other.test")

    assert left(house) == []
    assert [one for one in house.cards() if names_her(one)] == []


async def test_a_customer_is_found_by_the_tools_id_and_by_the_number_of_their_case(house: House) -> None:
    await house.answer(id="r1", email=None, customer_id="c-81", name="Jane")
    case_id = await house.answer(id="r2", email=None, name="Jane", contactability="anonymous")

    await forget(house, "c-81")
    await forget(house, f"case:{case_id}")

    assert [one.identity for one in house.all(Customer)] == ["erased:1", "erased:2"]
