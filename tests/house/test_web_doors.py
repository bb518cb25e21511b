"""Doors that aren't Slack's: what is answered before a signature, and what comes twice."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import func, select
from starlette.applications import Starlette

from bot.delivery.incoming import taken
from bot.policies import PolicyInForce, apply_file, with_sender
from bot.sandbox.demo import POLICY
from bot.web.webhooks import SurveyDoor
from storage import rows
from storage.database import Database
from storage.tables import Case, Customer, Event, Outreach, Parked
from storage.upgrade import upgrade
from workflows import mails
from workflows.policy import load

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPLY = b"""From: Jane <jane@acme.example>\r
To: care@lumen.example\r
Subject: Re: About your feedback\r
Message-ID: <answer-1@acme.example>\r
In-Reply-To: <case-1.mail-1.1@lumen.example>\r
\r
Still broken.\r
"""


@pytest.fixture
async def db(tmp_path: Path) -> Database:
    found = Database(f"sqlite:///{tmp_path / 'hearback.sqlite'}")
    upgrade(found.engine)
    await found.write(lambda session: apply_file(session, POLICY.read_text(encoding="utf-8"), at=AT))
    return found


async def test_formbricks_may_try_the_address_unsigned_and_nothing_else_may(db: Database) -> None:
    policy = PolicyInForce(db)
    await policy.refresh()
    door = SurveyDoor(db=db, policy=policy, secrets={"formbricks": SecretStr("whsec_c2VjcmV0")}, clock=lambda: AT)
    transport = httpx.ASGITransport(Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://hearback.test") as client:
        probe = await client.post("/webhooks/formbricks", content=b'{"event":"testEndpoint"}')
        other = await client.post("/webhooks/formbricks", content=b'{"event":"responseFinished"}')

    assert (probe.status_code, other.status_code) == (200, 401)
    assert db.read_now(lambda s: s.exec(select(func.count()).select_from(Parked)).one()) == 0
    db.close()


async def test_a_reply_that_is_handed_over_twice_is_kept_once(db: Database) -> None:
    policy = load(POLICY.read_text(encoding="utf-8"))

    def written(session: object) -> None:
        customer = rows.add(session, Customer, identity="mail:jane@acme.example", created_at=AT)  # type: ignore[arg-type]
        case = rows.add(
            session,  # type: ignore[arg-type]
            Case,
            customer_id=customer,
            department="support",
            channel="#support",
            opened_at=AT,
            waiting_since=AT,
        )
        rows.add(
            session,  # type: ignore[arg-type]
            Outreach,
            case_id=case,
            kind="contact",
            channel="email",
            state="accepted",
            by="UANA",
            at=AT,
            message_id="<case-1.mail-1.1@lumen.example>",
            created_at=AT,
        )

    await db.write(written)

    for _ in range(2):
        await db.write(lambda session: taken(session, REPLY, policy=policy, at=AT))

    kept = db.read_now(lambda s: s.exec(select(Event.text).where(Event.kind == "replied")).all())
    assert kept == ["Still broken."]
    db.close()


async def test_mails_carry_the_domain_of_mail_from_where_the_policy_names_no_sender() -> None:
    text = POLICY.read_text(encoding="utf-8")
    without = load("\n".join(line for line in text.splitlines() if not line.startswith("from = ")))

    policy = with_sender(without, "care@our-mail.example")

    assert mails._our_domain(policy) == "our-mail.example"
    assert with_sender(load(text), "other@else.example").mail.from_ == load(text).mail.from_
