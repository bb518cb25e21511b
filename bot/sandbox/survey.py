"""The pretend survey: a customer's answer, signed as any survey tool signs it and posted to Hearback."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.senders import SENDERS, secrets
from bot.sandbox.senders.signing import Pen, Sent
from bot.sandbox.vendors.server import ANSWERS, Vendors

GENERIC = "generic"

SCALES = {"nps": {"min": 0, "max": 10}, "csat": {"min": 1, "max": 5}, "ces": {"min": 1, "max": 7}}
PLAIN = ("comment", "language", "touchpoint", "form", "url", "segment")


class Survey:
    """Sends answers to `{url}/webhooks/...`; `secret` is the generic source's, `whsec_...` or base64.

    `clock` is the workspace's time (when the answer was given), `real_time` what the signature is dated by. `vendors`
    are the tools' own APIs: what is sent is found there as well, as Hearback asks some tools for the rest.
    """

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        url: str,
        secret: str,
        clock: Callable[[], datetime],
        real_time: Callable[[], float],
        vendors: Vendors | None = None,
    ) -> None:
        self.client = client
        self.url = url
        self.secret = secret
        self.clock = clock
        self.real_time = real_time
        self.vendors = vendors
        self._sent = 0

    async def answer(self, form: Json) -> tuple[int, Any]:
        """Post one answer, by the tool that `form` names or by the generic door; gives Hearback's status and body.

        With `is_lost` the tool keeps it and no webhook comes: Hearback has to ask.
        """
        tool = str(form.get("tool") or GENERIC)
        if tool == GENERIC:
            body = json.dumps(self.body(form)).encode()
            return await self._post(GENERIC, Sent(body, self.signed(body)))
        if tool not in SENDERS:
            return 400, {"status": "refused", "message": f"No tool here is called {tool}."}
        given = self.given(form)
        if given.metric not in SENDERS[tool].metrics:
            return 400, {"status": "refused", "message": f"{SENDERS[tool].title} asks for {SENDERS[tool].metrics[0]}."}
        if self.vendors is not None and tool in ANSWERS:
            self.vendors.shelves[tool].put(given)
            if form.get("is_lost"):
                return 200, {"status": "kept", "message": "The tool has it; no webhook was sent."}
        now = datetime.fromtimestamp(self.real_time(), UTC)
        pen = Pen(secrets()[tool], now, f"{self.url}/webhooks/{tool}")
        return await self._post(tool, SENDERS[tool].send(given, pen))

    async def _post(self, tool: str, sent: Sent) -> tuple[int, Any]:
        url = f"{self.url}/webhooks/{tool}{sent.after}"
        answer = await self.client.post(url, content=sent.body, headers=sent.headers)
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text

    def given(self, form: Json) -> Given:
        """Make of what the page's form holds an answer that any tool can send; `id`, if given, is its number there."""
        self._sent += 1
        at = self.clock()
        number = int(form.get("id") or int(at.timestamp()) * 10_000 + self._sent * 10 % 10_000)
        said = {key: str(form[key]) for key in ("comment", "email", "name", "customer_id", "language") if form.get(key)}
        account = form.get("account_name") or form.get("account") or ""
        metric, score = str(form.get("metric", "nps")), float(form.get("score") or 0)
        return Given(number, metric, score, at, account=str(account), **said)

    def body(self, form: Json) -> Json:
        """Return the generic source's body for what the page's form holds.

        `form` has metric and score, and may have id, comment, language, touchpoint, form, segment, customer {...}
        and account {...} or its name, or these flat: email, name, customer_id, account_id, account_name, account_value,
        account_manager.
        """
        self._sent += 1
        at = self.clock().isoformat()
        identity = form.get("id") or f"sandbox-{int(self.real_time() * 1000)}-{self._sent}"
        metric = str(form.get("metric", "nps"))
        data: Json = {"id": identity, "metric": metric, "score": form.get("score"), "submitted_at": at}
        data["scale"] = form.get("scale") or SCALES.get(metric)
        data |= {key: form[key] for key in PLAIN if form.get(key)}
        customer = form.get("customer") or _named(form, {"id": "customer_id", "email": "email", "name": "name"})
        names = {key: f"account_{key}" for key in ("id", "name", "value", "manager")}
        account = form.get("account") or _named(form, names)
        if isinstance(account, str):
            account = _named({**form, "account_name": account}, names)
        if customer:
            data["customer"] = customer
        if account:
            data["account"] = account
        return {"type": "feedback.received", "timestamp": at, "data": data}

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the headers of Standard Webhooks."""
        stamp = str(int(self.real_time()))
        identity = f"msg_{hashlib.sha256(body).hexdigest()[:24]}"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }


def _named(form: Json, names: dict[str, str]) -> Json:
    return {key: form[name] for key, name in names.items() if form.get(name) not in (None, "")}
