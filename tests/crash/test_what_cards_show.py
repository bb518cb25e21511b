"""A card shows what else its customer has said: whatever they say later, it is drawn anew. Found by the crash run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from storage.casefile import case_file
from storage.database import Database
from storage.tables import Case, Intent
from tests.crash import town
from workflows import intake
from workflows.answers import Answer
from workflows.policy import load
from workflows.scales import DEFAULT_SCALES

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = load(town.policy())


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_a_happy_answer_of_somebody_with_a_case_draws_their_card_anew(db: Database) -> None:
    case_id = heard(db, "r-1", score=2.0)

    heard(db, "r-2", score=9.0)

    assert wanted(db, f"case:{case_id}@#support") == 2


def test_a_correction_of_another_answer_draws_the_card_anew(db: Database) -> None:
    heard(db, "r-1", score=9.0)
    case_id = heard(db, "r-2", score=2.0)

    heard(db, "r-1", score=10.0)

    assert wanted(db, f"case:{case_id}@#support") == 2


def test_hearing_an_answer_again_draws_nothing(db: Database) -> None:
    case_id = heard(db, "r-1", score=2.0)
    heard(db, "r-2", score=9.0)

    heard(db, "r-2", score=9.0)

    assert wanted(db, f"case:{case_id}@#support") == 2


def test_somebody_elses_answer_draws_nothing(db: Database) -> None:
    case_id = heard(db, "r-1", score=2.0)

    heard(db, "r-2", score=9.0, email="john@acme.test")

    assert wanted(db, f"case:{case_id}@#support") == 1


def test_a_later_case_is_none_of_the_earlier_ones(db: Database) -> None:
    first = heard(db, "r-1", score=2.0)

    def close(session: Session) -> None:
        case = session.get_one(Case, first)
        case.state, case.closed_at = "told", AT
        session.add(case)

    db.write_now(close)
    second = heard(db, "r-2", score=2.0, at=AT + timedelta(days=200))

    assert earlier(db, first) == []
    assert earlier(db, second) == [first]


def heard(db: Database, external_id: str, *, at: datetime = AT, **more: Any) -> int | None:
    said: dict[str, Any] = {"email": "jane@acme.test", "submitted_at": at, "scale": DEFAULT_SCALES["nps"], **more}
    answer = Answer(source="generic", external_id=external_id, **said)
    return db.write_now(
        lambda session: intake.receive(session, answer, policy=POLICY, policy_version=None, at=at)
    ).case_id


def wanted(db: Database, key: str) -> int:
    return db.read_now(lambda session: session.exec(select(Intent.wanted).where(Intent.key == key)).one())


def earlier(db: Database, case_id: int | None) -> list[int | None]:
    file = db.read_now(lambda session: case_file(session, case_id or 0))
    assert file is not None
    return [one.id for one in file.earlier_cases]
