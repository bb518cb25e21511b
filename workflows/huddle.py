"""What a huddle decides about the things of its pack: kept with its turn, and noted on the case."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from storage import outbox, schedules
from storage.outbox import Want
from storage.tables import Case
from storage.time_tables import Run
from workflows import permission, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal

YES: Final = "yes"
NO: Final = "no"
_WORDS: Final = {
    "comment": ("The huddle acts on it.", "The huddle has nothing to do about it."),
    "learn": ("The huddle tells the others what was learnt here.", "The huddle keeps to itself what was learnt here."),
    "raise": ("The huddle raises this case.", "The huddle doesn't raise this case now."),
}


def decide(
    session: Session,
    run_id: int,
    item: str,
    decision: str,
    *,
    where: Want | None,
    policy: Policy,
    by: str,
    at: datetime,
) -> None:
    """Write down what was decided about an item; the last word counts, and saying it twice changes nothing.

    `where` redraws the message that was pressed. Raises Refusal.
    """
    permission.may_join_in(session, by, policy=policy)
    run = session.get(Run, run_id, with_for_update=True)
    known = run.facts.get("items", {}).get(item) if run else None
    if known is None or decision not in {YES, NO}:
        raise Refusal("This huddle's pack isn't known any more. Wait for the next one, or add a note to the case.")
    before = schedules.decided(session, run_id).get(item)
    if before is None or before.decision != decision:
        schedules.decide(session, run_id=run_id, item=item, decision=decision, by=by, at=at)
        case = session.get_one(Case, known["case"], with_for_update=True)
        words = _WORDS[item.partition("_")[0]][0 if decision == YES else 1]
        timeline.record(session, case, "note", by=by, at=at, text=words)
    if where is not None:
        outbox.want(session, [where], at=at)


def copy_of(run_id: int, *, channel: str, ts: str) -> Want:
    """Name the redrawing of a pack where it stands: each copy that is in use has its own."""
    facts = {"run_id": run_id, "place": channel, "channel": channel, "ts": ts}
    return Want(f"digest:{run_id}@{channel}:{ts}", "post", f"slack:{channel}", facts)
