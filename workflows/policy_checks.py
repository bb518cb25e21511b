"""Checks a whole policy: each table by itself, then what they say about each other, in sentences with a next step."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows.policy_parts import (
    DEFAULT_CLOCKS,
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
from workflows.policy_values import Weekdays, Windows, language_tag
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
_WEEKS: Final = 52  # a limit that takes more working weeks than this can't be meant
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


@dataclass(slots=True)
class Findings:
    """What must be mended before a policy can be used, and what only looks like a slip."""

    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Parts:
    """Those parts of a document that are sound in themselves, each with the place where it stands."""

    team: Team | None = None
    calendar: Hours | None = None
    mail: Mail | None = None
    departments: list[tuple[Path, Department]] = field(default_factory=list)
    rules: list[tuple[Path, Rule]] = field(default_factory=list)
    clocks: list[tuple[Path, Clock]] = field(default_factory=list)


def findings(document: dict[str, Any]) -> Findings:
    """Return everything that is wrong or odd in a document that was read from TOML."""
    found = Findings()
    _list(Source, document, found.problems)
    _table(Escalation, document, found.problems)
    _table(Pings, document, found.problems)
    _table(Storm, document, found.problems)
    digests = _list(Digest, document, found.problems)
    parts = _Parts(
        team=_table(Team, document, found.problems),
        calendar=_table(Hours, document, found.problems),
        mail=_table(Mail, document, found.problems),
        departments=_list(Department, document, found.problems),
        rules=_list(Rule, document, found.problems),
        clocks=_list(Clock, document, found.problems),
    )
    known = [*_TABLES, *_LISTS]
    found.problems += [((key,), _unknown(key, "the policy", known)) for key in document if key not in known]
    found.problems += [
        ((), f"`{key}` is missing; add {_EXAMPLES[key]}.") for key in ("team", "department") if not document.get(key)
    ]
    found.problems += [*_twins(document), *_strangers(document), *_endless_clocks(parts), *_same_language(document)]
    found.problems += _placeless_digests(digests, parts.team)
    found.warnings += [*_dead_rules(parts.rules), *_without_wording(parts)]
    return found


def _table(model: type[P], document: dict[str, Any], problems: list[Finding]) -> P | None:
    key = next(key for key, known in _TABLES.items() if known is model)
    value = document.get(key, {})
    if isinstance(value, list):
        problems.append(((key,), f"`{key}` stands once; write [{key}] with single brackets."))
        return None
    return _part(model, value, (key,), problems) if key in document or key != "team" else None


def _list(model: type[P], document: dict[str, Any], problems: list[Finding]) -> list[tuple[Path, P]]:
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


def _tables(document: dict[str, Any], key: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return the tables of a list as they are written, right or wrong, so that one fault doesn't hide another."""
    listed = document.get(key)
    tables = listed if isinstance(listed, list) else []
    return [((key, index), table) for index, table in enumerate(tables) if isinstance(table, dict)]


def _twins(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield what stands twice though it must be unique."""
    identities = {"department": ("key",), "clock": ("urgency", "department"), "source": ("name", "form", "metric")}
    identities["digest"] = ("name",)
    for list_, keys in identities.items():
        seen = set()
        for path, table in _tables(document, list_):
            identity = tuple(str(table.get(key)) for key in keys)
            if identity in seen and keys[0] in table:
                yield (
                    (*path, keys[0]),
                    f"Another [[{list_}]] above has the same {' and '.join(keys)}. Change or remove one.",
                )
            seen.add(identity)


def _strangers(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield rules and limits of departments that aren't there, and rules that send twice to the same."""
    keys = [table["key"] for _, table in _tables(document, "department") if isinstance(table.get("key"), str)]
    for path, rule in _tables(document, "rule"):
        also = rule.get("also")
        named = [((*path, "department"), rule.get("department"))]
        named += [((*path, "also", index), key) for index, key in enumerate(also if isinstance(also, list) else [])]
        sent: list[str] = []
        for place, key in named:
            if not isinstance(key, str):
                continue
            if key in sent:
                yield place, f"The department “{key}” gets these cases already. Remove it from `also`."
            elif key not in keys:
                yield place, _stranger(key, keys)
            sent.append(key)
    for path, one in (*_tables(document, "clock"), *_tables(document, "digest")):
        if isinstance(key := one.get("department"), str) and key not in keys:
            yield (*path, "department"), _stranger(key, keys)


def _stranger(key: str, keys: list[str]) -> str:
    near = difflib.get_close_matches(key, keys, n=1)
    advice = f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(keys) or 'none'}."
    return f"No department has the key “{one_line(key[:MOST_SHOWN])}”. {advice}"


def _placeless_digests(digests: list[tuple[Path, Digest]], team: Team | None) -> Iterator[Finding]:
    """Yield digests for which neither a channel, nor a department, nor the managers' channel is named."""
    for path, one in digests:
        if one.kind != "my_morning" and not (one.channel or one.department or (team and team.manager_channel)):
            yield path, f'“{one.name}” has nowhere to go; add channel = "#customer-voice", or [team] manager_channel.'


def _endless_clocks(parts: _Parts) -> Iterator[Finding]:
    """Yield limits that would take years, because some calendar has few hours a week."""
    hours = parts.calendar or Hours()
    with_own = {one.key for _, one in parts.departments if one.calendar}
    calendars: list[tuple[str | None, str, Weekdays, Windows]] = [(None, "the team", hours.days, hours.hours)]
    for _, department in parts.departments:
        if own := department.calendar:
            calendars.append((department.key, department.name, own.days or hours.days, own.hours or hours.hours))
    for key, name, days, windows in calendars:
        week = len(days) * timedelta(minutes=sum(window.end - window.start for window in windows))
        for path, clock in parts.clocks:
            place = clock.department if clock.department in with_own else None
            if (place == key or clock.department is None) and clock.tell > week * _WEEKS:
                yield (*path, "tell"), f"This takes more than a year in the hours of {name}. Shorten it, or add hours."
        if not parts.clocks and DEFAULT_CLOCKS["low"].tell > week * _WEEKS:
            yield ("calendar",), f"The hours of {name} are too few for any limit. Add hours."


def _same_language(document: dict[str, Any]) -> Iterator[Finding]:
    mail = document.get("mail")
    texts = mail.get("wording") if isinstance(mail, dict) else None
    seen: set[str] = set()
    for written in texts if isinstance(texts, dict) else ():
        tag = language_tag(written) or written
        if tag in seen:
            yield ("mail", "wording", written), f"The language {tag} has wording above already. Keep one of the two."
        seen.add(tag)


def _dead_rules(rules: list[tuple[Path, Rule]]) -> Iterator[Finding]:
    for index, (path, rule) in enumerate(rules):
        for _, earlier in rules[:index]:
            if _covers(earlier.when, rule.when):
                yield path, f"“{rule.name}” never matches: “{earlier.name}” above takes all its answers. Move it up."
                break


def _covers(wide: When, narrow: When) -> bool:
    """Say whether whatever matches `narrow` surely matches `wide` too."""
    for key in wide.model_fields_set:
        limit, value = getattr(wide, key), getattr(narrow, key)
        if value is None or not (set(value) <= set(limit) if isinstance(limit, tuple) else value <= limit):
            return False
    return True


def _without_wording(parts: _Parts) -> Iterator[Finding]:
    if not parts.team or not parts.mail or not parts.mail.wording:
        return
    worded = {tag.partition("-")[0] for tag in parts.mail.wording} | {"en"}
    first = parts.team.languages[0]
    fallback = first if first.partition("-")[0] in worded - {"en"} else "English"
    for index, language in enumerate(parts.team.languages):
        if language.partition("-")[0] not in worded:
            yield ("team", "languages", index), f"There is no wording for {language}: these customers get {fallback}."
