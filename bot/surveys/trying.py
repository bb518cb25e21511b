"""Trying a saved request: what Hearback would make of it, without a database, a network or the environment."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json import dumps
from typing import Any
from urllib.parse import unquote_plus

from bot.surveys.fields import json_body
from bot.surveys.request import Adapter, Fetch, Found, Ignored, Unreadable
from bot.surveys.saved import Reply, Saved, reply_to
from bot.surveys.scoring import as_the_policy_says
from bot.surveys.taking import Understood, understood
from bot.surveys.verify import signed_at
from workflows.answers import Answer
from workflows.scales import UnknownScale

MOST_CALLS = 100  # for one response; a fetch that goes on asking has no end
_ISO = re.compile(
    r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


def tried(adapter: Adapter, given: Saved, *, at: datetime) -> dict[str, Any]:
    """Say whether a saved request is rightly signed, and what is in it. `at` stands in where the file says no time."""
    now = given.now or signed_at(adapter.name, given.request) or at
    is_asked = given.secret is not None and not given.is_poll
    if is_asked and not adapter.verify(given.request, given.secret or "", now):
        return {"verified": False, "responses": []}
    held = _page(adapter, given, now) if given.is_poll else understood(adapter, given.request.body, given.policy, now)
    answers, problems, ignored = list[Answer](), list(held.problems), list[str]()
    for one in held.found:
        try:
            found = _fetched(adapter, one, given, now) if isinstance(one, Fetch) else one
        except (Unreadable, UnknownScale) as problem:
            problems.append(str(problem))
            continue
        if isinstance(found, Answer):
            answers.append(as_the_policy_says(found, given.policy))
        elif isinstance(found, Ignored):
            ignored.append(found.reason)
    said: dict[str, Any] = {"verified": True}
    if answers or not (problems or ignored):
        texts = _texts(given)
        said["responses"] = [_shown(one, given, texts) for one in answers]
    if problems:
        said["parked"] = " ".join(dict.fromkeys(problems))
    elif not answers and ignored:
        said["action"] = "ignore"
    return said


def _page(adapter: Adapter, given: Saved, at: datetime) -> Understood:
    if adapter.parse_reply is None:
        return Understood((), (f"Hearback reads no saved pages of the API of {adapter.name}.",))
    try:
        return Understood(adapter.parse_reply(json_body(given.request.body), given.policy, at))
    except (Unreadable, UnknownScale) as problem:
        return Understood((), (str(problem),))


def _fetched(adapter: Adapter, wanted: Fetch, given: Saved, at: datetime) -> Found:
    """Ask for a response as it would be asked for, and answer each call with what was saved."""
    if adapter.fetch is None:
        raise Unreadable(f"Hearback can't ask {adapter.name} for a response.")
    asking, used = adapter.fetch(wanted.ids, given.policy, at), set[int]()
    try:
        call = next(asking)
        for _ in range(MOST_CALLS):
            call = asking.send(reply_to(call, given.replies, used))
    except StopIteration as end:
        found: Found = end.value
        return found
    raise Unreadable("More calls would be needed than one response is worth.")


def _shown(answer: Answer, given: Saved, texts: Sequence[str]) -> dict[str, Any]:
    return {
        "metric": answer.scale.metric,
        "score": _plain(answer.score),
        "scale": [_plain(answer.scale.low_end), _plain(answer.scale.high_end)],
        "comment": answer.comment or _no_comment(answer, given),
        "customer_email": answer.email,
        "external_id": answer.external_id,
        "submitted_at": _spelt(answer.submitted_at, texts) if answer.is_time_known else None,
        "touchpoint": answer.touchpoint,
    }


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _no_comment(answer: Answer, given: Saved) -> str | None:
    """Tell no comment from an empty one: only our own body makes that difference."""
    if answer.source != "generic":
        return None
    body = json_body(given.request.body)
    response = body.get("data") if isinstance(body, Mapping) else None
    return "" if isinstance(response, Mapping) and response.get("comment") == "" else None


def _spelt(at: datetime, texts: Sequence[str]) -> str:
    """Spell a time as the tool did, else in UTC to the second."""
    for text in texts:
        for found in _ISO.findall(text):
            try:
                same = datetime.fromisoformat(found) == at
            except ValueError:
                continue
            if same:
                return str(found)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _texts(given: Saved) -> list[str]:
    """Give where a tool may have spelt a time: its replies first, then the body, which may be a form."""
    replies: Sequence[Reply] = given.replies
    body = given.request.body.decode("utf-8", "replace")
    return [*(dumps(one.said) for one in replies), body, unquote_plus(body)]
