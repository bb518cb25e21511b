"""The people of the team as Slack last described them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage import crowd
from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Member

MEMBERS: Final = table_of(Member)
DESCRIBED: Final = ("name", "email", "timezone", "is_present", "status_until", "is_deleted")


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of one person."""

    id: str
    name: str
    email: str | None
    timezone: str | None
    is_present: bool
    is_deleted: bool
    status_until: datetime | None = None
    """When the status that says they are away ends by itself."""


def remember(session: Session, profiles: Sequence[Profile]) -> None:
    """Write down these people; what only we know of somebody (when a case last came to them) stays."""
    ordered = sorted({one.id: one for one in profiles}.values(), key=lambda one: one.id)
    if ordered:
        session.connection().execute(_remember(session.get_bind().dialect.name), [asdict(one) for one in ordered])


def keep_silence(session: Session, until: Mapping[str, datetime | None]) -> None:
    """Write down until when these people, by id, have asked Slack for silence; None: they haven't."""
    for member_id, ends in sorted(until.items()):
        here = MEMBERS.c.id == member_id, MEMBERS.c.dnd_until.is_distinct_from(ends)
        session.connection().execute(update(MEMBERS).where(*here).values(dnd_until=ends))


def ids_of_all(session: Session) -> list[str]:
    """Name everybody who is still there."""
    return [row[0] for row in session.connection().execute(select(MEMBERS.c.id).where(~MEMBERS.c.is_deleted))]


def make_known(session: Session, ids: Iterable[str]) -> None:
    """Write down people of whom only the id is known: they can be given cases before Slack describes them."""
    insert = sqlite.insert(MEMBERS) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(MEMBERS)
    stubs = [{"id": one, "name": one, "is_present": True, "is_deleted": False} for one in sorted(ids)]
    if stubs:
        session.connection().execute(insert.on_conflict_do_nothing(index_elements=["id"]), stubs)


def home_opened(session: Session, member_id: str, *, at: datetime) -> None:
    """Note that somebody looks at the App Home: from now on theirs is kept up to date."""
    here = MEMBERS.c.id == member_id
    session.connection().execute(
        update(MEMBERS).where(here, MEMBERS.c.home_opened_at.is_(None)).values(home_opened_at=at)
    )


def with_home(session: Session, ids: Iterable[str]) -> list[str]:
    """Name those of these people who look at their App Home."""
    people, company = {*ids}, crowd.of(session)
    if company is None:
        named = {f"id_{number}": one for number, one in enumerate(sorted(people))}
        return [row[0] for row in _with_home(len(named)).all(session, named)]
    known = company.memory("members with a home")
    if "all" not in known:
        known["all"] = {row[0] for row in _all_with_home().all(session, {})}
    return sorted(people & known["all"])


def ids_of(session: Session, people: Sequence[str]) -> list[str]:
    """Find people whom the policy names, by id or by e-mail; who isn't known or has left is left out."""
    is_named = or_(MEMBERS.c.id.in_(people), MEMBERS.c.email.in_(people))
    found = select(MEMBERS.c.id).where(is_named, MEMBERS.c.is_deleted.is_(False)).order_by(MEMBERS.c.id)
    return list(session.connection().execute(found).scalars())


def names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Give the names of these people by id; whoever isn't known is left out."""
    found = session.connection().execute(select(MEMBERS.c.id, MEMBERS.c.name).where(MEMBERS.c.id.in_(ids)))
    return {row.id: row.name for row in found}


@cache
def _with_home(count: int) -> Prepared:
    ids = [bindparam(f"id_{number}", type_=MEMBERS.c.id.type) for number in range(count)]
    return Prepared(select(MEMBERS.c.id).where(MEMBERS.c.id.in_(ids), MEMBERS.c.home_opened_at.is_not(None)))


@cache
def _all_with_home() -> Prepared:
    return Prepared(select(MEMBERS.c.id).where(MEMBERS.c.home_opened_at.is_not(None)), aside=True)


def email_of(session: Session, member_id: str) -> str | None:
    """Give somebody's address; None when it, or the whole person, isn't known."""
    found = _email().first(session, {"the_id": member_id})
    return found[0] if found else None


@cache
def _email() -> Prepared:
    return Prepared(select(MEMBERS.c.email).where(MEMBERS.c.id == bindparam("the_id")), aside=True)


@cache
def _remember(dialect: str) -> Executable:
    insert = sqlite.insert(MEMBERS) if dialect == "sqlite" else postgresql.insert(MEMBERS)
    return insert.on_conflict_do_update(
        index_elements=["id"], set_={column: insert.excluded[column] for column in DESCRIBED}
    )
