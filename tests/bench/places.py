"""Where a run takes place: a fresh database of either kind, and servers in processes of their own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.databases import running_postgres

ROOT = Path(__file__).parents[2]
# Unlike the tests' server, this one waits for its disk.
POSTGRES = "-c fsync=on -c synchronous_commit=on -c max_connections=200"
PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Place:
    """Makes databases of one kind, and copies of them."""

    kind: str
    folder: Path
    server: str = ""
    count: int = 0

    def empty(self) -> str:
        """Name a database without tables."""
        self.count += 1
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / f'{self.count}.db'}"
        self._administer(f"CREATE DATABASE bench_{self.count}")
        return f"{self.server}/bench_{self.count}"

    def copy_of(self, url: str) -> str:
        """Name a copy of a database that nobody has open."""
        self.count += 1
        if self.kind == "sqlite":
            path = self.folder / f"{self.count}.db"
            shutil.copy(url.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        self._administer(f"CREATE DATABASE bench_{self.count} TEMPLATE {url.rpartition('/')[2]}")
        return f"{self.server}/bench_{self.count}"

    def _administer(self, statement: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """Give a place for databases of this kind; nothing is left of it afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearback-bench-")))
        server = stack.enter_context(running_postgres(POSTGRES)) if kind == "postgresql" else ""
        yield Place(kind, folder, server)


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def process(
    words: Sequence[str], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m WORDS` while the context lasts."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "WEBHOOK_"))}
    running = subprocess.Popen(
        [sys.executable, "-m", *words],
        env={**given, "PYTHONPATH": str(ROOT), **(environment or {})},
        cwd=folder or ROOT,
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(PATIENCE_SECONDS)


def wait_until_ready(port: int, path: str = "/ready") -> float:
    """Wait until this address answers 200; gives the seconds it took."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < PATIENCE_SECONDS:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"nothing answers at port {port}")
