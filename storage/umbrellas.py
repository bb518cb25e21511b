"""Themes and umbrellas: which cases came lately of one kind, and the one post that speaks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from storage import rows
from storage.casefile import CaseFile, case_files
from storage.prepared import Prepared
from storage.tables import OPEN_STATES, URGENCIES, Card, Case, Task, Theme, Umbrella

THEMES: Final = rows.table_of(Theme)
CASES: Final = rows.table_of(Case)
CARDS: Final = rows.table_of(Card)


@dataclass(frozen=True, slots=True)
class Gathered:
    """An umbrella with what stands under it; of a member only what they own.

    `counts` are by state, of all its cases. `files` are those to be shown, the untouched and urgent ones first.
    """

    umbrella: Umbrella
    counts: dict[str, int]
    files: Sequence[CaseFile]

    @property
    def total(self) -> int:
        """How many cases there are, open and closed."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many of them are open."""
        return sum(self.counts.get(state, 0) for state in OPEN_STATES)


def held_theme(session: Session, theme: str) -> tuple[list[Any], int | None]:
    """Hold a theme until the transaction ends; gives its recent cases, [id, unix time] each, and its umbrella's id."""
    found = _hold(session.get_bind().dialect.name).first(session, {"theme": theme, "recent": []})
    assert found is not None
    return list(found[0]), found[1]


def keep_theme(session: Session, theme: str, recent: list[Any], umbrella_id: int | None) -> None:
    """Write down the recent cases of a theme that is held."""
    _keep().run(session, {"the_theme": theme, "now_recent": recent, "now_umbrella": umbrella_id})


def gather(session: Session, ids: Sequence[int], umbrella_id: int) -> None:
    """Put cases that stand alone under an umbrella; they keep their cards."""
    alone = CASES.c.id.in_(ids) & CASES.c.umbrella_id.is_(None)
    session.execute(update(CASES).where(alone).values(umbrella_id=umbrella_id))


def first_open(session: Session, ids: Sequence[int], *, besides: int) -> Case | None:
    """Give the oldest of these cases that is open and of another customer than this one."""
    found = select(Case).where(
        col(Case.id).in_(ids), col(Case.state).in_(OPEN_STATES), col(Case.customer_id) != besides
    )
    return session.execute(found.order_by(col(Case.id)).limit(1)).scalars().first()


def departments_with_tasks(session: Session, case_id: int) -> set[str]:
    """Name the departments that have something to do for a case."""
    found = select(col(Task.department)).where(col(Task.case_id) == case_id)
    return set(session.execute(found).scalars())


def places(session: Session, umbrella_id: int) -> set[str]:
    """Say where an umbrella's posts stand."""
    found = select(CARDS.c.place).where(CARDS.c.subject == f"umbrella:{umbrella_id}")
    return set(session.connection().execute(found).scalars())


def gathered(
    session: Session, umbrella_id: int, *, limit: int, owner: str | None = None, open_only: bool = True
) -> Gathered | None:
    """Gather an umbrella with so many of its cases; `owner`: only theirs. None: there is no such umbrella."""
    umbrella = session.get(Umbrella, umbrella_id)
    if umbrella is None:
        return None
    here = [CASES.c.umbrella_id == umbrella_id, *([CASES.c.owner == owner] if owner else [])]
    counted = select(CASES.c.state, func.count()).where(*here).group_by(CASES.c.state)
    counts = {row.state: row[1] for row in session.connection().execute(counted)}
    shown = [CASES.c.state.in_(OPEN_STATES)] if open_only else []
    state = case(
        {name: number for number, name in enumerate(("new", "working", "ready"))}, value=CASES.c.state, else_=9
    )
    urgency = case({name: number for number, name in enumerate(URGENCIES)}, value=CASES.c.urgency, else_=0)
    ids = select(CASES.c.id).where(*here, *shown).order_by(state, urgency.desc(), CASES.c.id).limit(limit)
    wanted = list(session.connection().execute(ids).scalars())
    files = case_files(session, wanted)
    return Gathered(umbrella, counts, [files[one] for one in wanted if one in files])


def ids_in(session: Session, umbrella_id: int, *, states: Sequence[str], limit: int) -> list[int]:
    """List its cases in these states, in the order of their numbers."""
    found = select(CASES.c.id).where(CASES.c.umbrella_id == umbrella_id, CASES.c.state.in_(states))
    return list(session.connection().execute(found.order_by(CASES.c.id).limit(limit)).scalars())


def is_withheld(session: Session, case_id: int) -> bool:
    """Tell whether a case has no card of its own yet."""
    found = _withheld().first(session, {"the_case": case_id})
    return found is not None and found[0] is not None


@cache
def _withheld() -> Prepared:
    return Prepared(select(CASES.c.withheld_at).where(CASES.c.id == bindparam("the_case")))


@cache
def _hold(dialect: str) -> Prepared:
    insert: Any = sqlite.insert(THEMES) if dialect == "sqlite" else postgresql.insert(THEMES)
    insert = insert.values(theme=bindparam("theme"), recent=bindparam("recent"), umbrella_id=None)
    # Writing what is there already holds the row: of two cases at once, the second sees the first.
    held = insert.on_conflict_do_update(index_elements=["theme"], set_={"theme": insert.excluded.theme})
    return Prepared(held.returning(THEMES.c.recent, THEMES.c.umbrella_id))


@cache
def _keep() -> Prepared:
    changes: dict[str, Any] = {"recent": bindparam("now_recent"), "umbrella_id": bindparam("now_umbrella")}
    return Prepared(update(THEMES).where(THEMES.c.theme == bindparam("the_theme")).values(changes))


def opened(session: Session, **columns: Any) -> int:
    """Write a new umbrella; returns its id."""
    return rows.add(session, Umbrella, **columns)


def came(session: Session, umbrella_id: int, *, at: datetime) -> None:
    """Note that another case came under it."""
    session.execute(update(Umbrella).where(col(Umbrella.id) == umbrella_id).values(last_at=at))
