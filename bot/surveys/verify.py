"""Is this request really from that survey tool? One table says where and how each of them signs."""

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from standardwebhooks.webhooks import hmac_data

from bot.surveys.request import Request
from bot.surveys.shown import shows

WINDOW = timedelta(minutes=5)  # the Standard Webhooks specification's tolerance, into the past and into the future
MOST_SIGNATURES = 20  # a sender that rotates keys sends two or three; more than this is not worth decoding
MOST_FIELDS = 100  # in a form; the only tool that signs one sends three
UNIX_DIGITS = 11  # enough for seconds until the year 5138
# What Zendesk signs its tests with before a webhook is saved; everybody knows it.
PUBLIC_SECRETS = frozenset({"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="})

Check = Callable[[Request, str, datetime], bool]
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNESCAPED = frozenset(":/?@!$'()*,;")  # HubSpot signs an address with these written out


def header(name: str) -> Callable[[Request], str]:
    """Find the signature in this header."""
    return lambda request: request.headers.get(name, "")


def form_field(name: str) -> Callable[[Request], str]:
    """Find the signature in this field of a form; raise ValueError when there isn't exactly one."""
    return lambda request: _one_field(request.body, name)


def body_digest(algorithm: str) -> Callable[[Request, str], bytes]:
    """Make the signer of a tool that signs the bare body with the secret as it stands."""
    return lambda request, secret: hmac.new(secret.encode(), request.body, algorithm).digest()


def field_digest(algorithm: str, name: str) -> Callable[[Request, str], bytes]:
    """Make the signer of a tool that signs one field of the form it sends, and nothing else."""

    def sign(request: Request, secret: str) -> bytes:
        content = _one_field(request.body, name).encode("utf-8", "surrogateescape")
        return hmac.new(secret.encode(), content, algorithm).digest()

    return sign


def stamped_digest(stamp: str, separator: str = "") -> Callable[[Request, str], bytes]:
    """Make the signer of a tool that signs the time in this header, a separator and the body."""

    def sign(request: Request, secret: str) -> bytes:
        start = (request.headers[stamp] + separator).encode("latin-1")
        return hmac.new(secret.encode(), start + request.body, "sha256").digest()

    return sign


def standard_digest(family: str) -> Callable[[Request, str], bytes]:
    """Make the signer of Standard Webhooks, whose headers begin with this word.

    The body is signed as it came: mails, and what has to be parked, may hold bytes that are no UTF-8, and the package's
    own `sign` takes text only.
    """

    def sign(request: Request, secret: str) -> bytes:
        identifier, stamp = request.headers[f"{family}-id"], request.headers[f"{family}-timestamp"]
        if not identifier:
            raise ValueError("no id")
        return hmac_data(standard_key(secret), f"{identifier}.{stamp}.".encode() + request.body)

    return sign


def standard_key(secret: str) -> bytes:
    """Decode a secret of Standard Webhooks, with or without its beginning and its padding; ValueError when it is none.

    The package would pass over whatever is no base64 in it: a secret with a slip of the pen must not fit.
    """
    text = secret.strip().removeprefix("whsec_").rstrip("=")
    key = strict_base64(text + "=" * (-len(text) % 4))
    if not key:
        raise ValueError("empty")
    return key


def hubspot_digest(request: Request, secret: str) -> bytes:
    """Sign as the third version of HubSpot's signatures: method, our address as HubSpot knows it, body and time."""
    address = _ESCAPED.sub(_as_signed, request.url)
    stamp = request.headers["x-hubspot-request-timestamp"]
    content = f"{request.method}{address}".encode() + request.body + stamp.encode("latin-1")
    return hmac.new(secret.encode(), content, "sha256").digest()


def strict_base64(text: str) -> bytes:
    """Decode a base64 text; raise ValueError for anything else in it."""
    return base64.b64decode(text, validate=True)


def unix_seconds(text: str) -> datetime:
    """Read a time stamp of whole seconds; raise ValueError for anything else."""
    return _unix(text, digits=UNIX_DIGITS, per_second=1)


def unix_milliseconds(text: str) -> datetime:
    """Read a time stamp of whole milliseconds; raise ValueError for anything else."""
    return _unix(text, digits=UNIX_DIGITS + 3, per_second=1000)


def iso_time(text: str) -> datetime:
    """Read an ISO 8601 time with its offset; raise ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One row of the table: where the signature is, what is signed, what stands before it, and how it is written.

    `stamp` is the header with the time of tools that sign one as well; their requests are good for WINDOW only.
    """

    found: Callable[[Request], str]
    sign: Callable[[Request, str], bytes]
    prefix: str = ""
    decode: Callable[[str], bytes] = strict_base64
    stamp: str = ""
    time: Callable[[str], datetime] = unix_seconds


def _standard(family: str) -> Scheme:
    return Scheme(header(f"{family}-signature"), standard_digest(family), "v1,", stamp=f"{family}-timestamp")


def _body(name: str, algorithm: str, prefix: str = "", decode: Callable[[str], bytes] = strict_base64) -> Scheme:
    return Scheme(header(name), body_digest(algorithm), prefix, decode)


ZENDESK_STAMP = "x-zendesk-webhook-signature-timestamp"
CHATWOOT_STAMP = "x-chatwoot-timestamp"
STANDARD_WEBHOOKS = (_standard("webhook"), _standard("svix"))  # the second: its older names, same rules

SCHEMES: Mapping[str, tuple[Scheme, ...]] = {
    "generic": STANDARD_WEBHOOKS,
    "formbricks": STANDARD_WEBHOOKS,
    "google_forms": STANDARD_WEBHOOKS,
    "typeform": (_body("typeform-signature", "sha256", "sha256="),),
    "tally": (_body("tally-signature", "sha256"),),
    "delighted": (_body("x-delighted-webhook-signature", "sha256", "sha256=", bytes.fromhex),),
    "survicate": (_body("hmac", "sha256", decode=bytes.fromhex),),
    "intercom": (_body("x-hub-signature", "sha1", "sha1=", bytes.fromhex),),
    "wootric": (_body("x-wootric-signature", "sha1", "sha1=", bytes.fromhex),),
    "surveymonkey": (_body("sm-signature", "sha1"),),
    "helpscout": (_body("x-helpscout-signature", "sha1"),),
    "zendesk": (
        Scheme(
            header("x-zendesk-webhook-signature"), stamped_digest(ZENDESK_STAMP), stamp=ZENDESK_STAMP, time=iso_time
        ),
    ),
    "chatwoot": (
        Scheme(
            header("x-chatwoot-signature"),
            stamped_digest(CHATWOOT_STAMP, "."),
            "sha256=",
            bytes.fromhex,
            CHATWOOT_STAMP,
        ),
    ),
    "hubspot": (
        # Their first version, which signs neither address nor time, comes along in another header and is not enough.
        Scheme(
            header("x-hubspot-signature-v3"),
            hubspot_digest,
            stamp="x-hubspot-request-timestamp",
            time=unix_milliseconds,
        ),
    ),
    "qualtrics": (Scheme(form_field("HMAC"), field_digest("sha512", "MSG"), decode=bytes.fromhex),),
    "asknicely": (),
    "freshdesk": (),
    "jotform": (),
    "posthog": (),
    "questionpro": (),
    "retently": (),
    "satismeter": (),
    "surveysparrow": (),
}

# Tools that sign nothing, or whose older versions and other ways of sending don't: they show the secret itself.
SHOW_THE_SECRET = frozenset({name for name, schemes in SCHEMES.items() if not schemes} | {"chatwoot", "qualtrics"})


def verifier(source: str) -> Check:
    """Make the check of one source: `check(request, secret, now)`, constant time, False for anything malformed."""
    schemes, may_show = SCHEMES[source], source in SHOW_THE_SECRET

    def is_theirs(request: Request, secret: str, now: datetime) -> bool:
        if not secret.strip() or secret.strip() in PUBLIC_SECRETS:
            return False
        return any(_matches(scheme, request, secret, now) for scheme in schemes) or (
            may_show and shows(request, secret)
        )

    return is_theirs


def is_usable_secret(source: str, secret: str) -> bool:
    """Tell whether this secret could ever fit: not empty, not one that everybody knows, and written as it has to be."""
    plain = secret.strip()
    if not plain or plain in PUBLIC_SECRETS or not plain.isprintable():
        return False
    if source == "surveymonkey":
        return all(plain.partition("&"))
    if source in SHOW_THE_SECRET:
        return plain.isascii()  # it travels in a header or an address
    if SCHEMES[source] is not STANDARD_WEBHOOKS:
        return True
    try:
        return bool(standard_key(plain))
    except ValueError:
        return False


def signed_at(source: str, request: Request) -> datetime | None:
    """Return the time that this source signs, as the request says it; None when it signs none or says it wrongly."""
    for scheme in SCHEMES[source]:
        try:
            return scheme.time(request.headers[scheme.stamp])
        except (KeyError, ValueError, OverflowError, OSError):
            continue
    return None


def _matches(scheme: Scheme, request: Request, secret: str, now: datetime) -> bool:
    try:
        if scheme.stamp and abs(now - scheme.time(request.headers[scheme.stamp])) > WINDOW:
            return False
        expected, claimed = scheme.sign(request, secret), scheme.found(request)
    except (ValueError, KeyError, OverflowError, OSError):
        return False
    matched = False
    for candidate in claimed.split(maxsplit=MOST_SIGNATURES)[:MOST_SIGNATURES]:  # no early end: every one is compared
        matched |= hmac.compare_digest(expected, _decoded(scheme, candidate))
    return matched


def _decoded(scheme: Scheme, candidate: str) -> bytes:
    if not candidate.startswith(scheme.prefix):
        return b""
    try:
        return scheme.decode(candidate[len(scheme.prefix) :])
    except ValueError:
        return b""


def _one_field(body: bytes, name: str) -> str:
    """Take the one field of this name from a form; ValueError when it isn't there or is there twice."""
    fields = parse_qsl(
        body.decode("ascii"), keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST_FIELDS
    )
    [value] = [value for key, value in fields if key == name]
    return value


def _as_signed(escaped: re.Match[str]) -> str:
    character = chr(int(escaped[1], 16))
    return character if character in _UNESCAPED else escaped[0]


def _unix(text: str, *, digits: int, per_second: int) -> datetime:
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise ValueError("no time")
    return datetime.fromtimestamp(int(text) / per_second, UTC)
