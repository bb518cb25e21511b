"""A press on a copy of a card makes that copy the one that is redrawn."""

from datetime import datetime

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.payloads import Copy
from storage import cards, outbox


def adopt(session: Session, copy: Copy | None) -> bool:
    """Take over the message that was pressed, if the database knows another one or none. Tells whether it did."""
    case_id = cards.case_of(session, copy.subject) if copy else None
    if copy is None or case_id is None:
        return False
    return cards.adopt(
        session, subject=copy.subject, place=copy.place, case_id=case_id, channel=copy.channel, ts=copy.ts
    )


async def redraw(context: Context, copy: Copy) -> None:
    """Take over the message that was pressed and have it drawn anew: it offered something that isn't possible."""

    def work(session: Session, at: datetime) -> None:
        case_id = cards.case_of(session, copy.subject)
        if case_id is not None:
            adopt(session, copy)
            outbox.want(session, [outbox.card(copy.subject, copy.place, case_id=case_id)], at=at)

    at = context.clock()
    await context.db.write(lambda session: work(session, at))


async def adopt_later(context: Context, copy: Copy) -> None:
    """Take over the message that was pressed to look at something; nothing is written if it is the known one."""
    if not await context.db.read(
        lambda session: cards.is_known(
            session, subject=copy.subject, place=copy.place, channel=copy.channel, ts=copy.ts
        )
    ):
        await redraw(context, copy)
