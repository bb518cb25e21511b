"""A process that is killed at any statement of a turn leaves nothing half done: the next one posts it, once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from digest_house import HOUR, MONDAY, Desk
from sqlalchemy import event

ROOT = Path(__file__).parents[2]
NINE = MONDAY + HOUR
VICTIM = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import event
from storage.database import Database
from workflows import digests
from workflows.policy import load

url, at, fatal, policy = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]), load(sys.argv[4])
db = Database(url)
seen = 0

def count(*_):
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(db.engine, "before_cursor_execute", count)
event.listen(db.engine, "commit", count)
db.write_now(lambda session: digests.due(session, policy=policy, at=at))
count()
print(seen)
"""


def killed_at(desk: Desk, url: str, statement: int) -> int | None:
    """Run what is due in a process of its own that dies at this statement; None: it did. Else how many there were."""
    words = [sys.executable, "-c", VICTIM, url, NINE.isoformat(), str(statement), desk.policy.text]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_killed_between_any_two_statements_it_is_still_posted_once(desk: Desk, database_url: str) -> None:
    desk.case()
    points = _points(int(os.environ.get("HEARBACK_KILLS", "6")))

    killed = 0
    for statement in points:
        counted = killed_at(desk, database_url, statement)
        if counted is not None:
            break
        killed += 1
        assert len(desk.runs()) == len(desk.posts()) in {0, 1}  # both or neither
    desk.due(NINE)

    assert killed > 2
    assert desk.runs() == [("2026-03-02T09:00", "posted")]
    assert len(desk.posts()) == 1  # PostgreSQL doesn't give a number again that a killed turn had taken


def _points(count: int) -> Iterator[int]:
    """Give some statements, from the first to the last; a turn has about twenty."""
    yield from range(1, 40, max(1, 40 // count))


def test_two_real_processes_post_once(desk: Desk, database_url: str) -> None:
    desk.case()
    words = [sys.executable, "-c", VICTIM, database_url, NINE.isoformat(), "0", desk.policy.text]

    both = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    ended = [one.communicate(timeout=60) for one in both]

    assert [one.returncode for one in both] == [0, 0], ended
    assert (desk.runs(), desk.posts()) == ([("2026-03-02T09:00", "posted")], ["digest:1"])


def test_an_error_at_any_statement_leaves_nothing_behind(desk: Desk) -> None:
    desk.case()
    seen, fatal = 0, 1

    def fail(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == fatal:
            raise RuntimeError("pulled the plug")

    event.listen(desk.db.engine, "before_cursor_execute", fail)
    while seen < fatal:
        seen, taken = 0, None
        try:
            taken = desk.due(NINE)
        except RuntimeError:
            assert (desk.runs(), desk.posts(), desk.schedule().next_slot) == ([], [], "2026-03-02T09:00")
        if taken is not None:
            break
        seen, fatal = 0, fatal + 1
    event.remove(desk.db.engine, "before_cursor_execute", fail)

    assert fatal > 10
    assert (desk.runs(), len(desk.posts())) == ([("2026-03-02T09:00", "posted")], 1)
