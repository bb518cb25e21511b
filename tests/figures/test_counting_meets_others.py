"""Counting and whatever changes a response or a case at the same moment: nothing is missed, nothing counted twice."""

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from figures_house import SCALES, Life, policy_in
from sqlmodel import Session, select

from storage.database import Database
from storage.tables import Case
from workflows import casework, figures, outreach
from workflows.answers import Answer
from workflows.figures import Period

HELD_SECONDS = 0.3


def test_a_correction_and_a_turn_of_counting_at_once_agree(database_url: str) -> None:
    db, life = _begun(database_url)
    corrected = life.answers[0]._replace(score=10.0)

    _at_once(db, lambda session: life._receive(session, corrected), life)

    found = _headline(db, life)
    assert (found.scores["nps"].high, found.scores["nps"].low, found.loops.low) == (1, 1, 1)
    db.close()


def test_a_reopening_and_a_turn_of_counting_at_once_agree(database_url: str) -> None:
    db, life = _begun(database_url)
    case_id = db.write_now(lambda session: session.exec(select(Case.id)).first())
    assert case_id is not None
    db.write_now(lambda session: _told(session, life, case_id))

    _at_once(
        db,
        lambda session: casework.reopen(session, case_id, reason="More.", policy=life.policy, by="UANA", at=life.at),
        life,
    )

    assert _headline(db, life).loops.told == 0
    db.close()


def test_two_turns_at_once_count_each_response_once(database_url: str) -> None:
    db, life = _begun(database_url)

    _at_once(db, lambda session: figures.tally(session, policy=life.policy, at=life.at), life)

    assert _headline(db, life).scores["nps"].count == 2
    db.close()


def test_only_what_arrived_some_minutes_ago_is_counted(database_url: str) -> None:
    db, life = _begun(database_url)
    received = life.at - timedelta(hours=1)

    early, late = (_turn(db, life, at=received + timedelta(minutes=more)) for more in (4, 6))

    assert (early, late) == (0, 2)
    db.close()


def _begun(database_url: str) -> tuple[Database, Life]:
    db = Database(database_url)
    life = Life(policy_in("Europe/Berlin"), random.Random(1))
    db.write_now(life.begin)
    for number in range(2):
        life.answers.append(
            Answer(
                source="survey",
                external_id=f"r-{number}",
                score=2.0,
                scale=SCALES[0],
                submitted_at=life.at,
                email=f"c{number}@acme.test",
            )
        )
    for one in life.answers:
        db.write_now(lambda session, one=one: life._receive(session, one))  # type: ignore[misc] # bound at once
    life.at += timedelta(hours=1)
    return db, life


def _told(session: Session, life: Life, case_id: int) -> None:
    how: dict[str, Any] = {"policy": life.policy, "by": "UANA", "at": life.at}
    casework.take(session, case_id, **how)
    casework.resolve(session, case_id, root_cause="people", root_cause_text="", what_changed="Done.", **how)
    outreach.log(session, case_id, kind="told", channel="phone", happened_at=life.at, text="Called.", **how)


def _at_once(db: Database, change: Callable[[Session], object], life: Life) -> None:
    """Hold the change's transaction open while a turn of counting begins."""
    is_changed, may_end = threading.Event(), threading.Event()

    def changing(session: Session) -> None:
        change(session)
        is_changed.set()
        may_end.wait(5)

    first = db.submit(changing)
    assert is_changed.wait(5)
    second = db.submit(lambda session: figures.tally(session, policy=life.policy, at=life.at))
    threading.Timer(HELD_SECONDS, may_end.set).start()
    first.result(10)
    second.result(10)
    db.write_now(lambda session: figures.tally(session, policy=life.policy, at=life.at))


def _turn(db: Database, life: Life, *, at: datetime) -> int:
    return db.write_now(lambda session: figures.tally(session, policy=life.policy, at=at))


def _headline(db: Database, life: Life) -> figures.Headline:
    period = Period(life.at - timedelta(days=3), life.at)
    return db.read_now(lambda session: figures.headline(session, policy=life.policy, period=period, at=life.at))
