"""Who gets to see the report: a link from Slack, once, in time, and only while the policy names them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.links import Links
from bot.policies import PolicyInForce, apply_file
from bot.web.entrance import COOKIE, EntranceDoor
from storage import members
from storage.database import Database
from storage.source_tables import WebSession
from workflows.entrance import Visitor

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
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
lead = "ULEAD"
members = ["{member}"]
"""


@dataclass
class World:
    """A house with nothing but the report's entrance, a browser, and a clock."""

    db: Database
    policy: PolicyInForce
    links: Links
    http: httpx.AsyncClient
    now: list[datetime] = field(default_factory=lambda: [AT])

    async def name_in_policy(self, member: str) -> None:
        text = POLICY.format(member=member)
        await self.db.write(lambda session: apply_file(session, text, at=self.now[0]))
        await self.policy.refresh()

    async def press(self, link: str, **headers: str) -> httpx.Response:
        """Open a link as a browser does: look at the page, then press its button."""
        path = link.removeprefix(self.links.home)
        looked = await self.http.get(path)
        if looked.status_code != 200:
            return looked
        return await self.http.post("/report/enter", content=f"key={path.partition('key=')[2]}", headers=headers)


async def seen(_: Request, visitor: Visitor) -> Response:
    return PlainTextResponse(f"{visitor.member} {visitor.departments}")


@asynccontextmanager
async def world(url: str, *, home: str = "http://hearback.test") -> AsyncIterator[World]:
    db = Database(url)
    people = [members.Profile(one, one.title(), None, None, True, False) for one in ("UANA", "UMAN", "ULEAD")]
    await db.write(lambda session: members.remember(session, people))
    policy, links, now = PolicyInForce(db), Links("xoxb-secret", home), [AT]
    door = EntranceDoor(db=db, policy=policy, clock=lambda: now[0], links=links)
    web = Starlette(routes=[*door.routes(), Route("/report", door.guarded(seen))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url=home) as http:
        made = World(db, policy, links, http, now)
        await made.name_in_policy("UANA")
        yield made
    db.close()


async def test_a_link_lets_in_the_member_it_was_made_for(database_url: str) -> None:
    async with world(database_url) as house:
        entered = await house.press(house.links.report("UANA", at=AT))
        shown = await house.http.get("/report")

        assert (entered.status_code, entered.headers["location"]) == (303, "/report")
        assert shown.text == "UANA ('support',)"


async def test_a_manager_sees_every_department(database_url: str) -> None:
    async with world(database_url) as house:
        await house.press(house.links.report("UMAN", at=AT))

        assert (await house.http.get("/report")).text == "UMAN None"


async def test_looking_at_a_link_does_not_use_it_up_and_pressing_it_does(database_url: str) -> None:
    async with world(database_url) as house:
        link = house.links.report("UANA", at=AT)
        for _ in range(3):
            await house.http.get(link.removeprefix(house.links.home))

        first, second = await house.press(link), await house.press(link)

        assert (first.status_code, second.status_code) == (303, 403)
        assert "has been used" in second.text


async def test_a_link_is_too_old_after_ten_minutes(database_url: str) -> None:
    async with world(database_url) as house:
        link = house.links.report("UANA", at=AT)
        house.now[0] = AT + timedelta(minutes=10)

        answer = await house.press(link)

        assert answer.status_code == 403
        assert "too old" in answer.text


@pytest.mark.parametrize("changed", ["another secret", "a letter", "nothing at all"])
async def test_a_link_that_is_not_ours_opens_nothing(database_url: str, changed: str) -> None:
    async with world(database_url) as house:
        link = house.links.report("UANA", at=AT)
        forged = {
            "another secret": Links("guessed", house.links.home).report("UANA", at=AT),
            "a letter": link.replace("key=", "key=a", 1),
            "nothing at all": "http://hearback.test/report/enter",
        }[changed]

        looked = await house.press(forged)
        pressed = await house.http.post("/report/enter", content=f"key={forged.partition('key=')[2]}")

        assert (looked.status_code, pressed.status_code) == (400, 400)
        assert (await house.http.get("/report")).status_code == 401


async def test_another_sites_form_can_not_sign_anybody_in(database_url: str) -> None:
    async with world(database_url) as house:
        link = house.links.report("UANA", at=AT)

        answer = await house.press(link, **{"Sec-Fetch-Site": "cross-site"})

        assert answer.status_code == 400
        assert COOKIE not in answer.cookies


async def test_who_loses_the_role_loses_the_report_with_the_next_page(database_url: str) -> None:
    async with world(database_url) as house:
        await house.press(house.links.report("UANA", at=AT))
        before = await house.http.get("/report")

        await house.name_in_policy("UBEN")

        assert before.status_code == 200
        assert (await house.http.get("/report")).status_code == 401


async def test_who_has_left_the_workspace_is_not_let_in_any_more(database_url: str) -> None:
    async with world(database_url) as house:
        await house.press(house.links.report("UANA", at=AT))
        gone = members.Profile("UANA", "Ana", None, None, True, True)

        await house.db.write(lambda session: members.remember(session, [gone]))

        assert (await house.http.get("/report")).status_code == 401


async def test_somebody_whom_the_policy_does_not_name_is_told_so(database_url: str) -> None:
    async with world(database_url) as house:
        answer = await house.press(house.links.report("USTRANGER", at=AT))

        assert answer.status_code == 403
        assert "policy" in answer.text


async def test_signing_out_ends_the_session_for_who_kept_the_cookie_too(database_url: str) -> None:
    async with world(database_url) as house:
        await house.press(house.links.report("UANA", at=AT))
        kept = house.http.cookies[COOKIE]

        await house.http.post("/report/leave")
        answer = await house.http.get("/report", headers={"Cookie": f"{COOKIE}={kept}"})

        assert answer.status_code == 401


async def test_a_session_ends_by_itself(database_url: str) -> None:
    async with world(database_url) as house:
        await house.press(house.links.report("UANA", at=AT))

        house.now[0] = AT + timedelta(hours=12)

        assert (await house.http.get("/report")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_the_database_does_not_know_it(database_url: str) -> None:
    async with world(database_url, home="https://hearback.test") as house:
        answer = await house.press(house.links.report("UANA", at=AT))
        cookie = answer.headers["set-cookie"].lower()
        kept = house.db.read_now(lambda session: session.exec(select(WebSession)).one())

        assert all(word in cookie for word in ("httponly", "samesite=lax", "secure", "path=/report"))
        assert answer.cookies[COOKIE] not in kept.digest


async def test_a_page_lets_nothing_in_from_elsewhere(database_url: str) -> None:
    async with world(database_url) as house:
        answer = await house.http.get("/report")

        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
