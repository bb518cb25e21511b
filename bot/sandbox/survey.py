"""The pretend survey: a customer's answer, signed as the generic source and posted to Hearback."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from bot.sandbox.channels import Json

SCALES = {"nps": {"min": 0, "max": 10}, "csat": {"min": 1, "max": 5}, "ces": {"min": 1, "max": 7}}
PLAIN = ("comment", "language", "touchpoint", "form", "url", "segment")


class Survey:
    """Sends answers to `{url}/webhooks/generic`; `secret` is the source's, `whsec_...` or base64.

    `clock` is the workspace's time (when the answer was given), `real_time` what the signature is dated by.
    """

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        url: str,
        secret: str,
        clock: Callable[[], datetime],
        real_time: Callable[[], float],
    ) -> None:
        self.client = client
        self.url = url
        self.secret = secret
        self.clock = clock
        self.real_time = real_time
        self._sent = 0

    async def answer(self, form: Json) -> tuple[int, Any]:
        """Post one answer; the result is Hearback's status and body."""
        body = json.dumps(self.body(form)).encode()
        headers = self.signed(body)
        answer = await self.client.post(f"{self.url}/webhooks/generic", content=body, headers=headers)
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text

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
