"""Lists of open cases: all of them, those that are overdue, those that nobody owns; of departments or of one owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from storage.casefile import CaseFile, case_files
from storage.loops import CASES
from storage.tables import IS_OPEN_CASE

Which = Literal["open", "overdue", "unowned"]
_ORDERS: Final[Mapping[Which, Sequence[ColumnElement[Any]]]] = MappingProxyType(
    {
        "open": (CASES.c.next_due_at.is_(None), CASES.c.next_due_at, CASES.c.id),
        "overdue": (CASES.c.next_due_at, CASES.c.id),
        "unowned": (CASES.c.waiting_since, CASES.c.id),
    }
)


@dataclass(frozen=True, slots=True)
class OpenList:
    """The first few cases of a list, and how many there are."""

    files: Sequence[CaseFile]
    count: int


def open_list(
    session: Session,
    which: Which,
    *,
    at: datetime,
    limit: int,
    departments: Sequence[str] | None = None,
    owner: str | None = None,
) -> OpenList:
    """List open cases: what is due or was due first comes first, of the unowned ones what waits longest.

    `departments` None: all; `owner` None: everybody's.
    """
    where: list[ColumnElement[bool]] = [IS_OPEN_CASE]
    if which == "overdue":
        where.append(CASES.c.next_due_at < at)
    if which == "unowned":
        where.append(CASES.c.owner.is_(None))
    if departments is not None:
        where.append(CASES.c.department.in_(departments))
    if owner is not None:
        where.append(CASES.c.owner == owner)
    connection = session.connection()
    ids = list(connection.execute(select(CASES.c.id).where(*where).order_by(*_ORDERS[which]).limit(limit)).scalars())
    count = len(ids)
    if count == limit:
        count = int(connection.execute(select(func.count()).select_from(CASES).where(*where)).scalar_one())
    files = case_files(session, ids)
    return OpenList([files[one] for one in ids if one in files], count)
