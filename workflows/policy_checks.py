"""Checks a whole policy: what its tables say about each other, in sentences with a next step."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from workflows.policy_parts import (
    DEFAULT_CLOCKS,
    Clock,
    Department,
    Digest,
    Escalation,
    Hours,
    Mail,
    Pings,
    Rule,
    Source,
    Storm,
    Team,
    When,
)
from workflows.policy_reading import missing_tables, read_list, read_table, unknown_tables
from workflows.policy_text import MOST_SHOWN, Finding, Path
from workflows.policy_values import Weekdays, Windows, language_tag
from workflows.wording import one_line

_WEEKS: Final = 52  # a limit that takes more working weeks than this can't be meant


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
    read_list(Source, document, found.problems)
    read_table(Escalation, document, found.problems)
    read_table(Pings, document, found.problems)
    read_table(Storm, document, found.problems)
    digests = read_list(Digest, document, found.problems)
    parts = _Parts(
        team=read_table(Team, document, found.problems),
        calendar=read_table(Hours, document, found.problems),
        mail=read_table(Mail, document, found.problems),
        departments=read_list(Department, document, found.problems),
        rules=read_list(Rule, document, found.problems),
        clocks=read_list(Clock, document, found.problems),
    )
    found.problems += [*unknown_tables(document), *missing_tables(document)]
    found.problems += [*_twins(document), *_strangers(document), *_endless_clocks(parts), *_same_language(document)]
    found.problems += _placeless_digests(digests, parts.team)
    found.warnings += [*_dead_rules(parts.rules), *_without_wording(parts)]
    return found


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
