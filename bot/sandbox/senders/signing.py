"""How survey tools sign what they send; apart from how Hearback checks it, so that neither hides the other's slip."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

JSON_TYPE: Final = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a tool sends it; `after` stands behind the door's address."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_TYPE)
    after: str = ""


@dataclass(frozen=True, slots=True)
class Pen:
    """What a tool signs with: its secret, the time by its clock, and our address as it knows it."""

    secret: str
    at: datetime
    url: str

    def shown(self, body: Any) -> Sent:
        """Send JSON and show the secret in a header: the tool signs nothing."""
        return Sent(json.dumps(body).encode(), JSON_TYPE | {"x-hearback-token": self.secret})

    def signed(self, body: Any, header: str, algorithm: str, *, prefix: str = "", is_hex: bool = False) -> Sent:
        """Send JSON with the signature of its bytes in a header."""
        raw = json.dumps(body).encode()
        return Sent(raw, JSON_TYPE | {header: prefix + self.seal(raw, algorithm, is_hex=is_hex)})

    def standard(self, body: Any, identifier: str) -> Sent:
        """Send JSON as Standard Webhooks wants it."""
        raw, stamp = json.dumps(body).encode(), str(int(self.at.timestamp()))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{identifier}.{stamp}.".encode() + raw, hashlib.sha256).digest()
        seal = f"v1,{base64.b64encode(digest).decode()}"
        named = {"webhook-id": identifier, "webhook-timestamp": stamp, "webhook-signature": seal}
        return Sent(raw, JSON_TYPE | named)

    def seal(self, content: bytes, algorithm: str, *, is_hex: bool = False) -> str:
        """Sign bytes with the secret as it stands, in base64 or in hexadecimal digits."""
        digest = hmac.new(self.secret.encode(), content, algorithm)
        return digest.hexdigest() if is_hex else base64.b64encode(digest.digest()).decode()

    @property
    def iso(self) -> str:
        """The time, in whole seconds."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
