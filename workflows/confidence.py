"""Confidence: who may know who answered, and that each of their looks is on the timeline."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Customer
from workflows import casework, permission, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal


def reveal(session: Session, case_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Let the owner or a manager know who answered, and write it down; Refusal for everybody else."""
    case = casework.held(session, case_id)
    who = permission.may_join_in(session, by, policy=policy)
    if not (permission.is_manager(who) or case.owner == by):
        raise Refusal(
            "This customer answered in confidence: only the case's owner and managers may see who it is. "
            "Ask the owner to write to them, or have the case handed over to you."
        )
    if session.get_one(Customer, case.customer_id).contactability == "anonymous":
        raise Refusal("This customer is anonymous: nobody knows who it is.")
    # No line in the thread: it says nothing about the customer. The timeline of the case shows it to whoever asks.
    timeline.append(session, case, "revealed", by=by, at=at)
