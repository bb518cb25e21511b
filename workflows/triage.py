"""Triage: which rule of the policy an answer meets, and so which departments get it and how urgent it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workflows.answers import Answer
from workflows.policy import URGENCIES, Policy, Urgency, When
from workflows.scales import Band

SECOND_LOW_DAYS: Final = 90  # a second low response within so many days makes a case more urgent


@dataclass(frozen=True, slots=True)
class Triage:
    """Where an answer goes and why; the reasons are whole sentences, and hold words of the customer's.

    `rule` counts the policy's rules from 1; it and `rule_name` are None when no rule matched. `department` and `also`
    are keys.
    """

    rule: int | None
    rule_name: str | None
    because: tuple[str, ...]
    department: str
    also: tuple[str, ...]
    urgency: Urgency
    urgency_reasons: tuple[str, ...]


def triage(policy: Policy, answer: Answer, *, band: Band, low_before_within_90_days: bool) -> Triage:
    """Return the verdict of the first rule that matches, else the default department's."""
    words = policy.matcher.found(answer.comment)
    for number, rule in enumerate(policy.rules, 1):
        if _matches(rule.when, answer, band, words):
            urgency, reasons = _urgency(policy, answer, start=rule.urgency, is_second_low=low_before_within_90_days)
            return Triage(
                rule=number,
                rule_name=rule.name,
                because=tuple(_reasons(rule.when, answer, band, words)),
                department=rule.department,
                also=rule.also,
                urgency=urgency,
                urgency_reasons=(f"The rule “{rule.name}” makes it {rule.urgency}.", *reasons),
            )
    urgency, reasons = _urgency(policy, answer, start="normal", is_second_low=low_before_within_90_days)
    department = policy.default_department
    return Triage(
        rule=None,
        rule_name=None,
        because=(f"No rule matches, so it goes to the default department, {department.name}.",),
        department=department.key,
        also=(),
        urgency=urgency,
        urgency_reasons=("Without a rule it is normal.", *reasons),
    )


def _matches(when: When, answer: Answer, band: Band, words: frozenset[str]) -> bool:
    if when.metric and answer.scale.metric not in when.metric:
        return False
    if when.band and band not in when.band:
        return False
    if when.score_at_most is not None and answer.scale.upward(answer.score) > when.score_at_most:
        return False
    if when.words and words.isdisjoint(when.words):
        return False
    if when.language and not _language_met(when.language, answer.language):
        return False
    return all(_met(answer, key, wanted) for key, wanted in when.named)


def _met(answer: Answer, key: str, wanted: frozenset[str]) -> str | None:
    """Return what the answer says of a field if it is wanted, whatever its case; an account has a name and an id."""
    said = (answer.account_name, answer.account_id) if key == "account" else (getattr(answer, key),)
    return next((value for value in said if value and value.strip().casefold() in wanted), None)


def _language_met(wanted: tuple[str, ...], spoken: str | None) -> bool:
    """Say whether it is one of these; "pt" takes every kind of Portuguese, "pt-BR" only its own."""
    tag = (spoken or "").strip().replace("_", "-").casefold() + "-"
    return any(tag.startswith(language.casefold() + "-") for language in wanted)


def _reasons(when: When, answer: Answer, band: Band, words: frozenset[str]) -> Iterator[str]:
    """Yield one sentence for each thing that the rule asked for."""
    scale = answer.scale
    if when.metric:
        yield f"The metric is {scale.metric.upper()}."
    if when.band:
        yield f"A score of {answer.score:g} is {band} on a scale of {scale.span}."
    if when.score_at_most is not None:
        limit = when.score_at_most if scale.direction == "up" else scale.low_end + scale.high_end - when.score_at_most
        side = "at most" if scale.direction == "up" else "at least"
        yield f"The score of {answer.score:g} is {side} {limit:g}."
    if when.words:
        found = ", ".join(f"“{word}”" for word in when.words if word in words)
        yield f"The comment says {found}."
    if when.language:
        yield f"The language is {answer.language}."
    for key, wanted in when.named:
        yield f"The {key} is “{_met(answer, key, wanted)}”."
    if when == When():
        yield "The rule takes every answer."


def _urgency(policy: Policy, answer: Answer, *, start: Urgency, is_second_low: bool) -> tuple[Urgency, tuple[str, ...]]:
    """Raise the urgency by one step for each reason, at most to urgent."""
    reasons = []
    if is_second_low:
        reasons.append(f"One step up: it is the customer's second low response within {SECOND_LOW_DAYS} days.")
    value, threshold = answer.account_value, policy.team.valuable_account
    if value is not None and threshold is not None and value >= threshold:
        reasons.append(f"One step up: the account is worth {value:,.0f}, and {threshold:,.0f} is valuable.")
    step = min(URGENCIES.index(start) + len(reasons), len(URGENCIES) - 1)
    return URGENCIES[step], tuple(reasons)
