"""Thousands of rows in a few statements are what they would be one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from import_house import NOW, POLICY, Importing, answer, importing
from sqlalchemy import text
from sqlmodel import Session, col, select

from storage import known, prepared, rows
from storage.tables import Customer
from workflows import bulk

BERLIN = timezone(timedelta(hours=1))


@pytest.fixture
def house(database_url: str) -> Iterator[Importing]:
    found = importing(database_url)
    yield found
    found.db.close()


def customer(number: int, **more: Any) -> dict[str, Any]:
    return {"identity": f"mail:{number}", "contactability": "contactable", "created_at": NOW, **more}


def added(house: Importing, some: list[dict[str, Any]]) -> list[Customer]:
    """Write these customers, and read them again."""
    house.db.write_now(lambda session: rows.add_all(session, Customer, some))
    return house.customers()


@pytest.mark.parametrize("count", [101, 128, 1_023, 1_024, 1_025, 2_500])
def test_any_number_of_rows_is_written_in_its_order(count: int, house: Importing) -> None:
    some = [customer(number, name=f"Name {number}", segment="smb") for number in range(count)]

    found = added(house, some)

    assert [(one.identity, one.name, one.segment) for one in found] == [
        (f"mail:{number}", f"Name {number}", "smb") for number in range(count)
    ]


def test_a_value_that_is_the_same_in_all_rows_but_one_stays_that_ones(house: Importing) -> None:
    some = [customer(number, name="Ann", language=None, account_value=0.0) for number in range(300)]
    some[150] |= {"name": None, "language": "de", "account_value": 1.5, "created_at": NOW + timedelta(hours=1)}

    found = added(house, some)

    told = [(one.name, one.language, one.account_value, one.created_at) for one in found]
    assert told[150] == (None, "de", 1.5, NOW + timedelta(hours=1))
    assert {*told[:150], *told[151:]} == {("Ann", None, 0.0, NOW)}


def test_rows_that_differ_in_nothing_but_their_id_take_no_statement_that_is_too_long(house: Importing) -> None:
    some = [customer(number) for number in range(5_000)]

    assert len(added(house, some)) == 5_000


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 5, 7, 12, tzinfo=UTC),
        datetime(2026, 3, 2, 0, 30, tzinfo=BERLIN),
        datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_time_is_found_again_by_those_who_write_it_otherwise(at: datetime, house: Importing) -> None:
    added(house, [customer(number, opted_out_at=at) for number in range(200)])

    found = house.db.read_now(
        lambda session: session.exec(select(Customer).where(col(Customer.opted_out_at) == at)).all()
    )

    assert [one.opted_out_at for one in found] == [at] * 200


def test_a_time_without_an_offset_is_refused(house: Importing) -> None:
    with pytest.raises(ValueError, match=r"offset|timezone"):
        added(house, [customer(number, opted_out_at=datetime(2026, 3, 2)) for number in range(200)])  # noqa: DTZ001 -- meant so

    assert house.customers() == []


def test_a_statement_takes_a_power_of_two_rows_so_that_few_are_kept_prepared(
    house: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.db.is_sqlite:
        pytest.skip("PostgreSQL takes a stream")
    sizes: list[int] = []
    execute = prepared._Driven.execute

    def counted(driven: prepared._Driven, sql: str, bound: Any) -> None:
        sizes.append(sql.count("(") - 1)
        execute(driven, sql, bound)

    monkeypatch.setattr(prepared._Driven, "execute", counted)
    added(house, [customer(number) for number in range(1_500)])

    assert [one & (one - 1) for one in sizes] == [0] * len(sizes)
    assert sum(sizes) == 1_500


@pytest.mark.parametrize("name", ['a"b', "a\\b", "ä😀", "[1, 2]", "null", "a','b", "7", "{x}"])
def test_any_id_is_known_again(name: str, house: Importing) -> None:
    some = [answer(name, 9, email=None, customer_id=name), answer(f"{name}.", 9, email=None, customer_id=name)]

    first, second = house.together(*some), house.together(*some)

    assert [one.outcome for one in first] == ["new", "new"]
    assert [one.outcome for one in second] == ["known", "known"]
    assert len(house.customers()) == 1


def test_a_part_whose_transaction_fails_is_received_by_the_next_one(house: Importing) -> None:
    part = bulk.Part([answer("a", 9), answer("b", 2, email="max@acme.test"), answer("c", 2, days_ago=1)])

    def received(session: Session, *, fails: bool) -> list[str]:
        taken = part.receive(
            session, policy=POLICY, policy_version=house.version, at=NOW, cases_since=NOW - timedelta(days=14)
        )
        if fails:
            raise ConnectionError
        return [one.outcome for one in taken]

    with pytest.raises(ConnectionError):
        house.db.write_now(lambda session: received(session, fails=True))
    nothing = house.count()
    found = house.db.write_now(lambda session: received(session, fails=False))

    assert nothing == 0
    assert found == ["new", "new", "new"]
    assert {one.external_id for one in house.responses()} == {"a", "b", "c"}
    assert [one.identity for one in house.customers()] == ["mail:jane@acme.test", "mail:max@acme.test"]


def test_a_look_for_some_of_many_reads_no_more_than_those(house: Importing) -> None:
    """Nobody has counted the rows of a table that an import fills just now: PostgreSQL read all of them each time."""
    if house.db.is_sqlite:
        pytest.skip("SQLite counts nothing that it reads, and has no plan but the index.")
    house.together(*(answer(f"r{n}", 9, email=f"c{n}@acme.test") for n in range(6_000)))
    ids = [*range(0, 5_000, 50), *range(10_000, 10_400)]
    counted = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = :table")

    def read(session: Session) -> list[int]:
        connection = session.connection()
        return [int(connection.execute(counted, {"table": one}).scalar_one()) for one in ("responses", "customers")]

    def look(session: Session) -> tuple[int, int, list[int]]:
        before = read(session)
        found = len(known.responses(session, [("csv", f"r{n}") for n in ids]))
        people = len(known.customers(session, [f"mail:c{n}@acme.test" for n in ids]))
        return found, people, [after - one for after, one in zip(read(session), before, strict=True)]

    assert house.db.read_now(look) == (100, 100, [100, 200])  # each response with its customer's name
