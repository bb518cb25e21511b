"""Reads each table of a policy by itself; what is wrong with one is said in a sentence with a next step."""

import difflib
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows.policy_parts import (
    Clock,
    Department,
    Digest,
    Escalation,
    Hours,
    Mail,
    OwnHours,
    Part,
    Pings,
    Rule,
    Source,
    Storm,
    Team,
    When,
)
from workflows.policy_text import MOST_SHOWN, Finding, Path, where
from workflows.wording import one_line

P = TypeVar("P", bound=Part)

_TABLES: Final[dict[str, type[Part]]] = {
    "team": Team,
    "calendar": Hours,
    "escalation": Escalation,
    "pings": Pings,
    "storm": Storm,
    "mail": Mail,
}
_LISTS: Final[dict[str, type[Part]]] = {
    "department": Department,
    "rule": Rule,
    "source": Source,
    "clock": Clock,
    "digest": Digest,
}
_EXAMPLES: Final = {
    "team": "[team] with name, timezone and admins",
    "department": "[[department]] with key, name, channel and lead",
    "name": 'name = "Support"',
    "timezone": 'timezone = "Europe/Berlin"',
    "admins": 'admins = ["U02AB3CD4EF"]',
    "key": 'key = "support"',
    "channel": 'channel = "#support"',
    "lead": 'lead = "U02AB3CD4EF"',
    "metric": 'metric = "csat"',
    "kind": 'kind = "department_daily"',
    "urgency": 'urgency = "high"',
    "claim": 'claim = "1h"',
    "contact": 'contact = "4h"',
    "tell": 'tell = "3d"',
    "told_subject": 'told_subject = "What changed after your feedback"',
    "told_body": 'told_body = """Hello {customer}, …"""',
    "contact_subject": 'contact_subject = "About your feedback"',
    "contact_body": 'contact_body = """Hello {customer}, …"""',
}
_SENTENCES: Final = {
    "string_type": "should be a text in quotes",
    "string_too_short": "is empty; write something, or leave the key out",
    "tuple_type": 'should be a list in brackets, such as ["en", "de"]',
    "too_short": "is empty; add at least one",
    "model_type": "should be a table of keys",
    "dict_type": "should be a table of keys",
    "bool_type": "should be true or false, without quotes",
    "float_type": "should be a number without quotes",
    "int_type": "should be a whole number without quotes",
    "finite_number": "should be a number, neither nan nor inf",
}


def unknown_tables(document: dict[str, Any]) -> list[Finding]:
    """Find what is no table of the policy, and what it may have been meant for."""
    known = [*_TABLES, *_LISTS]
    return [((key,), _unknown(key, "the policy", known)) for key in document if key not in known]


def missing_tables(document: dict[str, Any]) -> list[Finding]:
    """Find which tables no policy can do without."""
    return [
        ((), f"`{key}` is missing; add {_EXAMPLES[key]}.") for key in ("team", "department") if not document.get(key)
    ]


def read_table(model: type[P], document: dict[str, Any], problems: list[Finding]) -> P | None:
    """Read the table of its kind, if it is there; None: it isn't, or something is wrong with it, which is noted."""
    key = next(key for key, known in _TABLES.items() if known is model)
    value = document.get(key, {})
    if isinstance(value, list):
        problems.append(((key,), f"`{key}` stands once; write [{key}] with single brackets."))
        return None
    return _part(model, value, (key,), problems) if key in document or key != "team" else None


def read_list(model: type[P], document: dict[str, Any], problems: list[Finding]) -> list[tuple[Path, P]]:
    """Read the tables of this kind that are sound, each with the place where it stands; note what is wrong."""
    key = next(key for key, known in _LISTS.items() if known is model)
    values = document.get(key, [])
    if not isinstance(values, list):
        problems.append(((key,), f"`{key}` may stand several times; write [[{key}]] with double brackets."))
        return []
    read = [((key, index), _part(model, value, (key, index), problems)) for index, value in enumerate(values)]
    return [(path, part) for path, part in read if part is not None]


def _part(model: type[P], value: Any, path: Path, problems: list[Finding]) -> P | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems += [_finding(one, value, path) for one in error.errors(include_url=False) if not _is_echo(one)]
        return None


def _is_echo(error: ErrorDetails) -> bool:
    """Say whether a list is only called empty because its items are wrong, which is said already."""
    return error["type"] == "too_short" and bool(error["input"])


def _finding(error: ErrorDetails, value: Any, path: Path) -> Finding:
    steps = tuple(step for step in error["loc"] if step != "[key]")
    if steps and isinstance(steps[-1], int) and not _holds(_at(value, steps[:-1]), steps[-1]):
        steps = steps[:-1]
    place = (*path, *steps)
    message = _sentence(error, place)
    if message[0].islower():
        message = f"`{where(place[-1:]) if isinstance(place[-1], str) else where(place[-2:])}` {message}"
    return place, message if message.endswith("?") else f"{message}."


def _holds(value: Any, index: int) -> bool:
    """Say whether this item is written: a single value may stand for a list, and a pair may be half a pair."""
    return isinstance(value, list) and index < len(value)


def _at(value: Any, steps: Path) -> Any:
    for step in steps:
        value = value[step]
    return value


def _sentence(error: ErrorDetails, place: Path) -> str:
    kind, key = error["type"], str(place[-1])
    if kind == "extra_forbidden":
        return _unknown(key, where(place[:-1]), _keys_at(place[:-1])).removesuffix(".")
    if key == "scale":
        return "should be two numbers, the smallest and the largest score, such as [1, 5]"
    if kind == "missing":
        return f"is missing; add {_EXAMPLES[key]}"
    if kind == "value_error":
        said = str(error.get("ctx", {}).get("error", error["msg"]))
    elif kind == "string_pattern_mismatch":
        said = "should be on one line" if "subject" in key else "should be small letters, digits, - and _"
    else:
        said = _SENTENCES.get(kind, error["msg"].replace("Input should", "should"))
    found = error["input"]
    if said.startswith("should") and isinstance(found, str | int | float):
        said += f", not “{one_line(str(found)[:MOST_SHOWN])}”"
    return said


def _keys_at(path: Path) -> list[str]:
    models: dict[str, type[Part]] = {**_TABLES, **_LISTS, "when": When}
    name = next(step for step in reversed(path) if isinstance(step, str))
    if len(path) > 2 and path[1] == "wording":  # noqa: PLR2004 - mail.wording.<language>
        return ["told_subject", "told_body", "contact_subject", "contact_body"]
    model = OwnHours if path[0] == "department" and name == "calendar" else models[name]
    return [known.alias or key for key, known in model.model_fields.items()]


def _unknown(key: str, table: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    advice = f"did you mean `{near[0]}`?" if near else f"its keys are {', '.join(known)}."
    return f"`{one_line(key[:MOST_SHOWN])}` is no key of {table}; {advice}"
