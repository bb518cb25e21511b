"""What a sweep asks of the database is answered by indexes of what is still open: closed cases cost nothing."""

import pytest
from chasing_house import DAY, HOUR, START, House
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from storage import due
from storage.tables import Case

INDEXES = (
    "ix_cases_open_step",
    "ix_tasks_open_step",
    "ix_promises_open_step",
    "ix_pings_held",
    "ix_cases_lent",
    "ix_tasks_lent",
)


@pytest.mark.parametrize("number", range(len(INDEXES)))
def test_every_question_of_a_sweep_is_answered_by_its_index(house: House, number: int) -> None:
    house.case()
    is_sqlite = house.db.is_sqlite
    dialect = sqlite.dialect() if is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call] # has no types
    statement = due.statements(START)[number].limit(50)
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def plan(session: object) -> str:
        connection = session.connection()  # type: ignore[attr-defined] # any session
        if not is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        return "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {sql}"))

    found = house.db.read_now(plan)

    assert INDEXES[number] in found
    assert not [table for table in ("cases", "tasks", "promises", "pings") if f"SCAN {table}\n" in f"{found}\n"]
    assert "Seq Scan" not in found


def test_a_closed_case_is_not_looked_at_whatever_its_row_says(house: House) -> None:
    case_id = house.case()
    house.change(Case, case_id, state="told", closed_at=START, next_step_at=START)

    assert house.sweep(START + DAY) == 0


def test_where_nothing_is_due_nothing_is_found(house: House) -> None:
    house.case()

    assert not house.db.read_now(lambda session: due.anything(session, at=START + 2 * HOUR))
    assert house.db.read_now(lambda session: due.anything(session, at=START + 3 * HOUR))
