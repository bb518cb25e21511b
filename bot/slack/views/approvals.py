"""The question to a manager whether a case may end without the customer being told."""

from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, progress, words
from bot.slack.views.blocks import Block, actions, button, context, quote, section
from bot.slack.views.message import Message
from bot.slack.views.text import inline, mention, quoted, when
from storage.casefile import CaseFile
from storage.tables import Approval
from workflows.policy import Policy

TEXT: Final = 600
DECISIONS: Final = {
    "approved": ("✅", "Approved"),
    "declined": ("✖️", "Declined"),
    "withdrawn": ("↩️", "No longer asked"),
}


def approval_question(file: CaseFile, approval: Approval, *, policy: Policy) -> Message:
    """Draw the question; once it is decided, the decision in place of its buttons."""
    shown = customer.veiled(file)
    case_id = buttons.id_of(file.case)
    asker, excuse = inline(file.name_of(approval.asked_by)), words.EXCUSES.get(approval.excuse, approval.excuse)
    who = customer.full_name(shown)
    text = f"{asker} asks to excuse case {case_id} ({who}): {excuse}."
    if approval.decision is not None:
        text = f"{DECISIONS[approval.decision][1]}: excusing case {case_id} ({who})."
    tries = sum(one.state in {"accepted", "logged"} for one in file.outreaches)
    blocks: list[Block] = [
        section(
            f"✋ *May case {case_id} be excused?*  {who}\n"
            f"{mention(approval.asked_by)} asks: *{excuse}*. The customer would not be told anything.",
            accessory=buttons.open_case(file.case),
            block_id=f"approval:{approval.id}:top",
        ),
        *([quote(approval.text, TEXT)] if approval.text.strip() else []),
        *_about(shown, policy, tries),
    ]
    return Message(text, [*blocks, *_answer(approval)])


def _about(file: CaseFile, policy: Policy, tries: int) -> list[Block]:
    first = file.responses[0] if file.responses else None
    said = (
        "\n".join([customer.verdict(first), *([quoted(first.comment, 200)] if first.comment.strip() else [])])
        if first
        else ""
    )
    reached = {0: "never contacted", 1: "contacted once", 2: "contacted twice"}.get(tries, f"contacted {tries} times")
    department = progress.department(policy, file.case.department)
    return [
        *([context(said)] if said else []),
        context(f"{department} · {reached} · {progress.progress(file)}"),
    ]


def _answer(approval: Approval) -> list[Block]:
    assert approval.id is not None
    if approval.decision is None:
        row = [
            button("Approve", ids.APPROVE, approval.id, style="primary"),
            button("Decline", ids.DECLINE, approval.id, style="danger"),
        ]
        return actions(f"approval:{approval.id}", row)
    who = f" by {mention(approval.decided_by)}" if approval.decision != "withdrawn" else ": the case has moved on"
    at = f", {when(approval.decided_at)}" if approval.decided_at else ""
    why = f"\n{quoted(approval.decision_text, TEXT)}" if approval.decision_text else ""
    sign, word = DECISIONS[approval.decision]
    return [section(f"{sign} *{word}*{who}{at}.{why}")]
