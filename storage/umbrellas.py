"""Themes and umbrellas: which cases came lately of one kind, and the one post that speaks for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import String, bindparam, case, func, null, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage import crowd, rows
from storage.among import each_of, is_among, listed
from storage.casefile import CaseFile, case_files
from storage.crowd import Crowd
from storage.prepared import Prepared
from storage.tables import IS_OPEN_CASE, OPEN_STATES, URGENCIES, Card, Case, Task, Theme, Umbrella

THEMES: Final = rows.table_of(Theme)
CASES: Final = rows.table_of(Case)
CARDS: Final = rows.table_of(Card)
TASKS: Final = rows.table_of(Task)
UMBRELLAS: Final = rows.table_of(Umbrella)
# Of an account: its latest cases, of which some may still be open.
OF_ACCOUNT: Final = 20
LEAD_COLUMNS: Final = ("id", "umbrella_id", "department", "channel", "owner", "is_owner_stand_in")


@dataclass(frozen=True, slots=True)
class Lead:
    """The open case of an account that a further one goes with."""

    id: int
    umbrella_id: int | None
    department: str
    channel: str
    owner: str | None
    is_owner_stand_in: bool


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
    company = crowd.of(session)
    known = {} if company is None else company.memory("themes")
    if theme not in known:
        known |= _held(session, [theme])
    recent, umbrella_id = known[theme]
    return list(recent), umbrella_id


def hold_themes(session: Session, company: Crowd, themes: Collection[str]) -> None:
    """Hold what a crowd belongs to, and look up which open cases an account has, and what departments do for them."""
    known = company.memory("themes")
    known |= _held(session, themes)
    ids = {int(one[0]) for theme in themes for one in known[theme][0][-OF_ACCOUNT:]}
    leads = company.memory("leads")
    leads |= dict.fromkeys(ids)
    dialect = session.get_bind().dialect.name
    for row in _open_ones(dialect).all(session, listed(sorted(ids), dialect)):
        leads[row[0]] = Lead(*row[:-1]), row[-1]
    departments = company.memory("departments")
    departments |= {one: set() for one, lead in leads.items() if lead is not None}
    for case_id, department in _departments_of(dialect).all(session, listed(sorted(departments), dialect)):
        departments[case_id].add(department)


def keep_theme(session: Session, theme: str, recent: list[Any], umbrella_id: int | None) -> None:
    """Write down the recent cases of a theme that is held."""
    values = {"the_theme": theme, "now_recent": recent, "now_umbrella": umbrella_id}
    if (company := crowd.of(session)) is None:
        _keep().run(session, values)
    else:
        company.memory("themes")[theme] = recent, umbrella_id
        company.change(_keep(), theme, values)


def opens(session: Session, lead: Lead, *, customer_id: int) -> None:
    """Have a crowd know of a case that it opens itself."""
    if (company := crowd.of(session)) is not None:
        company.memory("leads")[lead.id] = lead, customer_id
        company.memory("departments")[lead.id] = set()


def gather(session: Session, ids: Sequence[int], umbrella_id: int) -> None:
    """Put cases that stand alone under an umbrella; they keep their cards."""
    alone = CASES.c.id.in_(ids) & CASES.c.umbrella_id.is_(None)
    session.execute(update(CASES).where(alone).values(umbrella_id=umbrella_id))


def first_open(session: Session, ids: Sequence[int], *, besides: int) -> Lead | None:
    """Give the oldest of these cases that is open and of another customer than this one."""
    company = crowd.of(session)
    if company is not None and all(one in company.memory("leads") for one in ids):
        leads = (company.memory("leads")[one] for one in sorted(ids))
        return next((one[0] for one in leads if one is not None and one[1] != besides), None)
    named = {f"case_{number}": one for number, one in enumerate(ids)}
    found = _first_open(len(named)).first(session, {**named, "besides": besides})
    return Lead(*found) if found else None


def put_under(session: Session, case_id: int, umbrella_id: int) -> None:
    """Put a case under an umbrella; it keeps its card."""
    company, values = crowd.of(session), {"the_case": case_id, "the_umbrella": umbrella_id}
    if company is None or case_id not in company.memory("leads"):
        _put_under().run(session, values)
        return
    lead, customer_id = company.memory("leads")[case_id]
    company.memory("leads")[case_id] = replace(lead, umbrella_id=umbrella_id), customer_id
    company.change(_put_under(), case_id, values)


def departments_with_tasks(session: Session, case_id: int) -> set[str]:
    """Name the departments that have something to do for a case."""
    company = crowd.of(session)
    if company is None or case_id not in company.memory("departments"):
        return {row[0] for row in _departments().all(session, {"the_case": case_id})}
    mine = {row["department"] for row in company.waiting(Task) if row["case_id"] == case_id}
    given: set[str] = company.memory("departments")[case_id]
    return mine | given


def home(session: Session, umbrella_id: int) -> tuple[str, int] | None:
    """Give an umbrella's channel and its first case; None: there is no such umbrella."""
    found = _standing(session, umbrella_id)
    return found[0] if found else None


def places(session: Session, umbrella_id: int) -> set[str]:
    """Say where an umbrella's posts stand."""
    found = _standing(session, umbrella_id)
    return found[1] if found else set()


def _standing(session: Session, umbrella_id: int) -> tuple[tuple[str, int], set[str]] | None:
    """Look up an umbrella's home and its places; a crowd does so once."""
    company = crowd.of(session)
    known = {} if company is None else company.memory("umbrellas")
    if umbrella_id not in known:
        found = _home_and_places().all(session, {"the_umbrella": umbrella_id, "the_subject": f"umbrella:{umbrella_id}"})
        is_at = {row[2] for row in found if row[2] is not None}
        known[umbrella_id] = ((found[0][0], found[0][1]), is_at) if found else None
    standing: tuple[tuple[str, int], set[str]] | None = known[umbrella_id]
    return standing


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
    shown = [IS_OPEN_CASE] if open_only else []
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


def _held(session: Session, themes: Collection[str]) -> dict[str, tuple[list[Any], int | None]]:
    # Sorted: two crowds that want the same themes can't wait for each other.
    dialect = session.get_bind().dialect.name
    found = _hold(dialect).all(session, {**listed(sorted({*themes}), dialect), "recent": []})
    return {theme: (list(recent), umbrella_id) for theme, recent, umbrella_id in found}


@cache
def _hold(dialect: str) -> Prepared:
    insert: Any = sqlite.insert(THEMES) if dialect == "sqlite" else postgresql.insert(THEMES)
    each = select(each_of(String(), dialect), bindparam("recent", type_=THEMES.c.recent.type), null()).where(true())
    insert = insert.from_select(["theme", "recent", "umbrella_id"], each)
    # Writing what is there already holds the row: of two cases at once, the second sees the first.
    held = insert.on_conflict_do_update(index_elements=["theme"], set_={"theme": insert.excluded.theme})
    return Prepared(held.returning(THEMES.c.theme, THEMES.c.recent, THEMES.c.umbrella_id), aside=True)


@cache
def _open_ones(dialect: str) -> Prepared:
    columns = (CASES.c[name] for name in LEAD_COLUMNS)
    is_one = is_among(CASES.c.id, dialect), IS_OPEN_CASE
    return Prepared(select(*columns, CASES.c.customer_id).where(*is_one), aside=True)


@cache
def _departments_of(dialect: str) -> Prepared:
    theirs = is_among(TASKS.c.case_id, dialect)
    return Prepared(select(TASKS.c.case_id, TASKS.c.department).where(theirs), aside=True)


@cache
def _keep() -> Prepared:
    changes: dict[str, Any] = {"recent": bindparam("now_recent"), "umbrella_id": bindparam("now_umbrella")}
    return Prepared(update(THEMES).where(THEMES.c.theme == bindparam("the_theme")).values(changes))


def opened(session: Session, **columns: Any) -> int:
    """Write a new umbrella; returns its id."""
    umbrella_id = rows.add(session, Umbrella, **columns)
    if (company := crowd.of(session)) is not None:
        company.memory("umbrellas")[umbrella_id] = (columns["channel"], columns["first_case_id"]), set()
    return umbrella_id


def came(session: Session, umbrella_id: int, *, at: datetime) -> None:
    """Note that another case came under it."""
    values = {"the_umbrella": umbrella_id, "now": at}
    if (company := crowd.of(session)) is None:
        _came().run(session, values)
    else:
        company.change(_came(), umbrella_id, values)


@cache
def _came() -> Prepared:
    return Prepared(
        update(UMBRELLAS).where(UMBRELLAS.c.id == bindparam("the_umbrella")).values(last_at=bindparam("now"))
    )


@cache
def _first_open(count: int) -> Prepared:
    ids = [bindparam(f"case_{number}", type_=CASES.c.id.type) for number in range(count)]
    columns = (CASES.c[name] for name in LEAD_COLUMNS)
    is_one = CASES.c.id.in_(ids), IS_OPEN_CASE, CASES.c.customer_id != bindparam("besides")
    return Prepared(select(*columns).where(*is_one).order_by(CASES.c.id).limit(1))


@cache
def _put_under() -> Prepared:
    changed = update(CASES).where(CASES.c.id == bindparam("the_case"))
    return Prepared(changed.values(umbrella_id=bindparam("the_umbrella")))


@cache
def _departments() -> Prepared:
    return Prepared(select(TASKS.c.department).where(TASKS.c.case_id == bindparam("the_case")))


@cache
def _home_and_places() -> Prepared:
    table = UMBRELLAS.outerjoin(CARDS, CARDS.c.subject == bindparam("the_subject"))
    columns = UMBRELLAS.c.channel, UMBRELLAS.c.first_case_id, CARDS.c.place
    is_it = UMBRELLAS.c.id == bindparam("the_umbrella")
    return Prepared(select(*columns).select_from(table).where(is_it), aside=True)
