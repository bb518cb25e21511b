"""The sample requests of this folder, and signing as each survey tool signs.

A sample is named `<source>_<what>.json`. It is either a bare body with what is expected of the answer (`body`,
`expect`), signed here; or a whole saved request as `sources try` takes it, with what that prints as `expect`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot.surveys.request import Request
from bot.surveys.verify import SCHEMES

FOLDER = Path(__file__).parent / "samples"
NOW = datetime(2027, 3, 2, 14, 21, tzinfo=UTC)
KEY = b"a key of thirty-two bytes, known"
STANDARD = "whsec_" + base64.b64encode(KEY).decode()
SECRETS = {source: f"{source}-secret" for source in SCHEMES} | {
    "generic": STANDARD,
    "formbricks": STANDARD,
    "google_forms": STANDARD,
    "intercom": "intercom-client-secret",
    "surveymonkey": "client-id&api-secret",
}
ADDRESS = "https://care.polderwerk.example/webhooks/"


def sample(name: str) -> dict[str, Any]:
    """Return the sample, `body` and `expect`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def source_of(name: str) -> str:
    return max((source for source in SCHEMES if name.startswith(f"{source}_") or name == source), key=len)


def is_whole(name: str) -> bool:
    """Tell whole saved requests from bare bodies."""
    return bool({"headers", "request"} & sample(name).keys())


EVERY = sorted(path.stem for path in FOLDER.glob("*.json"))
NAMES = [name for name in EVERY if not is_whole(name)]
WHOLE = [name for name in EVERY if is_whole(name)]


def raw(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _b64(key: str, content: bytes, how: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), content, how).digest()).decode()


def _hex(key: str, content: bytes, how: str) -> str:
    return hmac.new(key.encode(), content, how).hexdigest()


def _zendesk(key: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "x-zendesk-webhook-signature-timestamp": stamp,
        "x-zendesk-webhook-signature": _b64(key, stamp.encode() + body, "sha256"),
    }


def _chatwoot(key: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = "sha256=" + _hex(key, f"{stamp}.".encode() + body, "sha256")
    return {"x-chatwoot-timestamp": stamp, "x-chatwoot-signature": signature}


def _hubspot(key: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp() * 1000))
    content = f"POST{ADDRESS}hubspot".encode() + body + stamp.encode()
    first = hashlib.sha256(key.encode() + body).hexdigest()  # their first version, which always comes along
    return {
        "x-hubspot-request-timestamp": stamp,
        "x-hubspot-signature-v3": _b64(key, content, "sha256"),
        "x-hubspot-signature": first,
    }


SIGNERS: dict[str, Callable[[str, bytes, datetime], dict[str, str]]] = {
    "typeform": lambda key, body, _: {"typeform-signature": "sha256=" + _b64(key, body, "sha256")},
    "tally": lambda key, body, _: {"tally-signature": _b64(key, body, "sha256")},
    "delighted": lambda key, body, _: {"x-delighted-webhook-signature": "sha256=" + _hex(key, body, "sha256")},
    "survicate": lambda key, body, _: {"hmac": _hex(key, body, "sha256"), "token": "another"},
    "intercom": lambda key, body, _: {"x-hub-signature": "sha1=" + _hex(key, body, "sha1")},
    "wootric": lambda key, body, _: {"x-wootric-signature": "sha1=" + _hex(key, body, "sha1")},
    "surveymonkey": lambda key, body, _: {"sm-signature": _b64(key, body, "sha1"), "sm-apikey": "client-id"},
    "helpscout": lambda key, body, _: {"x-helpscout-signature": _b64(key, body, "sha1")},
    "zendesk": _zendesk,
    "chatwoot": _chatwoot,
    "hubspot": _hubspot,
}


def signed(source: str, body: bytes, *, at: datetime = NOW, message: str = "msg_1", family: str = "webhook") -> Request:
    """Return the request as this survey tool would send it; written anew here, so that no mistake is shared."""
    secret, url = SECRETS[source], ADDRESS + source
    if source in SIGNERS:
        return Request(SIGNERS[source](secret, body, at), body, url=url)
    if source == "qualtrics":
        text = body.decode()
        form = {"Topic": "completedResponse", "MSG": text, "HMAC": _hex(secret, body, "sha512")}
        return Request({}, urlencode(form).encode(), url=url)
    if SECRETS[source] != STANDARD:
        return Request({"x-hearback-token": secret}, body, url=url)
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
        url=url,
    )
