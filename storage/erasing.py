"""Taking a customer out of the rows: what is theirs is found, words and names go, and what was counted stays."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlmodel import Session, SQLModel, col

from storage.database import Database
from storage.rows import table_of
from storage.source_tables import HeldBack
from storage.tables import (
    Approval,
    Case,
    Customer,
    Event,
    Intent,
    Lane,
    Outreach,
    Parked,
    Response,
    Task,
    Theme,
    Umbrella,
)
from storage.time_tables import Pause, Promise
from storage.triggers import events_unlocked

Row = TypeVar("Row", bound=SQLModel)

ERASED: Final = "(erased)"
"""Stands where words stood: whoever reads on sees that something is missing, and not by mistake."""
MARK: Final = "erased:"
"""Begins the identity of a customer who has been erased: no answer is theirs any more."""
FACTS_OF_CUSTOMER: Final = (
    "email",
    "name",
    "language",
    "account_id",
    "account_name",
    "account_value",
    "account_manager",
    "segment",
)
"""What answers say of a customer: all of it goes."""
# Whoever wrote it: a note or an excuse may name the customer as well as their own words do.
_WORDS: Final[Mapping[type[SQLModel], tuple[str, ...]]] = {
    Task: ("outcome",),
    Outreach: ("subject", "body"),
    Approval: ("text", "decision_text"),
    Promise: ("text",),
    Pause: ("reason",),
    Event: ("text",),
}
# Facts of events that are texts and say nothing of the customer: kinds, times, people of the team. All others go.
_KEPT_FACTS: Final = frozenset(
    {
        *("asked_by", "because", "cause", "channel", "clock", "department", "due", "excuse", "from", "kind", "level"),
        *("root_cause", "rule", "send_at", "step", "to", "until", "urgency", "what"),
    }
)
_KEPT_REASONS: Final = frozenset({"rule", "department", "also", "owner_rule"})
_ACCOUNT: Final = "account:"


@dataclass(frozen=True, slots=True)
class Theirs:
    """What is kept of a customer, whom several rows may stand for."""

    customers: Sequence[Customer]
    responses: Sequence[Response]
    cases: Sequence[Case]
    outreaches: Sequence[Outreach]
    parked: Sequence[int]
    """Requests that are kept with their bytes, and have an address of the customer in them."""

    @property
    def case_ids(self) -> list[int]:
        """Number their cases."""
        return [one.id for one in self.cases if one.id is not None]

    @property
    def addresses(self) -> set[str]:
        """Give every address of theirs, in small letters: as they gave it, and as somebody corrected it."""
        found = {one.email for one in self.customers} | {one.recipient for one in self.outreaches}
        found |= {one.identity.removeprefix("mail:") for one in self.customers if one.identity.startswith("mail:")}
        return {one.lower() for one in found if one}


def theirs(session: Session, who: str) -> Theirs | None:
    """Find what is kept of a customer, and hold it until the transaction ends; None: nobody is known by this.

    `who`: an address, the survey tool's own id of the customer, or `case:12` for the customer of that case.
    """
    is_theirs = _is_called(who.strip())
    ids = session.execute(select(col(Customer.id)).where(is_theirs, ~col(Customer.identity).startswith(MARK))).scalars()
    if not (found := list(ids)):
        return None
    # In the order in which an answer that is heard again takes them.
    responses = _held(session, Response, col(Response.customer_id).in_(found))
    customers = _held(session, Customer, col(Customer.id).in_(found))
    cases = _held(session, Case, col(Case.customer_id).in_(found))
    outreaches = _held(session, Outreach, col(Outreach.case_id).in_([one.id for one in cases]))
    known = Theirs(customers, responses, cases, outreaches, ())
    return Theirs(customers, responses, cases, outreaches, list(_parked_with(session, known.addresses)))


def is_erased(customer: Customer) -> bool:
    """Tell whether a customer has been erased: nothing more is written down of them."""
    return customer.identity.startswith(MARK)


def erase(session: Session, found: Theirs, *, at: datetime) -> None:
    """Take names, addresses and words out of every row that is theirs; ids, scores, states and times stay.

    They count as opted out: nobody can write to them. A mail that waits is taken back. Whatever the session had read
    of them is read anew.
    """
    run, case_ids = session.connection().execute, found.case_ids
    customers, cases = table_of(Customer), table_of(Case)
    for one in found.customers:
        nothing: dict[str, Any] = dict.fromkeys(FACTS_OF_CUSTOMER)
        nothing |= {"identity": f"{MARK}{one.id}", "opted_out_at": one.opted_out_at or at}
        run(update(customers).where(customers.c.id == one.id).values(nothing))
    for case_ in found.cases:
        why = {key: value for key, value in case_.why.items() if key in _KEPT_REASONS}
        texts = {"why": why, "root_cause_text": None, "what_changed": None, "excuse_text": None}
        run(update(cases).where(cases.c.id == case_.id).values(texts))
    _erase_responses(session, found)
    with events_unlocked(session):
        for model, columns in _WORDS.items():
            table = table_of(model)
            run(
                update(table)
                .where(table.c.case_id.in_(case_ids))
                .values({one: _blank(table.c[one]) for one in columns})
            )
        _erase_facts(session, case_ids)
    tasks = table_of(Task)
    by_people = tasks.c.case_id.in_(case_ids), tasks.c.created_by != "hearback"
    run(update(tasks).where(*by_people).values(title=ERASED))
    _erase_mails(session, found)
    _erase_accounts(session, found)
    parked = table_of(Parked)
    gone = {"body": b"", "reason": "Erased on the customer's wish.", "state": "dismissed"}
    run(update(parked).where(parked.c.id.in_(found.parked)).values(gone))
    session.expire_all()


def fold(database: Database) -> bool:
    """Fold SQLite's write-ahead log into the file, where what was erased is overwritten; False: somebody reads it now.

    PostgreSQL does so by itself, in its own time.
    """
    if not database.is_sqlite:
        return True
    connection = database.engine.raw_connection()
    try:
        is_busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    return not is_busy


def _is_called(who: str) -> ColumnElement[bool]:
    kind, _, number = who.partition(":")
    if kind.lower() == "case" and number.isdecimal():
        return col(Customer.id).in_(select(col(Case.customer_id)).where(col(Case.id) == int(number)))
    if "@" in who:
        address = who.lower()
        return or_(col(Customer.identity) == f"mail:{address}", func.lower(col(Customer.email)) == address)
    identity = col(Customer.identity)
    return identity.startswith("id:") & identity.endswith(f":{who}", autoescape=True)


def _held(session: Session, model: type[Row], *where: ColumnElement[bool]) -> list[Row]:
    return list(session.scalars(select(model).where(*where).order_by(table_of(model).c.id).with_for_update()))


def _parked_with(session: Session, addresses: Collection[str]) -> Iterator[int]:
    """Find parked requests in which an address stands: as it is, in the address of a page, or as JSON may write it."""
    spelt = {one.encode() for one in addresses} | {quote(one, safe="").lower().encode() for one in addresses}
    spelt |= {one.replace("@", "\\u0040").encode() for one in addresses}
    table = table_of(Parked)
    for row in session.connection().execute(select(table.c.id, table.c.body).order_by(table.c.id)):
        body = bytes(row.body).lower()
        if any(one in body for one in spelt):
            yield row.id


def _blank(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(column.is_(None), column == ""), column), else_=ERASED)


def _erase_responses(session: Session, found: Theirs) -> None:
    run, responses, held_back = session.connection().execute, table_of(Response), table_of(HeldBack)
    ids = [one.id for one in found.responses]
    run(update(responses).where(responses.c.id.in_(ids)).values(comment="", url=None))
    for one in found.responses:
        if any(address in one.external_id.lower() for address in found.addresses):
            run(update(responses).where(responses.c.id == one.id).values(external_id=f"{MARK}{one.id}"))
    run(delete(held_back).where(held_back.c.response_id.in_(ids)))  # nobody is to be asked to follow it up


def _erase_facts(session: Session, case_ids: Collection[int]) -> None:
    events = table_of(Event)
    told = session.connection().execute(select(events.c.id, events.c.facts).where(events.c.case_id.in_(case_ids)))
    for row in told.all():
        kept = {key: value for key, value in row.facts.items() if key in _KEPT_FACTS or not _is_text(value)}
        if kept != row.facts:
            session.connection().execute(update(events).where(events.c.id == row.id).values(facts=kept))


def _is_text(value: object) -> bool:
    return not isinstance(value, bool | int | float | None)


def _erase_mails(session: Session, found: Theirs) -> None:
    run, mails, intents, lanes = session.connection().execute, table_of(Outreach), table_of(Intent), table_of(Lane)
    ids = [one.id for one in found.outreaches]
    state = case((mails.c.state == "waiting", "taken_back"), else_=mails.c.state)
    nothing = {"recipient": None, "message_id": None, "problem": None, "state": state}
    run(update(mails).where(mails.c.id.in_(ids)).values(nothing))
    run(delete(intents).where(intents.c.key.in_([f"mail:{one}" for one in ids])))
    run(update(intents).where(intents.c.case_id.in_(found.case_ids)).values(problem=None))
    for address in found.addresses:
        lane = f"mail:{address.rpartition('@')[2]}"
        run(delete(lanes).where(lanes.c.name == lane, ~exists().where(intents.c.lane == lane)))


def _erase_accounts(session: Session, found: Theirs) -> None:
    """Take the account's name off posts over its cases, once none of its customers is left."""
    run, customers, umbrellas, themes = (
        session.connection().execute,
        table_of(Customer),
        table_of(Umbrella),
        table_of(Theme),
    )
    for account in {one.account_id for one in found.customers if one.account_id}:
        if run(select(customers.c.id).where(customers.c.account_id == account).limit(1)).first():
            continue
        named = [
            table.c.theme.startswith(_ACCOUNT) & table.c.theme.endswith(f":{account}", autoescape=True)
            for table in (umbrellas, themes)
        ]
        run(update(umbrellas).where(named[0]).values(label=ERASED, theme=f"{_ACCOUNT}{MARK}"))
        run(delete(themes).where(named[1]))
