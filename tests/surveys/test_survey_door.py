"""At the survey tools' door: how each of them may knock, what is answered, and what is left behind."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import SQLModel, select
from starlette.applications import Starlette
from survey_samples import ADDRESS, NOW, SECRETS, raw, sample, signed

from bot.commands.run import http_server
from bot.policies import PolicyInForce, apply
from bot.settings import Settings
from bot.surveys.request import Request
from bot.web.webhooks import SurveyDoor
from storage import parked
from storage.database import Database
from storage.tables import Case, Customer, Intent, Parked, Response
from workflows.policy import Policy, load

pytestmark = pytest.mark.anyio


@dataclass
class Door:
    """The door with its database, and how to knock."""

    db: Database
    http: httpx.AsyncClient
    policy: PolicyInForce

    async def post(self, source: str, request: Request, *, path: str = "") -> tuple[int, dict[str, Any]]:
        """Send this; give the status and what was said."""
        answer = await self.http.post(
            path or f"/webhooks/{source}", content=request.body, headers=dict(request.headers)
        )
        return answer.status_code, answer.json()

    def all(self, table: type[Any]) -> list[Any]:
        return self.db.read_now(lambda session: list(session.exec(select(table)).all()))

    async def put_in_force(self, text: str) -> None:
        await self.db.write(lambda session: apply(session, load(text), by="UNORA", at=NOW))
        await self.policy.refresh()


@pytest.fixture
async def door(database_url: str, policy: Policy) -> AsyncIterator[Door]:
    db = Database(database_url)
    in_force = PolicyInForce(db)
    secrets = {source: SecretStr(secret) for source, secret in SECRETS.items()}
    public_url = ADDRESS.removesuffix("webhooks/")
    survey = SurveyDoor(db=db, policy=in_force, secrets=secrets, clock=lambda: NOW, public_url=public_url)
    transport = httpx.ASGITransport(Starlette(routes=survey.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as http:
        found = Door(db, http, in_force)
        await found.put_in_force(policy.text)
        yield found
    db.close()


def event(object_id: object, **changes: object) -> dict[str, object]:
    """Give one event of HubSpot's list."""
    return {
        "eventId": 1,
        "subscriptionType": "object.creation",
        "objectTypeId": "0-19",
        "objectId": object_id,
        **changes,
    }


@pytest.mark.parametrize("path", ["jotform", "google-forms", "qualtrics-workflow", "surveymonkey", "jotform/a-token"])
async def test_whoever_looks_whether_anybody_is_there_is_answered(door: Door, path: str) -> None:
    head, get = await door.http.head(f"/webhooks/{path}"), await door.http.get(f"/webhooks/{path}")

    assert (head.status_code, get.status_code) == (200, 200)


async def test_a_request_of_many_events_leaves_one_fetch_for_each(door: Door) -> None:
    body = raw([event(71), event(72), event(71)])

    first = await door.post("hubspot", signed("hubspot", body))
    again = await door.post("hubspot", signed("hubspot", body))

    assert first == again == (200, {"status": "fetching", "case": None})
    assert [(one.kind, one.facts["source"], one.facts["external_id"]) for one in door.all(Intent)] == [
        ("fetch", "hubspot", "71"),
        ("fetch", "hubspot", "72"),
    ]


async def test_one_event_that_can_not_be_read_costs_the_others_nothing(door: Door) -> None:
    body = raw([event(71), event({"an": "object"}), event(73)])

    code, said = await door.post("hubspot", signed("hubspot", body))

    assert (code, said["status"]) == (200, "parked")
    assert {one.facts["external_id"] for one in door.all(Intent)} == {"71", "73"}
    [kept] = door.all(Parked)
    assert (kept.source, kept.body, kept.reason) == ("hubspot", body, said["message"])


async def test_a_list_is_not_read_piece_by_piece_where_a_tool_sends_one_object(door: Door) -> None:
    code, said = await door.post("typeform", signed("typeform", b"[{}, {}]"))

    assert (code, said["status"]) == (200, "parked")
    assert len(door.all(Parked)) == 1


@pytest.mark.parametrize("how", ["header", "bearer", "path", "key", "token"])
async def test_the_secret_may_be_shown_in_a_header_or_in_the_address(door: Door, how: str) -> None:
    secret, body = SECRETS["freshdesk"], raw(sample("freshdesk_label")["body"])
    headers = {"header": {"x-webhook-token": secret}, "bearer": {"authorization": f"Bearer {secret}"}}.get(how, {})
    path = {
        "path": f"/webhooks/freshdesk/{secret}",
        "key": f"/webhooks/freshdesk?key={secret}",
        "token": f"/webhooks/freshdesk?token={secret}",
    }.get(how, "/webhooks/freshdesk")

    taken, _ = await door.post("freshdesk", Request(headers, body), path=path)
    wrong = {name: f"{value}x" for name, value in headers.items()}
    refused, said = await door.post(
        "freshdesk", Request(wrong, body), path=f"{path}x" if path[-9:] != "freshdesk" else path
    )

    assert (taken, refused, said["status"]) == (200, 401, "refused")
    assert len(door.all(Response)) == 1


async def test_a_tool_that_signs_is_not_let_in_by_showing_the_secret(door: Door) -> None:
    body = raw(sample("typeform_nps")["body"])

    code, _ = await door.post("typeform", Request({}, body), path=f"/webhooks/typeform/{SECRETS['typeform']}")

    assert code == 401
    assert door.all(Response) == []


async def test_the_address_that_is_signed_is_ours_and_not_what_the_caller_names(door: Door) -> None:
    request = signed("hubspot", raw([event(71)]))
    elsewhere = replace(request, headers={**request.headers, "host": "elsewhere.example"})

    taken, _ = await door.post("hubspot", elsewhere)
    refused, _ = await door.post("hubspot", request, path="/webhooks/hubspot?a=b")

    assert (taken, refused) == (200, 401)


@pytest.mark.parametrize("kind", ["application/vnd.surveymonkey.response.v1+json", "text/plain", ""])
async def test_the_bytes_decide_what_a_body_is_and_not_its_header(door: Door, kind: str) -> None:
    request = signed("typeform", raw(sample("typeform_nps")["body"]))

    code, said = await door.post("typeform", replace(request, headers={**request.headers, "content-type": kind}))

    assert (code, said["status"]) == (200, "new")


@pytest.mark.parametrize(
    "name", ["intercom_ping", "formbricks_test", "wootric_decline", "zendesk_offered", "posthog_shown"]
)
async def test_a_test_or_a_survey_without_a_score_leaves_nothing(door: Door, name: str) -> None:
    source = name.partition("_")[0]

    code, said = await door.post(source, signed(source, raw(sample(name)["body"])))

    assert (code, said["status"]) == (200, "ignored")
    assert [row for table in (Response, Case, Parked, Customer) for row in door.all(table)] == []


async def test_a_later_part_of_a_tool_that_says_no_time_corrects_and_moves_no_time(door: Door) -> None:
    body = sample("freshdesk_label")["body"]
    await door.post("freshdesk", signed("freshdesk", raw(body)))
    [before] = door.all(Response)
    # As if it had come from elsewhere with a time of its own, later than this part arrives.
    later = NOW + timedelta(minutes=9)
    await door.db.write(lambda session: session.get_one(Response, before.id).sqlmodel_update({"submitted_at": later}))
    inner = body.get("freshdesk_webhook", body)
    inner["ticket_satisfaction_rating"] = "-102"

    _, said = await door.post("freshdesk", signed("freshdesk", raw(body)))
    _, again = await door.post("freshdesk", signed("freshdesk", raw(body)))

    [after] = door.all(Response)
    assert (said["status"], again["status"]) == ("changed", "known")
    assert (after.score, after.submitted_at) == (2, later)


async def test_the_policy_says_who_is_asked_in_confidence_or_anonymously(door: Door, policy: Policy) -> None:
    whole = 'name = "generic"\nmetric = "nps"\ncontactability = "confidential"\n'
    form = 'name = "generic"\nform = "quiet"\nmetric = "nps"\ncontactability = "anonymous"\n'
    await door.put_in_force(f"{policy.text}\n[[source]]\n{whole}\n[[source]]\n{form}")
    body = sample("generic_nps")["body"]

    for form_id, said in ((None, None), ("quiet", None), ("quiet", "contactable")):
        body["data"] |= {"id": f"{form_id}-{said}", "form": form_id, "contactability": said}
        body["data"]["customer"] = {"id": f"c-{form_id}-{said}", "email": f"{form_id}-{said}@acme.example"}
        code, answer = await door.post("generic", signed("generic", raw(body)))
        assert (code, answer["status"]) == (200, "new"), answer

    assert [(one.contactability, one.email) for one in door.all(Customer)] == [
        ("confidential", "none-none@acme.example"),
        ("anonymous", None),
        ("contactable", "quiet-contactable@acme.example"),
    ]


async def test_a_source_without_a_secret_takes_nothing(door: Door) -> None:
    survey = SurveyDoor(db=door.db, policy=door.policy, secrets={}, clock=lambda: NOW)
    transport = httpx.ASGITransport(Starlette(routes=survey.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://hearback.test") as http:
        answer = await http.post("/webhooks/jotform/", content=b"{}")
        shown = await http.post("/webhooks/jotform/anything", content=b"{}")

    assert {answer.status_code, shown.status_code} <= {401, 307}
    assert shown.status_code == 401
    assert "WEBHOOK_SECRET_JOTFORM" in shown.json()["message"]


async def test_a_database_that_is_away_asks_the_tool_to_come_again(door: Door) -> None:
    await door.db.write(lambda session: SQLModel.metadata.tables["parked"].drop(session.connection()))

    answer = await door.http.post("/webhooks/typeform", content=b"[]", headers=dict(signed("typeform", b"[]").headers))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_secret_in_an_address_gets_into_no_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="hearback")

    await door.post("jotform", Request({}, b"\xff"), path=f"/webhooks/jotform/{SECRETS['jotform']}")

    assert SECRETS["jotform"] not in "".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    settings = Settings(slack_bot_token=SecretStr(""), slack_signing_secret=SecretStr(""))
    server = http_server(Starlette(), settings)
    assert server.config.access_log is False
    assert [str(row.reason) for row in door.all(Parked) if SECRETS["jotform"] in row.reason] == []


async def test_what_was_parked_is_kept_again_without_doing_anything_twice(door: Door) -> None:
    body = raw([event(71), event(None)])
    await door.post("hubspot", signed("hubspot", body))

    await door.post("hubspot", signed("hubspot", body))

    [kept] = door.db.read_now(parked.waiting)
    assert kept.times == 2
    assert json.loads(kept.body)[0]["objectId"] == 71
    assert len(door.all(Intent)) == 1
