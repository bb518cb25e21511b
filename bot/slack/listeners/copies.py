"""A press on a copy of a card makes that copy the one that is redrawn."""

from datetime import datetime

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.payloads import Copy
from storage import cards, outbox


def adopt(session: Session, copy: Copy | None) -> None:
    """Take over the message that was pressed, if the database knows another one or none."""
    if copy is not None:
        cards.adopt(session, subject=copy.subject, place=copy.place, channel=copy.channel, ts=copy.ts)


async def redraw(context: Context, copy: Copy) -> None:
    """Take over the message that was pressed and have it drawn anew: it offered something that isn't possible."""
    at = context.clock()
    await context.db.write(lambda session: _redraw(session, copy, at))


async def adopt_later(context: Context, copy: Copy) -> None:
    """Take over the message that was pressed to look at something; nothing is written if it is the known one."""

    def is_known(session: Session) -> bool:
        return cards.is_known(session, subject=copy.subject, place=copy.place, channel=copy.channel, ts=copy.ts)

    if not await context.db.read(is_known):
        await redraw(context, copy)


def _redraw(session: Session, copy: Copy, at: datetime) -> None:
    case_id = cards.case_of(session, copy.subject)
    if case_id is not None:
        adopt(session, copy)
        outbox.want(session, [outbox.card(copy.subject, copy.place, case_id=case_id)], at=at)
