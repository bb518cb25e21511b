"""The sample requests of this folder, and signing as each survey tool signs."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.surveys.request import Request

FOLDER = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
NOW = datetime(2027, 3, 2, 14, 21, tzinfo=UTC)
KEY = b"a key of thirty-two bytes, known"
SECRETS = {
    "generic": "whsec_" + base64.b64encode(KEY).decode(),
    "formbricks": "whsec_" + base64.b64encode(KEY).decode(),
    "typeform": "typeform-secret",
    "intercom": "intercom-client-secret",
}


def sample(name: str) -> dict[str, Any]:
    """Return the sample, `body` and `expect`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def source_of(name: str) -> str:
    return name.partition("_")[0]


def raw(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def signed(source: str, body: bytes, *, at: datetime = NOW, message: str = "msg_1", family: str = "webhook") -> Request:
    """Return the request as this survey tool would send it; written anew here, so that no mistake is shared."""
    secret = SECRETS[source]
    if source == "typeform":
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        return Request({"typeform-signature": f"sha256={base64.b64encode(digest).decode()}"}, body)
    if source == "intercom":
        return Request({"x-hub-signature": f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"}, body)
    stamp = str(int(at.timestamp()))
    content = message.encode() + b"." + stamp.encode() + b"." + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return Request(
        {
            f"{family}-id": message,
            f"{family}-timestamp": stamp,
            f"{family}-signature": f"v1,{base64.b64encode(digest).decode()}",
        },
        body,
    )
