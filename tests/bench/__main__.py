"""`make bench`: measures floors and ours in one run, and prints the table."""

import argparse
import os
import platform
import sys
from collections.abc import Callable

from tests.bench.idle import idle
from tests.bench.imports import imports, memory
from tests.bench.places import Place, place
from tests.bench.presses import presses
from tests.bench.reports import export, reports
from tests.bench.sending import sending
from tests.bench.sweep import sweeps
from tests.bench.table import Line, table
from tests.bench.webhooks import webhooks
from tests.databases import has_postgres

Part = Callable[..., list[Line]]
# What is measured, with the size of one run.
PARTS: dict[str, tuple[Part, int]] = {
    "press": (presses, 1000),
    "webhook": (webhooks, 2000),
    "import": (imports, 100_000),
    "delivery": (sending, 1000),
    "sweep": (sweeps, 1_000_000),
    "report": (reports, 5_000_000),
    "export": (export, 1_000_000),
    "idle": (idle, 1),
    "memory": (memory, 1_000_000),
}
SQLITE_ONLY = ("report", "export", "idle", "memory")


def main() -> int:
    """Measure what was asked for. Exit status 1 when a figure isn't met."""
    given = _asked()
    lines: list[Line] = []
    kinds = [kind for kind in given.databases if kind == "sqlite" or has_postgres()]
    print(f"{_machine()}. Load before: {os.getloadavg()[0]:.2f}. Median of {given.runs} runs (least-most).")
    for kind in kinds:
        with place(kind) as where:
            for name in given.parts:
                if kind == "sqlite" or name not in SQLITE_ONLY:
                    lines += _measured(name, where, runs=given.runs, scale=given.scale)
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}.\n\n{table(lines)}")
    return 0 if all(one.is_met for one in lines) else 1


def _measured(name: str, where: Place, *, runs: int, scale: float) -> list[Line]:
    part, size = PARTS[name]
    found = part(where, runs=runs, count=max(int(size * scale), 1))
    for one in found:
        print("  ".join(cell for cell in one.cells() if cell), f"[{one.note}]" if one.note else "", flush=True)
    return found


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=[*PARTS], default=[*PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="the size of a run, as a factor")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    return parser.parse_args()


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
