"""The silence alarm: a survey tool that sends nothing any more looks just like happy customers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlmodel import Session

from storage import members, outbox, rhythm
from storage.rhythm import Arrival
from storage.source_tables import SourceState
from workflows.calendar import working_between
from workflows.policy import Policy

AT_ONCE: Final = 20_000  # responses that one turn looks at
FIRST_LOOK: Final = 100_000  # and of how many of the latest it learns to begin with
# Whoever wrote a response has committed it by then: PostgreSQL hands out ids before.
SETTLING: Final = timedelta(minutes=2)
# The longest gap of each of so many days with answers is a source's rhythm; from a few days nothing can be told.
KEPT: Final = 50
ENOUGH: Final = 5
# Nineteen in twenty days had no longer gap; twice that is no rhythm any more. Nights and weekends are in it.
QUANTILE: Final = 0.95
FACTOR: Final = 2.0
AT_LEAST: Final = timedelta(days=1)
# Somebody has to do these: they come when they come.
BY_HAND: Final = frozenset({"csv", "hand"})


def listen(session: Session, *, policy: Policy, at: datetime, limit: int = AT_ONCE) -> int:
    """Learn from the responses that have come since the last turn, and report who fell silent or is back.

    Goes by their primary key, so that taking them in costs nothing. Returns how many were looked at.
    """
    states = rhythm.hold_states(session)
    after = max((one.last_response_id for one in states.values()), default=0)
    after = after or max(0, rhythm.last_id(session) - FIRST_LOOK)
    came = rhythm.arrivals(session, after=after, until=at - SETTLING, limit=limit)
    for name, those in _by_source(came).items():
        state = states.setdefault(name, SourceState(name=name))
        _learn(state, those)
        session.add(state)
        if state.silent_at is not None and state.last_at is not None and state.last_at > state.silent_at:
            _report(session, state, policy, at=at, is_back=True)
    if len(came) < limit:  # only then is it known when each was heard last
        for state in states.values():
            if state.silent_at is None and is_silent(state, policy=policy, at=at):
                _report(session, state, policy, at=at, is_back=False)
    session.flush()
    return len(came)


def is_silent(state: SourceState, *, policy: Policy, at: datetime) -> bool:
    """Tell whether nothing has come for longer than the policy says, or else than its rhythm allows."""
    if state.last_at is None or state.name in BY_HAND:
        return False
    if span := span_of(state.name, policy):
        return working_between(state.last_at, at, policy.calendar_of()) > span
    allowed = learned(state.gaps)
    return allowed is not None and at - state.last_at > allowed


def span_of(source: str, policy: Policy) -> timedelta | None:
    """Return how long the policy lets a source be silent, in working time; of several forms the longest counts."""
    spans = [(one.form is None, one.silence) for one in policy.sources if one.name == source and one.silence]
    own = [span for is_own, span in spans if is_own]
    return max(own or [span for _, span in spans], default=None)


def learned(gaps: Sequence[float]) -> timedelta | None:
    """Return how long a source may be silent by its own rhythm, on the wall clock; None: too little is known of it."""
    if len(gaps) < ENOUGH:
        return None
    high = sorted(gaps)[ceil(QUANTILE * len(gaps)) - 1]
    return max(AT_LEAST, timedelta(seconds=FACTOR * high))


def _by_source(came: Sequence[Arrival]) -> Mapping[str, list[Arrival]]:
    found: dict[str, list[Arrival]] = {}
    for one in came:
        found.setdefault(one.source, []).append(one)
    return found


def _learn(state: SourceState, came: Sequence[Arrival]) -> None:
    """Keep the longest gap of each day: a flood of answers tells no more of the rhythm than the first of them."""
    gaps, last_at = [*state.gaps], state.last_at
    for one in came:
        if last_at is not None:
            gap = max(0.0, (one.received_at - last_at).total_seconds())
            if gaps and one.received_at.date() == last_at.date():
                gaps[-1] = max(gaps[-1], gap)
            else:
                gaps.append(gap)
        last_at = one.received_at if last_at is None else max(last_at, one.received_at)
    state.gaps, state.last_at = gaps[-KEPT:], last_at
    state.last_response_id = came[-1].id


def _report(session: Session, state: SourceState, policy: Policy, *, at: datetime, is_back: bool) -> None:
    facts: dict[str, Any] = {"last_at": state.last_at.isoformat() if state.last_at else None}
    if is_back:
        assert state.silent_at is not None
        facts = {"back_at": facts["last_at"], "last_at": state.silent_at.isoformat()}
    # It is silent since it was last heard: that names the occasion, however many processes look.
    state.silent_at = None if is_back else state.last_at
    session.add(state)
    key = f"silence:{state.name}:{facts['last_at']}{':back' if is_back else ''}"
    alarm_id = rhythm.alarm(session, state.name, key=key, facts=facts, at=at)
    if alarm_id is None:
        return
    admins = members.ids_of(session, policy.team.admins)
    outbox.leave_all(session, [outbox.notice(alarm_id, member=one) for one in admins], at=at)
    outbox.want(session, [outbox.home(one) for one in members.with_home(session, admins)] if admins else [], at=at)
