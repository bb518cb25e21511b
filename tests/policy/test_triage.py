"""The first rule that matches decides, says why, and the facts of the customer raise the urgency."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_policy import small_policy

from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import DEFAULT_SCALES, Scale
from workflows.triage import Triage, triage

ANSWER = Answer(
    source="generic",
    external_id="r1",
    score=2,
    scale=DEFAULT_SCALES["nps"],
    submitted_at=datetime(2026, 11, 20, 15, tzinfo=UTC),
    comment="Die RECHNUNG ist falsch, und niemand antwortet.",
    form="Quarterly",
    touchpoint="after_onboarding",
    language="de-AT",
    segment="Enterprise",
    account_id="a-31",
    account_name="Zielona",
)
DEMO = Path(__file__).parents[2] / "bot" / "sandbox" / "policy.toml"


def verdict(policy: Policy, *, is_second: bool = False, **changes: Any) -> Triage:
    answer = ANSWER._replace(**changes)
    return triage(policy, answer, band=answer.scale.band(answer.score), low_before_within_90_days=is_second)


def rule(when: str, *, name: str = "It", urgency: str = "normal") -> str:
    return f'[[rule]]\nname = "{name}"\ndepartment = "billing"\nurgency = "{urgency}"\nwhen = {{ {when} }}\n'


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ('metric = "nps"', "The metric is NPS."),
        ('metric = ["ces", "nps"]', "The metric is NPS."),
        ('band = "low"', "A score of 2 is low on a scale of 0 to 10."),
        ("score_at_most = 2", "The score of 2 is at most 2."),
        ('words = ["facture", "rechnung", "antwort*"]', "The comment says “rechnung”, “antwort*”."),
        ('touchpoint = "After_Onboarding"', "The touchpoint is “after_onboarding”."),
        ('form = ["x", "quarterly"]', "The form is “Quarterly”."),
        ('segment = "ENTERPRISE"', "The segment is “Enterprise”."),
        ('account = "zielona"', "The account is “Zielona”."),
        ('account = "A-31"', "The account is “a-31”."),
        ('language = "de"', "The language is de-AT."),
        ('language = ["fr", "de-at"]', "The language is de-AT."),
        ("", "The rule takes every answer."),
    ],
)
def test_a_rule_matches_and_says_why(when: str, reason: str) -> None:
    found = verdict(small_policy(rule(when)))

    assert (found.rule, found.rule_name, found.department, found.because) == (1, "It", "billing", (reason,))


@pytest.mark.parametrize(
    "when",
    [
        'metric = "csat"',
        'band = ["neutral", "high"]',
        "score_at_most = 1.9",
        'words = "chnung"',
        'touchpoint = "onboarding"',
        'form = "r1"',
        'segment = "smb"',
        'account = "generic"',
        'language = "de-DE"',
        'language = "en"',
        'metric = "nps", segment = "smb"',
    ],
)
def test_a_rule_that_is_not_met_leaves_the_case_to_the_default_department(when: str) -> None:
    found = verdict(small_policy(rule(when)))

    assert (found.rule, found.rule_name, found.department, found.also) == (None, None, "support", ())
    assert found.because == ("No rule matches, so it goes to the default department, Support.",)
    assert (found.urgency, found.urgency_reasons) == ("normal", ("Without a rule it is normal.",))


@pytest.mark.parametrize("key", ["touchpoint", "form", "segment", "language", "account_id"])
def test_a_field_that_is_not_known_matches_nothing(key: str) -> None:
    asked = "account" if key == "account_id" else key
    policy = small_policy(rule(f'{asked} = "en"'))
    unknown: dict[str, Any] = {"account_name": None, key: None}

    found = verdict(policy, **unknown)

    assert found.rule is None


@pytest.mark.parametrize(("spoken", "matches"), [("fi", True), ("FI_fi", True), (" fi-FI", True), ("fil", False)])
def test_a_language_is_met_however_it_is_written(spoken: str, *, matches: bool) -> None:
    found = verdict(small_policy(rule('language = "fi"')), language=spoken)

    assert (found.rule == 1) is matches


def test_every_condition_must_be_met_and_gives_its_reason() -> None:
    found = verdict(small_policy(rule('metric = "nps", band = "low", segment = "enterprise"')))

    assert len(found.because) == 3


def test_the_first_rule_that_matches_decides() -> None:
    rules = (
        rule('band = "high"', name="No") + rule('band = "low"', name="First") + rule('words = "Rechnung"', name="Late")
    )

    found = verdict(small_policy(rules))

    assert (found.rule, found.rule_name) == (2, "First")


def test_further_departments_come_along() -> None:
    policy = small_policy('[[rule]]\nname = "Both"\ndepartment = "billing"\nalso = ["support"]\n')

    assert verdict(policy).also == ("support",)


@pytest.mark.parametrize(("score", "matches"), [(7, True), (6, True), (5, False), (1, False)])
def test_score_at_most_counts_from_the_unhappy_end(score: float, *, matches: bool) -> None:
    effort = Scale("ces", 1, 7, "down", low=5, neutral=4)

    found = verdict(small_policy(rule("score_at_most = 2")), scale=effort, score=score)

    assert found.because == ((f"The score of {score} is at least 6.",) if matches else found.because)
    assert (found.rule == 1) is matches


@pytest.mark.parametrize(
    ("start", "facts", "urgency", "steps"),
    [
        ("low", {"is_second": True}, "normal", 1),
        ("normal", {"account_value": 50_000.0}, "high", 1),
        ("normal", {"account_value": 49_999.0}, "normal", 0),
        ("normal", {"account_value": 80_000.0, "is_second": True}, "urgent", 2),
        ("urgent", {"is_second": True}, "urgent", 1),
    ],
)
def test_urgency_rises_a_step_for_each_reason(start: str, facts: Mapping[str, Any], urgency: str, steps: int) -> None:
    found = verdict(small_policy(rule('band = "low"', urgency=start)), **facts)

    assert found.urgency == urgency
    assert found.urgency_reasons[0] == f"The rule “It” makes it {start}."
    assert len(found.urgency_reasons) == 1 + steps


def test_urgency_rises_without_a_rule_too() -> None:
    found = verdict(small_policy(), is_second=True)

    assert found.urgency == "high"
    assert found.urgency_reasons[1] == "One step up: it is the customer's second low response within 90 days."


def test_without_a_threshold_no_account_is_valuable() -> None:
    policy = load(DEMO.read_text(encoding="utf-8").replace("valuable_account", "# valuable_account"))

    assert verdict(policy, account_value=1e9).urgency == verdict(policy).urgency


@pytest.mark.parametrize(
    ("comment", "rule_name"),
    [
        ("Wir haben GEKÜNDIGT, weil die Kuendigung... kündigen!", "Wants to leave"),
        ("We were charged twice.", "Money"),
        ("La FACTURE est fausse", "Money"),
        ("No funciona nada", "It broke"),
        ("Aplikacja NIE DZIALA", "It broke"),
        ("全額返金してください", "Money"),
        ("Es fehlt ein Export", "Something is missing"),
        ("Your GDPR answer is a joke", "Data and security"),
        ("meh", None),
    ],
)
def test_the_demos_rules_understand_its_customers(comment: str, rule_name: str | None) -> None:
    policy = load(DEMO.read_text(encoding="utf-8"))

    found = verdict(policy, comment=comment, touchpoint=None, segment=None)

    assert found.rule_name == rule_name


def test_a_hostile_answer_is_triaged_like_any_other() -> None:
    hostile = "<!channel> {0.__class__} \x00\u202e" * 5000

    found = verdict(small_policy(rule('segment = "x"')), comment=hostile, segment=hostile, account_name=hostile)

    assert found.rule is None


def test_triage_takes_microseconds_with_twenty_rules() -> None:
    words = ", ".join(f'"word{number}", "phrase number {number}", "stem{number}*"' for number in range(5))
    policy = small_policy("".join(rule(f"words = [{words}], score_at_most = {number / 20}") for number in range(20)))
    comment = "I have looked for the settings of my colleague's mailbox for a week and nobody answers, für nichts. " * 2
    verdict(policy, comment=comment)
    answer = ANSWER._replace(comment=comment)

    start = time.perf_counter()
    for _ in range(1000):
        triage(policy, answer, band="low", low_before_within_90_days=False)
    each = (time.perf_counter() - start) / 1000

    assert each < 500e-6  # it takes 30 µs on a quiet machine; compiling the words each time takes 3 ms
