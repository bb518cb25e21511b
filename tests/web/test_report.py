"""The report as people of each role see it: figures, the lists behind them, one case, and what they take along."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.links import Links
from bot.policies import PolicyInForce, apply_file
from bot.web.entrance import EntranceDoor
from bot.web.report import ReportDoor
from storage import members
from storage.database import Database
from workflows import casework, intake, outreach
from workflows.answers import Answer
from workflows.scales import DEFAULT_SCALES

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 11, 9, tzinfo=UTC)
HOME = "http://hearback.test"
HOSTILE = '=HYPERLINK("http://evil.test","x")<script>alert(1)</script>'
POLICY = """
[team]
name = "Lumen"
timezone = "Europe/Berlin"
admins = ["UADMIN"]
managers = ["UMAN"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]

[[department]]
key = "billing"
name = "Billing"
channel = "#billing"
lead = "UGRETA"
members = ["UGRETA"]

[[rule]]
name = "Money"
when = { words = "invoice" }
department = "billing"
"""


@dataclass
class World:
    """A house with a report, a browser for each visitor, and some answers."""

    db: Database
    policy: PolicyInForce
    links: Links
    web: Starlette

    async def answer(self, number: int, *, score: int = 2, comment: str = "Late.", **more: Any) -> int | None:
        answer = Answer(
            source="generic",
            external_id=f"r{number}",
            score=score,
            scale=DEFAULT_SCALES["nps"],
            submitted_at=AT - timedelta(days=1),
            comment=comment,
            **{"email": f"c{number}@acme.test", "name": f"Customer No {number}", **more},
        )
        policy = self.policy()
        received = await self.db.write(
            lambda session: intake.receive(session, answer, policy=policy, policy_version=1, at=AT - timedelta(days=1))
        )
        return received.case_id

    async def tell(self, case_id: int) -> None:
        policy = self.policy()
        how: dict[str, Any] = {"policy": policy, "by": "UANA", "at": AT - timedelta(hours=1)}
        await self.db.write(lambda session: casework.take(session, case_id, **how))
        await self.db.write(
            lambda session: casework.resolve(
                session, case_id, root_cause="process", root_cause_text="", what_changed="We deliver in time.", **how
            )
        )
        await self.db.write(
            lambda session: outreach.log(
                session, case_id, kind="told", channel="phone", happened_at=how["at"], text="Called her.", **how
            )
        )

    @asynccontextmanager
    async def browser(self, member: str) -> AsyncIterator[Callable[..., Any]]:
        transport = httpx.ASGITransport(self.web)
        async with httpx.AsyncClient(transport=transport, base_url=HOME, follow_redirects=True) as http:
            key = self.links.report(member, at=AT).partition("key=")[2]
            await http.post("/report/enter", content=f"key={key}")
            yield http.get


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[World]:
    db = Database(database_url)
    people = [members.Profile(one, one[1:].title(), None, None, True, False) for one in ("UANA", "UGRETA", "UMAN")]
    await db.write(lambda session: members.remember(session, people))
    await db.write(lambda session: apply_file(session, POLICY, at=AT))
    policy = PolicyInForce(db)
    await policy.refresh()
    links = Links("xoxb-secret", HOME)
    entrance = EntranceDoor(db=db, policy=policy, clock=lambda: AT, links=links)
    report = ReportDoor(db=db, policy=policy, clock=lambda: AT, entrance=entrance)
    yield World(db, policy, links, Starlette(routes=[*entrance.routes(), *report.routes()]))
    db.close()


async def test_a_manager_sees_the_figures_and_every_one_of_them_opens(house: World) -> None:
    told = await house.answer(1)
    assert told is not None
    await house.tell(told)
    await house.answer(2)
    await house.answer(3, score=9)

    async with house.browser("UMAN") as get:
        shown = (await get("/report")).text
        opened = {key: (await get(f"/report/list?figure={key}")).text for key in ("told_rate", "told", "open", "nps")}

    assert "50 %" in shown
    assert "1 of 2 that can be told" in shown
    assert "Customer No 1" in opened["told"]
    assert "Customer No 2" not in opened["told"]
    assert "Customer No 2" in opened["open"]
    assert "Customer No 3" in opened["nps"]


async def test_every_link_of_the_report_leads_to_a_page(house: World) -> None:
    for number in range(3):
        await house.answer(number, comment="The invoice is wrong." if number else "Late.", touchpoint="a&b")

    async with house.browser("UMAN") as get:
        shown = (await get("/report")).text
        addresses = {one.partition('"')[0].replace("&amp;", "&") for one in shown.split('href="')[1:]}
        answers = {one: (await get(one)).status_code for one in addresses}

    assert len(answers) > 20
    assert set(answers.values()) == {200}


async def test_a_member_sees_their_department_and_no_other(house: World) -> None:
    support, billing = await house.answer(1), await house.answer(2, comment="The invoice is wrong.")

    async with house.browser("UANA") as get:
        listed = (await get("/report/list?figure=low&department=billing")).text
        exported = (await get("/report/export.csv?department=billing")).text
        own, other = await get(f"/report/case/{support}"), await get(f"/report/case/{billing}")

    assert "Customer No 1" in listed
    assert "Customer No 2" not in listed
    assert "Customer No 2" not in exported
    assert (own.status_code, other.status_code) == (200, 404)


async def test_nothing_is_shown_without_a_session(house: World) -> None:
    case = await house.answer(1)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.web), base_url=HOME) as http:
        for path in ("", "/list?figure=low", f"/case/{case}", "/export.csv", "/export.json"):
            answer = await http.get(f"/report{path}")

            assert answer.status_code == 401
            assert "Customer No 1" not in answer.text


async def test_who_answered_in_confidence_is_named_on_no_page(house: World) -> None:
    case = await house.answer(1, contactability="confidential", comment="My boss must not know.")

    shown = {}
    await house.db.write(
        lambda session: casework.assign(
            session, case or 0, to="UMAN", department=None, reason="", policy=house.policy(), by="UMAN", at=AT
        )
    )
    for member in ("UANA", "UMAN"):
        async with house.browser(member) as get:
            pages = [
                await get("/report/list?figure=low"),
                await get(f"/report/case/{case}"),
                await get("/report/export.csv"),
            ]
            shown[member] = ["Customer No 1" in page.text for page in pages]

    assert shown == {"UANA": [False, False, False], "UMAN": [False, False, False]}


async def test_an_export_is_safe_to_open_in_a_spreadsheet(house: World) -> None:
    await house.answer(1, comment=HOSTILE, name="@SUM(A1)")

    async with house.browser("UMAN") as get:
        answer = await get("/report/export.csv")
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))

    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert row["comment"] == f"'{HOSTILE}"
    assert row["customer"] == "'@SUM(A1)"
    assert row["score"] == "2.0"


async def test_an_export_has_every_response_whatever_its_pages(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.exports.AT_ONCE", 2)
    for number in range(7):
        await house.answer(number, score=number)

    async with house.browser("UMAN") as get:
        text = (await get("/report/export.csv")).content.decode("utf-8-sig")

    assert sorted(row["score"] for row in csv.DictReader(io.StringIO(text))) == [f"{one}.0" for one in range(7)]


async def test_the_figures_as_json_say_what_the_page_says(house: World) -> None:
    await house.answer(1)
    await house.answer(2, score=9)

    async with house.browser("UMAN") as get:
        said = (await get("/report/export.json")).json()

    assert said["now"]["scores"]["nps"]["count"] == 2
    assert said["now"]["loops"]["low"] == 1
    assert said["period"]["start"].startswith("2026-02-10")


async def test_what_a_customer_wrote_stays_text_on_every_page(house: World) -> None:
    case = await house.answer(1, comment=HOSTILE, name=HOSTILE, touchpoint=HOSTILE, segment=HOSTILE)

    async with house.browser("UMAN") as get:
        pages = [await get(one) for one in ("/report", "/report/list?figure=low", f"/report/case/{case}")]

    assert all("<script>" not in page.text for page in pages)
    assert "alert(1)" in pages[1].text


@pytest.mark.parametrize("path", ["/list?figure=nothing", "/list?figure=low&after=x", "/case/99999", f"/case/{2**40}"])
async def test_what_there_is_not_is_said_in_a_sentence(house: World, path: str) -> None:
    async with house.browser("UMAN") as get:
        answer = await get(f"/report{path}")

    assert answer.status_code == 404
    assert "Every unhappy customer hears back" in answer.text


async def test_a_case_tells_its_story(house: World) -> None:
    case = await house.answer(1, comment="Late again.")
    assert case is not None
    await house.tell(case)

    async with house.browser("UANA") as get:
        shown = (await get(f"/report/case/{case}")).text

    for said in ("Late again.", "We deliver in time.", "Called her.", "told", "Support"):
        assert said in shown
    assert "<!date" not in shown
    assert "&lt;@U" not in shown
