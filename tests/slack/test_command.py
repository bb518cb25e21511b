"""The command /loop, the shortcut, and the form that logs feedback by hand."""

import pytest
from slack_house import House
from sqlmodel import col, select

from bot.slack import ids
from storage.tables import Case, Customer, Response

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("typed", ["/loop", "/loop help", "/loop dance", "/loop   HELP  me"])
async def test_whatever_it_does_not_know_is_answered_with_help(house: House, typed: str) -> None:
    ana = house.person("Ana")

    await ana.command(typed, at="#support")

    assert "`/loop mine`" in ana.private_answers()[-1].words
    assert house.person("Ben").private_answers() == []


async def test_mine_lists_my_cases_to_me_alone(house: House) -> None:
    case_id = await house.case()
    owner = str(house.row(case_id).owner)

    await house.person(owner).command("/loop mine", at="#support")

    assert f"Case {case_id}" in house.person(owner).private_answers()[-1].words


async def test_status_counts_open_unowned_and_overdue_cases(house: House) -> None:
    case_id = await house.case()
    await house.case(email="bo@acme.test")
    house.db.write_now(lambda session: disown(session.get_one(Case, case_id)))
    house.clock.wind(days=30)

    await house.person("Nora").command("/loop status")

    answer = house.person("Nora").private_answers()[-1]
    assert answer.text == "2 loops are open, 2 overdue, 1 unowned."


async def test_a_case_opens_by_its_number(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")

    await ana.command(f"/loop case #{case_id}")

    assert ana.modal().title == f"Case {case_id}"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/loop case", "Say which case"),
        ("/loop case twelve", "A case goes by its number"),
        ("/loop case 99999999999999999999", "A case goes by its number"),
        ("/loop case 4711", "There is no case 4711."),
    ],
)
async def test_a_case_that_cannot_be_found_is_refused_in_a_sentence(house: House, typed: str, answer: str) -> None:
    ana = house.person("Ana")

    await ana.command(typed)

    assert ana.private_answers()[-1].text.startswith(answer)


@pytest.mark.parametrize("typed", ["/loop mine", "/loop status", "/loop case 1", "/loop add"])
async def test_nobody_outside_the_team_learns_anything(house: House, typed: str) -> None:
    await house.case()
    zoe = house.person("Zoe")

    await zoe.command(typed)

    assert not zoe.has_modal()
    assert "Ask an admin" in zoe.private_answers()[-1].words


async def test_feedback_logged_by_hand_opens_a_case(house: House) -> None:
    ana = house.person("Ana")
    await ana.command("/loop add")
    await ana.fill("What did they say?", "Nobody calls back.")
    await ana.fill("Which question does the score answer?", "CSAT: are they satisfied?")
    await ana.fill("Score", "1.5")
    await ana.fill("Customer's name", "Bo Ek")
    await ana.fill("Customer's e-mail address", "Bo@Acme.test")
    await ana.fill("Their language", "German")

    refused = await ana.submit()
    await house.settle()

    assert refused == {}
    assert "this customer will hear back" in ana.modal().words
    response, customer = house.db.read_now(
        lambda session: session.exec(select(Response, Customer).join(Customer)).one()
    )
    assert (response.metric, response.score, response.low_end, response.language) == ("csat", 1.5, 1.0, "de")
    assert customer.email == "bo@acme.test"
    await ana.press("Open case")
    assert "Nobody calls back." in ana.modal().words


@pytest.mark.parametrize(
    ("score", "email", "refused"),
    [
        ("11", "bo@acme.test", {"Score": "That can't be: the score 11 lies outside the scale of 0 to 10."}),
        ("3", "", {}),
    ],
)
async def test_a_score_has_to_lie_on_its_scale(house: House, score: str, email: str, refused: dict[str, str]) -> None:
    ana = house.person("Ana")
    await ana.command("/loop add")
    await ana.fill("Score", score)
    await ana.fill("Customer's e-mail address", email or None)

    assert await ana.submit() == refused


async def test_a_high_score_is_kept_without_a_case(house: House) -> None:
    ana = house.person("Ana")
    await ana.command("/loop add")
    await ana.fill("Score", "9")

    await ana.submit()

    assert "no case is needed" in ana.modal().words


async def test_a_message_is_logged_once_however_often_the_shortcut_is_used(house: House) -> None:
    ben = house.person("Ben")
    message = await ben.post("#support", "A customer said: <b>never again</b> & left")
    for _ in range(2):
        await ben.shortcut(ids.SHORTCUT_LOG_FEEDBACK, on=message)
        assert ben.filled("What did they say?") == "A customer said: <b>never again</b> & left"
        await ben.fill("Score", "1")
        await ben.fill("Customer's e-mail address", "bo@acme.test")
        await ben.submit()
        said = ben.modal().words
        await ben.close()

    assert "Nothing was added twice" in said
    found = house.db.read_now(lambda session: session.exec(select(Response).order_by(col(Response.id))).all())
    assert [one.external_id for one in found] == [f"{message.channel_id}:{message.ts}"]


async def test_the_shortcut_is_refused_to_people_outside_the_team(house: House) -> None:
    zoe = house.person("Zoe")
    message = await zoe.post("#support", "Hello")

    await zoe.shortcut(ids.SHORTCUT_LOG_FEEDBACK, on=message)

    assert "Ask an admin" in zoe.modal().words


def disown(case: Case) -> None:
    case.owner = None
