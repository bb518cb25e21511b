"""What is written down of a case: one event a change, and the intents that make it seen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlmodel import Session

from storage import members, outbox, rows, umbrellas
from storage.prepared import Prepared
from storage.tables import Approval, Card, Case, Event, Outreach, Task

HEARBACK: Final = "hearback"
CUSTOMER: Final = "customer"
TOGETHER: Final = "together"
"""In a session's `info`: a move is made with many cases at once, so that none of them needs a card of its own."""
# What happens by itself leaves a case that has no card of its own yet under its umbrella. All else brings it out.
_STAYS: Final = frozenset(
    {
        "assigned",
        "escalated",
        "joined",
        "lent",
        "overdue",
        "promise_slipped",
        "rerouted",
        "resumed",
        "returned",
        "updated",
        "warned",
    }
)


def record(
    session: Session,
    case: Case,
    kind: str,
    *,
    by: str,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
    shows: Iterable[tuple[str, str]] = (),
    everywhere: bool = False,
) -> int:
    """Append an event, leave its line for the thread, and have the case's cards redrawn. Returns the event's id.

    `shows` names further views, (subject, place), that this change draws or redraws; `everywhere` redraws every view
    of the case that stands in Slack, not only its cards and its owners' messages.
    """
    event_id = append(session, case, kind, by=by, at=at, text=text, facts=facts)
    if case.umbrella_id is not None and _stays_withheld(session, case, kind, by=by, shows=shows, at=at):
        return event_id
    standing = _standing().all(session, {"the_case": case.id})
    redrawn = {view for view in standing if everywhere or view[0].startswith(("case:", "owner:"))}
    # The line goes after the card in the same lane.
    line = outbox.line(event_id, subject=f"case:{case.id}", place=case.channel, case_id=id_of(case))
    draw(session, id_of(case), redrawn | set(main_views(case)) | set(shows), at=at, behind=[line])
    return event_id


def _stays_withheld(
    session: Session, case: Case, kind: str, *, by: str, shows: Iterable[tuple[str, str]], at: datetime
) -> bool:
    """Redraw the umbrella over a case; tells whether the case goes on without a card of its own."""
    if case.withheld_at is not None:
        is_together = bool(session.info.get(TOGETHER))
        if is_together or (kind in _STAYS and by in {HEARBACK, CUSTOMER}):
            if not is_together:  # whoever moves many draws their umbrella once
                draw_umbrella(session, case.umbrella_id, owner=case.owner, at=at)
            draw(session, id_of(case), shows, at=at)
            return True
        case.withheld_at = None
        session.add(case)
    draw_umbrella(session, case.umbrella_id, owner=None, at=at)
    return False


def draw_umbrella(session: Session, umbrella_id: int | None, *, owner: str | None, at: datetime) -> None:
    """Have an umbrella's posts drawn: in its channel, with everybody who has one, and with this owner of a new case."""
    home = umbrellas.home(session, umbrella_id) if umbrella_id is not None else None
    if home is None or umbrella_id is None:
        return
    channel, first_case_id = home
    places = {channel, *umbrellas.places(session, umbrella_id), *([owner] if owner else [])}
    draw(session, first_case_id, [(f"umbrella:{umbrella_id}", place) for place in places], at=at)


def append(
    session: Session,
    case: Case,
    kind: str,
    *,
    by: str,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Append an event that needs no line in the thread. Returns its id."""
    return rows.add(session, Event, case_id=case.id, kind=kind, by=by, at=at, text=text, facts=dict(facts or {}))


def main_views(case: Case) -> list[tuple[str, str]]:
    """Name the views that a case has: its card in the department's channel, its owner's message. Withheld: none yet."""
    if case.withheld_at is not None:
        return []
    views = [(f"case:{case.id}", case.channel)]
    return [*views, (f"owner:{case.id}", case.owner)] if case.owner else views


def draw(
    session: Session,
    case_id: int,
    views: Iterable[tuple[str, str]],
    *,
    at: datetime,
    behind: Sequence[outbox.Want] = (),
) -> None:
    """Have views of a case drawn or redrawn: (subject, place) each, such as ("case:12", "#support").

    Whoever gets one of them by direct message has it in the App Home as well, so that is redrawn too. `behind` is
    left after them.
    """
    wanted = [*views]
    people = [place for _, place in wanted if place.startswith(("U", "W"))]
    homes = [outbox.home(one) for one in (members.with_home(session, people) if people else ())]
    cards = [outbox.card(*view, case_id=case_id) for view in wanted]
    outbox.want(session, [*cards, *homes], at=at, behind=behind)


@cache
def _standing() -> Prepared:
    table = rows.table_of(Card)
    return Prepared(select(table.c.subject, table.c.place).where(table.c.case_id == bindparam("the_case")), aside=True)


def id_of(row: Case | Task | Outreach | Approval) -> int:
    """Give the id of a row that has been written."""
    assert row.id is not None
    return row.id
