"""The window of a whole case: what is pressed in it happens, and it is drawn anew."""

import pytest
from slack_house import House
from test_case_work import resolve

from bot.slack import ids

pytestmark = pytest.mark.anyio


async def test_a_move_in_the_window_of_a_case_redraws_the_window(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Open case", on="#support")

    await ana.press("Take")
    await house.settle()

    assert house.row(case_id).state == "working"
    assert "Take" not in ana.modal().buttons


async def test_a_form_on_top_of_the_window_of_a_case_comes_back_to_it(house: House) -> None:
    await house.case()
    ana = house.person("Ana")
    await ana.press("Open case", on="#support")
    await ana.press("Note")
    await ana.fill("Note", "A parcel from the north.")

    await ana.submit()
    await house.settle()

    assert ana.modal().title.startswith("Case ")
    assert "A parcel from the north." in ana.modal().words


async def test_a_manager_finishes_somebody_elses_task_in_the_window_of_a_case_and_resolves_it(house: House) -> None:
    case_id = await house.case()
    ana, nora = house.person("Ana"), house.person("Nora")
    await ana.press("Add task", on="#support")
    await ana.fill("What is to be done?", "Correct the invoice")
    await ana.fill("Department", "Billing")
    await ana.submit()
    await house.settle()
    await nora.press("Open case", on="#support")
    window = nora.modal()

    await nora.press("Done")
    await nora.fill("What was done?", "A new invoice went out.")
    assert await nora.submit() == {}
    await house.settle()

    assert nora.modal().container == window.container
    assert {"Done", "Hand over", "Not needed"} <= {*window.buttons}
    assert not {"Done", "Not needed"} & {*nora.modal().buttons}
    assert "✓ ~Correct the invoice~ (Nora Example): “A new invoice went out.”" in nora.modal().words
    await resolve(house, "Nora", on="modal")
    assert [(task.owner, task.closed_by) for task in house.tasks(case_id)] == [("UGRETA", "UNORA")]
    assert house.row(case_id).state == "ready"


async def test_a_task_changes_hands_in_the_window_of_a_case(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    for title in ("Correct the invoice", "Call the warehouse"):
        await ana.press("Add task", on="#support")
        await ana.fill("What is to be done?", title)
        await ana.fill("Department", "Billing")
        await ana.submit()
        await house.settle()
    first, second = house.tasks(case_id)
    await ana.press("Open case", on="#support")

    await ana.press_id(ids.TASK_HAND_OVER, block_id=f"task:{first.id}:moves")
    await ana.fill("Person", "Nora")
    assert await ana.submit() == {}
    await house.settle()
    await ana.press_id(ids.TASK_CANCEL, block_id=f"task:{second.id}:moves")
    await ana.fill("Why isn't it needed any more?", "They called us.")
    assert await ana.submit() == {}
    await house.settle()

    assert [(task.owner, task.state) for task in house.tasks(case_id)] == [("UNORA", "open"), ("UGRETA", "cancelled")]
    assert "✕ ~Call the warehouse~" in ana.modal().words
    assert ana.modal().buttons.count("Done") == 1
