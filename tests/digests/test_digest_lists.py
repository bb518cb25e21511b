"""The lists of digests: who is on them, and that what is long past costs nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from digest_house import DAY, HOUR, MONDAY, Desk
from sqlalchemy import Engine, event
from sqlmodel import Session

from storage import digest_rows, rows
from storage.tables import Response
from storage.time_tables import Promise

NINE = MONDAY + HOUR


def test_each_case_is_on_the_lists_where_it_belongs(desk: Desk) -> None:
    free = desk.case()
    late = desk.case(owner="UANA", next_due_at=NINE - HOUR)
    today = desk.case(owner="UANA", next_due_at=NINE + HOUR)
    desk.case(owner="UANA", next_due_at=NINE + 2 * DAY)
    desk.case(department="billing")
    desk.ended("told", at=NINE - 2 * DAY)
    told = desk.ended("told", at=NINE - HOUR)
    excused = desk.ended("excused", at=NINE - HOUR, excuse="duplicate")
    desk.ended("excused", at=NINE - HOUR, excuse="anonymous")
    where = {"department": "support", "limit": 10}

    def found(session: Session) -> dict[str, list[int]]:
        since = {"since": NINE - DAY, "until": NINE, **where}
        return {
            "unowned": list(digest_rows.unowned(session, **where).ids),
            "overdue": list(digest_rows.overdue(session, at=NINE, **where).ids),
            "today": list(digest_rows.due_until(session, at=NINE, until=NINE + DAY, **where).ids),
            "told": list(digest_rows.ended(session, "told", **since).ids),
            "excused": list(digest_rows.ended(session, "excused", **since).ids),
        }

    assert desk.db.read_now(found) == {
        "unowned": [free],
        "overdue": [late],
        "today": [today],
        "told": [told],
        "excused": [excused],
    }


def test_promises_are_those_that_are_open_and_due(desk: Desk) -> None:
    case_id = desk.case()

    def work(session: Session) -> list[int]:
        known = {"case_id": case_id, "text": "I call you", "by": "UANA", "made_at": MONDAY}
        return [
            rows.add(session, Promise, **known, due_at=NINE + HOUR),
            rows.add(session, Promise, **known, due_at=NINE + 3 * DAY),
            rows.add(session, Promise, **known, due_at=NINE, state="kept"),
        ]

    first, *_ = desk.write(work)
    found = desk.db.read_now(
        lambda session: digest_rows.promised_until(session, department="support", until=NINE + DAY, limit=5)
    )

    assert (list(found.ids), found.count) == ([first], 1)


def test_a_list_says_how_many_there_are_beyond_those_it_names(desk: Desk) -> None:
    for _ in range(4):
        desk.case()

    found = desk.db.read_now(lambda session: digest_rows.unowned(session, department=None, limit=2))

    assert (len(found.ids), found.count) == (2, 4)


def test_the_most_urgent_that_waits_longest_is_worth_raising(desk: Desk) -> None:
    desk.case(urgency="normal", at=MONDAY - 9 * DAY)
    desk.case(urgency="urgent", at=MONDAY)
    long = desk.case(urgency="urgent", at=MONDAY - DAY)

    assert desk.db.read_now(lambda session: digest_rows.worth_raising(session, department="support")) == long


def test_what_is_learnt_is_of_the_cause_that_came_most_often(desk: Desk) -> None:
    for number, cause in enumerate(("product", "process", "process")):
        last = desk.ended("told", at=NINE - HOUR * (3 - number), root_cause=cause, what_changed="We check twice.")
    desk.ended("told", at=NINE, root_cause="people", what_changed="We trained.")

    found = desk.db.read_now(
        lambda session: digest_rows.worth_learning(session, department="support", since=NINE - DAY, until=NINE + HOUR)
    )

    assert found == last


@pytest.mark.parametrize("late", [0, 1, 499, 500])
def test_the_first_row_since_then_is_found_by_halving(desk: Desk, late: int) -> None:
    for number in range(8):
        desk.case(at=MONDAY + timedelta(hours=3 * number) + timedelta(minutes=late))
    table = rows.table_of(Response)

    def first(session: Session) -> int:
        return digest_rows.first_since(session, table, table.c.received_at, MONDAY + 13 * HOUR)

    found = desk.db.read_now(first)

    assert found == next(
        (one.id for one in desk.all(Response) if one.received_at >= MONDAY + 12 * HOUR), len(desk.all(Response)) + 1
    )


def test_open_cases_are_found_by_their_indexes(desk: Desk) -> None:
    if not desk.db.is_sqlite:
        pytest.skip("PostgreSQL chooses its plans by what is in the tables; here there is nothing.")
    asked: list[tuple[str, Any]] = []
    event.listen(Engine, "before_cursor_execute", note := _noting(asked))
    desk.db.read_now(
        lambda session: (
            digest_rows.unowned(session, department="support", limit=9),
            digest_rows.overdue(session, department="support", at=NINE, limit=9),
            digest_rows.due_until(session, department=None, at=NINE, until=NINE + DAY, limit=9),
            digest_rows.worth_raising(session, department=None),
            digest_rows.busy_members(session),
        )
    )
    event.remove(Engine, "before_cursor_execute", note)

    def plans(session: Session) -> list[str]:
        connection = session.connection()
        return [
            row[3]
            for statement, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    read = [one for one in desk.db.read_now(plans) if " cases" in one]
    assert len(read) >= 8
    assert [one for one in read if "ix_cases_open" not in one] == []


def _noting(asked: list[tuple[str, Any]]) -> Callable[..., None]:
    def note(_conn: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    return note
