"""All that is known of a case, gathered for showing it: a few queries for any number of cases."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlmodel import Session, SQLModel, col, select

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


def case_files(session: Session, ids: Collection[int]) -> dict[int, CaseFile]:
    """Gather case files by case id; ids that don't exist are left out."""
    cases = {case.id: case for case in session.exec(select(Case).where(col(Case.id).in_(ids)))}
    customer_ids = {case.customer_id for case in cases.values()}
    customers = {one.id: one for one in session.exec(select(Customer).where(col(Customer.id).in_(customer_ids)))}
    responses: dict[int, list[Response]] = defaultdict(list)
    for response in session.exec(
        select(Response)
        .where(col(Response.customer_id).in_(customer_ids))
        .order_by(col(Response.submitted_at), col(Response.id))
    ):
        responses[response.customer_id].append(response)
    all_cases: dict[int, list[Case]] = defaultdict(list)
    for case in session.exec(
        select(Case).where(col(Case.customer_id).in_(customer_ids)).order_by(col(Case.opened_at), col(Case.id))
    ):
        all_cases[case.customer_id].append(case)
    tasks, events = _of_cases(session, Task, ids), _of_cases(session, Event, ids)
    outreaches, cards = _of_cases(session, Outreach, ids), _of_cases(session, Card, ids)
    pauses, promises = _of_cases(session, Pause, ids), _of_cases(session, Promise, ids)
    approvals = {
        one.case_id: one
        for one in session.exec(
            select(Approval).where(col(Approval.case_id).in_(ids), col(Approval.decision).is_(None))
        )
    }
    files = {}
    for case_id, case in cases.items():
        assert case_id is not None
        files[case_id] = CaseFile(
            case=case,
            customer=customers[case.customer_id],
            responses=[one for one in responses[case.customer_id] if one.case_id == case_id],
            tasks=tasks[case_id],
            events=events[case_id],
            outreaches=outreaches[case_id],
            approval=approvals.get(case_id),
            earlier_cases=[one for one in all_cases[case.customer_id] if one.id and one.id < case_id][-EARLIER_SHOWN:],
            earlier_responses=[one for one in responses[case.customer_id] if one.case_id != case_id][-EARLIER_SHOWN:],
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
    found: dict[int, list[Row]] = defaultdict(list)
    columns = model.__table__.c  # type: ignore[attr-defined] # SQLModel makes it; its types don't say so
    for row in session.exec(select(model).where(columns.case_id.in_(ids)).order_by(columns.id)):
        found[row.case_id].append(row)  # type: ignore[attr-defined] # every model that is asked for here has it
    return found


def _add_members(session: Session, files: Collection[CaseFile]) -> None:
    named: dict[int | None, set[str]] = {}
    for file in files:
        people = {file.case.owner, *(task.owner for task in file.tasks), *(task.closed_by for task in file.tasks)}
        people |= {event.by for event in file.events} | {one.by for one in file.outreaches}
        people |= {file.approval.asked_by} if file.approval else set()
        people |= {one.by for one in file.pauses} | {one.by for one in file.promises}
        people |= {str(one.facts.get(side)) for one in file.events if one.by == "hearback" for side in ("from", "to")}
        named[file.case.id] = {person for person in people if person}
    wanted = set().union(*named.values())
    members = {one.id: one for one in session.exec(select(Member).where(col(Member.id).in_(wanted)))}
    for file in files:
        file.members.update({one: members[one] for one in named[file.case.id] if one in members})
