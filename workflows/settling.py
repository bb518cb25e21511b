"""What a case leaves behind is settled: promises are kept or withdrawn, and its pause ends with it."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage.tables import Case
from storage.time_tables import Pause, Promise
from workflows import timeline


def close_promise(
    session: Session, promise: Promise, case: Case, state: str, *, by: str, at: datetime, text: str = ""
) -> None:
    """Close a promise as `kept` or `withdrawn`, and say so. `text`: why; without it the promise itself is repeated."""
    promise.state, promise.closed_at, promise.next_step_at = state, at, None
    session.add(promise)
    facts = {"promise_id": promise.id, "due": promise.due_at.isoformat(), "late": at > promise.due_at}
    timeline.record(session, case, f"promise_{state}", by=by, at=at, text=text or promise.text, facts=facts)


def close_all(session: Session, case: Case, *, by: str, at: datetime) -> None:
    """End what runs on a case that has just been closed: its pause, its snooze, and its promises.

    Whoever was told has heard back, and that is what was promised: an open promise counts as kept by it, late or not.
    When a case ends without telling anybody, nobody will keep it any more: it is withdrawn.
    """
    end_pause(session, case, at=at)
    case.snoozed_until = None
    found = select(Promise).where(Promise.case_id == case.id, Promise.state == "open").order_by(col(Promise.id))
    for one in session.exec(found.with_for_update()).all():
        if case.state == "told":
            close_promise(session, one, case, "kept", by=by, at=at)
        else:
            reason = "The case has ended without telling the customer."
            close_promise(session, one, case, "withdrawn", by=by, at=at, text=reason)


def end_pause(session: Session, case: Case, *, at: datetime) -> None:
    """Keep when the pause of a case ended, if it is paused; its limits are the caller's."""
    if case.paused_until is None:
        return
    found = select(Pause).where(Pause.case_id == case.id, col(Pause.until_at) > at)
    for running in session.exec(found).all():
        running.until_at = at
        session.add(running)
    session.flush()
    case.paused_until = None
