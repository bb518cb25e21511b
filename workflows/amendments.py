"""The same response once more: a later part, a correction, or a retry that says nothing new."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, select

from storage.erasing import is_erased
from storage.tables import IS_OPEN_CASE, Case, Customer, Response
from workflows import customers
from workflows.answers import Answer

_FILLED_IN: Final = ("comment", "form", "touchpoint", "language", "url", "segment")

# The same number can mean something else: a tool's "good" of 0 to 1 comes once more as a 1 of 1 to 5.
_RATING: Final = ("score", "low_end", "high_end", "metric", "direction")


def amend(session: Session, known: Response, answer: Answer) -> list[str]:
    """Take over what is new, and name it; empty: nothing was. Nothing that was said is ever emptied.

    A part that was submitted earlier than what is known (a retry that was overtaken) fills in what is missing and
    corrects nothing. One whose tool doesn't say when it was submitted is taken as the latest, and moves no time.
    Of a customer who has been erased nothing is written down again.
    """
    if is_erased(session.get_one(Customer, known.customer_id)):
        return []
    is_overtaken = answer.is_time_known and answer.submitted_at < known.submitted_at
    news = []
    if not is_overtaken and _rating(answer) != tuple(getattr(known, name) for name in _RATING):
        news.append("score")
        known.score, known.band = answer.score, answer.scale.band(answer.score)
        known.low_end, known.high_end = answer.scale.ends
        known.metric, known.direction = answer.scale.metric, answer.scale.direction
    for name in _FILLED_IN:
        said, before = getattr(answer, name), getattr(known, name)
        if said and said != before and not (before and is_overtaken):
            setattr(known, name, said)
            news.append(name)
    if news and answer.is_time_known and not is_overtaken:
        known.submitted_at = answer.submitted_at
    if _improve_customer(session, known, answer):
        news.append("customer")
    return news


def says_nothing_new(known: Mapping[str, Any], customer: Mapping[str, Any], answer: Answer) -> bool:
    """Tell, from the columns of the rows alone, whether `amend` would surely find nothing; False: it has to look."""
    is_overtaken = answer.is_time_known and answer.submitted_at < known["submitted_at"]
    if not is_overtaken and _rating(answer) != tuple(known[name] for name in _RATING):
        return False
    for name in _FILLED_IN:
        said, before = getattr(answer, name), known[name]
        if said and said != before and not (before and is_overtaken):
            return False
    name = customers.identities(answer)[0]
    is_theirs = name == customer["identity"] or name.startswith("answer:")
    return is_theirs and not customers.news_of(customer, answer)


def _rating(answer: Answer) -> tuple[object, ...]:
    scale = answer.scale
    return answer.score, *scale.ends, scale.metric, scale.direction


def _improve_customer(session: Session, known: Response, answer: Answer) -> bool:
    customer = session.get_one(Customer, known.customer_id)
    names = customers.identities(answer)
    if names[0] == customer.identity or names[0].startswith("answer:"):
        changed = customers.improve(customer, answer)
        session.add(customer)
        return changed
    other = session.exec(select(Customer).where(Customer.identity == names[0])).first()
    if other is None:
        customers.improve(customer, answer)
        customer.identity = names[0]
        session.add(customer)
        return True
    return _belongs_to(session, known, other, answer)


def _belongs_to(session: Session, known: Response, other: Customer, answer: Answer) -> bool:
    """Move a response, and the case it opened, to the customer who turns out to have given it.

    Where that customer has an open case of their own, this one stays with the response it came from: two open cases
    can't become one without losing what was done on either, and the line on the card names the customer.
    """
    assert other.id is not None
    case = session.get(Case, known.case_id) if known.case_id else None
    if case is not None and case.customer_id != other.id:
        has_own = session.exec(select(Case.id).where(Case.customer_id == other.id, IS_OPEN_CASE)).first()
        if has_own is not None:
            return False
        case.customer_id = other.id
        session.add(case)
    is_moved = known.customer_id != other.id
    known.customer_id = other.id
    customers.improve(other, answer)
    session.add(other)
    return is_moved
