"""What strangers send: JSON that isn't, texts that no database takes, and good bodies with something wrong in them."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from bot.slack import ids

SAMPLES: Final = Path(__file__).parents[1] / "surveys" / "samples"
NASTY: Final = (
    10**400, -1, 0, 5, 10, 2**63, 1e308, "5", "\x00", "\ud800", "a\x00b", "<!channel>", "x" * 30_000, "nps", "csat",
    "ces", "<@U1>", "\u202e", "'; DROP TABLE cases; --", "\r\nBcc: all@example.com", "9" * 5000, "\uff11\uff12", "",
)  # fmt: skip
BROKEN: Final = (
    b"", b"null", b"[]", b"{}", b"{", b"NaN", b"-Infinity", b"\xff\xfe\x00", b"\x00", b"\xef\xbb\xbf{}", b'"\\ud800"',
    b"[" * 50_000, b"[" * 5000 + b"]" * 5000, b'{"a":' * 20_000, b"1" * 100_000, b'{"type":' + b"9" * 9000,
    b'{"a":1,"a":2}', b'{"type":"feedback.received","data":1e999}',
    b'{"type":"feedback.received","timestamp":"x","data":{"\\u0000":"\\u0000"}}',
)  # fmt: skip

texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from(NASTY)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)


def encoded(value: object) -> bytes:
    """Write JSON with every character as it is, also those that no text can hold."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def escaped(value: object) -> bytes:
    """Write JSON in plain ASCII: lone surrogates and NUL arrive as escapes, which are good JSON."""
    return json.dumps(value).encode()


@cache
def samples(source: str) -> tuple[Any, ...]:
    """Give the good bodies of a survey tool."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob(f"{source}_*.json"))]
    assert found
    return tuple(one["body"] if "body" in one else json.loads(one["raw_body"]) for one in found)


def _places(found: object) -> list[tuple[Any, Any]]:
    if isinstance(found, dict):
        pairs = list(found.items())
    elif isinstance(found, list):
        pairs = list(enumerate(found))
    else:
        return []
    return [(found, key) for key, _ in pairs] + [place for _, inner in pairs for place in _places(inner)]


@st.composite
def changed(draw: st.DrawFn, good: Any) -> Any:
    """Take a good value and put something else into up to three places of it."""
    body = deepcopy(good)
    for _ in range(draw(st.integers(0, 3))):
        places = _places(body)
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        if isinstance(container, dict) and draw(st.integers(0, 3)) == 0:
            container.pop(key, None)
        else:
            container[key] = draw(json_values)
    return body


def survey_body(source: str) -> st.SearchStrategy[bytes]:
    """Make the body of a response, more or less."""
    good = st.sampled_from(samples(source)).flatmap(changed)
    anything = good | good | good | json_values
    return anything.map(encoded) | anything.map(escaped) | st.sampled_from(BROKEN) | st.binary(max_size=60)


def maybe(good: Any) -> st.SearchStrategy[Any]:
    """Give what belongs there, mostly."""
    right = st.sampled_from(good) if isinstance(good, tuple) else st.just(good)
    return right | right | right | json_values


ACTIONS: Final = tuple(
    value for name, value in vars(ids).items() if isinstance(value, str) and name.isupper() and "_" in value
)
MODALS: Final = tuple(value for name, value in vars(ids).items() if name.startswith("MODAL_"))
PEOPLE: Final = ("UNORA", "UANA", "UBEN", "UGRETA", "UNOBODY", "", "u1 ", "\x00")
ROWS: Final = (
    "1",
    "2",
    "3",
    "4",
    "0",
    "-1",
    "99999",
    "9" * 30,
    "1 ",
    "\uff11",
    "1e3",
    "\x00",
    "\ud800",
    "1;2",
    "1 told abc",
)
CONTEXT: Final = {"message": {"ts": "1.000000", "metadata": {}}, "channel": {"id": "C1"}}


def _held(name: str) -> st.SearchStrategy[Any]:
    option = st.fixed_dictionaries({"value": maybe(("support", "people", "phone", "nps", "unreachable"))})
    keys = {
        "value": maybe(("words", "3", "x" * 4000, "a@b.example")),
        "selected_option": option | json_values,
        "selected_user": maybe(PEOPLE),
        "selected_date_time": maybe((0, -1, 2**70, 1_900_000_000)),
    }
    return st.fixed_dictionaries({name: st.fixed_dictionaries({}, optional=keys) | json_values})


FIELDS: Final = ("text", "reason", "to", "department", "title", "owner", "due_at", "channel", "happened_at", "outcome",
                 "root_cause", "root_cause_text", "what_changed", "excuse", "subject", "body", "metric", "score",
                 "comment", "email", "name")  # fmt: skip


@st.composite
def _view(draw: st.DrawFn) -> Any:
    names = draw(st.lists(st.sampled_from(FIELDS), max_size=8, unique=True))
    blocks = [{"type": "input", "block_id": name, "element": draw(maybe({"action_id": "value"}))} for name in names]
    values = {name: draw(_held("value")) for name in names}
    return {
        "id": draw(maybe(("V1", "V2"))) if draw(st.booleans()) else draw(texts),
        "type": draw(maybe(("modal", "home"))),
        "callback_id": draw(st.sampled_from((*MODALS, "case", "no such modal"))),
        "private_metadata": draw(maybe(ROWS)),
        "previous_view_id": draw(maybe((None, "V1"))),
        "blocks": draw(st.just(blocks) | json_values) if draw(st.integers(0, 4)) == 0 else blocks,
        "state": draw(maybe({"values": values})),
    }


def _metadata() -> st.SearchStrategy[Any]:
    keys = ("case:1@#support", "owner:1@UANA", "task:1@UBEN", "case:99@C1", "case:x@", "line:1")
    payload = st.fixed_dictionaries({"key": maybe(keys)})
    return st.fixed_dictionaries({"event_type": st.just(ids.METADATA_EVENT), "event_payload": payload | json_values})


def interaction(address: str) -> st.SearchStrategy[Any]:
    """Make what Slack sends for a press, a submission or a shortcut, more or less. `address` serves response_urls."""
    action = st.fixed_dictionaries(
        {
            "type": maybe("button"),
            "action_id": st.sampled_from(ACTIONS) | texts,
            "block_id": maybe("b"),
            "value": maybe(ROWS),
        }
    )
    base = {
        "user": maybe({"id": "UNORA"}) | st.fixed_dictionaries({"id": maybe(PEOPLE)}),
        "trigger_id": maybe(("1.2.3", "")),
        "team": maybe({"id": "T0SANDBOX"}),
        "api_app_id": maybe("A0HEARBACK"),
    }
    message = st.fixed_dictionaries(
        {"ts": maybe("1.000000"), "text": maybe(("words", "x" * 9000)), "metadata": _metadata() | json_values}
    )
    place = {
        "channel": maybe({"id": "C1"}),
        "message": message | json_values,
        "container": maybe({"type": "message", "is_ephemeral": False}),
        "response_url": maybe((f"{address}/slack/response/none", "", "not a url")),
    }
    press = st.fixed_dictionaries(
        {"type": st.just("block_actions"), "actions": st.lists(action, min_size=1, max_size=2) | json_values, **base},
        optional={**place, "view": _view() | json_values},
    )
    submission = st.fixed_dictionaries({"type": st.just("view_submission"), "view": _view() | json_values, **base})
    shortcut = st.fixed_dictionaries(
        {"type": maybe(("message_action", "shortcut")), "callback_id": maybe(ids.SHORTCUT_LOG_FEEDBACK), **base},
        optional=place,
    )
    others = ("block_suggestion", "view_closed", "dialog_submission", "workflow_step_edit", "interactive_message", "")
    other = st.fixed_dictionaries({"type": maybe(others), **base}, optional={**place, "view": _view()})
    return press | press | submission | submission | shortcut | other | json_values


def event() -> st.SearchStrategy[Any]:
    """Make an envelope of the Events API, more or less."""
    said = st.fixed_dictionaries(
        {"type": maybe(("message", "app_home_opened", "team_join", "user_change", "app_mention"))},
        optional={
            "user": maybe(PEOPLE) | st.fixed_dictionaries({"id": maybe(PEOPLE), "profile": json_values}),
            "text": maybe(("<@UANA> words", "x" * 50_000)),
            "channel": maybe(("C1", "C00000001")),
            "thread_ts": maybe("1.000000"),
            "ts": maybe("2.000000"),
            "tab": maybe("home"),
            "subtype": maybe((None, "bot_message", "message_changed", "file_share")),
        },
    )
    return st.fixed_dictionaries(
        {"type": maybe(("event_callback", "url_verification")), "event": said | json_values},
        optional={"event_id": maybe("Ev1"), "challenge": json_values, "team_id": maybe("T0SANDBOX")},
    )


def command() -> st.SearchStrategy[dict[str, Any]]:
    """Make the fields of a slash command."""
    words = ("help", "status", "mine", "add", "case 1", "case #2", "case 9999999999999999999999", "case x", "case", "")
    return st.fixed_dictionaries(
        {"command": st.sampled_from(("/loop", "/loop", "/other")) | texts, "text": st.sampled_from(words) | texts},
        optional={
            "user_id": st.sampled_from(PEOPLE),
            "trigger_id": texts,
            "response_url": texts,
            "ssl_check": st.sampled_from(("0", "")),
        },
    )


HEADERS: Final = (
    "From: Jane <jane@acme.test>", "From: mailer-daemon@x.example", "To: a@b.example", "Subject: Re: hello",
    "Subject: =?utf-8?q?=00=ff?=", "In-Reply-To: <case-1.mail-1.1@x>", "References: " + "<a@b> " * 900, "Message-ID: <",
    "Content-Type: text/plain; charset=x", "Content-Type: multipart/report; boundary=b", "Date: 0",
    "Content-Type: multipart/mixed; boundary=", "Content-Type: message/delivery-status",
    "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-replied",
)  # fmt: skip
PARTS: Final = (
    "Hello", "--b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n\r\n--b--", "=?",
    "--b\r\n" * 300, "> quoted\r\n" * 900, "\x00\ud800", "----\r\nFrom: x",
)  # fmt: skip


def mail() -> st.SearchStrategy[bytes]:
    """Make a mail that comes back, more or less."""
    headers = st.lists(st.sampled_from(HEADERS) | texts, max_size=8)
    body = st.lists(st.sampled_from(PARTS) | texts, max_size=3)
    whole = st.builds(lambda above, below: "\r\n".join([*above, "", *below]), headers, body)
    return (
        whole.map(lambda one: one.encode("utf-8", "surrogatepass")) | st.binary(max_size=80) | st.sampled_from(BROKEN)
    )
