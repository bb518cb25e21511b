"""Is this request really from that survey tool? One table says where and how each of them signs."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError, hmac_data

from bot.surveys.request import Request

WINDOW = timedelta(minutes=5)  # the Standard Webhooks specification's tolerance, into the past and into the future
MOST_SIGNATURES = 20  # a sender that rotates keys sends two or three; more than this is not worth decoding
UNIX_DIGITS = 11  # enough for seconds until the year 5138


def body_digest(algorithm: str) -> Callable[[Request, str, str], bytes]:
    """Make the signer of a tool that signs the bare body with the secret as it stands."""

    def sign(request: Request, secret: str, _prefix: str) -> bytes:
        return hmac.new(secret.encode(), request.body, algorithm).digest()

    return sign


def standard_digest(request: Request, secret: str, prefix: str) -> bytes:
    """Sign this request as Standard Webhooks would; raise ValueError when the secret or the headers can't be used.

    The body is signed as it came: mails, and what has to be parked, may hold bytes that are no UTF-8, and the package's
    own `sign` takes text only.
    """
    stamp = int(request.headers[f"{prefix}-timestamp"])
    key = Webhook(secret.strip())._whsecret  # noqa: SLF001 -- how a secret is written is the package's to know
    return hmac_data(key, f"{request.headers[f'{prefix}-id']}.{stamp}.".encode() + request.body)


def strict_base64(text: str) -> bytes:
    """Decode a base64 text; raise ValueError for anything else in it."""
    return base64.b64decode(text, validate=True)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One row of the table: the header, what stands before each signature, how it is written, what is signed.

    `stamp` names the family of headers (`<stamp>-id`, `<stamp>-timestamp`) of tools that sign a time as well; their
    requests are good for WINDOW only.
    """

    header: str
    prefix: str
    decode: Callable[[str], bytes]
    sign: Callable[[Request, str, str], bytes]
    stamp: str = ""


STANDARD_WEBHOOKS = (
    Scheme("webhook-signature", "v1,", strict_base64, standard_digest, stamp="webhook"),
    Scheme("svix-signature", "v1,", strict_base64, standard_digest, stamp="svix"),  # its older names, same rules
)

SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "generic": STANDARD_WEBHOOKS,
    "formbricks": STANDARD_WEBHOOKS,
    "typeform": (Scheme("typeform-signature", "sha256=", strict_base64, body_digest("sha256")),),
    "intercom": (Scheme("x-hub-signature", "sha1=", bytes.fromhex, body_digest("sha1")),),
}


def verifier(source: str) -> Callable[[Request, str, datetime], bool]:
    """Make the check of one source: `check(request, secret, now)`, constant time, False for anything malformed."""
    schemes = SCHEMES[source]

    def is_signed(request: Request, secret: str, now: datetime) -> bool:
        return any(_matches(scheme, request, secret, now) for scheme in schemes)

    return is_signed


def is_usable_secret(source: str, secret: str) -> bool:
    """Tell whether this secret could ever fit: it isn't empty, and is base64 where the source's secrets are."""
    if SCHEMES[source] is not STANDARD_WEBHOOKS:
        return bool(secret)
    key = secret.strip().removeprefix("whsec_").rstrip("=")
    try:
        return bool(strict_base64(key + "=" * (-len(key) % 4)))
    except ValueError:
        return False


def _matches(scheme: Scheme, request: Request, secret: str, now: datetime) -> bool:
    header = request.headers.get(scheme.header)
    if not header or not secret or not _is_in_time(scheme, request, now):
        return False
    try:
        expected = scheme.sign(request, secret, scheme.stamp)
    except (ValueError, KeyError, OverflowError, OSError, EmptyWebhookSecretError):
        return False
    matched = False
    for candidate in header.split(maxsplit=MOST_SIGNATURES)[:MOST_SIGNATURES]:  # no early end: every one is compared
        matched |= hmac.compare_digest(expected, _decoded(scheme, candidate))
    return matched


def _decoded(scheme: Scheme, candidate: str) -> bytes:
    if not candidate.startswith(scheme.prefix):
        return b""
    try:
        return scheme.decode(candidate[len(scheme.prefix) :])
    except ValueError:
        return b""


def _is_in_time(scheme: Scheme, request: Request, now: datetime) -> bool:
    if not scheme.stamp:
        return True
    if not request.headers.get(f"{scheme.stamp}-id"):
        return False
    stamp = request.headers.get(f"{scheme.stamp}-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= UNIX_DIGITS):
        return False
    return abs(now.timestamp() - int(stamp)) <= WINDOW.total_seconds()
