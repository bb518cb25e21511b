"""What the Slack half keeps in the database, on both databases: what was seen, where cards stand, who is who."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import cards, members, outbox, rows
from storage.database import Database
from storage.members import Profile
from storage.open_lists import Which, open_list
from storage.seen import first_time
from storage.tables import Card, Case, Customer, Intent, Member, Seen, Task

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_a_key_is_new_once(db: Database) -> None:
    found = [db.write_now(lambda session: first_time(session, "view:V1", AT)) for _ in range(3)]

    assert found == [True, False, False]


def test_what_failed_may_be_done_again(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        db.write_now(lambda session: first_time(session, "view:V1", AT) and 1 / 0)

    assert db.write_now(lambda session: first_time(session, "view:V1", AT)) is True


def test_of_two_at_once_the_second_waits_for_the_first(db: Database) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(session: Session) -> bool:
        is_new = first_time(session, "view:V1", AT)
        begun.set()
        may_end.wait(2)
        return is_new

    first = db.submit(slow)
    begun.wait(2)
    second = db.submit(lambda session: first_time(session, "view:V1", AT))
    may_end.set()

    assert (first.result(5), second.result(5)) == (True, False)
    assert db.read_now(lambda session: session.exec(select(Seen.key)).all()) == ["view:V1"]


def test_a_pressed_copy_replaces_the_known_card(db: Database) -> None:
    case_id = db.write_now(new_case)

    def adopt(ts: str) -> bool:
        return db.write_now(
            lambda session: cards.adopt(session, subject=f"case:{case_id}", place="#support", channel="C1", ts=ts)
        )

    assert [adopt("1.1"), adopt("1.1"), adopt("2.2"), adopt("2.2")] == [True, False, True, False]
    assert db.read_now(lambda session: session.exec(select(Card.ts)).all()) == ["2.2"]
    assert db.read_now(lambda session: cards.stands_at(session, channel="C1", ts="2.2")) == case_id
    assert db.read_now(lambda session: cards.stands_at(session, channel="C1", ts="1.1")) is None


def test_a_subject_leads_to_its_case(db: Database) -> None:
    case_id = db.write_now(new_case)
    task_id = db.write_now(
        lambda session: rows.add(
            session, Task, case_id=case_id, title="Do it", department="support", created_by="UANA", created_at=AT
        )
    )
    subjects = (f"case:{case_id}", f"owner:{case_id}", f"task:{task_id}", "case:4711", "home:1", "case:", "case:x", "")

    found = [db.read_now(lambda session, subject=subject: cards.case_of(session, subject)) for subject in subjects]  # type: ignore[misc] # bound by its default

    assert found == [case_id, case_id, case_id, None, None, None, None, None]


def test_one_person_twice_in_a_list_is_one_person(db: Database) -> None:
    first, last = (Profile("UANA", name, None, None, is_present=True, is_deleted=False) for name in ("Ana", "Ana M."))

    db.write_now(lambda session: members.remember(session, [first, last]))

    assert db.read_now(lambda session: session.exec(select(Member.name)).all()) == ["Ana M."]
    assert db.read_now(lambda session: members.names(session, ["UANA", "UNOBODY"])) == {"UANA": "Ana M."}


def test_open_cases_are_listed_by_what_is_asked(db: Database) -> None:
    late = db.write_now(lambda session: new_case(session, next_due_at=AT - timedelta(hours=1)))
    mine = db.write_now(lambda session: new_case(session, owner="UANA", next_due_at=AT + timedelta(hours=1)))
    other = db.write_now(lambda session: new_case(session, department="billing", owner="UANA", next_due_at=None))
    db.write_now(lambda session: new_case(session, state="told", closed_at=AT))

    def listed(which: Which, **more: Any) -> tuple[list[int | None], int]:
        found = db.read_now(lambda session: open_list(session, which, at=AT, **{"limit": 9, **more}))
        return [one.case.id for one in found.files], found.count

    assert listed("open") == ([late, mine, other], 3)
    assert listed("open", limit=1) == ([late], 3)
    assert listed("open", owner="UANA") == ([mine, other], 2)
    assert listed("overdue") == listed("unowned") == ([late], 1)
    assert listed("unowned", departments=["billing"]) == ([], 0)


def test_what_is_known_about_a_drawing_stays_when_others_want_it(db: Database) -> None:
    home = outbox.home("UNORA")
    db.write_now(lambda session: outbox.want(session, [home], at=AT))
    db.write_now(lambda session: outbox.remember(session, home.key, {**home.facts, "department": "billing"}))

    db.write_now(lambda session: outbox.want(session, [home], at=AT))

    [kept] = db.read_now(lambda session: session.exec(select(Intent)).all())
    assert (kept.facts, kept.wanted) == ({"member": "UNORA", "department": "billing"}, 2)


def test_what_has_been_sent_is_not_withdrawn(db: Database) -> None:
    db.write_now(lambda session: outbox.want(session, [outbox.home("UNORA"), outbox.home("UANA")], at=AT))
    db.write_now(
        lambda session: session.exec(update(Intent).where(col(Intent.key) == "home:UANA").values(state="sent"))
    )

    db.write_now(lambda session: [outbox.withdraw(session, f"home:{one}") for one in ("UNORA", "UANA")])

    assert db.read_now(lambda session: session.exec(select(Intent.key)).all()) == ["home:UANA"]


def new_case(session: Session, **more: object) -> int:
    number = len(session.exec(select(Customer.id)).all())
    customer = rows.add(session, Customer, identity=f"mail:{number}@acme.test", created_at=AT)
    case_id = rows.add(
        session,
        Case,
        **{
            "customer_id": customer,
            "department": "support",
            "channel": "#support",
            "opened_at": AT,
            "waiting_since": AT,
            **more,
        },
    )
    assert session.exec(select(Case.id).where(col(Case.id) == case_id)).one() == case_id
    return case_id
