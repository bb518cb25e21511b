"""A request that was saved to a file: as it came, with the replies of the tool's API, and how its form is set up."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import ValidationError

from bot.surveys.request import Call, Request
from bot.surveys.shown import shown_in_address
from workflows.policy import Policy

_REMARK = re.compile(r"\s+\([^()]*\)$")  # "… (in URL)" behind a secret
_PLACEHOLDER = re.compile(r"\{[^{}/]*\}")
_METRIC_OF = {(0.0, 10.0): "nps", (1.0, 5.0): "csat", (1.0, 7.0): "ces"}
_ENDS_OF = {metric: list(ends) for ends, metric in _METRIC_OF.items()}
_TEAM = {
    "team": {"name": "Nobody", "timezone": "UTC", "admins": ["U00000000"]},
    "department": [{"key": "all", "name": "All", "channel": "C00000000", "lead": "U00000000"}],
}


class SavedProblem(Exception):  # noqa: N818 - a sentence for the person at the command line
    """The file holds no saved request; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a tool's API, and what was asked: the path and the parameters of the address."""

    path: str
    query: Mapping[str, str]
    said: object


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved request. `secret` None: nothing was signed. `now` None: the time that it is signed for is right."""

    request: Request
    is_poll: bool
    secret: str | None
    now: datetime | None
    policy: Policy
    replies: Sequence[Reply]


def saved(text: str, source: str) -> Saved:
    """Read the file's text; raise SavedProblem when it can't be used."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise SavedProblem("The file is not JSON.") from None
    if not isinstance(found, dict):
        raise SavedProblem("The file must hold one JSON object: headers, and raw_body or body.")
    try:
        sent = found.get("request") or {}
        url, method = str(sent.get("url") or ""), str(sent.get("method") or "POST")
        secret = found.get("secret")
        return Saved(
            request=_request(found, source, method=method, url=url),
            is_poll=method.strip().upper() != "POST",
            secret=_REMARK.sub("", str(secret)) if secret else None,
            now=_time(found.get("now")),
            policy=_policy(source, found.get("config") or {}),
            replies=[_reply(one) for one in found.get("api_fetch") or []],
        )
    except ValidationError as problem:
        where = "; ".join(str(one["msg"]) for one in problem.errors(include_input=False))
        raise SavedProblem(f"config can't be used: {where}.") from None
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as problem:
        raise SavedProblem(f"The file is not in the shape of a saved request ({type(problem).__name__}).") from None


def reply_to(call: Call, replies: Sequence[Reply], used: set[int]) -> object:
    """Find what the API said to this call, and mark it as used; an empty object when that was not saved."""

    def fit(at: int) -> tuple[int, bool]:
        wanted = {name: str(value) for name, value in call.query.items()}
        known = replies[at].query
        alike = sum(1 if known[name] == value else -1 for name, value in wanted.items() if name in known)
        return alike, at not in used

    fitting = [at for at, one in enumerate(replies) if _is_path_of(call.path, one.path)]
    if not fitting:
        return {}
    best = max(fitting, key=fit)
    used.add(best)
    return replies[best].said


def _is_path_of(asked: str, recorded: str) -> bool:
    """Compare paths from their ends: what comes before is the address of the API."""
    # A placeholder in what was recorded stands for one segment, whatever it is.
    wanted = [unquote(part) for part in asked.partition("?")[0].strip("/").split("/")]
    known = [unquote(part) for part in recorded.strip("/").split("/")][-len(wanted) :]
    return len(known) == len(wanted) and all(
        one == other or _PLACEHOLDER.fullmatch(other) for one, other in zip(wanted, known, strict=True)
    )


def _reply(recorded: Mapping[str, Any]) -> Reply:
    # The method and the address in full; people write remarks behind it.
    address = next(word for word in [*str(recorded["request"]).split(), ""] if "/" in word or not word)
    parts = urlsplit(address)
    return Reply(parts.path, dict(parse_qsl(parts.query)), recorded["response"])


def _request(found: Mapping[str, Any], source: str, *, method: str, url: str) -> Request:
    raw = found.get("raw_body")
    body = raw if isinstance(raw, str) else json.dumps(found["body"], ensure_ascii=False)
    headers = {str(name).lower(): str(value) for name, value in (found.get("headers") or {}).items()}
    parts = urlsplit(url)
    *_, door, last = ["", "", *map(unquote, parts.path.split("/"))]
    in_path = last if door.replace("-", "_").startswith(source) else ""
    token = in_path or shown_in_address(parts.query.encode("utf-8", "surrogatepass"))
    return Request(headers, body.encode("utf-8", "surrogatepass"), method, url, token)


def _time(now: object) -> datetime | None:
    if now is None or now == "":
        return None
    if isinstance(now, str) and not now.strip().isdigit():
        at = datetime.fromisoformat(now.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(float(cast("float", now)), UTC)


def _policy(source: str, config: Mapping[str, Any]) -> Policy:
    """Make a policy in which only this source is set up, as the file says."""
    return Policy.model_validate({**_TEAM, "source": _entries(source, config)})


def _entries(source: str, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    templates = config.get("templates") or {}
    if templates:
        return [_entry(source, metric, None, {"form": form}) for form, metric in templates.items()]
    named = {
        f"{what}_field": str(value)
        for what in ("score", "comment", "email")
        for key, value in config.items()
        if key.startswith(f"{what}_") and key != "score_source" and isinstance(value, str | int)
    }
    own = {key: config[key] for key in ("form", "direction", "low", "neutral", "contactability") if key in config}
    scale = config.get("scale") or _scale_of_field(config.get("form_api_field") or {})
    if not (named or own or scale or config.get("metric")):
        return []
    metric = config.get("metric") or (_METRIC_OF.get((float(scale[0]), float(scale[1])), "csat") if scale else "nps")
    return [_entry(source, metric, scale, named | own)]


def _entry(source: str, metric: str, scale: Sequence[float] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": source, "metric": metric, **more}
    ends = list(scale or _ENDS_OF[metric])
    if metric != "nps" or ends != _ENDS_OF["nps"]:
        entry["scale"] = tuple(float(end) for end in ends)
    if ends != _ENDS_OF[metric] and not {"low", "neutral"} <= entry.keys():
        # Where the bands end is of no account here, as only scores and scales are shown.
        entry["low"] = entry["neutral"] = float(ends[-1] if entry.get("direction") == "down" else ends[0])
    return entry


def _scale_of_field(field: Mapping[str, Any]) -> list[float] | None:
    """Work out the ends of a question of Typeform, as its API describes it."""
    given = field.get("properties") or {}
    steps = given.get("steps")
    if field.get("type") not in {"opinion_scale", "rating"} or not isinstance(steps, int):
        return None
    first = 1 if field["type"] == "rating" or given.get("start_at_one") else 0
    return [first, first + steps - 1]
