"""The life of a case, exhaustively: every state, every move, and what each pair leads to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from sqlmodel import Session, select

from storage import rows
from storage.database import Database
from storage.tables import OPEN_STATES, STATES, Approval, Case, Customer, Event, Intent
from workflows import lifecycle
from workflows.refusal import Refusal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOVES = ("take", "assign", "contact", "resolve", "tell", "excuse", "reopen")
# Design, section 3, written out once more: whoever changes the table has to change both.
LIFE = {
    "new": {"take": "working", "assign": "working", "contact": "new", "resolve": "ready", "excuse": "excused"},
    "working": {"assign": "working", "contact": "working", "resolve": "ready", "excuse": "excused"},
    "ready": {"assign": "ready", "tell": "told", "excuse": "excused", "reopen": "working"},
    "told": {"reopen": "working"},
    "excused": {"reopen": "working"},
}


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def case_in(state: str) -> Case:
    return Case(id=12, customer_id=1, state=state, department="support", channel="#support", opened_at=AT)


@pytest.mark.parametrize(("state", "move"), list(product(STATES, MOVES)))
def test_every_state_takes_the_moves_of_the_design_and_refuses_all_others(state: str, move: str) -> None:
    expected = LIFE[state].get(move)

    if expected is None:
        with pytest.raises(Refusal, match=rf"^Case 12 is {state}\. .+\.$"):
            lifecycle.check(case_in(state), move)
    else:
        assert lifecycle.check(case_in(state), move) == expected
    assert (move in lifecycle.moves(state)) is (expected is not None)


def test_every_state_can_be_reached_and_left_and_no_move_is_unknown() -> None:
    reached = {"new"} | {after for moves in LIFE.values() for after in moves.values()}

    assert reached == set(STATES) == set(LIFE)
    assert all(lifecycle.moves(state) for state in STATES)
    assert {move for _, move in lifecycle.LIFE} == set(MOVES)
    assert lifecycle.moves("nowhere") == ()


def test_the_table_cannot_be_changed_while_running() -> None:
    with pytest.raises(TypeError):
        lifecycle.LIFE["told", "take"] = "working"  # type: ignore[index] # that is the point


@pytest.mark.parametrize(("state", "move"), [(state, move) for state in STATES for move in LIFE[state]])
def test_every_move_writes_its_times_one_event_and_what_shows_it(db: Database, state: str, move: str) -> None:
    def work(session: Session) -> Case:
        case = session.get_one(Case, new_case(session, state=state))
        lifecycle.change_state(session, case, move, kind="moved", by="UANA", at=AT, text="Because.")
        return case

    case = db.write_now(work)

    after = LIFE[state][move]
    [event] = db.read_now(lambda session: session.exec(select(Event)).all())
    intents = db.read_now(lambda session: session.exec(select(Intent.key)).all())
    assert (case.state, event.kind, event.by, event.text) == (after, "moved", "UANA", "Because.")
    assert (case.closed_at is not None) is (after not in OPEN_STATES)
    assert after != "working" or case.claimed_at is not None
    assert {f"case:{case.id}@#support", f"line:{event.id}"} <= set(intents)
    if move == "reopen":
        assert (case.resolved_at, case.excuse, case.reopened) == (None, None, int(state in {"told", "excused"}))


def test_a_case_that_ends_withdraws_its_question_to_the_managers(db: Database) -> None:
    def work(session: Session) -> None:
        case = session.get_one(Case, new_case(session, state="ready"))
        rows.add(session, Approval, case_id=case.id, excuse="duplicate", asked_by="UANA", asked_at=AT)
        lifecycle.change_state(session, case, "tell", kind="told", by="UANA", at=AT)

    db.write_now(work)

    [asked] = db.read_now(lambda session: session.exec(select(Approval)).all())
    assert (asked.decision, asked.decided_by) == ("withdrawn", "hearback")


def new_case(session: Session, *, state: str) -> int:
    customer = rows.add(session, Customer, identity="mail:jane@acme.test", created_at=AT)
    closed = {} if state in OPEN_STATES else {"closed_at": AT, "excuse": "duplicate" if state == "excused" else None}
    return rows.add(
        session,
        Case,
        customer_id=customer,
        state=state,
        department="support",
        channel="#support",
        opened_at=AT,
        waiting_since=AT,
        **closed,
    )
