"""People work a case in Slack: what they press is committed, shown, and refused in a sentence."""

import pytest
from slack_house import House

pytestmark = pytest.mark.anyio


async def test_a_press_on_take_makes_the_presser_the_owner_and_redraws_the_card(house: House) -> None:
    case_id = await house.case()
    ben = house.person("Ben")

    await ben.press("Take", on="#support")
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).owner) == ("working", "UBEN")
    assert "Take" not in ben.latest_in("#support").buttons
