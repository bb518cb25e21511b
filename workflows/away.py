"""Who is away: by Slack's status, by asking for silence in working hours, or as they say themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import outbox
from storage.tables import Member
from workflows.refusal import Refusal

LONGEST: Final = timedelta(days=366)
NOTE: Final = 200  # characters


@dataclass(frozen=True, slots=True)
class Presence:
    """What has to be known of somebody to say whether they are away; the columns of a member's row."""

    is_present: bool
    is_deleted: bool
    status_until: datetime | None
    dnd_until: datetime | None
    away_until: datetime | None


def is_away(member: Member | Presence, at: datetime) -> bool:
    """Tell whether somebody is away: then they get nothing new, and what is due passes to the next one.

    `storage.due.is_absent` says the same in SQL.
    """
    is_by_status = not member.is_present and (member.status_until is None or member.status_until > at)
    ends = (one for one in (member.dnd_until, member.away_until) if one is not None)
    return member.is_deleted or is_by_status or any(end > at for end in ends)


def go_away(session: Session, member_id: str, *, until: datetime, note: str, at: datetime) -> None:
    """Let somebody say that they are away until then; nothing new comes to them meanwhile. Raises Refusal."""
    if until <= at:
        raise Refusal("That time has passed already. Choose a later one.", "until")
    if until > at + LONGEST:
        raise Refusal("That is more than a year away. Choose an earlier day, or ask an admin to take you out.", "until")
    _known(session, member_id, until=until, note=" ".join(note.split())[:NOTE] or None, at=at)


def come_back(session: Session, member_id: str, *, at: datetime) -> None:
    """Let somebody say that they are back. A second press changes nothing."""
    _known(session, member_id, until=None, note=None, at=at)


def _known(session: Session, member_id: str, *, until: datetime | None, note: str | None, at: datetime) -> None:
    member = session.get(Member, member_id, with_for_update=True)
    if member is None:
        raise Refusal("Slack hasn't told Hearback of you yet. Try again in a quarter of an hour.")
    member.away_until, member.away_note = until, note
    session.add(member)
    outbox.want(session, [outbox.home(member_id)], at=at)
