"""The modals of a case: hand over, resolve, excuse, reopen, note, and what a refusal looks like on its own."""

from typing import Final

from bot.slack import ids
from bot.slack.views import customer, words
from bot.slack.views.blocks import Block, View, context, divider, modal, quote, section
from bot.slack.views.inputs import choice, form, notice, person, text_area
from bot.slack.views.text import inline, listed, mention, quoted
from storage.casefile import CaseFile
from storage.tables import Approval
from workflows.policy import Policy

COMMENT: Final = 300  # characters of the comment above a form; a mail's writer sees more of it
TASKS_SHOWN: Final = 5
CHANGED: Final = 2000  # characters of "what changed": the mail around it has to fit into 3000 too
ROOT_CAUSES: Final = {
    "people": "People: how somebody acted",
    "process": "Process: how we work",
    "product": "Product: what we sell",
    "policy": "Policy: what we decided to do",
    "other": "Other",
}
EXCUSES: Final = {
    "unreachable": "Unreachable after three tries",
    "opted_out": "Opted out of our messages",
    "not_to_contact": "Asked not to be contacted",
    "duplicate": "Duplicate of another case",
    "not_a_complaint": "Not a complaint",
}


def about(file: CaseFile, *, limit: int = COMMENT) -> list[Block]:
    """Say which case a form is about: number, customer, score, and the beginning of the comment."""
    first = file.responses[0] if file.responses else None
    blocks = [section(f"*Case {file.case.id}*  ·  {customer.full_name(file)}")]
    if first is not None:
        blocks.append(context(f"{customer.verdict(first)}  ·  {customer.origin(first)}"))
        if first.comment.strip():
            blocks.append(quote(first.comment, limit))
    return [*blocks, divider()]


def assign(file: CaseFile, *, policy: Policy) -> View:
    """Ask who answers for a case from now on."""
    case = file.case
    is_owned = case.owner is not None
    next_one = "present member with the fewest open cases gets it"
    now_with = f"Now with {mention(case.owner)}." if is_owned else "Nobody owns it yet."
    return form(
        ids.MODAL_ASSIGN,
        metadata=_id(file),
        title="Hand over" if is_owned else "Assign",
        submit="Hand over" if is_owned else "Assign",
        blocks=[
            *about(file),
            context(now_with),
            choice(
                "department",
                "Department",
                {one.key: one.name for one in policy.departments},
                initial=case.department,
                hint="The case's card moves to the channel of this department.",
            ),
            person(
                "to",
                "Person",
                placeholder="Choose a person" if is_owned else "Whoever is next in the department",
                hint=f"Leave it empty only for another department: its {next_one}."
                if is_owned
                else f"Leave it empty and the department's {next_one}.",
                is_optional=True,
            ),
            text_area(
                "reason",
                "Reason",
                placeholder="What the next person should know",
                hint="Shown in the case's thread.",
                is_optional=True,
            ),
        ],
    )


def resolve(file: CaseFile) -> View:
    """Ask what caused it and what changed. Open tasks are named, because they have to be closed first."""
    case = file.case
    open_tasks = [inline(one.title, 80) for one in file.tasks if one.state == "open"]
    ending = (
        "It ends the case: an anonymous customer can't be told."
        if customer.is_anonymous(file)
        else "The customer reads this in your next message. You can edit it there."
    )
    warning = [notice(f"⚠️ Still open: {listed(open_tasks[:TASKS_SHOWN])}. Have every task done or cancelled first.")]
    return form(
        ids.MODAL_RESOLVE,
        metadata=_id(file),
        title="Resolve",
        submit="Resolve",
        blocks=[
            *about(file),
            *(warning if open_tasks else []),
            choice(
                "root_cause",
                "What caused it?",
                ROOT_CAUSES,
                initial=case.root_cause,
                placeholder="Choose the nearest",
            ),
            text_area(
                "root_cause_text",
                "The cause in your words",
                initial=case.root_cause_text,
                placeholder="The parcel waited two days because nobody was told about it.",
                hint="For the team only.",
                is_optional=True,
            ),
            text_area(
                "what_changed",
                "What changed, in words for the customer",
                initial=case.what_changed,
                placeholder="We now call you on the day when a delivery is late.",
                hint=ending,
                most=CHANGED,
            ),
        ],
    )


def excuse(file: CaseFile, *, needs_approval: bool) -> View:
    """Ask why this customer is never told."""
    who = (
        "A manager is asked before the case ends. Until then it stays open."
        if needs_approval
        else "You are a manager: the case ends at once."
    )
    return form(
        ids.MODAL_EXCUSE,
        metadata=_id(file),
        title="Excuse",
        submit="Ask a manager" if needs_approval else "Excuse",
        blocks=[
            *about(file),
            notice(f"An excused customer never hears what changed. {who}"),
            choice("excuse", "Reason", EXCUSES, placeholder="Choose one"),
            text_area("text", "Why, in a sentence", placeholder="What somebody who asks later should read"),
        ],
    )


def decline(file: CaseFile, approval: Approval) -> View:
    """Ask a manager why a case may not be excused."""
    reason = words.EXCUSES.get(approval.excuse, approval.excuse)
    asked = f"{mention(approval.asked_by)} asks to excuse it: {reason}."
    said = [quote(approval.text)] if approval.text.strip() else []
    return form(
        ids.MODAL_DECLINE,
        metadata=approval.id or 0,
        title="Decline",
        submit="Decline",
        blocks=[
            *about(file),
            section(asked),
            *said,
            text_area(
                "text",
                "Why not, and what should happen next?",
                placeholder="Please call once more this week.",
                hint="Whoever asked reads this in the case's thread.",
            ),
        ],
    )


def reopen(file: CaseFile) -> View:
    """Ask why a case has to be taken up again."""
    changed = file.case.what_changed
    return form(
        ids.MODAL_REOPEN,
        metadata=_id(file),
        title="Reopen",
        submit="Reopen",
        blocks=[
            *about(file),
            *([context(f"Resolved before: {quoted(changed)}")] if changed else []),
            text_area(
                "reason",
                "Why has it to be taken up again?",
                placeholder="The customer wrote that it happened again.",
                hint="The limits for contact and telling start again.",
            ),
        ],
    )


def note(file: CaseFile) -> View:
    """Ask for a note, which stays within the team."""
    return form(
        ids.MODAL_NOTE,
        metadata=_id(file),
        title="Add a note",
        submit="Add note",
        blocks=[
            *about(file),
            text_area("text", "Note", hint="For the team only. A reply in the card's thread is kept as a note too."),
        ],
    )


def sentence(text: str, *, title: str = "Not possible now") -> View:
    """Show one sentence on its own, where there is no message and no form to show it in. `text` is mrkdwn."""
    return modal(title, [section(text)])


def _id(file: CaseFile) -> int:
    assert file.case.id is not None
    return file.case.id
