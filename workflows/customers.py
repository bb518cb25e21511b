"""Who answered: one row a customer, found again by address or by the survey tool's own id."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import String, bindparam, select
from sqlmodel import Session

from storage import crowd, rows
from storage.crowd import Crowd
from storage.erasing import FACTS_OF_CUSTOMER
from storage.prepared import Prepared
from storage.tables import Customer
from workflows.answers import Answer, by_field

KNOWN: Final = (*FACTS_OF_CUSTOMER, "contactability")
"""The columns that an answer may change."""


class Found(NamedTuple):
    """The customer of an answer, and the segment they are in as they give it."""

    id: int
    never_had_a_case: bool
    """Nobody else can open one before this transaction ends."""
    segment: str | None


def customer_of(session: Session, answer: Answer, *, at: datetime) -> Found:
    """Find or write the customer of an answer.

    What the answer says newly (name, account, language...) is kept; what it doesn't say is left as it was.
    """
    names = identities(answer)
    if (company := crowd.of(session)) is not None and (found := _remembered(company, answer, names)) is not None:
        return found if isinstance(found, Found) else _written(session, answer, names, at=at)
    ids = {identity: row_id for row_id, identity in _called().all(session, {"first": names[0], "last": names[-1]})}
    known_id = next((ids[name] for name in names if name in ids), None)
    if known_id is None:
        return _written(session, answer, names, at=at)
    known = session.get_one(Customer, known_id)
    improve(known, answer)
    if names[0] != known.identity:  # known by the tool's id so far, by address from now on
        known.identity = names[0]
    session.add(known)
    assert known.id is not None
    return Found(known.id, never_had_a_case=False, segment=known.segment)


def is_as_said(known: Mapping[str, Any], answer: Answer, names: Sequence[str]) -> bool:
    """Tell whether an answer says nothing new of its customer. `known` holds KNOWN and `identity`."""
    return known["identity"] == names[0] and not news_of(known, answer)


def _written(session: Session, answer: Answer, names: Sequence[str], *, at: datetime) -> Found:
    columns = row_of(answer, names[0], at=at)
    customer_id = rows.add(session, Customer, **columns)
    if (company := crowd.of(session)) is not None:
        for name in names:  # whoever answers again is looked up
            company.memory("customers").pop(name, None)
    return Found(customer_id, never_had_a_case=True, segment=columns["segment"])


def _remembered(company: Crowd, answer: Answer, names: Sequence[str]) -> Found | Literal["new"] | None:
    """Find the customer in what a crowd has looked up; None: that isn't known, or there is something to change."""
    looked_up = company.memory("customers")
    if not all(name in looked_up for name in names):
        return None
    known = next((row for name in names if (row := looked_up[name]) is not None), None)
    if known is None:
        return "new"
    if known["has_cases"] or not is_as_said(known, answer, names):
        return None
    for name in names:  # a case may be opened for them now
        del looked_up[name]
    return Found(known["id"], never_had_a_case=True, segment=known["segment"])


def identities(answer: Answer) -> list[str]:
    """Name a customer, best first: by address, by the tool's id; an anonymous one is a customer of its own."""
    if answer.contactability == "anonymous" or not (answer.email or answer.customer_id):
        return [f"answer:{answer.source}:{answer.external_id}"]
    names = [f"mail:{answer.email.lower()}"] if answer.email else []
    return [*names, f"id:{answer.source}:{answer.customer_id}"] if answer.customer_id else names


def contactability_of(answer: Answer) -> str:
    """Say whether the customer may be contacted, is confidential, or isn't known."""
    is_named = bool(answer.email or answer.customer_id)
    return answer.contactability or ("contactable" if is_named else "anonymous")


def improve(customer: Customer, answer: Answer) -> bool:
    """Take over what an answer says newly of its customer. Tells whether anything changed."""
    changes = news_of({name: getattr(customer, name) for name in (*KNOWN, "identity")}, answer)
    for name, value in changes.items():
        setattr(customer, name, value)
    return bool(changes)


def news_of(known: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """Give the columns of a customer that an answer changes, with what it says. `known` holds KNOWN and `identity`."""
    is_anonymous = answer.contactability == "anonymous"
    said = (
        {}
        if is_anonymous
        else {name: value for name in FACTS_OF_CUSTOMER if (value := _said(answer, name)) is not None}
    )
    changes = {name: value for name, value in said.items() if known[name] != value}
    if known["email"] and known["identity"] == f"mail:{changes.get('email')}":
        del changes["email"]  # the tool only knows the address that somebody has corrected since
    if known["contactability"] == "anonymous" and contactability_of(answer) != "anonymous":
        changes["contactability"] = contactability_of(answer)
    elif known["contactability"] == "contactable" and answer.contactability == "confidential":
        changes["contactability"] = "confidential"  # what is said in confidence hides them; nothing shows them again
    return changes


def row_of(answer: Answer, identity: str, *, at: datetime) -> dict[str, Any]:
    """Give a new customer's row as their first answer describes them."""
    return {name: column[0] for name, column in columns_of([answer], [identity], at=at).items()}


def columns_of(answers: Sequence[Answer], identities: Sequence[str], *, at: datetime) -> dict[str, list[Any]]:
    """Give the columns of new customers' rows as their first answers describe them, one value for each of them."""
    said = by_field(answers)
    contactability = [*map(contactability_of, answers)]
    is_named = [one != "anonymous" for one in contactability]
    return {
        "identity": [*identities],
        "contactability": contactability,
        "created_at": [at] * len(answers),
        "name": [one if named else None for one, named in zip(said["name"], is_named, strict=True)],
        "email": [one.lower() if one and named else None for one, named in zip(said["email"], is_named, strict=True)],
        "account_manager": [one and one.lower() for one in said["account_manager"]],
        "opted_out_at": [None] * len(answers),
        **{name: said[name] for name in ("language", "account_id", "account_name", "account_value", "segment")},
    }


def _said(answer: Answer, name: str) -> Any:
    value = getattr(answer, name)
    return value.lower() if value and name in {"email", "account_manager"} else value


@cache
def _called() -> Prepared:
    table = rows.table_of(Customer)
    named = table.c.identity.in_([bindparam("first", type_=String()), bindparam("last", type_=String())])
    return Prepared(select(table.c.id, table.c.identity).where(named))
