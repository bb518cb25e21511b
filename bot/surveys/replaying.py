"""What was parked, read once more: by the command, and by itself once an admin has said on which scale a form asks."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot.surveys import ADAPTERS, repolling
from bot.surveys.language import Languages
from bot.surveys.refetching import asked_for
from bot.surveys.taking import ask_for_scales, keep, understood
from storage import parked
from storage.tables import Parked
from workflows.policy import Policy


def replay(
    session: Session,
    parked_id: int,
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
    languages: Languages,
) -> str | None:
    """Take one in; returns why it still can't be read, None when it could, or when somebody else has done it.

    What an API has to be asked for again is only wanted here: see `is_asked_for`.
    """
    if (page := repolling.page_of(parked.body_of(session, parked_id))) is not None:
        repolling.ask_again(session, parked_id, page, at=at)
        return None
    one = session.get(Parked, parked_id, with_for_update=True)
    if one is None or one.state != "parked":
        return None
    adapter = ADAPTERS[one.source]
    # Read as of when it came: it may be the only time that the answer has.
    held = understood(adapter, one.body, policy, one.received_at)
    held = replace(held, found=languages.filled_in(held.found, policy))
    kept = keep(session, adapter, held, policy=policy, policy_version=policy_version, at=at)
    if kept.problem:
        one.reason = kept.problem
        one.form = next((unknown.form for unknown in held.unknown), None)
        session.add(one)
        ask_for_scales(session, adapter.name, held, policy=policy, at=at)
        return kept.problem
    parked.settle(session, parked_id, "replayed")
    return None


def is_asked_for(body: bytes) -> bool:
    """Tell whether this is taken in only when its tool has been asked once more, by a Hearback that runs."""
    return repolling.page_of(body) is not None or asked_for(body) is not None
