"""Where views of rows stand in Slack: found by their place there, and the adoption of a copy that is in use."""

from functools import cache
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from storage import rows
from storage.prepared import Prepared
from storage.tables import Approval, Card, Case, Task, Umbrella

CARDS: Final = rows.table_of(Card)
_CASE_OF: Final = {
    "case": rows.table_of(Case).c.id,
    "owner": rows.table_of(Case).c.id,
    "task": rows.table_of(Task).c.case_id,
    "approval": rows.table_of(Approval).c.case_id,
    "umbrella": rows.table_of(Umbrella).c.first_case_id,
}


def stands_at(session: Session, *, channel: str, ts: str) -> int | None:
    """Return the id of the case that this message shows; None: the message is none of our cards."""
    found = select(CARDS.c.case_id).where(CARDS.c.channel == channel, CARDS.c.ts == ts)
    return session.connection().execute(found).scalar()


def is_known(session: Session, *, subject: str, place: str, channel: str, ts: str) -> bool:
    """Tell whether this message is the one that shows the subject at the place."""
    return _known(session, subject, place) == (channel, ts)


def adopt(session: Session, *, subject: str, place: str, channel: str, ts: str) -> bool:
    """Make this message the one that is redrawn; tells whether it wasn't already, and its row exists.

    Two copies stand in Slack when one was posted and the answer to it was lost. The one that people use is the right
    one.
    """
    known = _known(session, subject, place)
    if known == (channel, ts):
        return False
    case_id = case_of(session, subject)
    if case_id is None:
        return False
    if known is None:
        rows.add(session, Card, subject=subject, place=place, case_id=case_id, channel=channel, ts=ts)
    else:
        here = (CARDS.c.subject == subject) & (CARDS.c.place == place)
        session.connection().execute(update(CARDS).where(here).values(channel=channel, ts=ts))
    return True


def case_of(session: Session, subject: str) -> int | None:
    """Return the id of the case that a subject (`case:12`, `task:7`, `umbrella:2`...) belongs to.

    None: there is no such row, or no such kind of subject.
    """
    kind, _, number = subject.partition(":")
    column = _CASE_OF.get(kind)
    if column is None or not number.isdecimal():
        return None
    return session.connection().execute(select(column).where(column.table.c.id == int(number))).scalar()


def _known(session: Session, subject: str, place: str) -> tuple[str, str] | None:
    """Give channel and ts of the message that shows the subject at the place."""
    found = _at_the_place().first(session, {"the_subject": subject, "the_place": place})
    return None if found is None else (found[0], found[1])


@cache
def _at_the_place() -> Prepared:
    here = CARDS.c.subject == bindparam("the_subject"), CARDS.c.place == bindparam("the_place")
    return Prepared(select(CARDS.c.channel, CARDS.c.ts).where(*here), aside=True)
