"""Serves one thing to be measured, in its own process: `python -m tests.bench.serve press|webhook|house`."""

import argparse
import asyncio
import sys

import uvicorn

from tests.bench.floors import press_floor, slow_commits, webhook_floor
from tests.bench.house import WEBHOOK_SECRET


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["press", "webhook", "house"])
    parser.add_argument("--database", default="")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--sync-ms", type=float, default=0.0)
    given = parser.parse_args()
    if given.sync_ms:
        slow_commits(given.sync_ms)
    if given.what == "house":
        from bot.commands.run import run  # noqa: PLC0415 -- the floors shall not pay for it

        return asyncio.run(run())
    app = press_floor(given.database) if given.what == "press" else webhook_floor(given.database, WEBHOOK_SECRET)
    uvicorn.run(app, host="127.0.0.1", port=given.port, lifespan="off", access_log=False, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
