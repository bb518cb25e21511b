"""What holds a case up, or holds us to something: its pause, its snooze, and what was promised to the customer."""

from datetime import datetime
from typing import Final

from bot.slack.views import buttons
from bot.slack.views.blocks import Block, actions, context, section
from bot.slack.views.text import inline, quoted, when
from storage.casefile import CaseFile
from storage.time_tables import Promise
from workflows import lifecycle

ON_A_CARD: Final = 3  # promises; whoever wants more opens the case
IN_A_MODAL: Final = 10
TEXT: Final = 300


def pause_blocks(file: CaseFile, *, at: datetime | None) -> list[Block]:
    """Say until when and why the limits stand still, beside the button that ends it; or that nobody is reminded."""
    case = file.case
    if not lifecycle.is_open(case):
        return []
    if case.paused_until is None:
        snoozed = case.snoozed_until
        if snoozed is None or (at is not None and snoozed <= at):
            return []
        return [context(f"💤 No reminders until {when(snoozed)}: the limits run on.")]
    found = next((one for one in reversed(file.pauses) if one.until_at == case.paused_until), None)
    by = f" · {inline(file.name_of(found.by), 60)}" if found else ""
    why = f"\n{quoted(found.reason, TEXT)}" if found else ""
    text = f"⏸️ *Paused until {when(case.paused_until)}*{by}{why}\n_Its limits stand still until then._"
    return [section(text, accessory=buttons.resume(case), block_id=f"case:{case.id}:paused")]


def promises_on_card(file: CaseFile, *, at: datetime | None) -> list[Block]:
    """Show the next promises that are still to be kept, each beside the button that says it was."""
    shown = _open(file)
    blocks = [
        section(promise_line(file, one, at=at), accessory=buttons.kept(one), block_id=f"promise:{one.id}")
        for one in shown[:ON_A_CARD]
    ]
    more = len(shown) - ON_A_CARD
    return [*blocks, *([context(f"_and {more} more to be kept: open the case_")] if more > 0 else [])]


def promises_in_modal(file: CaseFile, *, at: datetime | None) -> list[Block]:
    """Show the promises that are still to be kept with their buttons, and below them those that are settled."""
    if not file.promises:
        return []
    blocks = [section("*Promised to the customer*")]
    for one in _open(file)[:IN_A_MODAL]:
        row = [buttons.kept(one), buttons.withdraw(one)]
        blocks += [section(promise_line(file, one, at=at)), *actions(f"promise:{one.id}:moves", row)]
    settled = [one for one in file.promises if one.state != "open"]
    return [*blocks, *(context(promise_line(file, one, at=at)) for one in settled[-IN_A_MODAL:])]


def promise_line(file: CaseFile, one: Promise, *, at: datetime | None) -> str:
    """Say what was promised by whom and for when, and what became of it. `at` is now: what has slipped is marked."""
    what = f"{quoted(one.text, TEXT)} · {inline(file.name_of(one.by), 60)}"
    if one.state == "kept":
        late = ", late" if one.closed_at and one.closed_at > one.due_at else ""
        return f"✓ Kept{late}: {what}"
    if one.state == "withdrawn":
        return f"✗ Withdrawn: {what}"
    has_slipped = one.slipped_at is not None or (at is not None and one.due_at <= at)
    return f"{'⏰ *Slipped:* promised' if has_slipped else '🤝 Promised'} for *{when(one.due_at)}*: {what}"


def _open(file: CaseFile) -> list[Promise]:
    return sorted((one for one in file.promises if one.state == "open"), key=lambda one: one.due_at)
