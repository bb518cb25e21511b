"""Drawing what is to be sent, from the rows as they now are: many intents in a few queries."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from bot.delivery.gathered import gathered_post
from bot.delivery.homes import home_of
from bot.slack.views import pings
from bot.slack.views.approvals import approval_question
from bot.slack.views.card import case_card, owner_message
from bot.slack.views.digests import post as digest_post
from bot.slack.views.message import Message
from bot.slack.views.notices import notice
from bot.slack.views.overview import status_post
from bot.slack.views.tasks import task_card
from bot.slack.views.thread import line
from storage.casefile import CaseFile, case_files
from storage.lanes import Claimed, Standing
from storage.source_tables import Alarm
from storage.tables import Approval
from storage.time_tables import Ping, Run
from workflows.digest_pack import pack
from workflows.overview import Scope, overview
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
class NoticeDrawn:
    """One message to one person or channel (`member`), which is never changed."""

    claimed: Claimed
    member: str
    message: Message


@dataclass(frozen=True, slots=True)
class PostDrawn:
    """A message that is posted once; with `stands`, one that stands and is changed."""

    claimed: Claimed
    place: str
    message: Message
    stands: tuple[str, str] | None = None
    """Slack's channel and the message's `ts`."""


@dataclass(frozen=True, slots=True)
class NothingToDraw:
    """Its row is gone, so there is nothing to send."""

    claimed: Claimed


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """Drawing it failed; the log knows more under the reference."""

    claimed: Claimed
    reference: str


# All others are drawn from the file of their case.
WITHOUT_FILE: Final = frozenset({"home", "notice", "ping", "pings", "post", "status"})
Drawn = CardDrawn | LineDrawn | HomeDrawn | NoticeDrawn | PostDrawn | NothingToDraw | NotDrawn


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read at once for all that is to be drawn."""

    files: dict[int, CaseFile]
    approvals: dict[int, Approval]
    pings: dict[int, Ping]
    files_of_pings: dict[int, CaseFile]


def drawings(session: Session, claimed: Sequence[Claimed], *, policy: Policy, at: datetime) -> list[Drawn]:
    """Draw each intent; one that can't be drawn stops none of the others."""
    known = _known(session, claimed)
    drawn: list[Drawn] = []
    for one in claimed:
        try:
            drawn.append(_drawn(session, one, known, policy=policy, at=at))
        except Exception:  # the one edge of drawing: a mistake in a view must not stop what others wait for
            reference = f"draw-{one.id}-{one.attempts}"
            log.exception("Intent %s (%s) could not be drawn. Reference: %s", one.id, one.kind, reference)
            drawn.append(NotDrawn(one, reference))
    return drawn


def _known(session: Session, claimed: Sequence[Claimed]) -> _Known:
    of_cases = [one for one in claimed if one.kind not in WITHOUT_FILE]
    # Of a long timeline a line tells one event, and a card none.
    events = {event for one in of_cases for event in (*one.facts.get("event_ids", ()), one.facts.get("event_id", 0))}
    told = _told(session, claimed)
    return _Known(
        files=case_files(session, {one.case_id for one in of_cases if one.case_id}, events=events),
        approvals=_approvals(session, claimed),
        pings=told,
        files_of_pings=case_files(session, {one.case_id for one in told.values() if one.case_id}),
    )


def _drawn(session: Session, claimed: Claimed, known: _Known, *, policy: Policy, at: datetime) -> Drawn:
    if claimed.kind == "home":
        return _home(session, claimed, policy=policy, at=at)
    if claimed.kind == "notice":
        return _notice(session, claimed)
    if claimed.kind in {"ping", "pings"}:
        return _pings(claimed, known, policy=policy)
    if claimed.kind == "post":
        return _post(session, claimed, policy=policy)
    if claimed.kind == "status":
        return _status(session, claimed, policy=policy, at=at)
    file = known.files.get(claimed.case_id or 0)
    if file is None:
        return NothingToDraw(claimed)
    if claimed.kind == "escalation":
        events = [one for one in file.events if one.id in claimed.facts["event_ids"]]
        return NoticeDrawn(claimed, str(claimed.facts["place"]), pings.escalation(file, events, policy=policy))
    subject, place = str(claimed.facts["subject"]), str(claimed.facts["place"])
    stands = _standing(file, subject, place)
    if claimed.kind == "line":
        event = next((one for one in file.events if one.id == claimed.facts["event_id"]), None)
        return LineDrawn(claimed, line(file, event, policy=policy), stands) if event else NothingToDraw(claimed)
    if subject.startswith("umbrella:"):
        message = gathered_post(session, subject, place, policy=policy)
    else:
        message = _card(file, subject, place, approvals=known.approvals, policy=policy, at=at)
    if message is None or claimed.case_id is None:
        return NothingToDraw(claimed)
    return CardDrawn(claimed, subject, place, claimed.case_id, message, stands)


def _card(
    file: CaseFile, subject: str, place: str, *, approvals: dict[int, Approval], policy: Policy, at: datetime
) -> Message | None:
    of, _, number = subject.partition(":")
    if of == "case":
        return case_card(file, policy=policy, place=place, at=at)
    if of == "owner":
        return owner_message(file, policy=policy, member=place, at=at)
    if of == "task" and any(task.id == int(number) for task in file.tasks):
        return task_card(file, int(number), policy=policy, place=place)
    if of == "approval" and int(number) in approvals:
        return approval_question(file, approvals[int(number)], policy=policy)
    return None


def _home(session: Session, claimed: Claimed, *, policy: Policy, at: datetime) -> HomeDrawn:
    member = str(claimed.facts["member"])
    view = home_of(session, member, department=claimed.facts.get("department"), policy=policy, at=at)
    return HomeDrawn(claimed, member, view)


def _status(session: Session, claimed: Claimed, *, policy: Policy, at: datetime) -> PostDrawn:
    """Draw how things stand, for the channel that it was asked to be posted in."""
    facts = claimed.facts
    found = overview(session, Scope(facts["department"], facts["owner"], facts["days"]), policy=policy, at=at)
    return PostDrawn(claimed, str(facts["place"]), status_post(found, by=str(facts["by"]), policy=policy))


def _notice(session: Session, claimed: Claimed) -> NoticeDrawn | NothingToDraw:
    alarm = session.get(Alarm, int(claimed.facts["alarm_id"]))
    message = notice(alarm) if alarm else None
    return NoticeDrawn(claimed, str(claimed.facts["member"]), message) if message else NothingToDraw(claimed)


def _post(session: Session, claimed: Claimed, *, policy: Policy) -> PostDrawn | NothingToDraw:
    """Draw the post of a digest; one that stands is drawn again when something in it was decided."""
    facts = claimed.facts
    run, place = session.get(Run, int(facts["run_id"])), str(facts["place"])
    member = place if place.startswith(("U", "W")) else None
    found = pack(session, run, policy=policy, member=member) if run else None
    if found is None:
        return NothingToDraw(claimed)
    stands = (str(facts["channel"]), str(facts["ts"])) if facts.get("ts") else None
    return PostDrawn(claimed, place, digest_post(found, policy=policy), stands)


def _pings(claimed: Claimed, known: _Known, *, policy: Policy) -> NoticeDrawn | NothingToDraw:
    """Draw what somebody is disturbed for; what was held back comes in one message."""
    files, found = known.files_of_pings, [known.pings.get(one) for one in sorted(claimed.facts["ping_ids"])]
    shown = [one for one in found if one is not None and one.case_id in files]
    if not shown:
        return NothingToDraw(claimed)
    if claimed.kind == "ping" or len(shown) == 1:
        message = pings.ping(files[shown[0].case_id or 0], shown[0], policy=policy)
    else:
        message = pings.held_back(files, shown, policy=policy)
    return NoticeDrawn(claimed, str(claimed.facts["place"]), message)


def _told(session: Session, claimed: Sequence[Claimed]) -> dict[int, Ping]:
    ids = {ping for one in claimed for ping in one.facts.get("ping_ids", ())}
    found = session.exec(select(Ping).where(col(Ping.id).in_(ids))) if ids else ()
    return {one.id: one for one in found if one.id}


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
