"""A response arrives: it is remembered once, and a low one opens a case or joins the customer's open one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, Final

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage import alarms, crowd, rows, tallies
from storage.prepared import Prepared
from storage.tables import URGENCIES, Case, Customer, Response
from workflows import (
    amendments,
    casework,
    clocks,
    customers,
    lifecycle,
    opening,
    pauses,
    permission,
    reversal,
    timeline,
)
from workflows.answers import Answer, by_field
from workflows.policy import Policy
from workflows.refusal import Refusal
from workflows.scales import Scale

# What an answer says of its response's row, by column.
_SAID: Final = ("source", "external_id", "score", "submitted_at", "comment", "form", "touchpoint", "language", "url")
_RATED: Final = ("metric", "low_end", "high_end", "direction")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an answer. `case_id` None: it isn't low, so nobody has to follow up."""

    response_id: int
    case_id: int | None
    is_new: bool
    is_changed: bool


def receive(
    session: Session,
    answer: Answer,
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
    cases_since: datetime | None = None,
) -> Received:
    """Remember a response; open, join or reopen a case when it is low. Hearing it again changes nothing.

    A response that was submitted before `cases_since` is history: it is remembered, and nobody has to follow it up.
    Raises ValueError when the score lies outside its scale.
    """
    band = answer.scale.band(answer.score)
    if (known_id := _known_id(session, answer)) is not None:
        known = session.exec(select(Response).where(Response.id == known_id).with_for_update()).one()
        return _heard_again(
            session, known, answer, policy=policy, policy_version=policy_version, at=at, cases_since=cases_since
        )
    customer_id, never_had_a_case, segment = customers.customer_of(session, answer, at=at)
    columns = _row_of(answer)
    columns |= {"band": band, "customer_id": customer_id, "segment": segment, "received_at": at}
    earlier = [] if never_had_a_case else _cases_of(session, customer_id)
    if band != "low" or is_history(answer, cases_since):
        response_id = rows.add(session, Response, **columns)
        _show_on(session, earlier, at=at)
        return Received(response_id, None, is_new=True, is_changed=True)
    if (asked := reversal.holds_back(session, answer, policy=policy, at=at)) is not None:
        response_id = rows.add(session, Response, **columns)
        alarms.hold_back(session, response_id, asked, at=at)
        _show_on(session, earlier, at=at)
        return Received(response_id, None, is_new=True, is_changed=True)
    if (case := _to_join(earlier, policy=policy, at=at)) is not None:
        response_id = rows.add(session, Response, case_id=case.id, **columns)
        _join(session, case, answer, response_id, policy=policy, at=at)
        _show_on(session, (one for one in earlier if one is not case), at=at)
        return Received(response_id, case.id, is_new=True, is_changed=True)
    opened = opening.open_case(
        session, answer, customer_id, earlier, policy=policy, policy_version=policy_version, at=at
    )
    response_id = rows.add(session, Response, case_id=opened.case_id, **columns)
    opening.announce(session, opened, response_id, at=at)
    _show_on(session, earlier, at=at)
    return Received(response_id, opened.case_id, is_new=True, is_changed=True)


def is_history(answer: Answer, cases_since: datetime | None) -> bool:
    """Tell whether an answer is too old to be followed up; None: none is."""
    return cases_since is not None and answer.submitted_at < cases_since


def log_by_hand(
    session: Session, answer: Answer, *, policy: Policy, policy_version: int | None, by: str, at: datetime
) -> Received:
    """Remember feedback that a member of the team heard; raises Refusal when they aren't one."""
    permission.may_join_in(session, by, policy=policy)
    try:
        received = receive(session, answer, policy=policy, policy_version=policy_version, at=at)
    except ValueError as error:
        raise Refusal(f"That can't be: {error}.", "score") from error
    if received.case_id is not None and received.is_new:
        case = casework.held(session, received.case_id)
        timeline.record(session, case, "logged_by_hand", by=by, at=at, facts={"response_id": received.response_id})
    return received


def _to_join(earlier: list[Case], *, policy: Policy, at: datetime) -> Case | None:
    """Choose the case that another low response belongs to: the open one, else a closed one that is still young."""
    youngest = at - timedelta(days=policy.team.reopen_within)
    is_young = [one for one in earlier if one.closed_at and one.closed_at >= youngest]
    return next((one for one in earlier if lifecycle.is_open(one)), is_young[0] if is_young else None)


def _join(session: Session, case: Case, answer: Answer, response_id: int, *, policy: Policy, at: datetime) -> None:
    """Add a low response to a case: reopen it if it is closed, raise its urgency, say so in its thread."""
    if not lifecycle.is_open(case):
        text = f"{answer.name or 'The customer'} is unhappy again: {answer.score:g} of {answer.scale.high_end:g}."
        casework.take_up_again(
            session, case, cause="low_response", text=text, policy=policy, by=timeline.HEARBACK, at=at
        )
    pauses.go_on(session, case, policy=policy, by=timeline.CUSTOMER, at=at)
    _raise_urgency(session, case, answer, policy=policy, at=at)
    facts = {"response_id": response_id, "urgency": case.urgency}
    timeline.record(session, case, "joined", by=timeline.CUSTOMER, at=at, text=answer.comment, facts=facts)


def _raise_urgency(session: Session, case: Case, answer: Answer, *, policy: Policy, at: datetime) -> None:
    step = min(URGENCIES.index(case.urgency) + 1, len(URGENCIES) - 1)
    case.urgency = URGENCIES[step]
    reasons = [*case.why.get("urgency", []), f"One step up: another low response, {answer.score:g}, joined the case."]
    case.why = {**case.why, "urgency": reasons}
    clocks.quicken(session, case, policy=policy, at=at)


def _heard_again(
    session: Session,
    known: Response,
    answer: Answer,
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
    cases_since: datetime | None,
) -> Received:
    """Take over what is new in a response that was heard before: a later part, a correction, or nothing at all."""
    was_low, stood = known.band == "low", tallies.standing(known)
    news = amendments.amend(session, known, answer)
    case_id = known.case_id
    if not news:
        return Received(_id_of(known), case_id, is_new=False, is_changed=False)
    session.add(known)
    session.flush()
    _show_on(session, _cases_of(session, known.customer_id), at=at)
    if case_id is not None:
        case = casework.held(session, case_id)
        opening.route_again(session, case, answer, policy=policy, at=at)
        facts = {"response_id": known.id, "what": news}
        timeline.record(session, case, "updated", by=timeline.CUSTOMER, at=at, text=known.comment, facts=facts)
    elif (
        known.band == "low"
        and not was_low
        and not is_history(answer, cases_since)
        and not _is_to_wait(session, known, answer, policy=policy, at=at)
    ):
        case_id = known.case_id = _opened_late(
            session, known, answer, policy=policy, policy_version=policy_version, at=at
        )
        session.add(known)
        session.flush()
    tallies.changed(session, _id_of(known), before=stood, after=tallies.standing(known), at=at)
    return Received(_id_of(known), case_id, is_new=False, is_changed=True)


def follow_up(session: Session, known: Response, *, policy: Policy, policy_version: int | None, at: datetime) -> int:
    """Open a case, or join or reopen one, for a low response that has been remembered without; returns its id."""
    stood = tallies.standing(known)
    customer = session.get_one(Customer, known.customer_id)
    known.case_id = _opened_late(
        session, known, answer_of(known, customer), policy=policy, policy_version=policy_version, at=at
    )
    session.add(known)
    session.flush()
    tallies.changed(session, _id_of(known), before=stood, after=tallies.standing(known), at=at)
    return known.case_id


def answer_of(response: Response, customer: Customer) -> Answer:
    """Give the answer that a remembered response was, as far as it is remembered; without anybody's words lost."""
    ends = (response.low_end, response.high_end)
    return Answer(
        source=response.source,
        external_id=response.external_id,
        score=response.score,
        # Its band is known: nothing asks this scale where its bands end.
        scale=Scale(response.metric, *ends, response.direction, response.score, response.score),  # type: ignore[arg-type] # checked words
        submitted_at=response.submitted_at,
        comment=response.comment,
        form=response.form,
        touchpoint=response.touchpoint,
        language=response.language,
        url=response.url,
        email=customer.email,
        name=customer.name,
        customer_id=customer.identity.rpartition(":")[2] if customer.identity.startswith("id:") else None,
        account_id=customer.account_id,
        account_name=customer.account_name,
        account_value=customer.account_value,
        account_manager=customer.account_manager,
        segment=customer.segment,
        contactability=customer.contactability,  # type: ignore[arg-type] # checked words
    )


def _is_to_wait(session: Session, known: Response, answer: Answer, *, policy: Policy, at: datetime) -> bool:
    """Let a response that has become low wait with the others of its form, if they wait."""
    asked = reversal.holds_back(session, answer, policy=policy, at=at)
    if asked is not None:
        alarms.hold_back(session, _id_of(known), asked, at=at)
    return asked is not None


def _opened_late(
    session: Session,
    known: Response,
    answer: Answer,
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
) -> int:
    """Follow up a response that was fine at first and has been corrected to a low one."""
    earlier = _cases_of(session, known.customer_id)
    if (case := _to_join(earlier, policy=policy, at=at)) is not None:
        _join(session, case, answer, _id_of(known), policy=policy, at=at)
        return timeline.id_of(case)
    opened = opening.open_case(
        session, answer, known.customer_id, earlier, policy=policy, policy_version=policy_version, at=at
    )
    opening.announce(session, opened, _id_of(known), at=at)
    return opened.case_id


def _cases_of(session: Session, customer_id: int) -> list[Case]:
    """Return the customer's cases, the latest first, held: two responses at once must not both open one."""
    session.exec(select(Customer.id).where(Customer.id == customer_id).with_for_update()).one()
    found = (
        select(Case).where(Case.customer_id == customer_id).order_by(col(Case.opened_at).desc(), col(Case.id).desc())
    )
    return list(session.exec(found.with_for_update()))


def _show_on(session: Session, cases: Iterable[Case], *, at: datetime) -> None:
    """Have these cases of one customer drawn anew: a card shows what else its customer has said, and by which name."""
    for case in cases:
        timeline.draw(session, timeline.id_of(case), timeline.main_views(case), at=at)


def _known_id(session: Session, answer: Answer) -> int | None:
    """Find the response of this name, whether it was heard before."""
    name = (answer.source, answer.external_id)
    company = crowd.of(session)
    if company is not None and name in company.memory("new responses"):
        del company.memory("new responses")[name]  # from now on it isn't new
        return None
    found = _of_this_name().first(session, {"source": answer.source, "external_id": answer.external_id})
    return int(found[0]) if found else None


@cache
def _of_this_name() -> Prepared:
    table = rows.table_of(Response)
    is_this = table.c.source == bindparam("source"), table.c.external_id == bindparam("external_id")
    return Prepared(sqlalchemy.select(table.c.id).where(*is_this))


def columns_of(answers: Sequence[Answer]) -> dict[str, list[Any]]:
    """Give the columns of responses' rows that their answers say, one value for each of them."""
    said = by_field(answers)
    rated = {name: [*map(attrgetter(name), said["scale"])] for name in _RATED}
    return {name: said[name] for name in _SAID} | rated


def _row_of(answer: Answer) -> dict[str, Any]:
    rated = {name: getattr(answer.scale, name) for name in _RATED}
    return {name: getattr(answer, name) for name in _SAID} | rated


def _id_of(response: Response) -> int:
    assert response.id is not None
    return response.id
