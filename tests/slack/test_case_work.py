"""People work a case in Slack: what they press is committed and shown, and refused in a sentence where they are."""

import pytest
from slack_house import House
from sqlmodel import select

from storage.tables import Approval

pytestmark = pytest.mark.anyio


async def test_a_press_on_take_makes_the_presser_the_owner_and_redraws_the_card(house: House) -> None:
    case_id = await house.case()
    ben = house.person("Ben")

    await ben.press("Take", on="#support")
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).owner) == ("working", "UBEN")
    assert "Take" not in ben.latest_in("#support").buttons


async def test_a_second_press_of_take_by_the_same_person_changes_nothing(house: House) -> None:
    case_id = await house.case()
    ben = house.person("Ben")
    card = ben.latest_in("#support")
    await ben.press_as_seen("Take", on=card)

    await ben.press_as_seen("Take", on=card)
    await house.settle()

    assert house.events(case_id).count("taken") == 1
    assert ben.private_answers() == []


async def test_a_press_that_comes_too_late_is_told_why_and_to_nobody_else(house: House) -> None:
    case_id = await house.case()
    ana, ben = house.person("Ana"), house.person("Ben")
    card = ben.latest_in("#support")
    await ana.press_as_seen("Take", on=card)

    await ben.press_as_seen("Take", on=card)
    await house.settle()

    assert house.row(case_id).owner == "UANA"
    assert "has taken case" in ben.private_answers()[-1].text
    assert ana.private_answers() == []


async def test_somebody_outside_the_team_is_told_whom_to_ask(house: House) -> None:
    case_id = await house.case()
    zoe = house.person("Zoe")

    await zoe.press("Resolve", on="#support")
    await house.settle()

    assert not zoe.has_modal()
    assert "Ask an admin" in zoe.private_answers()[-1].text
    assert house.row(case_id).state == "new"


async def test_a_case_is_handed_over_to_another_department(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Hand over", on="#support")

    await ana.fill("Department", "Billing")
    await ana.fill("Reason", "The invoice is wrong.")
    refused = await ana.submit()
    await house.settle()

    assert refused == {}
    assert not ana.has_modal()
    assert (house.row(case_id).department, house.row(case_id).owner) == ("billing", "UGRETA")
    assert "moved to" in ana.latest_in("#support").words


async def test_a_refusal_in_a_modal_stands_below_its_field_and_names_people(house: House) -> None:
    await house.case()
    ana = house.person("Ana")
    await ana.press("Hand over", on="#support")
    await ana.fill("Person", "Zoe")

    refused = await ana.submit()

    assert refused == {"Person": "Zoe Example isn't in Hearback's policy. Choose somebody who is, or ask an admin."}
    assert ana.has_modal()


async def test_a_task_is_added_handed_over_and_done(house: House) -> None:
    case_id = await house.case()
    ana, greta, nora = house.person("Ana"), house.person("Greta"), house.person("Nora")
    await ana.press("Add task", on="#support")
    await ana.fill("What is to be done?", "Correct the invoice")
    await ana.fill("Department", "Billing")
    assert await ana.submit() == {}
    await house.settle()

    await greta.press("Hand over", on=greta.direct_messages()[-1])
    await greta.fill("Person", "Nora")
    assert await greta.submit() == {}
    await house.settle()
    await nora.press("Done", on=nora.direct_messages()[-1])
    await nora.fill("What was done?", "A new invoice went out.")
    assert await nora.submit() == {}
    await house.settle()

    [task] = house.tasks(case_id)
    assert (task.title, task.state, task.closed_by, task.outcome) == (
        "Correct the invoice",
        "done",
        "UNORA",
        "A new invoice went out.",
    )


async def test_two_people_who_have_the_same_task_done_make_one_event_and_one_line(house: House) -> None:
    case_id = await house.case()
    ana, greta, nora = house.person("Ana"), house.person("Greta"), house.person("Nora")
    await ana.press("Add task", on="#support")
    await ana.fill("What is to be done?", "Correct the invoice")
    await ana.fill("Department", "Billing")
    assert await ana.submit() == {}
    await house.settle()
    await greta.press("Done", on=greta.direct_messages()[-1])
    await greta.fill("What was done?", "A new invoice went out.")
    await nora.press("Open case", on="#support")
    await nora.press("Done")  # both forms are open before either is sent
    await nora.fill("What was done?", "Greta has done it.")

    answers = [await greta.submit(), await nora.submit()]
    await house.settle()

    assert answers == [{}, {}]  # the second one isn't refused: it is as they wished
    [task] = house.tasks(case_id)
    assert (task.closed_by, task.outcome) == ("UGRETA", "A new invoice went out.")
    assert house.events(case_id).count("task_done") == 1
    lines = [one.text for one in nora.thread_of(nora.latest_in("#support"))]
    assert sum("did the task" in one for one in lines) == 1


async def test_a_task_that_is_not_needed_is_cancelled_with_a_reason(house: House) -> None:
    case_id = await house.case()
    ana, greta = house.person("Ana"), house.person("Greta")
    await ana.press("Add task", on="#support")
    await ana.fill("What is to be done?", "Correct the invoice")
    await ana.fill("Department", "Billing")
    await ana.submit()
    await house.settle()

    await greta.press("Not needed", on=greta.direct_messages()[-1])
    await greta.fill("Why isn't it needed any more?", "It was right.")
    await greta.submit()

    assert [task.state for task in house.tasks(case_id)] == ["cancelled"]


async def test_a_contact_elsewhere_is_logged(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Log contact", on="#support")
    await ana.fill("How did you reach them?", "Phone")
    await ana.fill("What was said?", "She wants her money back.")

    refused = await ana.submit()

    assert refused == {}
    [outreach] = house.outreaches(case_id)
    assert (outreach.kind, outreach.channel, outreach.state, outreach.at) == (
        "contact",
        "phone",
        "logged",
        house.clock(),
    )


async def test_a_case_is_resolved_and_logged_as_told(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await resolve(house, "Ana")
    assert house.row(case_id).state == "ready"

    await ana.press("Log as told", on="#support")
    await ana.fill("How did you reach them?", "Meeting")
    await ana.fill("What did you tell them, and what did they say?", "She is glad.")
    refused = await ana.submit()

    assert refused == {}
    assert house.row(case_id).state == "told"


async def test_resolving_needs_a_cause_and_words_for_the_customer(house: House) -> None:
    await house.case()
    ana = house.person("Ana")
    await ana.press("Resolve", on="#support")

    refused = await ana.submit()

    assert set(refused) == {"What caused it?", "What changed, in words for the customer"}


async def test_an_excuse_is_asked_for_declined_asked_for_again_and_approved(house: House) -> None:
    case_id = await house.case()
    ana, nora = house.person("Ana"), house.person("Nora")
    await excuse(house, "Ana")
    await nora.press("Decline", on="#managers")
    await nora.fill("Why not, and what should happen next?", "Please call once more.")
    assert await nora.submit() == {}
    await house.settle()
    assert house.row(case_id).state == "new"

    await excuse(house, "Ana")
    await nora.press("Approve", on="#managers")
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).excuse) == ("excused", "duplicate")
    found = house.db.read_now(lambda session: session.exec(select(Approval)).all())
    assert [one.decision for one in found] == ["declined", "approved"]
    assert ana.private_answers() == []


async def test_only_a_manager_may_decide(house: House) -> None:
    case_id = await house.case()
    await excuse(house, "Ana")
    ben = house.person("Ben")

    await ben.press("Approve", on="#managers")
    await house.settle()

    assert house.row(case_id).state == "new"
    assert ben.private_answers()[-1].text.startswith("Only a manager")


async def test_a_manager_excuses_at_once_and_reopens(house: House) -> None:
    case_id = await house.case()
    nora = house.person("Nora")
    await excuse(house, "Nora")
    assert house.row(case_id).state == "excused"

    await nora.press("Reopen", on="#support")
    await nora.fill("Why has it to be taken up again?", "They wrote again.")
    refused = await nora.submit()

    assert refused == {}
    assert house.row(case_id).state == "working"


async def test_notes_come_from_the_form_and_from_the_thread(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Note", on="#support")
    await ana.fill("Note", "She was very upset.")
    await ana.submit()

    await ana.reply("I will call @ben & ask <her>", to=ana.latest_in("#support"))
    await house.settle()

    page = house.person("Ana")
    await page.press("Open case", on="#support")
    assert house.events(case_id).count("note") == 2
    assert "She was very upset." in page.modal().words
    assert "I will call @Ben Example &amp; ask &lt;her&gt;" in page.modal().words


async def test_an_empty_person_is_refused_within_the_department_and_the_form_says_so_before(house: House) -> None:
    await house.case()
    ana = house.person("Ana")
    await ana.press("Hand over", on="#support")
    [hint] = [block["hint"]["text"] for block in ana.modal().blocks if block.get("block_id") == "to"]

    refused = await ana.submit()

    assert refused == {"Person": "Choose a person, or another department."}
    assert hint.startswith("Leave it empty only for another department")


async def test_why_me_is_answered_on_the_card(house: House) -> None:
    await house.case()
    ana = house.person("Ana")

    await ana.press("Why me?", on="#support")

    assert ana.modal().title == "Why me?"


async def resolve(
    house: House, name: str, changed: str = "We now call you when a parcel is late.", *, on: str = "#support"
) -> None:
    who = house.person(name)
    await who.press("Resolve", on=on)
    await who.fill("What caused it?", "Process: how we work")
    await who.fill("What changed, in words for the customer", changed)
    assert await who.submit() == {}
    await house.settle()


async def excuse(house: House, name: str) -> None:
    who = house.person(name)
    await who.press("Excuse", on="#support")
    await who.fill("Reason", "Duplicate of another case")
    await who.fill("Why, in a sentence", "They wrote twice.")
    assert await who.submit() == {}
    await house.settle()
