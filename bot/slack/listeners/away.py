"""Going away and coming back, as somebody says it of themselves in the App Home."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.slack import forms
from bot.slack.listeners.move import Move
from bot.slack.payloads import Submission
from bot.slack.views.away import away_modal
from bot.slack.views.blocks import View
from storage.tables import Member
from workflows import away, permission
from workflows.quiet import zone_of

if TYPE_CHECKING:
    from bot.slack.listeners.openers import Asked
    from bot.slack.listeners.submissions import Doing

BACK_AT: Final = time(9)


def asked(session: Session, asked: "Asked") -> View:
    """Ask until when; offered is the next morning, in their own zone."""
    move = asked.move
    permission.may_join_in(session, move.by, policy=move.policy)
    member = session.get(Member, move.by)
    zone = zone_of(member.timezone if member else None, policy=move.policy)
    return away_modal(until=_next_morning(move.at, zone))


def back(session: Session, nothing: int, move: Move) -> None:
    """Take note that somebody is back."""
    del nothing  # whoever pressed is meant
    away.come_back(session, move.by, at=move.at)


def gone(sent: Submission) -> "Doing":
    """Take note that somebody is away."""
    until, note = forms.moment_in(sent, "until"), forms.text_in(sent, "note")

    def work(session: Session, move: Move) -> int:
        permission.may_join_in(session, move.by, policy=move.policy)
        away.go_away(session, move.by, until=until, note=note, at=move.at)
        return 0  # no case of it has changed

    return work


def _next_morning(at: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, BACK_AT, zone).astimezone(UTC)
