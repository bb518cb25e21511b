"""The life of a case: one table, and the one function that changes a state."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session, col, select

from storage import tallies
from storage.tables import OPEN_STATES, Approval, Case
from workflows import settling, timeline
from workflows.refusal import Refusal

LIFE: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("new", "take"): "working",
        ("new", "assign"): "working",
        ("new", "contact"): "new",
        ("new", "resolve"): "ready",
        ("new", "excuse"): "excused",
        ("working", "assign"): "working",
        ("working", "contact"): "working",
        ("working", "resolve"): "ready",
        ("working", "excuse"): "excused",
        ("ready", "assign"): "ready",
        ("ready", "tell"): "told",
        ("ready", "excuse"): "excused",
        ("ready", "reopen"): "working",
        ("told", "reopen"): "working",
        ("excused", "reopen"): "working",
    }
)
"""(state, move) -> the state that follows. What isn't here can't happen; buttons and README's diagram come from it."""

_NEXT_STEP: Final = {
    "new": "Take it first, or assign it to somebody.",
    "working": "Resolve it first: say what caused it and what changed.",
    "ready": "Tell the customer what changed, or reopen it if there is more to do.",
    "told": "The customer has been told. Reopen it if there is more to do.",
    "excused": "It has been excused. Reopen it if there is more to do.",
}


def moves(state: str) -> tuple[str, ...]:
    """Name the moves that a case in this state allows, in the order of the table."""
    return tuple(move for (begin, move) in LIFE if begin == state)


def is_open(case: Case) -> bool:
    """Tell whether the loop is still open: neither told nor excused."""
    return case.state in OPEN_STATES


def check(case: Case, move: str) -> str:
    """Return the state that `move` leads to; raises Refusal where the table has no such move."""
    following = LIFE.get((case.state, move))
    if following is None:
        raise Refusal(f"Case {case.id} is {case.state}. {_NEXT_STEP[case.state]}")
    return following


def change_state(
    session: Session,
    case: Case,
    move: str,
    *,
    kind: str,
    by: str,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Make a move: the new state, its times, and its line in the timeline. Raises Refusal as `check` does.

    `kind` names the event. The caller holds the case's row, has checked who may do it and what the move needs, and
    has written what belongs to the move (owner, root cause, reason) to the case before.
    """
    before, case.state = case.state, check(case, move)
    if case.state == "working" and case.claimed_at is None:
        case.claimed_at = at
    if move == "resolve":
        case.resolved_at = at
    if move == "reopen":
        case.resolved_at = case.closed_at = None
        case.excuse = case.excuse_text = None
        case.reopened += before in {"told", "excused"}
        tallies.unsettle(session, timeline.id_of(case))
    if not is_open(case):
        case.closed_at = at
        _withdraw_question(session, case, at)
    timeline.record(
        session,
        case,
        kind,
        by=by,
        at=at,
        text=text,
        facts=facts,
        everywhere=is_open(case) is not (before in OPEN_STATES),
    )
    if not is_open(case):
        settling.close_all(session, case, by=by, at=at)


def _withdraw_question(session: Session, case: Case, at: datetime) -> None:
    """Close the question to a manager that the case's end has answered."""
    asked = session.exec(select(Approval).where(Approval.case_id == case.id, col(Approval.decision).is_(None))).first()
    if asked is not None:
        asked.decision, asked.decided_by, asked.decided_at = "withdrawn", timeline.HEARBACK, at
        session.add(asked)
