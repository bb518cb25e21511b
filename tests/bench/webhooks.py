"""Webhooks: low responses, each with its case, tasks, events and intents committed before the answer."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from tests.bench.house import WEBHOOK_SECRET, low_answer, prepared, running_house
from tests.bench.load import Load, post, send
from tests.bench.places import Place, free_port, process, wait_until_ready
from tests.bench.table import Line, Measure

WARM_UP = 100
SLOW_DISK_MS = 5.0
SLOW_DISK_SHARE = 5  # a slow floor is asked for fewer


def webhooks(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure low responses from so many customers, 32 at once."""
    empty = place.empty()
    prepared(empty)
    lines = [_line(place, empty, runs=runs, count=count, sync_ms=0.0, name=f"webhook intake, {place.kind}")]
    if place.kind == "sqlite":
        name = f"webhook intake, a disk of {SLOW_DISK_MS:g} ms"
        lines.append(_line(place, empty, runs=runs, count=count // SLOW_DISK_SHARE, sync_ms=SLOW_DISK_MS, name=name))
    return lines


def _line(place: Place, empty: str, *, runs: int, count: int, sync_ms: float, name: str) -> Line:
    floor, ours = [], []
    for _ in range(runs):
        floor.append(_on_the_floor(place.empty(), count, sync_ms=sync_ms))
        with running_house(place.copy_of(empty), sync_ms=sync_ms) as port:
            ours.append(_received(port, count))
    return Line(
        name=name,
        unit="/s",
        floor=Measure(runs=[one.rate for one in floor]),
        ours=Measure(runs=[one.rate for one in ours]),
        wanted=1,
        better="more",
        note=f"{sum(one.middle_ms for one in ours) / runs:,.0f} ms in the middle",
    )


def _on_the_floor(url: str, count: int, *, sync_ms: float) -> Load:
    port = free_port()
    words = ["tests.bench.serve", "webhook", "--database", url, "--port", str(port), "--sync-ms", str(sync_ms)]
    with process(words):
        wait_until_ready(port)
        requests = [_signed_barely(_body(n)) for n in range(count + WARM_UP)]
        send(port, requests[:WARM_UP])
        return send(port, requests[WARM_UP:])


def _received(port: int, count: int) -> Load:
    requests = [_signed(_body(n)) for n in range(count + WARM_UP)]
    send(port, requests[:WARM_UP])
    return send(port, requests[WARM_UP:])


def _body(number: int) -> bytes:
    answer = low_answer(number, datetime.now(UTC))
    said: dict[str, Any] = {
        "type": "feedback.received",
        "timestamp": answer.submitted_at.isoformat(),
        "data": {
            "id": answer.external_id,
            "metric": "nps",
            "score": answer.score,
            "scale": {"min": 0, "max": 10},
            "comment": answer.comment,
            "touchpoint": answer.touchpoint,
            "language": answer.language,
            "segment": answer.segment,
            "customer": {"email": answer.email, "name": answer.name},
            "account": {"id": answer.account_id, "name": answer.account_name},
        },
    }
    return json.dumps(said).encode()


def _signed(body: bytes) -> bytes:
    now, name = time.time(), f"msg_{hashlib.sha256(body).hexdigest()[:16]}"
    signature = Webhook(WEBHOOK_SECRET).sign(name, datetime.fromtimestamp(now, UTC), body.decode())
    headers = {"webhook-id": name, "webhook-timestamp": str(int(now)), "webhook-signature": signature}
    return post("/webhooks/generic", body, headers | {"Content-Type": "application/json"})


def _signed_barely(body: bytes) -> bytes:
    signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return post("/", body, {"X-Signature": signature, "Content-Type": "application/json"})
