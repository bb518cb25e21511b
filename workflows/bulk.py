"""Many responses at once, from a file."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from workflows import intake
from workflows.answers import Answer
from workflows.policy import Policy


def receive_many(
    session: Session, answers: Sequence[Answer], *, policy: Policy, policy_version: int | None, at: datetime
) -> list[tuple[str, str]]:
    """Remember responses; gives for each `new`, `changed`, `known` or `refused`, and for a refused one the reason."""
    return [_outcome(session, one, policy=policy, policy_version=policy_version, at=at) for one in answers]


def _outcome(
    session: Session, answer: Answer, *, policy: Policy, policy_version: int | None, at: datetime
) -> tuple[str, str]:
    try:
        received = intake.receive(session, answer, policy=policy, policy_version=policy_version, at=at)
    except ValueError as problem:
        return "refused", str(problem)
    return ("new" if received.is_new else "changed" if received.is_changed else "known"), ""
