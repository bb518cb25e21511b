"""Drawing what is to be sent, from the rows as they now are: many intents in a few queries."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from bot.slack.views.approvals import approval_question
from bot.slack.views.card import case_card, owner_message
from bot.slack.views.home import home
from bot.slack.views.message import Message
from bot.slack.views.tasks import task_card
from bot.slack.views.thread import line
from storage.casefile import CaseFile, case_files
from storage.lanes import Claimed, Standing
from storage.lists import mine, troubles, unowned
from storage.tables import Approval
from workflows import permission
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.delivery")


@dataclass(frozen=True, slots=True)
class CardDrawn:
    """A view of a row, to be posted, or changed where it `stands`."""

    claimed: Claimed
    subject: str
    place: str
    case_id: int
    message: Message
    stands: Standing | None


@dataclass(frozen=True, slots=True)
class LineDrawn:
    """One line for the thread under the card that `stands`; None: it hasn't been posted yet."""

    claimed: Claimed
    message: Message
    stands: Standing | None


@dataclass(frozen=True, slots=True)
class HomeDrawn:
    """A member's App Home."""

    claimed: Claimed
    member: str
    view: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NothingToDraw:
    """Its row is gone, so there is nothing to send."""

    claimed: Claimed


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """Drawing it failed; the log knows more under the reference."""

    claimed: Claimed
    reference: str


Drawn = CardDrawn | LineDrawn | HomeDrawn | NothingToDraw | NotDrawn


def drawings(session: Session, claimed: Sequence[Claimed], *, policy: Policy, at: datetime) -> list[Drawn]:
    """Draw each intent; one that can't be drawn stops none of the others."""
    files = case_files(session, {one.case_id for one in claimed if one.kind != "home" and one.case_id is not None})
    approvals = _approvals(session, claimed)
    drawn: list[Drawn] = []
    for one in claimed:
        try:
            drawn.append(_drawn(session, one, files=files, approvals=approvals, policy=policy, at=at))
        except Exception:  # the one edge of drawing: a mistake in a view must not stop what others wait for
            reference = f"draw-{one.id}-{one.attempts}"
            log.exception("Intent %s (%s) could not be drawn. Reference: %s", one.id, one.kind, reference)
            drawn.append(NotDrawn(one, reference))
    return drawn


def _drawn(
    session: Session,
    claimed: Claimed,
    *,
    files: dict[int, CaseFile],
    approvals: dict[int, Approval],
    policy: Policy,
    at: datetime,
) -> Drawn:
    if claimed.kind == "home":
        return _home(session, claimed, policy=policy, at=at)
    file = files.get(claimed.case_id or 0)
    if file is None:
        return NothingToDraw(claimed)
    subject, place = str(claimed.facts["subject"]), str(claimed.facts["place"])
    stands = _standing(file, subject, place)
    if claimed.kind == "line":
        event = next((one for one in file.events if one.id == claimed.facts["event_id"]), None)
        return LineDrawn(claimed, line(file, event, policy=policy), stands) if event else NothingToDraw(claimed)
    message = _card(file, subject, place, approvals=approvals, policy=policy)
    if message is None or claimed.case_id is None:
        return NothingToDraw(claimed)
    return CardDrawn(claimed, subject, place, claimed.case_id, message, stands)


def _card(
    file: CaseFile, subject: str, place: str, *, approvals: dict[int, Approval], policy: Policy
) -> Message | None:
    of, _, number = subject.partition(":")
    if of == "case":
        return case_card(file, policy=policy, place=place)
    if of == "owner":
        return owner_message(file, policy=policy, member=place)
    if of == "task" and any(task.id == int(number) for task in file.tasks):
        return task_card(file, int(number), policy=policy, place=place)
    if of == "approval" and int(number) in approvals:
        return approval_question(file, approvals[int(number)], policy=policy)
    return None


def _home(session: Session, claimed: Claimed, *, policy: Policy, at: datetime) -> HomeDrawn:
    """Draw a member's Home; managers also see the cases that nobody owns, admins what they have to mend."""
    member = str(claimed.facts["member"])
    role = permission.role(session, member, policy=policy)
    nobodys = unowned(session) if permission.is_manager(role) else None
    broken = troubles(session) if role.is_admin else None
    view = home(mine(session, member), member=member, policy=policy, at=at, unowned=nobodys, troubles=broken)
    return HomeDrawn(claimed, member, view)


def _standing(file: CaseFile, subject: str, place: str) -> Standing | None:
    card = next((one for one in file.cards if one.subject == subject and one.place == place), None)
    if card is None:
        return None
    return Standing(subject=subject, place=place, case_id=card.case_id, channel=card.channel, ts=card.ts)


def _approvals(session: Session, claimed: Collection[Claimed]) -> dict[int, Approval]:
    subjects = [str(one.facts.get("subject", "")) for one in claimed]
    ids = {int(subject.partition(":")[2]) for subject in subjects if subject.startswith("approval:")}
    if not ids:
        return {}
    return {one.id: one for one in session.exec(select(Approval).where(col(Approval.id).in_(ids))) if one.id}
