"""What the import tests are made of: a database with a policy, answers, CSV files, and what is remembered of them."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel, col, func, select

from bot.policies import apply
from storage.database import Database
from storage.tables import Case, Customer, Event, Response
from workflows import bulk, intake
from workflows.answers import Answer
from workflows.policy import load
from workflows.scales import DEFAULT_SCALES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY_TEXT = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UANA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[mail]
from = "care@lumendesk.example"
"""
POLICY = load(POLICY_TEXT)


def answer(external_id: str, score: float, *, days_ago: float = 100, **more: Any) -> Answer:
    """Make an answer of the customer `jane@acme.test`, unless `more` says otherwise."""
    said: dict[str, Any] = {"email": "jane@acme.test", "name": "Jane Doe", **more}
    return Answer(
        source="csv",
        external_id=external_id,
        score=score,
        scale=DEFAULT_SCALES["nps"],
        submitted_at=NOW - timedelta(days=days_ago),
        **said,
    )


@dataclass(slots=True)
class Importing:
    """A database, and two ways into it: the bulk and one after the other."""

    db: Database
    version: int

    def together(self, *answers: Answer) -> list[bulk.Taken]:
        since = NOW - timedelta(days=14)
        return self.db.write_now(
            lambda session: bulk.receive_many(
                session, answers, policy=POLICY, policy_version=self.version, at=NOW, cases_since=since
            )
        )

    def one_by_one(self, *answers: Answer) -> None:
        since = NOW - timedelta(days=14)
        for one in answers:
            self.db.write_now(
                lambda session, one=one: intake.receive(  # type: ignore[misc] # its loop variable
                    session, one, policy=POLICY, policy_version=self.version, at=NOW, cases_since=since
                )
            )

    def webhook(self, one: Answer) -> intake.Received:
        return self.db.write_now(
            lambda session: intake.receive(session, one, policy=POLICY, policy_version=self.version, at=NOW)
        )

    def count(self) -> int:
        """Count the responses that are committed."""
        return self.db.read_now(lambda session: session.exec(select(func.count(col(Response.id)))).one())

    def responses(self) -> list[Response]:
        return self._all(Response)

    def customers(self) -> list[Customer]:
        return self._all(Customer)

    def cases(self) -> list[Case]:
        return self._all(Case)

    def events(self) -> list[Event]:
        return self._all(Event)

    def told(self) -> dict[str, Any]:
        """Give all that is remembered, without the numbers of rows."""
        customers = {one.id: one for one in self.customers()}
        cases = {one.id: (customers[one.customer_id].identity, one.state, one.urgency) for one in self.cases()}
        return {
            "customers": sorted(_plain(one) for one in customers.values()),
            "responses": sorted(
                (_plain(one), customers[one.customer_id].identity, cases.get(one.case_id)) for one in self.responses()
            ),
            "cases": sorted(cases.values()),
            "events": sorted((cases[one.case_id][0], one.kind, one.text) for one in self.events()),
        }

    def _all(self, model: Any) -> list[Any]:
        return list(self.db.read_now(lambda session: session.exec(select(model).order_by(col(model.id))).all()))


def importing(url: str) -> Importing:
    """Open a house on a database that has all tables."""
    db = Database(url)
    return Importing(db, db.write_now(lambda session: apply(session, POLICY, by="UANA", at=NOW)))


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write a file whose first line names the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


def _plain(row: SQLModel) -> str:
    return str(
        sorted((key, value) for key, value in row.model_dump().items() if key not in {"id", "customer_id", "case_id"})
    )
