"""What a manager sees: the App Home with its menu, /loop status and its post in a channel, and what opens from them."""

import pytest
from sqlmodel import Session
from story_house import House
from story_moves import take, told
from story_policy import POLICY

from bot.policies import apply
from storage.tables import Case, Intent
from workflows.policy import load

pytestmark = pytest.mark.anyio


async def two_departments(house: House) -> tuple[int, int]:
    """Let one customer complain about a parcel, and another about an invoice."""
    parcel = await house.answer()
    invoice = await house.answer(
        comment="The invoice is wrong.", name="Bo Ek", email="bo@else.test", account_name="Else"
    )
    return parcel, invoice


def disown(house: House, case_id: int) -> None:
    """Let a case be nobody's, as when nobody is present."""

    def work(session: Session) -> None:
        session.get_one(Case, case_id).owner = None

    house.db.write_now(work)


async def test_a_managers_home_shows_how_the_team_stands_and_all_of_it_opens(house: House) -> None:
    parcel, _ = await two_departments(house)
    await house.wind(days=3)
    nora = house.person("Nora")

    seen = (await house.home("Nora")).words

    assert "Lumen Desk: 2 open loops" in seen
    assert "⏰ *2 overdue*" in seen
    assert "*Billing*\u20031 open, *1 overdue*\n*Support*\u20031 open, *1 overdue*" in seen
    assert seen.index("Waiting longest") < seen.index("Who has how much to do") < seen.index("Told-rate")
    assert "*Jane Doe · Acme*\nWaiting 72 h" in seen
    await nora.press("Show overdue", on="home")
    assert nora.modal().title == "Overdue"
    assert {"Jane Doe · Acme", "Bo Ek · Else"} <= {
        line.partition("*")[2].partition("*")[0] for line in nora.modal().words.splitlines()
    }
    await nora.close()
    await nora.press_id("team_figure", block_id="figure:told_rate:7::", on="home")
    assert "Low responses of the period whose customer has been told" in nora.modal().words
    assert "*0 %* (0 of 2)" in nora.modal().words
    await nora.press_id("case_open", block_id=nora.modal().blocks[3]["block_id"], on="modal")
    assert nora.modal().title in {f"Case {parcel}", f"Case {parcel + 1}"}


async def test_the_menu_of_the_home_keeps_its_department_through_every_redrawing(house: House) -> None:
    _, invoice = await two_departments(house)
    await house.home("Nora")
    nora = house.person("Nora")

    await nora.choose("All departments", "Billing", on="home")
    await house.settle()

    assert "Billing: 1 open loop" in nora.home().words
    assert "Jane Doe" not in nora.home().words
    assert "Billing: 1 open loop" in (await house.home("Nora")).words
    await nora.press_id("team_open", block_id="lists:7:billing:", on="home")
    assert f"Case {invoice}," in nora.modal().words
    assert "*1 case* · Billing" in nora.modal().words
    await nora.close()
    await nora.choose("All departments", "All departments", on="home")
    await house.settle()
    assert "Lumen Desk: 2 open loops" in nora.home().words


async def test_a_home_in_which_nothing_waits_is_kind(house: House) -> None:
    seen = (await house.home("Nora")).words

    assert "🌿 *No customer is waiting.* Every loop is closed." in seen
    assert "nothing to count" in seen


async def test_a_lead_sees_what_nobody_owns_and_what_is_overdue_in_their_department(house: House) -> None:
    parcel, invoice = await two_departments(house)
    disown(house, parcel)

    assert "*Support: nobody owns these yet* · 1" in (await house.home("Ana")).words
    assert f"Case {invoice}," not in (await house.home("Ana")).words
    await house.wind(days=3)
    assert "*Billing: overdue* · 1" in (await house.home("Greta")).words
    assert "overdue* · " not in (await house.home("Ben")).words


async def test_status_takes_a_department_a_person_and_a_period_in_any_order(house: House) -> None:
    await two_departments(house)
    await take(house, "Ben")
    nora = house.person("Nora")
    house.slack.workspace.should_escape = True

    said = {}
    for words in ("", "billing", "30d BILLING", "@ben 90d", "90d @ben support"):
        await nora.command(f"/loop status {words}", at="#managers")
        said[words] = nora.private_answers()[-1]

    assert said[""].text == "2 loops are open, 0 overdue, 0 unowned."
    assert "Lumen Desk: 2 open loops" in said[""].words
    assert "Billing: 1 open loop" in said["billing"].words
    assert "The last 30 days" in said["30d BILLING"].words
    assert "Ben Example: 1 open loop" in said["@ben 90d"].words
    assert "Ben Example, Support: 1 open loop" in said["90d @ben support"].words
    assert "Jane Doe · Acme" in said["90d @ben support"].words
    assert "Bo Ek" not in said["90d @ben support"].words
    assert all("Only you see this" in one.words for one in said.values())


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("shipping", "I don't know “shipping”."),
        ("<!channel>", "I don't know “"),
        ("14d", "I don't know “14d”."),
        ("support billing", "One department at a time."),
        ("7d 30d", "One period at a time."),
    ],
)
async def test_words_that_status_does_not_know_are_answered_with_those_it_knows(
    house: House, words: str, answer: str
) -> None:
    nora = house.person("Nora")

    await nora.command(f"/loop status {words}", at="#managers")

    said = nora.private_answers()[-1].text
    assert said.startswith(answer)
    assert "a department (Support, Billing and Product), a person (`@name`) and a period (7d, 30d, 90d)" in said
    assert "<!channel>" not in said


async def test_members_see_their_own_department_and_are_told_whom_to_ask_for_others(house: House) -> None:
    await two_departments(house)
    hugo = house.person("Hugo")

    await hugo.command("/loop status", at="#billing")
    own = hugo.private_answers()[-1]
    await hugo.command("/loop status support", at="#billing")
    refused = hugo.private_answers()[-1]
    await house.person("Nora").command("/loop status", at="#billing")
    await house.person("Nora").press("Post to channel")
    await house.settle()
    await hugo.press("Show open", on="#billing")
    await house.settle()

    assert "Billing: 1 open loop" in own.words
    assert "Jane Doe" not in own.words
    assert refused.text == "You see the figures of Billing. For those of Support, ask one of its people or a manager."
    assert "*1 case* · Billing" in hugo.modal().words
    assert "Jane Doe" not in hugo.modal().words


async def test_status_is_posted_to_its_channel_once_however_often_it_is_pressed(house: House) -> None:
    await two_departments(house)
    nora = house.person("Nora")
    await nora.command("/loop status billing", at="#managers")
    answer = nora.private_answers()[-1]

    for _ in range(2):
        await nora.press("Post to channel", on=answer)
        await house.settle()
    await house.again()

    [post] = [one for one in house.cards("#managers") if "Posted for <@UNORA>" in one.words]
    assert "Billing: 1 open loop" in post.words
    assert "Post to channel" not in post.buttons
    await nora.press_id("team_figure", block_id="figure:in_limit:7:billing:", on=post)
    assert nora.modal().title == "In-limit rate"


async def test_where_the_bot_is_not_it_says_so_and_posts_when_asked_again(house: House) -> None:
    nora, workspace = house.person("Nora"), house.slack.workspace
    workspace.add_channel("huddle", "UNORA")
    await nora.command("/loop status", at="#huddle")

    await nora.press("Post to channel")
    await house.settle()

    assert "Invite it with /invite, then press again." in nora.private_answers()[-1].text
    assert [one for one in house.all(Intent) if one.kind == "status"] == []
    house.expected_refusals = [one.error for one in workspace.refusals]
    assert set(house.expected_refusals) == {"not_in_channel"}
    workspace.invite(workspace.channel("#huddle"), workspace.bot.id)
    await nora.press("Post to channel")
    await house.settle()
    assert "Posted for <@UNORA>" in nora.messages_in("#huddle")[-1].words


async def test_a_button_from_another_time_is_refused_in_a_sentence(house: House) -> None:
    nora = house.person("Nora")
    await nora.command("/loop status", at="#managers")
    await nora.press_id("team_figure", block_id="figure:told_rate:7::", on=nora.private_answers()[-1])
    await nora.close()
    payload = house.interactions[-1]

    for block_id in ("", "figure:told_rate", "lists:7::", "figure:fed_the_cat:7::"):
        payload["actions"][0]["block_id"] = block_id
        await house.again()

        assert "Type /loop status to see how things stand now." in nora.private_answers()[-1].text


async def test_who_answered_in_confidence_is_named_to_nobody_but_the_owner(house: House) -> None:
    body = house.survey.body({"score": 2, "email": "jane@acme.test", "name": "Jane Doe", "comment": "Late."})
    body["data"]["contactability"] = "confidential"
    await house.webhook(body)
    nora = house.person("Nora")

    await nora.command("/loop status", at="#managers")

    assert "Confidential customer" in nora.private_answers()[-1].words
    assert "Jane" not in nora.private_answers()[-1].words + (await house.home("Nora")).words


async def test_a_told_customer_counts_and_waits_no_more(house: House) -> None:
    await house.answer()
    await take(house, "Ana")
    await told(house)

    seen = (await house.home("Nora")).words

    assert "*100 %* (1 of 1)" in seen
    assert "No customer is waiting" in seen


async def test_whoever_is_no_manager_any_more_gets_their_own_home(house: House) -> None:
    await two_departments(house)
    await house.home("Nora")
    nora = house.person("Nora")
    old = nora.home()
    without = load(POLICY.replace('["UNORA"]', '["UANA"]'))
    house.db.write_now(lambda session: apply(session, without, by="UANA", at=house.now()))
    await house.hearback.policy.refresh()

    await nora.press_id("team_open", block_id="lists:7::", on=old)
    await house.settle()

    assert "Ask an admin to add you" in nora.modal().words
    assert "Lumen Desk:" not in (await house.home("Nora")).words
    assert "Lumen Desk: 2 open loops" in (await house.home("Ana")).words
