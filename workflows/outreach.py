"""Contact with the customer: logged by a person, or a mail on its way, and what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, or_, select

from storage import rows
from storage.tables import OUTREACH_CHANNELS, Case, Customer, Outreach
from workflows import casework, clocks, lifecycle, pauses, permission, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal

# People note down a call before it ends, and their clocks differ from ours.
FUTURE_ALLOWED: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail as it goes out. `thread` holds the Message-IDs of the case's earlier mails, oldest first."""

    outreach_id: int
    case_id: int
    recipient: str
    recipient_name: str | None
    language: str | None
    subject: str
    body: str
    message_id: str
    thread: tuple[str, ...]


def log(
    session: Session,
    case_id: int,
    *,
    kind: str,
    channel: str,
    happened_at: datetime,
    text: str,
    policy: Policy,
    by: str,
    at: datetime,
) -> int:
    """Keep what somebody did elsewhere, such as a call; `told` closes the loop. Returns the outreach's id."""
    case = casework.held(session, case_id)
    is_telling = kind == "told"
    if is_telling:
        permission.may_work_on(session, case, by, policy=policy)
    else:
        permission.may_join_in(session, by, policy=policy)
    lifecycle.check(case, "tell" if is_telling else "contact")
    casework.refuse_while_mail_is_on_its_way(session, case)
    if session.get_one(Customer, case.customer_id).contactability == "anonymous":
        raise Refusal(
            "Nobody knows who answered, so nobody can be contacted. Resolve the case: it ends by itself then."
        )
    if channel not in OUTREACH_CHANNELS:
        raise Refusal("Choose how you reached the customer.", "channel")
    if happened_at > at + FUTURE_ALLOWED:
        raise Refusal("That lies in the future. Log it once it has happened.", "happened_at")
    if not text.strip():
        raise Refusal("Say in a few words what was said: the next person will be glad of it.", "text")
    outreach_id = rows.add(
        session,
        Outreach,
        case_id=case_id,
        kind=kind,
        channel=channel,
        state="logged",
        by=by,
        at=happened_at,
        body=text.strip(),
        created_at=at,
    )
    facts = {"outreach_id": outreach_id, "channel": channel}
    if is_telling:
        _tell(session, case, policy=policy, by=by, at=at, text=text.strip(), facts=facts)
    else:
        words = text.strip()
        _contact(session, case, policy=policy, by=by, at=happened_at, seen_at=at, text=words, facts=facts)
    return outreach_id


def begin(session: Session, outreach_id: int) -> Outgoing | None:
    """Mark a mail as being sent, before the network is touched. None: it was taken back, or somebody has begun it."""
    outreach, case = held(session, outreach_id)
    if outreach.state != "waiting":
        return None
    settle(session, outreach, "sending")
    customer = session.get_one(Customer, case.customer_id)
    earlier = session.exec(
        select(Outreach.message_id)
        .where(
            Outreach.case_id == case.id,
            col(Outreach.state).in_(("accepted", "bounced")),
            col(Outreach.message_id).is_not(None),
        )
        .order_by(col(Outreach.id))
    ).all()
    assert outreach.message_id is not None
    return Outgoing(
        outreach_id=outreach_id,
        case_id=outreach.case_id,
        recipient=outreach.recipient or "",
        recipient_name=customer.name,
        language=outreach.language,
        subject=outreach.subject or "",
        body=outreach.body,
        message_id=outreach.message_id,
        thread=tuple(one for one in earlier if one),
    )


def not_sent(session: Session, outreach_id: int) -> None:
    """Put a mail back to waiting: it is certain that the server has not taken it, and it is tried again."""
    outreach, _ = held(session, outreach_id)
    if outreach.state == "sending":
        settle(session, outreach, "waiting")


def accepted(session: Session, outreach_id: int, *, policy: Policy, at: datetime) -> None:
    """Note that the mail server took the mail: only now is a `told` mail the telling."""
    outreach, case = held(session, outreach_id)
    if outreach.state in {"accepted", "bounced", "taken_back"}:
        return
    settle(session, outreach, "accepted")
    outreach.at = at
    facts = {"outreach_id": outreach_id, "channel": "email", "kind": outreach.kind}
    if outreach.kind == "told" and case.state == "ready":
        _tell(session, case, policy=policy, by=outreach.by, at=at, text="", facts=facts)
    elif lifecycle.is_open(case):
        _contact(session, case, policy=policy, by=outreach.by, at=at, seen_at=at, text="", facts=facts)
    else:
        timeline.record(session, case, "mail_accepted", by=outreach.by, at=at, facts=facts)


def refused(session: Session, outreach_id: int, *, reason: str, at: datetime) -> None:
    """Note that the server refused the mail: the customer has not been told, and the case stays open."""
    outreach, case = held(session, outreach_id)
    if outreach.state in {"accepted", "refused", "bounced", "taken_back"}:
        return
    settle(session, outreach, "refused", problem=reason)
    facts = {"outreach_id": outreach_id, "kind": outreach.kind}
    timeline.record(session, case, "mail_refused", by=timeline.HEARBACK, at=at, text=reason, facts=facts)


def unclear(session: Session, outreach_id: int, *, reason: str, at: datetime) -> None:
    """Note that nobody knows whether the server took the mail. It is never repeated by itself: a person decides."""
    outreach, case = held(session, outreach_id)
    if outreach.state != "sending":
        return
    settle(session, outreach, "unclear", problem=reason)
    timeline.record(
        session, case, "mail_unclear", by=timeline.HEARBACK, at=at, text=reason, facts={"outreach_id": outreach_id}
    )


def mail_arrived(session: Session, outreach_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Settle an unclear mail by a person's word: it arrived. A second press changes nothing."""
    outreach, _ = _unclear_for(session, outreach_id, settled="accepted", policy=policy, by=by)
    if outreach.state == "unclear":
        accepted(session, outreach_id, policy=policy, at=at)


def mail_lost(session: Session, outreach_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Settle an unclear mail by a person's word: it did not arrive, and may be written again."""
    outreach, case = _unclear_for(session, outreach_id, settled="refused", policy=policy, by=by)
    if outreach.state != "unclear":
        return
    settle(session, outreach, "refused", problem="did not arrive")
    facts = {"outreach_id": outreach_id, "kind": outreach.kind}
    timeline.record(session, case, "mail_refused", by=by, at=at, text="It did not arrive.", facts=facts)


def bounced(session: Session, message_id: str, *, reason: str, policy: Policy, at: datetime) -> bool:
    """Put a case back whose mail came back. Tells whether the mail was one of ours."""
    outreach = session.exec(select(Outreach).where(Outreach.message_id == message_id)).first()
    if outreach is None:
        return False
    outreach, case = held(session, timeline.id_of(outreach))
    if outreach.state == "bounced":
        return True
    settle(session, outreach, "bounced", problem=reason)
    facts = {"outreach_id": outreach.id, "kind": outreach.kind}
    timeline.record(session, case, "mail_bounced", by=timeline.HEARBACK, at=at, text=reason, facts=facts)
    others = _other_proofs(session, outreach)
    if case.state == "told" and "told" not in others:
        casework.take_up_again(session, case, cause="delivery", text=reason, policy=policy, by=timeline.HEARBACK, at=at)
    elif lifecycle.is_open(case) and not others:
        case.contacted_at = None
        clocks.follow(session, case, policy=policy, at=at)
    return True


def replied(
    session: Session, message_ids: Collection[str], *, sender: str, text: str, policy: Policy, at: datetime
) -> bool:
    """Keep a customer's answer on the case it answers; its owner judges what follows. False: none of our mails.

    A case that was paused to wait for the customer goes on.
    """
    outreach = session.exec(
        select(Outreach).where(col(Outreach.message_id).in_(message_ids)).order_by(col(Outreach.id).desc())
    ).first()
    if outreach is None:
        return False
    case = casework.held(session, outreach.case_id)
    timeline.record(session, case, "replied", by=timeline.CUSTOMER, at=at, text=text, facts={"sender": sender})
    pauses.go_on(session, case, policy=policy, by=timeline.CUSTOMER, at=at)
    return True


def _tell(
    session: Session, case: Case, *, policy: Policy, by: str, at: datetime, text: str, facts: dict[str, Any]
) -> None:
    case.contacted_at = case.contacted_at or at
    lifecycle.change_state(session, case, "tell", kind="told", by=by, at=at, text=text, facts=facts)
    clocks.follow(session, case, policy=policy, at=at)


def _contact(
    session: Session,
    case: Case,
    *,
    policy: Policy,
    by: str,
    at: datetime,
    seen_at: datetime,
    text: str,
    facts: dict[str, Any],
) -> None:
    case.contacted_at = case.contacted_at or at
    clocks.follow(session, case, policy=policy, at=seen_at)
    timeline.record(session, case, "contact", by=by, at=seen_at, text=text, facts=facts)


def settle(session: Session, outreach: Outreach, state: str, *, problem: str | None = None) -> None:
    """Say where a contact stands now, and what is wrong with it, if anything is."""
    outreach.state, outreach.problem = state, problem
    session.add(outreach)


def held(session: Session, outreach_id: int) -> tuple[Outreach, Case]:
    """Hold the case first, then its mail: everybody takes them in this order. Refusal if there is none."""
    outreach = session.get(Outreach, outreach_id)
    if outreach is None:
        raise Refusal("That mail isn't known any more. Open the case to see what was sent.")
    case = casework.held(session, outreach.case_id)
    session.refresh(outreach, with_for_update=True)
    return outreach, case


def _unclear_for(session: Session, outreach_id: int, *, settled: str, policy: Policy, by: str) -> tuple[Outreach, Case]:
    """Hold a mail that is unclear, or that has been settled in this very way; Refusal for every other one."""
    outreach, case = held(session, outreach_id)
    permission.may_work_on(session, case, by, policy=policy)
    if outreach.state not in {"unclear", settled}:
        raise Refusal("Somebody has settled this mail already. Look at the card for where the case stands now.")
    return outreach, case


def _other_proofs(session: Session, besides: Outreach) -> set[str]:
    """Name the kinds of outreach that reached the customer after this one, or in another way before."""
    reached = col(Outreach.state).in_(("accepted", "logged"))
    is_later_or_contact = or_(col(Outreach.id) > besides.id, Outreach.kind == "contact")
    return set(
        session.exec(
            select(Outreach.kind).where(
                Outreach.case_id == besides.case_id, Outreach.id != besides.id, reached, is_later_or_contact
            )
        )
    )
