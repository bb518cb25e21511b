"""Who gets a case or a task: the account's own manager, else the department's member who is free longest."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import Session

from storage import crowd
from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Case, Member
from workflows.away import Presence, is_away
from workflows.policy import Department, Policy
from workflows.roles import role_of

MEMBERS: Final = table_of(Member)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is to answer for it, by id, and by which rule, in words. None: nobody could be found."""

    member: str | None
    rule: str
    is_stand_in: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate(Presence):
    id: str
    email: str | None
    assigned_at: datetime | None
    open_cases: int

    def is_called(self, names: Iterable[str]) -> bool:
        return self.id in names or (self.email or "") in names


def owner_for(
    session: Session,
    place: Department,
    *,
    policy: Policy,
    at: datetime,
    account_manager: str | None = None,
    besides: str | None = None,
) -> Owner:
    """Choose an owner in the department `place`.

    `account_manager` is an e-mail address; `besides` is passed over if others are there; whoever is
    away at `at` always is.
    Order: the account's own manager, if a member who is present; else of the department's present members the one
    with the fewest open cases, then the one who has waited longest; else the lead, marked as standing in.
    """
    manager = (account_manager or "").lower()
    candidates = _candidates(session, {*place.members, place.lead, *([manager] if manager else [])})
    own = next((one for one in candidates if manager and one.email == manager), None)
    if own is not None and not is_away(own, at) and role_of(policy, own.id, own.email).is_known:
        return Owner(own.id, "They are the account's own manager.")
    present = [one for one in candidates if one.is_called(place.members) and not is_away(one, at)]
    if others := [one for one in present if one.id != besides] or present:
        chosen = min(others, key=lambda one: (one.open_cases, _waited_since(one), one.id))
        return Owner(
            chosen.id,
            f"Of the {len(present)} present in {place.name}, they have the fewest open cases "
            f"({chosen.open_cases}) and have waited longest for one.",
        )
    lead = next((one for one in candidates if one.is_called([place.lead])), None)
    if lead is None:
        return Owner(None, f"Nobody of {place.name} is known in Slack yet.")
    return Owner(lead.id, f"Nobody of {place.name} is present, so its lead stands in.", is_stand_in=True)


def department(policy: Policy, key: str) -> Department:
    """Return this department; the default one when the policy has it no longer."""
    return next((one for one in policy.departments if one.key == key), policy.default_department)


def assigned(session: Session, member: str, *, at: datetime) -> None:
    """Remember that a case or task came to this member now, so that somebody else is next."""
    company = crowd.of(session)
    if company is None:
        _assign().run(session, {"member": member, "now": at})
        return
    company.change(_assign(), member, {"member": member, "now": at})
    company.memory("assigned")[member] = at


def members_called(session: Session, names: Iterable[str]) -> list[str]:
    """Give the ids of those whom the policy names so, by id or e-mail; who isn't known in Slack is left out."""
    return sorted(one.id for one in _candidates(session, {*names}))


def _waited_since(candidate: _Candidate) -> tuple[bool, float]:
    """Sort who never had a case first, then by how long ago the last one came."""
    return (candidate.assigned_at is not None, candidate.assigned_at.timestamp() if candidate.assigned_at else 0)


def _candidates(session: Session, names: set[str]) -> list[_Candidate]:
    company = crowd.of(session)
    if company is None:
        return _looked_up(session, names)
    known, called = company.memory("candidates"), frozenset(names)
    if called not in known:
        known[called] = _looked_up(session, called)
    # Of what is still to be written, the database hasn't counted anything yet.
    given, assigned_at = Counter(row["owner"] for row in company.waiting(Case)), company.memory("assigned")
    return [
        replace(one, open_cases=one.open_cases + given[one.id], assigned_at=assigned_at.get(one.id, one.assigned_at))
        for one in known[called]
    ]


def _looked_up(session: Session, names: Iterable[str]) -> list[_Candidate]:
    values = {f"name_{number}": name for number, name in enumerate(sorted(names))}
    return [_Candidate(*row) for row in _called(len(values)).all(session, values)]


@cache
def _called(count: int) -> Prepared:
    names = [bindparam(f"name_{number}", type_=MEMBERS.c.id.type) for number in range(count)]
    return Prepared(
        select(*(MEMBERS.c[one.name] for one in fields(_Candidate))).where(
            or_(MEMBERS.c.id.in_(names), MEMBERS.c.email.in_(names)), MEMBERS.c.is_deleted.is_(False)
        ),
        aside=True,
    )


@cache
def _assign() -> Prepared:
    return Prepared(update(MEMBERS).where(MEMBERS.c.id == bindparam("member")).values(assigned_at=bindparam("now")))
