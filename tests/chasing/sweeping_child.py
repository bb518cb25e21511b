"""One of two processes that sweep the same database: through nine hours, a quarter of an hour at a time."""

import sys

from chasing_house import HOUR, POLICY, START

from storage.database import Database
from workflows import chasing


def main(url: str) -> None:
    db = Database(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for quarter in range(4 * 9):
        at = START + quarter * HOUR / 4
        while db.write_now(lambda session, at=at: chasing.sweep(session, policy=POLICY, at=at, limit=3)):  # type: ignore[misc] # its default is a time
            pass
    db.close()


if __name__ == "__main__":
    main(sys.argv[1])
