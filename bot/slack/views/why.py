"""The answer to "why me?": the rule, the owner, the urgency, and what comes next."""

from collections.abc import Iterable
from typing import Final

from bot.slack.views import customer, progress, words
from bot.slack.views.blocks import View, context, modal, packed, section
from bot.slack.views.text import inline, listed, mention, quoted, sentence, when
from storage.casefile import CaseFile
from storage.tables import Case
from workflows.policy import Policy

NAMES_ACCOUNT: Final = "The account is"  # how the triage begins a reason that says whose customer it is


def why_me(file: CaseFile, *, policy: Policy) -> View:
    """Say why this case came to this department and owner, why it is so urgent, and what happens next."""
    case = file.case
    parts = [
        ("Why this department", _routing(file, policy)),
        ("Why this owner", _owner(file, policy)),
        ("Why this urgency", [f"{words.URGENCIES.get(case.urgency, case.urgency)}.", *_texts(case, "urgency")]),
        ("What happens next", _next(file, policy)),
    ]
    blocks = [section(text) for title, lines in parts for text in packed([f"*{title}*", *lines])]
    version = f" Version {case.policy_version} of the policy decided this." if case.policy_version else ""
    return modal("Why me?", [*blocks, context(f"Case {case.id}.{version}")], metadata=str(case.id))


def _routing(file: CaseFile, policy: Policy) -> list[str]:
    case = file.case
    name = progress.department(policy, case.department)
    rule = case.why.get("rule")
    begin = f"The rule {quoted(str(rule), 100)} matched:" if rule else f"It came to {name} without a rule:"
    said = [
        text for text in _texts(case, "matched") if not (customer.is_veiled(file) and text.startswith(NAMES_ACCOUNT))
    ]
    matched = [f"•  {text}" for text in said]
    also = [progress.department(policy, str(key)) for key in _values(case, "also")]
    others = [f"{listed(also)} got a task as well."] if also else []
    routed = case.why.get("department")
    moved = [f"It has been handed over to {name} since."] if routed and str(routed) != case.department else []
    return [begin if matched else begin.rstrip(":") + ".", *matched, *others, *moved]


def _owner(file: CaseFile, policy: Policy) -> list[str]:
    case = file.case
    rule = sentence(inline(str(case.why.get("owner_rule") or ""), 300))
    who = [f"{mention(case.owner)} answers for it."] if case.owner else ["Nobody owns it yet."]
    stand_in = [f"They stand in: nobody of {progress.department(policy, case.department)} was present."]
    return [*who, *([rule] if rule else []), *(stand_in if case.is_owner_stand_in else [])]


def _next(file: CaseFile, policy: Policy) -> list[str]:
    case, limit = file.case, progress.next_clock(file)
    if limit is None or limit.due is None:
        return ["Nothing: the case is closed. It is reopened if the customer is unhappy again."]
    lead = next((one.lead for one in policy.departments if one.key == case.department), None)
    who = mention(lead) if lead and lead != case.owner else "the managers"
    return [f"If {limit.unmet} by {when(limit.due)}, it counts as overdue, and {who} should step in."]


def _texts(case: Case, key: str) -> list[str]:
    return [sentence(inline(str(value), 300)) for value in _values(case, key)]


def _values(case: Case, key: str) -> Iterable[object]:
    """Read a list of the case's `why`, whatever an older version kept there."""
    value = case.why.get(key)
    if isinstance(value, list | tuple):
        return value[:20]
    return [value] if value else []
