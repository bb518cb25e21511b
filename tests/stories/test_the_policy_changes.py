"""A policy with other limits leaves open cases as they are until an admin has looked at what would change."""

import pytest
from story_house import House
from story_policy import POLICY

from bot import policies
from bot.sandbox.elements import NotThere
from storage.tables import Event
from workflows import recompute
from workflows.policy import load

pytestmark = pytest.mark.anyio

TIGHTER = (
    POLICY
    + """
[[clock]]
urgency = "normal"
claim = "1h"
contact = "2h"
tell = "2d"
"""
)


async def change_the_policy(house: House, text: str = TIGHTER) -> None:
    """Put another policy in force, as `policy apply` does while Hearback runs."""
    house.db.write_now(lambda session: policies.apply(session, load(text), by="command line", at=house.now()))
    await house.hearback.policy.refresh()


def set_anew(house: House) -> list[tuple[int, str]]:
    """Say whose limits were set anew, and by whom."""
    return [(one.case_id, one.by) for one in house.all(Event) if one.kind == "limits_changed"]


async def test_an_admin_sees_how_many_cases_have_other_limits_and_sets_them_anew_once(house: House) -> None:
    cases = [await house.answer(id=f"r{one}", email=f"c{one}@acme.test", account_name="") for one in range(3)]
    due = [house.row(one).claim_due_at for one in cases]
    await house.wind(minutes=1)
    await change_the_policy(house)
    nora = house.person("Nora")
    assert "Open cases keep the limits that they were given." in (await house.home("Nora")).words

    await nora.press("Look at limits", on="home")
    assert "3 open cases have other limits by the policy in force." in nora.modal().words
    assert set_anew(house) == []
    assert await nora.submit() == {}
    await house.settle()
    await house.again()

    assert set_anew(house) == [(one, "UNORA") for one in cases]
    assert all(house.row(one).claim_due_at != before for one, before in zip(cases, due, strict=True))
    await nora.press("Look at limits", on="home")
    assert "Every open case has the limits" in nora.modal().words


async def test_what_does_not_fit_into_one_transaction_is_done_after_the_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "PART", 1)
    cases = [await house.answer(id=f"r{one}", email=f"c{one}@acme.test", account_name="") for one in range(3)]
    await house.wind(minutes=1)
    await change_the_policy(house)
    await house.home("Nora")
    nora = house.person("Nora")

    await nora.press("Look at limits", on="home")
    await nora.submit()
    await house.settle()

    assert [one for one, _ in set_anew(house)] == cases


async def test_only_admins_are_asked_and_only_while_older_cases_are_open(house: House) -> None:
    await change_the_policy(house)
    assert "Look at limits" not in (await house.home("Nora")).buttons
    await house.wind(minutes=1)
    await house.answer()
    assert "Look at limits" not in (await house.home("Nora")).buttons  # it has them from the policy in force
    await house.wind(minutes=1)
    await change_the_policy(house, POLICY)

    assert "Look at limits" in (await house.home("Nora")).buttons
    assert "Look at limits" not in (await house.home("Ana")).buttons
    await house.wind(days=4)
    with pytest.raises(NotThere):
        await house.person("Nora").press("Look at limits", on=await house.home("Nora"))


async def test_who_is_no_admin_any_more_is_refused(house: House) -> None:
    await house.answer()
    await house.wind(minutes=1)
    await change_the_policy(house)
    await house.home("Nora")
    nora = house.person("Nora")
    await nora.press("Look at limits", on="home")
    await change_the_policy(house, TIGHTER.replace('admins = ["UNORA"]', 'admins = ["UBEN"]'))

    await nora.submit()
    await house.settle()

    assert set_anew(house) == []
    assert "Only an admin" in nora.modal().words
