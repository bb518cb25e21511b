"""Pings: one reason to disturb one person, once, and only as often and as late as they can bear it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, select

from storage import due, members, outbox, rows, umbrellas
from storage.tables import Case, Member, Task
from storage.time_tables import Ping, Promise
from workflows import clocks
from workflows.policy import Policy
from workflows.quiet import day_began, next_batch, quiet_until, tomorrow, zone_of

CLAIM: Final = "claim"
GATHERED: Final = timedelta(minutes=5)
# These go to whoever owns the case: when it has gone to somebody else meanwhile, they are none of their business.
_FOR_THE_OWNER: Final = frozenset({"warn", "limit", "lent", "returned"})
_OF_A_CLOCK: Final = frozenset({"warn", "limit", "lead", "managers"})


def ping(
    session: Session,
    *,
    key: str,
    member: str,
    case_id: int | None,
    kind: str,
    urgency: str,
    facts: Mapping[str, Any],
    policy: Policy,
    at: datetime,
) -> None:
    """Disturb somebody for one reason, now or later; one key does so once, whatever happens.

    `facts` may name a `clock`, a `task_id` or a `promise_id`. What the clock `claim` is about doesn't count for the
    day's budget, and where it is urgent it waits for nothing. Whoever has left Slack isn't disturbed.
    """
    if session.exec(select(Ping.id).where(Ping.key == key)).first() is not None:
        return
    members.make_known(session, [member])
    who = session.get(Member, member)
    later = _held_until(session, member, who, kind=kind, urgency=urgency, facts=facts, policy=policy, at=at)
    if case_id is not None and umbrellas.is_withheld(session, case_id):
        later = max(later or at, at + GATHERED)  # in a storm all of somebody's cases come due at once: one message
    is_gone = who is not None and who.is_deleted
    state = "dropped" if is_gone else "held" if later else "sent"
    ping_id = rows.add(
        session,
        Ping,
        key=key,
        member=member,
        case_id=case_id,
        kind=kind,
        urgency=urgency,
        facts=dict(facts),
        at=at,
        state=state,
        release_at=None if is_gone else later,
        sent_at=at if state == "sent" else None,
    )
    if state == "sent":
        outbox.leave(
            session,
            key=f"ping:{ping_id}",
            kind="ping",
            lane=f"slack:{member}",
            facts={"ping_ids": [ping_id], "place": member},
            case_id=case_id,
            at=at,
        )


def release(session: Session, *, policy: Policy, at: datetime, limit: int) -> int:
    """Send each person, in one message, what was held back for them until now; returns how many people.

    What has settled itself meanwhile is dropped, and so is all but the latest word on one case.
    """
    told = due.members_to_tell(session, at=at, limit=limit)
    for member in told:
        who = session.get(Member, member)
        held = due.held_back(session, member, at=at)
        quiet = quiet_until(at, zone=zone_of(who.timezone if who else None, policy=policy), policy=policy)
        if quiet is not None:  # nothing ran when it was due, and now it is night again
            _set(session, held, state="held", release_at=quiet)
            continue
        fresh = _latest(one for one in held if not is_settled(session, one))
        _set(session, (one for one in held if one not in fresh), state="dropped")
        _set(session, fresh, state="sent", sent_at=at)
        if fresh:
            outbox.leave(
                session,
                key=f"pings:{member}:{at.isoformat()}",
                kind="pings",
                lane=f"slack:{member}",
                facts={"ping_ids": [one.id for one in fresh], "place": member},
                case_id=None,
                at=at,
            )
    session.flush()
    return len(told)


def is_settled(session: Session, one: Ping) -> bool:
    """Tell whether a ping has lost its reason while it was held back."""
    task = session.get(Task, one.facts.get("task_id")) if one.facts.get("task_id") else None
    if task is not None:
        return task.state != "open" or (one.kind != "lead" and one.member != task.owner and task.owner is not None)
    if one.facts.get("promise_id"):
        promise = session.get(Promise, one.facts["promise_id"])
        return promise is None or promise.state != "open"
    case = session.get(Case, one.case_id) if one.case_id else None
    if case is None:
        return False
    limits = clocks.running(case)
    if not limits or (one.kind in _OF_A_CLOCK and one.facts.get("clock") not in {limit.kind for limit in limits}):
        return True
    return one.kind in _FOR_THE_OWNER and case.owner is not None and case.owner != one.member


def _held_until(
    session: Session,
    member: str,
    who: Member | None,
    *,
    kind: str,
    urgency: str,
    facts: Mapping[str, Any],
    policy: Policy,
    at: datetime,
) -> datetime | None:
    """Say until when a ping is held back; None: it goes now."""
    is_claim = _is_claim(facts)
    if is_claim and urgency == "urgent":
        return None
    zone = zone_of(who.timezone if who else None, policy=policy)
    if urgency == "low" and policy.pings.batch_low and kind != "promise":  # a promise's hour is the customer's
        return next_batch(at, zone=zone, policy=policy)
    quiet = quiet_until(at, zone=zone, policy=policy)
    if quiet is not None or is_claim:
        return quiet
    today = due.pings_since(session, member, since=day_began(at, zone=zone))
    had = sum(not _is_claim(one) for one in today)
    return tomorrow(at, zone=zone, policy=policy) if had >= policy.pings.a_day else None


def _is_claim(facts: Mapping[str, Any]) -> bool:
    return facts.get("clock") == CLAIM


def _latest(held: Iterable[Ping]) -> Sequence[Ping]:
    """Keep the latest word on each case, task and promise, in the order in which they came."""
    latest = {(one.case_id, one.facts.get("task_id"), one.facts.get("promise_id")): one for one in held}
    return sorted(latest.values(), key=lambda one: one.id or 0)


def _set(session: Session, some: Iterable[Ping], **columns: Any) -> None:
    for one in some:
        for name, value in columns.items():
            setattr(one, name, value)
        session.add(one)
