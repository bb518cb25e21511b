"""Many responses at once, from a file: what is new and needs no case is written set by set, the rest one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from storage import known, rows
from storage.tables import Customer, Response
from workflows import amendments, customers, intake
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Band


class Taken(NamedTuple):
    """What became of an answer: `new`, `changed`, `known` or `refused`, and for a refused one the reason.

    `case_id` is the case of a low one; a low one without a case is `is_history`: too old to be followed up.
    """

    outcome: str
    reason: str = ""
    case_id: int | None = None
    is_history: bool = False


_NEW, _KNOWN, _HISTORY = Taken("new"), Taken("known"), Taken("new", is_history=True)


def receive_many(
    session: Session,
    answers: Sequence[Answer],
    *,
    policy: Policy,
    policy_version: int | None,
    at: datetime,
    cases_since: datetime | None = None,
) -> list[Taken]:
    """Remember responses as `intake.receive` would, one after the other; gives what became of each."""
    return Part(answers).receive(session, policy=policy, policy_version=policy_version, at=at, cases_since=cases_since)


class Part:
    """Answers that are received together. What can be said without the database is said when it is made.

    So the transaction is short for those who wait for it.
    """

    def __init__(self, answers: Sequence[Answer]) -> None:
        """Look at the answers."""
        self.answers = answers
        self.names = [customers.identities(one) for one in answers]
        self.responses = [(one.source, one.external_id) for one in answers]
        self.bands = [_band(one) for one in answers]

    def receive(
        self,
        session: Session,
        *,
        policy: Policy,
        policy_version: int | None,
        at: datetime,
        cases_since: datetime | None = None,
    ) -> list[Taken]:
        """Do as `receive_many` does; if the transaction fails, it may be done again in another."""
        known.plan_anew(session)
        writing = _Writing(session, self, at=at, cases_since=cases_since)
        taken = [*map(writing.taken, self.answers, self.names, self.responses, self.bands)]
        writing.write()
        how = {"policy": policy, "policy_version": policy_version, "at": at, "cases_since": cases_since}
        return [found or _one(session, answer, **how) for answer, found in zip(self.answers, taken, strict=True)]


def _band(answer: Answer) -> Band | Taken:
    """Give the band of an answer, or refuse it."""
    try:
        return answer.scale.band(answer.score)
    except ValueError as problem:
        return Taken("refused", str(problem))


def _one(session: Session, answer: Answer, **how: Any) -> Taken:
    try:
        received = intake.receive(session, answer, **how)
    except ValueError as problem:
        return Taken("refused", str(problem))
    if not received.is_new:
        return Taken("changed", case_id=received.case_id) if received.is_changed else _KNOWN
    is_history = answer.scale.band(answer.score) == "low" and intake.is_history(answer, how["cases_since"])
    return Taken("new", case_id=received.case_id, is_history=is_history)


class _Writing:
    """What the database knows of a part's answers, and the new rows that they make.

    An answer is left to `intake.receive` when there is more to do than to write it down, and so is every later one of
    the same response or customer: their order counts.
    """

    def __init__(self, session: Session, part: Part, *, at: datetime, cases_since: datetime | None) -> None:
        self._session, self._at, self._since = session, at, cases_since
        # Of one that is new in this part: the best name of whoever gave it.
        self._responses: dict[tuple[str, str], Mapping[str, Any] | str] = {**known.responses(session, part.responses)}
        self._customers = known.customers(session, [name for names in part.names for name in names])
        self._new = _NewCustomers(at)
        # Each with its band, its customer, and the segment that they were in as they gave it. A customer is an id, or,
        # for one who has none yet, the complement of their place among the new ones.
        self._written: list[tuple[Answer, Band, int, str | None]] = []
        self._left: set[str | tuple[str, str]] = set()

    def taken(self, answer: Answer, names: list[str], response: tuple[str, str], band: Band | Taken) -> Taken | None:
        """Say what became of the next answer; None: it is left to `intake.receive`."""
        if isinstance(band, Taken):
            return band
        row = self._responses.get(response)
        if self._left and not self._left.isdisjoint(_touched(response, names, row)):
            found = None
        elif row is not None:
            found = self._heard_again(answer, row)
        else:
            found = self._written_down(answer, names, response, band)
        if found is None:
            self._left.update(_touched(response, names, row))
        return found

    def write(self) -> None:
        """Write the new customers and responses."""
        ids = self._new.write(self._session)
        if not self._written:
            return
        answers, bands, whose, segments = map(list, zip(*self._written, strict=True))
        columns = intake.columns_of(answers) | {
            "band": bands,
            "customer_id": [one if one >= 0 else ids[~one] for one in whose],
            "segment": segments,
            "case_id": [None] * len(answers),
            "received_at": [self._at] * len(answers),
        }
        rows.add_columns(self._session, Response, columns)

    def _written_down(self, answer: Answer, names: list[str], response: tuple[str, str], band: Band) -> Taken | None:
        is_low = band == "low"
        if is_low and not intake.is_history(answer, self._since):
            return None
        new, segment = self._new, answer.segment
        for name in names:
            if (place := new.places.get(name)) is not None:
                segment = new.improve(place, answer, names)
                customer = ~place
                break
            if name in self._customers:
                row = self._customers[name]
                if row["has_cases"] or not customers.is_as_said(row, answer, names):
                    return None
                customer, segment = row["id"], row["segment"]
                break
        else:
            customer = ~new.add(answer, names[0])
        self._responses[response] = names[0]
        self._written.append((answer, band, customer, segment))
        return _HISTORY if is_low else _NEW

    def _heard_again(self, answer: Answer, row: Mapping[str, Any] | str) -> Taken | None:
        """Say that an answer is known, if it surely says nothing new; not of one that is only known from this part."""
        if isinstance(row, str):
            return None
        customer = self._customers.get(row["identity"])
        return _KNOWN if customer is not None and amendments.says_nothing_new(row, customer, answer) else None


def _touched(
    response: tuple[str, str], names: Sequence[str], row: Mapping[str, Any] | str | None
) -> set[str | tuple[str, str]]:
    """Name what an answer may change: a response that is known may be another customer's."""
    known_as = names[0] if row is None else row if isinstance(row, str) else row["identity"]
    return {response, known_as, *names}


class _NewCustomers:
    """Customers who are to be written: as the first of their answers describes them, with what later ones add."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self.places: dict[str, int] = {}
        self._answers: list[Answer] = []
        self._identities: list[str] = []
        self._improved: dict[int, dict[str, Any]] = {}

    def add(self, answer: Answer, identity: str) -> int:
        """Add somebody whose first answer this is; gives their place."""
        place = self.places[identity] = len(self._answers)
        self._answers.append(answer)
        self._identities.append(identity)
        return place

    def improve(self, place: int, answer: Answer, names: Sequence[str]) -> str | None:
        """Take over what another answer of theirs says newly; gives the segment that they are in now."""
        identity = self._identities[place]
        if (row := self._improved.get(place)) is None:
            row = self._improved[place] = customers.row_of(self._answers[place], identity, at=self._at)
        row |= customers.news_of(row, answer)
        if identity != names[0]:  # known by the tool's id so far, by address from now on
            del self.places[identity]
            self.places[names[0]] = place
            row["identity"] = self._identities[place] = names[0]
        segment: str | None = row["segment"]
        return segment

    def write(self, session: Session) -> list[int]:
        """Write them; gives their ids in the order of their places."""
        if not self._answers:
            return []
        ids = rows.next_ids(session, {Customer: len(self._answers)})[Customer]
        columns = {"id": ids} | customers.columns_of(self._answers, self._identities, at=self._at)
        for place, row in self._improved.items():
            for name, value in row.items():
                columns[name][place] = value
        rows.add_columns(session, Customer, columns)
        return ids
