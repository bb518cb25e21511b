"""Every survey tool of the sandbox sends an unhappy answer, and Hearback opens its case."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.sandbox.channels import Json
from bot.sandbox.demo import Demo, running
from bot.sandbox.senders import SENDERS
from bot.surveys import ADAPTERS
from storage.tables import Case, Customer, Response

pytestmark = pytest.mark.anyio


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with running(tmp_path, is_seeded=False) as found:
        yield found


def unhappy(tool: str, metric: str, number: int) -> Json:
    mail = f"{tool}-{metric}@zielona.example"
    return {
        "tool": tool,
        "metric": metric,
        "score": 1,
        "comment": f"Not again, {tool}",
        "name": "Wanda Ostrowska",
        "email": mail,
        "id": number,
    }


async def cases(demo: Demo) -> dict[str, tuple[str, str]]:
    """Give band and comment of each response that has a case, by its customer's address."""
    joined = (
        select(Customer.email, Response.band, Response.comment)
        .join(Response, Response.customer_id == Customer.id)  # type: ignore[arg-type] # SQLModel's columns
        .join(Case, Response.case_id == Case.id)  # type: ignore[arg-type] # SQLModel's columns
    )
    found = await demo.house.db.read(lambda session: session.exec(joined).all())
    return {str(email): (band, comment) for email, band, comment in found}


async def until_there(demo: Demo, wanted: int) -> dict[str, tuple[str, str]]:
    for _ in range(200):
        found = await cases(demo)
        if len(found) >= wanted:
            return found
        await asyncio.sleep(0.1)
    return await cases(demo)


def test_every_tool_that_hearback_knows_can_be_sent_as() -> None:
    assert {*SENDERS, "generic"} == {*ADAPTERS}


async def test_an_unhappy_answer_by_every_tool_and_metric_is_a_case(demo: Demo) -> None:
    every = [(tool, metric) for tool, one in SENDERS.items() for metric in one.metrics]

    said = [
        await demo.survey.answer(unhappy(tool, metric, number=1_000 * n)) for n, (tool, metric) in enumerate(every, 1)
    ]

    assert [(one, status, body) for one, (status, body) in zip(every, said, strict=True) if status != 200] == []
    found = await until_there(demo, len(every))
    wanted = {f"{tool}-{metric}@zielona.example": ("low", f"Not again, {tool}") for tool, metric in every}
    assert found == wanted


async def test_a_happy_answer_by_every_tool_opens_no_case(demo: Demo) -> None:
    best = {"nps": 10, "csat": 5, "ces": 7}

    for number, (tool, sender) in enumerate(SENDERS.items(), 1):
        metric = sender.metrics[0]
        await demo.survey.answer({**unhappy(tool, metric, number=1_000 * number), "score": best[metric]})
    await asyncio.sleep(2)

    bands = await demo.house.db.read(lambda session: session.exec(select(Response.source, Response.band)).all())
    assert dict(bands) == dict.fromkeys(SENDERS, "high")
    assert await cases(demo) == {}


async def test_a_tool_is_not_sent_a_question_that_it_does_not_ask(demo: Demo) -> None:
    status, body = await demo.survey.answer(unhappy("zendesk", "nps", 1))

    assert (status, body["message"]) == (400, "Zendesk asks for csat.")


async def test_an_answer_whose_webhook_is_lost_is_found_by_asking(demo: Demo) -> None:
    lost = {**unhappy("chatwoot", "csat", 1), "is_lost": True}

    status, body = await demo.survey.answer(lost)
    before = await cases(demo)
    await demo.house.poller.reconcile()

    assert (status, body["status"], before) == (200, "kept", {})
    assert await until_there(demo, 1) == {"chatwoot-csat@zielona.example": ("low", "Not again, chatwoot")}
