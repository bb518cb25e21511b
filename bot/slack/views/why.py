"""The answer to "why me?": the rule, the owner, the urgency, and what comes next."""

from collections.abc import Iterable
from typing import Final

from bot.slack.views import customer, progress, words
from bot.slack.views.blocks import View, context, modal, packed, section
from bot.slack.views.chase_lines import NOT_DONE, TO_DO
from bot.slack.views.text import inline, listed, mention, quoted, sentence, when
from storage.casefile import CaseFile
from storage.tables import Case
from workflows import clocks
from workflows.clocks import Step
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
    if case.paused_until is not None:
        return [f"Nothing until {when(case.paused_until)}: the case is paused, and its limits stand still."]
    ahead = [*_ahead(case, policy)]
    if not ahead:
        return [f"It is overdue: {limit.unmet}. Everybody has been told; it stays on their lists until somebody acts."]
    snoozed = case.snoozed_until is not None and case.next_step_at is not None
    note = [f"Its owner isn't reminded until {when(case.snoozed_until)}."] if snoozed and case.snoozed_until else []
    return [*(_step(file, one, policy) for one in ahead), *note]


def _ahead(case: Case, policy: Policy) -> list[Step]:
    """List the steps of the next limit that are still to come: the sweep has seen all before `next_step_at`."""
    since = case.next_step_at
    if since is None:
        return []
    lead = next((one.lead for one in policy.departments if one.key == case.department), None)
    ahead = [one for one in clocks.steps(case, policy=policy) if one.at >= since]
    ahead = [one for one in ahead if not (one.kind == "lead" and lead in {case.owner, None})]
    return [one for one in ahead if one.clock == ahead[0].clock]


def _step(file: CaseFile, step: Step, policy: Policy) -> str:
    """Say what happens at one step, and to whom."""
    case = file.case
    lead = next((one.lead for one in policy.departments if one.key == case.department), None)
    owner = mention(case.owner) if case.owner else mention(lead)
    unmet = NOT_DONE.get(step.clock, "nothing has happened")
    match step.kind:
        case "warn":
            return f"•  {when(step.at)}: {owner} is reminded that {TO_DO.get(step.clock, 'something is due')}."
        case "limit":
            return f"•  {when(step.at)}: if {unmet}, it counts as overdue, and {owner} is reminded."
        case "lead":
            untouched = case.state == "new" and case.contacted_at is None and policy.escalation.reassign
            theirs = " If nobody has touched it, it is theirs then." if untouched else ""
            return f"•  {when(step.at)}: {mention(lead)} is told.{theirs}"
    return f"•  {when(step.at)}: {_managers(policy)} told."


def _managers(policy: Policy) -> str:
    channel = policy.team.manager_channel
    return f"the managers in {inline(channel, 60)} are" if channel and channel.startswith("#") else "the managers are"


def _texts(case: Case, key: str) -> list[str]:
    return [sentence(inline(str(value), 300)) for value in _values(case, key)]


def _values(case: Case, key: str) -> Iterable[object]:
    """Read a list of the case's `why`, whatever an older version kept there."""
    value = case.why.get(key)
    if isinstance(value, list | tuple):
        return value[:20]
    return [value] if value else []
