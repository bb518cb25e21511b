"""The outbox: what a transaction wants to be sent is left here, and is sent after its commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import case, delete, or_, select, update
from sqlmodel import Session

from storage import crowd
from storage.among import insert_rows
from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Intent

INTENTS: Final = table_of(Intent)
_COLUMNS: Final = (
    "key", "kind", "lane", "facts", "case_id", "wanted", "state", "attempts", "not_before", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Want:
    """Something that is to be sent or drawn: its key names the effect, its lane keeps the order."""

    key: str
    kind: str
    lane: str
    facts: dict[str, Any]
    case_id: int | None = None


def card(subject: str, place: str, *, case_id: int) -> Want:
    """Name the drawing of a row at a place; subject: `case:12`, `owner:12`, `task:7`, `approval:3`."""
    return Want(f"{subject}@{place}", "card", f"slack:{place}", {"subject": subject, "place": place}, case_id)


def line(event_id: int, *, subject: str, place: str, case_id: int) -> Want:
    """Name the one line that an event leaves in the thread of its card."""
    facts = {"event_id": event_id, "subject": subject, "place": place}
    return Want(f"line:{event_id}", "line", f"slack:{place}", facts, case_id)


def home(member: str) -> Want:
    """Name the drawing of a member's App Home."""
    return Want(f"home:{member}", "home", f"slack:{member}", {"member": member})


def notice(alarm_id: int, *, member: str, again: int = 0) -> Want:
    """Name what an alarm says to one admin, by direct message; `again` numbers what is said once more."""
    key = f"notice:{alarm_id}@{member}{f':{again}' if again else ''}"
    return Want(key, "notice", f"slack:{member}", {"alarm_id": alarm_id, "member": member})


def mail(outreach_id: int, *, recipient: str, case_id: int) -> Want:
    """Name the mail of an outreach; only the domain of its recipient is kept here."""
    domain = recipient.rpartition("@")[2].lower()
    return Want(f"mail:{outreach_id}", "mail", f"mail:{domain}", {"outreach_id": outreach_id}, case_id)


def leave(
    session: Session,
    *,
    key: str,
    kind: str,
    lane: str,
    facts: dict[str, Any],
    case_id: int | None,
    at: datetime,
    not_before: datetime | None = None,
) -> None:
    """Leave a one-time effect. One key is sent once, however often it is left."""
    leave_all(session, [Want(key, kind, lane, facts, case_id)], at=at, not_before=not_before)


def leave_all(session: Session, wants: Iterable[Want], *, at: datetime, not_before: datetime | None = None) -> None:
    """Leave one-time effects, in the order of their lanes. One key is sent once, however often it is left."""
    rows = [_row(one, at=at, not_before=not_before or at) for one in wants]
    _run(session, _leave(session.get_bind().dialect.name), rows)


def want(session: Session, wants: Iterable[Want], *, at: datetime, behind: Sequence[Want] = ()) -> None:
    """Want views of rows to be drawn (again): any number of wants before the drawing are one drawing.

    One that was given up is tried anew. `behind` are one-time effects that follow them in their lanes; their keys name
    rows of this very transaction, so that nobody else can have left them.
    """
    # Sorted: two transactions that want the same rows drawn take their locks in one order and can't deadlock.
    wanted = [*sorted({one.key: one for one in wants}.values(), key=_order), *behind]
    rows = [_row(one, at=at, not_before=at) for one in wanted]
    _run(session, _want(session.get_bind().dialect.name), rows)


def _order(one: Want) -> tuple[int, str]:
    return one.case_id or 0, one.key


def _run(session: Session, statement: Prepared, rows: list[dict[str, Any]]) -> None:
    """Run a statement for each row, at once or when a crowd settles."""
    company = crowd.of(session)
    if company is None:
        statement.run_many(session, rows)
        return
    for row in rows:
        company.change_once(statement, (row["case_id"] or 0, _name(row)), row)


def _name(row: Mapping[str, Any]) -> str:
    """Give the key by which a crowd sorts: of the lines of a case the earlier event's comes first, 9 before 10."""
    return f"line:{row['facts']['event_id']:012}" if row["kind"] == "line" else str(row["key"])


def remember(session: Session, key: str, facts: dict[str, Any]) -> None:
    """Change what is known about something that is to be drawn: it stays so when others want it drawn."""
    session.connection().execute(update(INTENTS).where(INTENTS.c.key == key).values(facts=facts))


def withdraw(session: Session, key: str) -> None:
    """Want something no longer, unless it has been sent."""
    session.connection().execute(delete(INTENTS).where(INTENTS.c.key == key, INTENTS.c.state != "sent"))


def dead_letters(session: Session, *, limit: int = 100) -> Sequence[Intent]:
    """List what was given up, oldest first."""
    statement = select(Intent).where(INTENTS.c.state == "dead").order_by(INTENTS.c.id).limit(limit)
    return session.execute(statement).scalars().all()


def retry(session: Session, *, at: datetime, ids: Sequence[int] | None = None) -> int:
    """Send dead letters again, these or all; give how many there were. What isn't dead is left alone.

    Nobody knows whether the last attempt arrived after all, so each is looked for before it is sent again.
    """
    statement = (
        update(INTENTS)
        .where(INTENTS.c.state == "dead")
        .values(state="unclear", attempts=0, not_before=at, leased_until=None, problem=None)
    )
    if ids is not None:
        statement = statement.where(INTENTS.c.id.in_(ids))
    return session.connection().execute(statement).rowcount


def _row(one: Want, *, at: datetime, not_before: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "kind": one.kind,
        "lane": one.lane,
        "facts": one.facts,
        "case_id": one.case_id,
        "wanted": 1,
        "state": "waiting",
        "attempts": 0,
        "not_before": not_before,
        "created_at": at,
    }


@cache
def _leave(dialect: str) -> Prepared:
    insert = insert_rows(INTENTS, _COLUMNS, dialect).on_conflict_do_nothing(index_elements=["key"])
    return Prepared(insert, takes_lists=dialect == "postgresql")


@cache
def _want(dialect: str) -> Prepared:
    now = INTENTS.c
    is_over = or_(now.state == "sent", now.state == "dead")  # IN can't be prepared for many rows
    # The last attempt of a dead one may have arrived after all: it is looked for before it is sent again.
    again = case((now.state == "sent", "waiting"), (now.state == "dead", "unclear"), else_=now.state)
    insert = insert_rows(INTENTS, _COLUMNS, dialect)
    changes = {
        "wanted": now.wanted + 1,
        "state": again,
        "attempts": case((is_over, 0), else_=now.attempts),
        "not_before": case((is_over, insert.excluded.not_before), else_=now.not_before),
        "problem": case((is_over, None), else_=now.problem),
    }
    upsert = insert.on_conflict_do_update(index_elements=["key"], set_=changes)
    return Prepared(upsert, takes_lists=dialect == "postgresql")
