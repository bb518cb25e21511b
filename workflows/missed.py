"""What a poll finds although a webhook should have brought it: counted, and told to the admins once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import members, outbox, sources
from workflows.answers import Answer
from workflows.policy import Policy

# A webhook may still be on its way, or be tried again by its tool: what is younger isn't missed yet.
GRACE: Final = timedelta(minutes=15)


def count(
    session: Session,
    source: str,
    new: Sequence[Answer],
    *,
    key: str,
    since: datetime,
    policy: Policy,
    at: datetime,
) -> int:
    """Count which of these new responses no webhook had named, and tell the admins; returns how many.

    What was submitted before `since`, when Hearback began to look, isn't missed: nobody was there to be told. `key`
    names the occasion: the admins hear of each once.
    """
    candidates = [one.external_id for one in new if since <= one.submitted_at <= at - GRACE]
    lost = set(candidates) - sources.is_asked_for(session, source, candidates) if candidates else set()
    if lost:
        alarm_id = sources.count_missed(session, source, len(lost), key=f"missed:{source}:{key}", at=at)
        admins = members.ids_of(session, policy.team.admins)
        outbox.leave_all(session, [outbox.notice(alarm_id, member=one) for one in admins], at=at)
        outbox.want(session, [outbox.home(one) for one in members.with_home(session, admins)], at=at)
    return len(lost)
