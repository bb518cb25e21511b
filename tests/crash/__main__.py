"""`python -m tests.crash`: kills Hearback again and again under load, and says whether anything was lost."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.run import Plan, crash


def main() -> int:
    """Run it; the exit status is 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--responses", type=int, default=40_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="default: another one each time")
    parser.add_argument("--database", help="the URL of an empty database (default: a new SQLite file)")
    parser.add_argument(
        "--variant",
        choices=("sound", "ack-first"),
        default="sound",
        help="ack-first answers before it commits: this has to be caught",
    )
    parser.add_argument(
        "--aimed", type=float, default=0.6, metavar="SHARE", help="of the kills, come the moment an answer is heard"
    )
    parser.add_argument(
        "--hold-commits",
        type=float,
        default=0.01,
        metavar="SECONDS",
        help="hold each transaction open so long before its commit, as a slow disk does",
    )
    parser.add_argument("--folder", type=Path, help="keep the database and the log here (default: nothing is kept)")
    parser.add_argument("--replies", action="store_true", help="people write into the threads of cards, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hearback-crash-") as temporary:
        folder = (given.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(
            responses=given.responses,
            kills=given.kills,
            seed=given.seed,
            folder=folder,
            database=given.database or f"sqlite:///{folder}/hearback.sqlite",
            variant=given.variant,
            aimed=given.aimed,
            hold_commits=given.hold_commits,
            do_reply=given.replies,
            say=_say,
        )
        return 0 if asyncio.run(crash(plan)) else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
