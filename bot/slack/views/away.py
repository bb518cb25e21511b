"""Being away, as somebody says it of themselves in the App Home."""

from datetime import datetime

from bot.slack import ids
from bot.slack.views.blocks import Block, View, button, context, section
from bot.slack.views.inputs import form, moment, notice, text_line
from bot.slack.views.text import quoted, when
from storage.tables import Member
from workflows.away import NOTE


def away_blocks(member: Member | None, *, at: datetime | None) -> list[Block]:
    """Say in the App Home whether somebody is away, beside the button that changes it."""
    if member is None or at is None:
        return []
    if member.away_until is None or member.away_until <= at:
        text = "You are here: new cases may come to you."
        return [section(text, accessory=button("I'm away", ids.AWAY, 1), block_id="home:away")]
    note = f"\n{quoted(member.away_note, NOTE)}" if member.away_note else ""
    back = button("I'm back", ids.BACK, 1, style="primary")
    said = f"🌴 *You are away until {when(member.away_until)}.*{note}"
    return [
        section(said, accessory=back, block_id="home:away"),
        context("Nothing new comes to you, and what falls due passes to a colleague until you are back."),
    ]


def away_modal(*, until: datetime) -> View:
    """Ask until when somebody is away; `until` is what is offered."""
    return form(
        ids.MODAL_AWAY,
        metadata=1,
        title="I'm away",
        submit="I'm away",
        blocks=[
            notice("New cases go to others meanwhile. What falls due passes to a colleague, and comes back with you."),
            moment("until", "Back at", initial=until),
            text_line("note", "Note", placeholder="On holiday; call Ana if it burns", is_optional=True, most=NOTE),
        ],
    )
