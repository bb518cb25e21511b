"""Saying what came of an intent: its next state, when it is tried again, and whether the attempt counts."""

from datetime import datetime, timedelta

from storage.lanes import Claimed, Outcome, Standing


def outcome(
    claimed: Claimed,
    state: str,
    *,
    at: datetime,
    wait: float = 0.0,
    problem: str | None = None,
    lane_opens_at: datetime | None = None,
    stands: Standing | None = None,
    is_gone: Standing | None = None,
    counts: bool = True,
) -> Outcome:
    """End a turn with an intent `at` this time; it is due again in `wait` seconds, unless this was its end.

    An attempt that failed through no fault of the intent doesn't count.
    """
    return Outcome(
        claimed=claimed,
        state=state,
        attempts=claimed.attempts if counts else claimed.attempts - 1,
        not_before=at + timedelta(seconds=wait),
        sent_at=at if state == "sent" else None,
        problem=problem,
        lane_opens_at=lane_opens_at,
        stands=stands,
        is_gone=is_gone,
    )


def given_back(claimed: Claimed, *, at: datetime) -> Outcome:
    """Let go of an intent for which nothing was done."""
    return outcome(claimed, waiting(claimed), at=at, counts=False)


def waiting(claimed: Claimed) -> str:
    """Name the state in which it waits for its next turn: what may have arrived stays unclear."""
    return "unclear" if claimed.is_unclear else "waiting"
