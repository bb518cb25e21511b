"""The same figures once more, the slow and plain way: every row is read and looked at."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from statistics import mean, stdev
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from storage.tables import Case, Customer, Response
from workflows.figures import Filters

OPEN = ("new", "working", "ready")
OUTCOMES = ("told", "excused", "anonymous", "history")


class Brute:
    """All rows, and the figures that follow from them at an instant."""

    def __init__(self, session: Session, *, zone: ZoneInfo, at: datetime) -> None:
        self.zone, self.at = zone, at
        self.customers = {one.id: one for one in session.exec(select(Customer))}
        self.cases = {one.id: one for one in session.exec(select(Case))}
        self.responses = sorted(session.exec(select(Response)), key=lambda one: one.id or 0)
        self.first: dict[int, Response] = {}
        for one in self.responses:
            if one.band == "low" and one.case_id is not None:
                self.first.setdefault(one.case_id, one)

    def day(self, response: Response) -> date:
        return response.submitted_at.astimezone(self.zone).date()

    def low(self, first: date, last: date, filters: Filters) -> list[Response]:
        return [one for one in self.responses if one.band == "low" and self._in(one, first, last, filters)]

    def said(self, first: date, last: date, filters: Filters) -> list[Response]:
        return [one for one in self.responses if not filters.is_of_cases and self._in(one, first, last, filters)]

    def _in(self, one: Response, first: date, last: date, filters: Filters) -> bool:
        case = self.cases.get(one.case_id)
        return first <= self.day(one) <= last and all(
            wanted is None or wanted == (having or "")
            for wanted, having in (
                (filters.metric, one.metric),
                (filters.touchpoint, one.touchpoint),
                (filters.segment, one.segment),
                (filters.department, case and case.department),
                (filters.owner, case and case.owner),
                (filters.root_cause, case and case.root_cause),
            )
        )

    def is_anonymous(self, one: Response | Case) -> bool:
        return self.customers[one.customer_id].contactability == "anonymous"

    def outcome(self, one: Response) -> str:
        if one.case_id is None:
            return "history"
        if self.is_anonymous(one):
            return "anonymous"
        state = self.cases[one.case_id].state
        return state if state in {"told", "excused"} else "open"

    def loops(self, low: Iterable[Response]) -> dict[str, Any]:
        low = list(low)
        tellable = [self.cases[one.case_id] for one in low if self.outcome(one) in {"told", "open"}]
        cases = self.first_cases(low)
        return {
            "low": len(low),
            **{
                name: sum(self.outcome(one) == name for one in low)
                for name in ("told", "excused", "anonymous", "history")
            },
            "claimed": sum((one.claimed_at or one.resolved_at) is not None for one in tellable),
            "contacted": sum(one.contacted_at is not None for one in tellable),
            "resolved": sum(one.state in {"ready", "told"} for one in tellable),
            "reopened": (
                sum(one.reopened > 0 for one in cases),
                sum(one.reopened > 0 or one.state not in OPEN for one in cases),
            ),
            "in_limit": {clock: self.limit(cases, clock) for clock in ("claim", "contact", "tell")},
        }

    def first_cases(self, low: Iterable[Response]) -> list[Case]:
        return [self.cases[one.case_id] for one in low if one.case_id is not None and self.first[one.case_id] is one]

    def limit(self, cases: Iterable[Case], clock: str) -> tuple[int, int]:
        kept = late = 0
        for case in cases:
            done = self.done(case)[clock]
            due = {"claim": case.claim_due_at, "contact": case.contact_due_at, "tell": case.tell_due_at}[clock]
            if due is None or (clock != "claim" and self.is_anonymous(case)):
                continue
            if clock == "claim" and case.reopened and done is not None and done < case.waiting_since:
                continue
            kept += done is not None and done <= due
            late += done > due if done is not None else case.state in OPEN and due < self.at
        return kept, kept + late

    def done(self, case: Case) -> dict[str, datetime | None]:
        return {
            "claim": case.claimed_at or case.resolved_at,
            "contact": case.contacted_at,
            "tell": case.closed_at if case.state == "told" else None,
        }

    def wall(self, cases: Iterable[Case], clock: str) -> list[int]:
        found = []
        for case in cases:
            done = self.done(case)[clock]
            if done is not None:
                begun = case.waiting_since
                if clock == "claim" and done < begun:
                    begun = case.opened_at
                found.append(max(int(done.timestamp() // 1) - int(begun.timestamp() // 1), 0))
        return sorted(found)

    def working(self, cases: Iterable[Case], clock: str) -> list[float]:
        used = [(getattr(case, f"{clock}_used"), self.done(case)[clock]) for case in cases]
        return sorted(seconds for seconds, done in used if seconds is not None and done is not None)

    def score(self, said: Iterable[Response], metric: str) -> dict[str, Any] | None:
        given = [one for one in said if one.metric == metric]
        if not given:
            return None
        bands = {band: sum(one.band == band for one in given) for band in ("low", "neutral", "high")}
        share = 100 / len(given)
        value = (bands["high"] - bands["low"]) * share if metric == "nps" else bands["high"] * share
        if metric == "ces":
            value = mean(self.points(given))
        return {**bands, "count": len(given), "value": value}

    def points(self, given: list[Response]) -> list[float]:
        if len({(one.low_end, one.high_end, one.direction) for one in given}) == 1:
            return [one.score for one in given]
        happiness = [
            (one.score - one.low_end) / (one.high_end - one.low_end)
            if one.direction == "up"
            else (one.high_end - one.score) / (one.high_end - one.low_end)
            for one in given
        ]
        return [100 * one for one in happiness]

    def ces_margin(self, said: Iterable[Response]) -> float | None:
        given = [one for one in said if one.metric == "ces"]
        return 1.959964 * stdev(self.points(given)) / len(given) ** 0.5 if len(given) > 1 else None

    def waiting(self, is_wanted: Callable[[Case], bool]) -> tuple[int, float]:
        waits = [
            self.at - case.waiting_since
            for case in self.cases.values()
            if case.state in OPEN and case.contacted_at is None and not self.is_anonymous(case) and is_wanted(case)
        ]
        return len(waits), sum(waits, timedelta()) / timedelta(hours=1)

    def waited(self, end: datetime) -> tuple[int, float]:
        """Tell what waited at an instant of the past, from the cases as they are now."""
        waits = []
        for case_id in self.first:
            case = self.cases[case_id]
            answered = case.contacted_at or case.closed_at
            if not self.is_anonymous(case) and case.waiting_since <= end and (answered is None or answered > end):
                waits.append((end - case.waiting_since).total_seconds())
        return len(waits), sum(waits) / 3600

    def by(self, low: Iterable[Response], dimension: str) -> dict[str, list[Response]]:
        found: dict[str, list[Response]] = defaultdict(list)
        for one in low:
            row = one if dimension in {"touchpoint", "segment"} else self.cases.get(one.case_id)
            found[(getattr(row, dimension) if row else None) or ""].append(one)
        return found
