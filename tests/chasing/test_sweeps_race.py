"""Several sweeps at once, and presses between them: every step is taken once, by whoever came first."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chasing_house import DAY, HOUR, START, House, away

from storage.database import Database
from storage.tables import Event
from storage.time_tables import Ping
from workflows import casework, chasing, pings

ROOT = Path(__file__).parents[2]


@contextmanager
def left_open(house: House, work: Any) -> Iterator[None]:
    """Do some work in a transaction that is committed only when the context ends."""
    is_done, may_end = threading.Event(), threading.Event()

    def hold(session: Any) -> None:
        work(session)
        session.flush()
        is_done.set()
        assert may_end.wait(10)

    future = house.db.submit(hold)
    assert is_done.wait(10)
    try:
        yield
    finally:
        may_end.set()
        future.result(10)


def test_a_second_sweep_during_the_first_takes_no_step_again(house: House) -> None:
    cases = [house.case() for _ in range(4)]
    at = START + 5 * HOUR
    other = Database(house.db.url.render_as_string(hide_password=False))

    with ThreadPoolExecutor(1) as thread:
        with left_open(house, lambda session: chasing.sweep(session, policy=house.policy, at=at)):
            second = thread.submit(other.write_now, lambda session: chasing.sweep(session, policy=house.policy, at=at))
            threading.Event().wait(0.2)  # it has begun, and waits or has found nothing free
        looked_at = second.result(10)
    other.close()

    assert looked_at == 0
    assert house.sweep(at) == 0
    for case_id in cases:
        assert house.steps(case_id) == ["escalated claim lead", "assigned"]
    assert len(house.pings()) == len(cases)


def test_a_case_that_is_taken_while_the_sweep_comes_by_takes_no_step(house: House) -> None:
    case_id = house.case()
    at = START + 5 * HOUR
    other = Database(house.db.url.render_as_string(hide_password=False))

    def taken(session: Any) -> None:
        casework.take(session, case_id, policy=house.policy, by="UCAY", at=at)

    with ThreadPoolExecutor(1) as thread:
        with left_open(house, taken):
            sweep = thread.submit(other.write_now, lambda session: chasing.sweep(session, policy=house.policy, at=at))
            threading.Event().wait(0.2)
        sweep.result(10)
    other.close()
    house.sweep(at)

    assert house.steps(case_id) == []
    assert house.row(case_id).owner == "UCAY"


def test_what_was_held_back_is_one_message_though_two_release_it(house: House) -> None:
    for number in range(3):
        house.write(
            lambda session, number=number: session.add(
                Ping(key=f"{number}", member="UBEN", kind="task", at=START, release_at=START + HOUR)
            )
        )
    other = Database(house.db.url.render_as_string(hide_password=False))

    def released(session: Any) -> int:
        return pings.release(session, policy=house.policy, at=START + DAY, limit=50)

    with ThreadPoolExecutor(1) as thread:
        with left_open(house, released):
            second = thread.submit(other.write_now, released)
            threading.Event().wait(0.2)
        assert second.result(10) == 0
    other.close()

    assert len(house.intents("pings", "ping")) == 1


def test_two_processes_take_each_step_once(house: House) -> None:
    cases = [house.case() for _ in range(8)]
    away(house, "UBEN", START + 6 * HOUR)
    children = [_child(house) for _ in range(2)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        _, errors = child.communicate(b"go\n", timeout=60)
        assert child.returncode == 0, errors.decode()

    for case_id in cases:
        done = [one for one in house.steps(case_id) if not one.startswith(("lent", "returned", "assigned"))]
        assert done == ["warned claim", "overdue claim", "escalated claim lead", "escalated claim managers"], case_id
    keys = [one.key for one in house.all(Ping)]
    assert len(keys) == len(set(keys))
    assert len(house.intents("escalation")) == len(cases)
    assert [one.kind for one in house.all(Event)].count("escalated") == 2 * len(cases)


def _child(house: House) -> subprocess.Popen[bytes]:
    url = house.db.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "sweeping_child.py"), url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
