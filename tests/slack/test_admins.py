"""What an admin sees in the App Home, and can mend there."""

import pytest
from slack_house import House
from sqlmodel import select

from storage import parked, rows
from storage.tables import Intent

pytestmark = pytest.mark.anyio


async def test_an_admin_sends_again_what_was_given_up(house: House) -> None:
    await house.db.write(
        lambda session: rows.add(
            session,
            Intent,
            key="home:UBEN",
            kind="home",
            lane="slack:UBEN",
            facts={"member": "UBEN"},
            state="dead",
            not_before=house.clock(),
            created_at=house.clock(),
            problem="The app has no Home tab: install it again from the current manifest.",
        )
    )
    await house.db.write(
        lambda session: parked.park(session, source="typeform", body=b"{}", reason="No score.", at=house.clock())
    )
    nora = house.person("Nora")
    nora.hands.open_home(nora.id)
    await house.settle()

    await nora.press("Send again", on=nora.home())
    await house.settle()

    assert "could not be sent" not in nora.home().words
    assert "1 request of typeform" in nora.home().words
    assert house.db.read_now(lambda s: s.exec(select(Intent.state).where(Intent.key == "home:UBEN")).one()) == "sent"


async def test_who_is_no_admin_sees_none_of_it(house: House) -> None:
    await house.db.write(
        lambda session: parked.park(session, source="typeform", body=b"{}", reason="No score.", at=house.clock())
    )
    ben = house.person("Ben")
    ben.hands.open_home(ben.id)
    await house.settle()

    assert "typeform" not in ben.home().words
