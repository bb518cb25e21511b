"""The demo begins with its stories, works, and goes on from where it was."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.sandbox.demo import Demo, running

pytestmark = pytest.mark.anyio


async def until(demo: Demo, what: str, *, place: str) -> None:
    """Wait until a channel shows these words, in a message or a thread."""
    async with asyncio.timeout(15):
        while what not in str(demo.slack.workspace.channel(place).messages):
            await demo.slack.workspace.changed_since(demo.slack.workspace.version, patience=1)


async def test_the_demo_is_seeded_works_and_goes_on_from_where_it_was(tmp_path: Path) -> None:
    async with running(tmp_path) as demo:
        await until(demo, "reports take minutes to load", place="success")
        ines = demo.slack.person("Inês")
        card = next(one for one in ines.messages_in("#success") if "Priya" in one.text)
        await ines.press("Take", on=card)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{demo.address}/sandbox/")).status_code == 200
            assert (await client.get(f"{demo.address}/ready")).json()["status"] == "ready"
            act = {"as": "UNORA", "do": "wind", "hours": 24}
            assert (await client.post(f"{demo.address}/sandbox/act", json=act)).json()["ok"]
        await until(demo, "Inês Duarte took the case", place="success")
        refusals = demo.slack.workspace.refusals

    async with running(tmp_path) as demo:
        again = next(one for one in demo.slack.person("Inês").messages_in("#success") if "Priya" in one.text)
        cases = [one for one in demo.slack.person("Inês").messages_in("#success") if "Priya" in one.text]

    assert "Inês Duarte works on case" in again.text
    assert len(cases) == 1
    assert demo.slack.workspace.offset.total_seconds() == 24 * 3600
    assert refusals == []


async def test_a_mail_to_a_customer_can_bounce_and_be_answered(tmp_path: Path) -> None:
    async with running(tmp_path, is_seeded=False) as demo:
        await demo.survey.answer(
            {"metric": "nps", "score": 1, "comment": "Slow.", "email": "ruth@kesselbau.example", "name": "Ruth"}
        )
        await until(demo, "waits for an answer", place="support")
        ana = demo.slack.person("Ana")
        await ana.press("Write to customer", on=ana.latest_in("#support"))
        await ana.submit()
        await ana.submit()
        demo.slack.workspace.wind(1)
        async with asyncio.timeout(15):
            while not demo.mailbox.to("ruth@kesselbau.example"):
                await demo.slack.workspace.changed_since(demo.slack.workspace.version, patience=1)
        mail = demo.mailbox.to("ruth@kesselbau.example")[0]

        await demo.mailbox.reply(mail.id, text="Thank you for asking. It is the search.")
        await until(demo, "It is the search.", place="support")
        await demo.mailbox.bounce(mail.id)
        await until(demo, "came back", place="support")


async def test_winding_the_clock_brings_what_is_due_within_moments(tmp_path: Path) -> None:
    async with running(tmp_path, is_seeded=False) as demo:
        await demo.survey.answer(
            {"metric": "nps", "score": 1, "comment": "Slow.", "email": "ruth@kesselbau.example", "name": "Ruth"}
        )
        await until(demo, "waits for an answer", place="support")

        demo.slack.workspace.wind(24 * 14)

        await until(demo, "have been told that", place="support")
        await until(demo, "is past its limit", place="customer-voice")
        assert demo.slack.workspace.refusals == []
