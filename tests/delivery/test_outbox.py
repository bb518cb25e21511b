"""What is left in the outbox: once for ever, or drawn again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import outbox
from storage.database import Database
from storage.tables import Intent

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def intents(db: Database) -> list[Intent]:
    return db.read_now(lambda session: list(session.exec(select(Intent).order_by(col(Intent.id)))))


def change(db: Database, **values: Any) -> None:
    db.write_now(lambda session: session.connection().execute(update(Intent).values(**values)))


def want_home(db: Database, *, at: datetime = AT) -> None:
    db.write_now(lambda session: outbox.want(session, [outbox.home("U1")], at=at))


def test_one_key_is_left_once_for_ever(db: Database) -> None:
    def leave(session: Session) -> None:
        outbox.leave(session, key="mail:1", kind="mail", lane="mail:a.test", facts={}, case_id=None, at=AT)

    db.write_now(leave)
    change(db, state="sent")
    db.write_now(leave)

    assert [(one.key, one.state, one.wanted) for one in intents(db)] == [("mail:1", "sent", 1)]


def test_what_may_only_go_out_later_says_when(db: Database) -> None:
    later = AT + timedelta(minutes=2)
    mail = outbox.mail(9, recipient="jane@Acme.Test", case_id=1)

    db.write_now(
        lambda session: outbox.leave_all(
            session, [outbox.Want(mail.key, mail.kind, mail.lane, mail.facts)], at=AT, not_before=later
        )
    )

    (one,) = intents(db)
    assert (one.key, one.lane, one.not_before, one.facts) == ("mail:9", "mail:acme.test", later, {"outreach_id": 9})


def test_many_wants_before_the_drawing_are_one_drawing(db: Database) -> None:
    want_home(db)
    want_home(db)

    assert [(one.wanted, one.state) for one in intents(db)] == [(2, "waiting")]


def test_a_view_that_was_drawn_waits_again_when_it_is_wanted(db: Database) -> None:
    later = AT + timedelta(hours=1)
    want_home(db)
    change(db, state="sent", attempts=3)

    want_home(db, at=later)

    assert [(one.wanted, one.state, one.attempts, one.not_before) for one in intents(db)] == [(2, "waiting", 0, later)]


def test_a_view_that_is_being_sent_stays_with_its_sender(db: Database) -> None:
    want_home(db)
    change(db, state="sending", attempts=1, leased_until=AT + timedelta(minutes=1))

    want_home(db)

    assert [(one.wanted, one.state, one.attempts) for one in intents(db)] == [(2, "sending", 1)]


def test_a_view_that_was_given_up_is_tried_anew_when_it_is_wanted(db: Database) -> None:
    want_home(db)
    change(db, state="dead", attempts=8, problem="The channel is archived.")

    want_home(db)

    assert [(one.state, one.attempts, one.problem) for one in intents(db)] == [("unclear", 0, None)]


def test_dead_letters_are_listed_and_sent_again_when_asked(db: Database) -> None:
    want_home(db)
    change(db, state="dead", attempts=8, problem="The channel is archived.")
    listed = db.read_now(outbox.dead_letters)

    retried = db.write_now(lambda session: outbox.retry(session, at=AT + timedelta(hours=1)))

    assert [one.problem for one in listed] == ["The channel is archived."]
    assert retried == 1
    assert [(one.state, one.attempts, one.problem) for one in intents(db)] == [("unclear", 0, None)]


def test_only_the_dead_letters_that_are_named_are_retried_and_never_what_is_alive(db: Database) -> None:
    db.write_now(lambda session: outbox.want(session, [outbox.home("U1"), outbox.home("U2")], at=AT))
    first, second = intents(db)
    assert first.id is not None
    assert second.id is not None
    db.write_now(
        lambda session: session.connection().execute(
            update(Intent).values(state="dead").where(col(Intent.id) == first.id)
        )
    )

    none = db.write_now(lambda session: outbox.retry(session, at=AT, ids=[second.id or 0]))
    one = db.write_now(lambda session: outbox.retry(session, at=AT, ids=[first.id or 0]))

    assert (none, one) == (0, 1)
