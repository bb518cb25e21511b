"""The policy: departments, people, rules, clocks, calendars and wording, as one checked document."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from workflows import policy_checks, policy_text, wording
from workflows.calendar import Calendar
from workflows.policy_parts import (
    DEFAULT_CLOCKS,
    URGENCIES,
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
    Urgency,
    When,
    Wording,
)
from workflows.policy_text import PolicyError, Problem
from workflows.words import WordMatcher

__all__ = [
    "URGENCIES",
    "Clock",
    "Department",
    "Digest",
    "Policy",
    "PolicyError",
    "Problem",
    "Rule",
    "Source",
    "Urgency",
    "When",
    "Wording",
    "load",
]


class Policy(Part):
    """The whole document; `load` makes it from its text."""

    team: Team
    calendar: Hours = Hours()
    departments: Annotated[tuple[Department, ...], Field(min_length=1, alias="department")]
    rules: tuple[Rule, ...] = Field(default=(), alias="rule")
    sources: tuple[Source, ...] = Field(default=(), alias="source")
    clocks: tuple[Clock, ...] = Field(default=(), alias="clock")
    escalation: Escalation = Escalation()
    pings: Pings = Pings()
    storm: Storm = Storm()
    digests: tuple[Digest, ...] = Field(default=(), alias="digest")
    mail: Mail = Mail()
    _text: str = PrivateAttr(default="")
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    def written_as(self, text: str, *, warnings: Iterable[Problem] = ()) -> Self:
        """Return this policy with the text that it was read from."""
        self._text = text
        self._warnings = tuple(warnings)
        return self

    @property
    def text(self) -> str:
        """The document as it was written."""
        return self._text

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What looks like a slip, though the policy can be used."""
        return self._warnings

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text, in hexadecimal digits."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    def department(self, key: str) -> Department:
        """Return the department with this key; KeyError when this version of the policy has none."""
        return self._departments_by_key[key]

    @property
    def default_department(self) -> Department:
        """The department of answers that no rule matches: the first one."""
        return self.departments[0]

    def clock(self, urgency: Urgency, department: str | None = None) -> Clock:
        """Return the limits of this urgency: those of the department (a key), else of all, else the built-in ones."""
        known = self._clocks_by_place
        return known.get((urgency, department)) or known[urgency, None]

    def calendar_of(self, department: str | None = None) -> Calendar:
        """Return the calendar of a department, or the team's where it has none or isn't known any more."""
        return self._calendars.get(department or "", self._calendars[""])

    def source_entries(self, source: str, form: str | None) -> tuple[Source, ...]:
        """Return the [[source]] entries of this form, then those of the source that name no form."""
        known = self._sources_by_form
        return (known.get((source, form), ()) if form is not None else ()) + known.get((source, None), ())

    @cached_property
    def people(self) -> frozenset[str]:
        """Everybody whom the policy names, by Slack id or e-mail as it does."""
        people = {*self.team.admins, *self.team.managers}
        return frozenset(people.union(*((one.lead, *one.members) for one in self.departments)))

    @cached_property
    def names_addresses(self) -> bool:
        """Whether anybody is named by e-mail; else nobody's address has to be looked up to know who they are."""
        return any("@" in one for one in self.people)

    @cached_property
    def matcher(self) -> WordMatcher:
        """All rules' words, ready to be looked for at once."""
        return WordMatcher(word for rule in self.rules for word in rule.when.words or ())

    @cached_property
    def wordings(self) -> Mapping[str, wording.ChosenWording]:
        """The wording by language tag in small letters; English is always there."""
        english = wording.ChosenWording("en", Wording(**wording.ENGLISH))
        ours = {tag.lower(): wording.ChosenWording(tag, texts) for tag, texts in self.mail.wording.items()}
        return {"en": english, **ours}

    @cached_property
    def _departments_by_key(self) -> dict[str, Department]:
        return {department.key: department for department in self.departments}

    @cached_property
    def _clocks_by_place(self) -> dict[tuple[Urgency, str | None], Clock]:
        clocks = (*DEFAULT_CLOCKS.values(), *self.clocks)
        return {(clock.urgency, clock.department): clock for clock in clocks}

    @cached_property
    def _sources_by_form(self) -> dict[tuple[str, str | None], tuple[Source, ...]]:
        known: dict[tuple[str, str | None], tuple[Source, ...]] = {}
        for source in self.sources:
            place = (source.name, source.form)
            known[place] = (*known.get(place, ()), source)
        return known

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        own = {one.key: one.calendar for one in self.departments if one.calendar}
        return {"": self._calendar(OwnHours()), **{key: self._calendar(hours) for key, hours in own.items()}}

    def _calendar(self, own: OwnHours) -> Calendar:
        closed = self.calendar.closed if own.closed is None else own.closed
        opened = self.calendar.open if own.open is None else own.open
        return Calendar(
            zone=ZoneInfo(own.timezone or self.team.timezone),
            weekdays=frozenset(own.days or self.calendar.days),
            windows=own.hours or self.calendar.hours,
            country=own.country or self.calendar.country,
            closed=frozenset(day for day in closed if not isinstance(day, tuple)),
            closed_yearly=frozenset(day for day in closed if isinstance(day, tuple)),
            open=frozenset(day for day in opened if not isinstance(day, tuple)),
            open_yearly=frozenset(day for day in opened if isinstance(day, tuple)),
        )


def load(text: str) -> Policy:
    """Return the checked policy; PolicyError with every problem, its line and its key, when it can't be used."""
    text = text.removeprefix("\ufeff")
    document = policy_text.parse(text)
    findings = policy_checks.findings(document)
    if findings.problems:
        raise PolicyError(policy_text.placed(findings.problems, text))
    return Policy.model_validate(document).written_as(text, warnings=policy_text.placed(findings.warnings, text))
