"""The card of a case in its department's channel, and the message to the case's owner."""

from datetime import datetime
from typing import Final

from bot.slack.views import buttons, customer, progress, words
from bot.slack.views.blocks import Block, actions, context, divider, fields, header, packed, quote, section
from bot.slack.views.confidence import reveal_button
from bot.slack.views.holds import pause_blocks, promises_on_card
from bot.slack.views.message import Message
from bot.slack.views.tasks import task_lines
from bot.slack.views.text import GAP, inline, mention, quoted, sentence, when
from storage.casefile import CaseFile
from storage.tables import Outreach
from workflows.policy import Policy

CHANGED: Final = 600  # characters of "what changed" on a card
NOTIFIED: Final = 120  # characters of the comment in a notification


def case_card(file: CaseFile, *, policy: Policy, place: str, at: datetime | None = None) -> Message:
    """Draw a case for everybody in a channel; `place` is the channel that the card was posted to, `at` is now.

    When the case has gone to another department, its old card says so and has no buttons.
    """
    shown = customer.veiled(file)
    if place != file.case.channel:
        return _moved(shown, policy)
    case = file.case
    blocks = [*_top(shown), *_middle(shown, policy, at), *buttons.case_rows(file)]
    return Message(f"{_headline(shown)} {_said(shown)}".strip() if case.state == "new" else _headline(shown), blocks)


def owner_message(file: CaseFile, *, policy: Policy, member: str, at: datetime | None = None) -> Message:
    """Draw a case for its owner, who also sees who answered in confidence and how to reach them.

    Says to whom it was handed over when it isn't theirs any more.
    """
    case = file.case
    if case.owner != member:
        return _handed_over(file, policy)
    lead = _for_owner(file, policy)
    blocks = [
        context(lead),
        *_top(file),
        *_middle(file, policy, at),
        *buttons.case_rows(file),
    ]
    return Message(_plain_for_owner(file), blocks)


def _top(file: CaseFile) -> list[Block]:
    """Show what is read in three seconds: who, which score, what they said."""
    case_id = buttons.id_of(file.case)
    opening = buttons.open_case(file.case)
    if not file.responses:
        return [header(customer.full_name(file)), section("_No answer is kept._", accessory=opening)]
    first = file.responses[0]
    score = f"{customer.verdict(first)}{GAP}{customer.meter(first)}"
    known, history = customer.identity(file), customer.history(file)
    return [
        header(customer.full_name(file)),
        section(score, accessory=opening, block_id=f"case:{case_id}:top"),
        context(customer.origin(first)),
        *_who(file, known),
        *customer.comment_blocks(first),
        *customer.joined_blocks(file),
        *([context(line) for line in history]),
    ]


def _who(file: CaseFile, known: str) -> list[Block]:
    """Say who it is to us; of whom answered in confidence only that, with a button for those who may know more."""
    if customer.is_veiled(file):
        return [section(f"🔒 {known}", accessory=reveal_button(file), block_id=f"case:{file.case.id}:who")]
    return [context(known)] if known else []


def _middle(file: CaseFile, policy: Policy, at: datetime | None) -> list[Block]:
    """Show who answers for it, until when, and what has been done."""
    case = file.case
    case_id = buttons.id_of(case)
    facts = [
        f"*Owner* · {progress.department(policy, case.department)}\n{progress.owner(file, policy)}",
        progress.outcome(file) or f"*Urgency*\n{progress.urgency(case)}",
    ]
    both = progress.two_clocks_since(file, policy=policy, at=at)
    clocks = [*([both] if both else []), *progress.clocks(file, at=at)]
    tasks = [section(text) for text in packed(task_lines(file, policy))][:1]
    return [
        fields(facts, accessory=buttons.why_me(case), block_id=f"case:{case_id}:facts"),
        *([context(*clocks)] if clocks else []),
        *pause_blocks(file, at=at),
        *promises_on_card(file, at=at),
        *tasks,
        *_changed(file),
        *_mail(file),
        *_question(file),
        divider(),
        context(f"*Case {case_id}*{GAP}{progress.progress(file)}"),
    ]


def _changed(file: CaseFile) -> list[Block]:
    case = file.case
    if case.state not in {"ready", "told"} or not case.what_changed:
        return []
    cause = words.ROOT_CAUSES.get(case.root_cause or "", "")
    because = f" · cause: {cause.lower()}" if cause else ""
    more = f" ({inline(case.root_cause_text, 200)})" if cause and case.root_cause_text else ""
    return [section(f"*What changed*{because}{more}"), quote(case.what_changed, CHANGED)]


def _mail(file: CaseFile) -> list[Block]:
    """Say what becomes of the mail that is on its way, or that the last one didn't arrive."""
    mail = file.waiting_mail
    if mail is None:
        return _failed(file)
    subject = f" · {quoted(mail.subject)}" if mail.subject else ""
    purpose = "The mail that tells the customer" if mail.kind == "told" else "A mail to the customer"
    if mail.state == "waiting":
        return [section(f"✉️ *{purpose} goes out {when(mail.at)}*{subject}\nUntil then it can be taken back.")]
    if mail.state == "sending":
        return [section(f"✉️ *{purpose} is being handed to the mail server*{subject}")]
    return [
        section(
            f"⚠️ *Nobody knows whether the mail reached the customer*{subject}\n"
            f"{_reason(file, mail)}It isn't sent again by itself. Look into the mailbox or ask them, then say so here."
        )
    ]


def _failed(file: CaseFile) -> list[Block]:
    last = next((one for one in reversed(file.outreaches) if one.state != "taken_back"), None)
    if last is None or last.state not in {"refused", "bounced"} or file.case.state in {"told", "excused"}:
        return []
    what = "came back" if last.state == "bounced" else "was not accepted"
    return [
        section(
            f"⚠️ *The last mail {what}: the customer has not read it.*\n"
            f"{_reason(file, last)}Check the address and write again, or reach them in another way and log it."
        )
    ]


def _reason(file: CaseFile, mail: Outreach) -> str:
    """Repeat what the mail server said; its words often hold the address."""
    return f"{sentence(inline(mail.problem, 200))} " if mail.problem and not customer.is_veiled(file) else ""


def _question(file: CaseFile) -> list[Block]:
    asked = file.approval
    if asked is None:
        return []
    why = f" {quoted(asked.text, 300)}" if asked.text else ""
    return [
        section(
            f"✋ *A manager is asked to excuse this case:* {words.EXCUSES.get(asked.excuse, asked.excuse)}.{why}\n"
            f"Asked by {inline(file.name_of(asked.asked_by))}, {when(asked.asked_at)}."
        )
    ]


def _headline(file: CaseFile) -> str:
    """Say in one sentence what matters now: it is what a notification shows and a screen reader says."""
    case, who = file.case, customer.full_name(file)
    if case.state == "new":
        return _waits(file)
    match case.state:
        case "working":
            return f"{inline(file.name_of(case.owner))} works on case {case.id} ({who})."
        case "ready":
            return f"Case {case.id} ({who}) is ready: the customer is still to be told what changed."
        case "told":
            return f"The customer of case {case.id} ({who}) has been told what changed."
    return f"Case {case.id} ({who}) is excused: {words.EXCUSES.get(case.excuse or '', 'no reason kept')}."


def _waits(file: CaseFile) -> str:
    first = file.responses[0] if file.responses else None
    gave = f" gave {customer.score(first)} ({customer.band(first)})" if first else ""
    return f"{customer.full_name(file)}{gave} and waits for an answer."


def _said(file: CaseFile) -> str:
    """Repeat the beginning of the comment, for the notification."""
    comment = file.responses[0].comment.strip() if file.responses else ""
    return quoted(comment, NOTIFIED) if comment else ""


def _for_owner(file: CaseFile, policy: Policy) -> str:
    case = file.case
    if case.state in {"told", "excused"}:
        return f"*Your case {case.id} is closed.* Thank you."
    stand_in = ""
    if case.is_owner_stand_in:
        stand_in = f" You stand in: nobody of {progress.department(policy, case.department)} was present."
    limit = progress.next_limit(file)
    return f"*This case is yours.*{stand_in}{f' Next: {limit}.' if limit else ''}"


def _plain_for_owner(file: CaseFile) -> str:
    case, who = file.case, customer.full_name(file)
    match case.state:
        case "new":
            return f"A case for you: {_waits(file)} {_said(file)}".strip()
        case "working":
            return f"You work on case {case.id} ({who})."
    return _headline(file)


def _moved(file: CaseFile, policy: Policy) -> Message:
    case = file.case
    name = progress.department(policy, case.department)
    text = f"Case {case.id} ({customer.full_name(file)}) moved to {name}."
    where = inline(case.channel) if case.channel.startswith("#") else f"<#{inline(case.channel)}>"
    return Message(
        text,
        [
            section(f"↪️ *{customer.full_name(file)}*\nCase {case.id} moved to *{name}*. Its card is in {where} now."),
            context("What was said in this thread is kept on the case."),
        ],
    )


def _handed_over(file: CaseFile, policy: Policy) -> Message:
    case = file.case
    shown = customer.veiled(file)
    to = f"was handed over to {inline(file.name_of(case.owner))}" if case.owner else "has no owner at the moment"
    drawn = f"was handed over to {mention(case.owner)}" if case.owner else "has no owner at the moment"
    where = progress.department(policy, case.department)
    return Message(
        f"Case {case.id} ({customer.full_name(shown)}) {to}.",
        [
            section(
                f"↪️ *{customer.full_name(shown)}*\nCase {case.id} {drawn} ({where}). Nothing is left for you to do."
            ),
            *actions(f"case:{case.id}:gone", [buttons.open_case(case)]),
        ],
    )
