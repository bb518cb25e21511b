"""Presses: from a signed HTTP request to the ack, with the move committed."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text
from sqlmodel import Session

from bot.slack import ids
from bot.slack.views.card import case_card
from storage import rows
from storage.casefile import case_files
from storage.database import Database
from storage.tables import Card
from tests.bench import floors
from tests.bench.house import SIGNING_SECRET, low_answer, prepared, running_house, without_storms
from tests.bench.load import Load, post, send
from tests.bench.places import Place, free_port, process, wait_until_ready
from tests.bench.table import Line, Measure
from workflows import intake
from workflows.policy import Policy

Payload = dict[str, Any]
WARM_UP = 100


def presses(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure "Take" on so many fresh cases, by 32 people at once."""
    seeded, floor_url = place.empty(), place.empty()
    payloads = _seed(seeded, count + WARM_UP)
    floors.make_cases(floor_url, count + WARM_UP)
    floor, ours = [], []
    for _ in range(runs):
        floor.append(_on_the_floor(place.copy_of(floor_url), payloads))
        with running_house(place.copy_of(seeded)) as port:
            ours.append(_pressed(port, payloads))
    rates = [sum(one.rate for one in found) / runs for found in (ours, floor)]
    return [
        Line(
            name=f"press to ack, {place.kind}",
            unit="ms",
            floor=Measure(runs=[one.middle_ms for one in floor]),
            ours=Measure(runs=[one.middle_ms for one in ours]),
            wanted=5,
            better="less",
            note=f"{rates[0]:,.0f} presses/s; the floor {rates[1]:,.0f}",
        )
    ]


def _on_the_floor(url: str, payloads: Sequence[Payload]) -> Load:
    port = free_port()
    with process(["tests.bench.serve", "press", "--database", url, "--port", str(port)]):
        wait_until_ready(port)
        return _pressed(port, payloads)


def _pressed(port: int, payloads: Sequence[Payload]) -> Load:
    requests = [_signed(one) for one in payloads]
    send(port, requests[:WARM_UP])
    return send(port, requests[WARM_UP:])


def _seed(url: str, count: int) -> list[Payload]:
    """Open so many cases whose cards stand in Slack already; gives the presses on them."""
    policy, version = prepared(url)
    policy = without_storms(policy)
    db, at = Database(url), datetime.now(UTC)
    try:
        received = [
            db.submit(
                lambda session, n=n: intake.receive(  # type: ignore[misc] # its loop variable
                    session, low_answer(n, at), policy=policy, policy_version=version, at=at
                )
            )
            for n in range(count)
        ]
        case_ids = [one.result().case_id for one in received]
        return db.write_now(lambda session: _shown(session, [one for one in case_ids if one], policy))
    finally:
        db.close()


def _shown(session: Session, case_ids: Sequence[int], policy: Policy) -> list[Payload]:
    """Write down that every card has been posted, and make the press on each."""
    session.execute(text("UPDATE intents SET state = 'sent'"))
    payloads = []
    for case_id, file in case_files(session, case_ids).items():
        at = {"channel": f"C{file.case.department.upper()}", "ts": f"1800000000.{case_id:06d}"}
        place = file.case.channel
        rows.add(session, Card, subject=f"case:{case_id}", place=place, case_id=case_id, **at)
        card = case_card(file, policy=policy, place=place)
        message: dict[str, Any] = {
            "type": "message",
            "bot_id": "BBOT",
            "text": card.text,
            "blocks": card.blocks,
            "ts": at["ts"],
        }
        key = {"key": f"case:{case_id}@{place}"}
        message["metadata"] = {"event_type": ids.METADATA_EVENT, "event_payload": key}
        payloads.append(_press(case_id, policy.department(file.case.department).members[0], message, at))
    return payloads


def _press(case_id: int, member: str, message: dict[str, Any], at: dict[str, str]) -> Payload:
    return {
        "type": "block_actions",
        "user": {"id": member, "username": member.lower(), "name": member.lower(), "team_id": "T1"},
        "api_app_id": "A1",
        "token": "unused",
        "container": {"type": "message", "message_ts": at["ts"], "channel_id": at["channel"], "is_ephemeral": False},
        "trigger_id": f"1.2.{case_id}",
        "team": {"id": "T1", "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": at["channel"], "name": "bench"},
        "message": message,
        "response_url": "http://127.0.0.1:9/unused",
        "actions": [{"type": "button", "action_id": ids.TAKE, "block_id": "moves", "value": str(case_id)}],
    }


def _signed(payload: Payload) -> bytes:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    return post("/slack/events", body, headers | {"Content-Type": "application/x-www-form-urlencoded"})
