"""All that is known of a case, gathered for showing it: a few queries for any number of cases."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeVar

from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.among import is_among, listed
from storage.rows import table_of
from storage.tables import Approval, Card, Case, Customer, Event, Member, Outreach, Response, Task
from storage.time_tables import Pause, Promise

Row = TypeVar("Row", bound=SQLModel)

# A card shows the latest few; whoever wants more opens the case.
EARLIER_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with everything that a view of it may show. Lists are oldest first."""

    case: Case
    customer: Customer
    responses: Sequence[Response]
    """Those that belong to this case; the first opened it."""
    tasks: Sequence[Task]
    events: Sequence[Event]
    outreaches: Sequence[Outreach]
    approval: Approval | None
    """The excuse that a manager is asked about right now."""
    earlier_cases: Sequence[Case]
    earlier_responses: Sequence[Response]
    """Of the same customer, and not of this case."""
    cards: Sequence[Card]
    pauses: Sequence[Pause] = ()
    promises: Sequence[Promise] = ()
    members: dict[str, Member] = field(default_factory=dict)
    """By id: everybody who is named on the case."""

    @property
    def waiting_mail(self) -> Outreach | None:
        """Give the mail that is on its way, or may still be taken back."""
        on_the_way = ("waiting", "sending", "unclear")
        return next((one for one in reversed(self.outreaches) if one.state in on_the_way), None)

    def name_of(self, member_id: str | None) -> str:
        """Name a person in plain words: for texts in which Slack draws no mention."""
        member = self.members.get(member_id or "")
        return member.name if member else (member_id or "nobody")


def case_files(session: Session, ids: Collection[int], *, events: Collection[int] | None = None) -> dict[int, CaseFile]:
    """Gather case files by case id; ids that don't exist are left out.

    `events` are the ids of those that are shown; None: any of them may be.
    """
    if not ids:
        return {}
    dialect = session.get_bind().dialect.name
    all_cases = _grouped(session, _of_same_customers(dialect), ids, by="customer_id")
    theirs = _those(Response, "customer_id", ("submitted_at", "id"), dialect)
    responses = _grouped(session, theirs, all_cases, by="customer_id")
    customers = _grouped(session, _those(Customer, "id", ("id",), dialect), all_cases, by="id")
    tasks, outreaches = _of_cases(session, Task, ids), _of_cases(session, Outreach, ids)
    happened = _of_cases(session, Event, ids) if events is None else _events(session, events)
    cards, approvals = _of_cases(session, Card, ids), _of_cases(session, Approval, ids)
    pauses, promises = _of_cases(session, Pause, ids), _of_cases(session, Promise, ids)
    cases = {one.id: one for several in all_cases.values() for one in several if one.id}
    files = {}
    for case_id in sorted(cases.keys() & ids):
        case = cases[case_id]
        answers, before = responses[case.customer_id], all_cases[case.customer_id]
        files[case_id] = CaseFile(
            case=case,
            customer=customers[case.customer_id][0],
            responses=[one for one in answers if one.case_id == case_id],
            tasks=tasks[case_id],
            events=happened[case_id],
            outreaches=outreaches[case_id],
            approval=next((one for one in approvals[case_id] if one.decision is None), None),
            earlier_cases=[one for one in before if one.id and one.id < case_id][-EARLIER_SHOWN:],
            earlier_responses=[one for one in answers if one.case_id != case_id][-EARLIER_SHOWN:],
            cards=cards[case_id],
            pauses=pauses[case_id],
            promises=promises[case_id],
        )
    _add_members(session, files.values())
    return files


def case_file(session: Session, case_id: int) -> CaseFile | None:
    """Gather one case file; None: there is no such case."""
    return case_files(session, [case_id]).get(case_id)


def _of_cases(session: Session, model: type[Row], ids: Collection[int]) -> dict[int, list[Row]]:
    statement = _those(model, "case_id", ("id",), session.get_bind().dialect.name)
    return _grouped(session, statement, ids, by="case_id")


def _events(session: Session, ids: Collection[int]) -> dict[int, list[Event]]:
    statement = _those(Event, "id", ("id",), session.get_bind().dialect.name)
    return _grouped(session, statement, ids, by="case_id") if ids else defaultdict(list)


def _grouped(
    session: Session, statement: SelectOfScalar[Row], values: Collection[int], *, by: str
) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in session.exec(statement, params=listed(values, session.get_bind().dialect.name)):
        found[getattr(row, by)].append(row)
    return found


@cache
def _those(model: type[Row], column: str, order: tuple[str, ...], dialect: str) -> SelectOfScalar[Row]:
    columns = table_of(model).c
    return select(model).where(is_among(columns[column], dialect)).order_by(*(columns[name] for name in order))


@cache
def _of_same_customers(dialect: str) -> SelectOfScalar[Case]:
    """Find these cases, and all others of their customers."""
    cases = table_of(Case).c
    theirs = select(cases.customer_id).where(is_among(cases.id, dialect))
    return select(Case).where(cases.customer_id.in_(theirs)).order_by(cases.opened_at, cases.id)


def _add_members(session: Session, files: Collection[CaseFile]) -> None:
    named: dict[int | None, set[str]] = {}
    for file in files:
        people = {file.case.owner}
        people |= {person for task in file.tasks for person in (task.owner, task.created_by, task.closed_by)}
        people |= {event.by for event in file.events} | {one.by for one in file.outreaches}
        people |= {file.approval.asked_by} if file.approval else set()
        people |= {one.by for one in file.pauses} | {one.by for one in file.promises}
        people |= {str(one.facts.get(side)) for one in file.events if one.by == "hearback" for side in ("from", "to")}
        named[file.case.id] = {person for person in people if person}
    wanted = set().union(*named.values())
    dialect = session.get_bind().dialect.name
    statement = _those(Member, "id", ("id",), dialect)
    members = {one.id: one for one in session.exec(statement, params=listed(wanted, dialect))}
    for file in files:
        file.members.update({one: members[one] for one in named[file.case.id] if one in members})
