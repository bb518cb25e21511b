"""The child process: started, waited for until it is ready, and killed without a warning."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aiohttp

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 30.0
KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "TMPDIR")


def _works(status: Mapping[str, str]) -> bool:
    """Tell whether it can work. Delivery may say that it is behind: nobody can keep up who is killed every second."""
    return status["database"] == status["slack"] == "works"


class UnexpectedEndError(RuntimeError):
    """The house ended, or never became ready, without having been killed."""


class Victim:
    """One Hearback after another, on one database and one port."""

    def __init__(self, environment: Mapping[str, str], *, address: str, log: Path) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment = {**kept, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.address = address
        self.log = log
        self.kills = 0
        self.starts: list[float] = []
        """Seconds from the start of the process until /ready says that database and Slack work."""
        self._process: asyncio.subprocess.Process | None = None
        self._started_at = 0.0

    async def start(self) -> None:
        """Start the process, and don't wait for it."""
        self._started_at = time.monotonic()
        with self.log.open("ab") as log:
            # In the folder of the run: no .env of whoever runs this is read.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.crash.child", env=self.environment, cwd=self.log.parent, stderr=log
            )

    async def until_ready(self) -> None:
        """Wait until it is ready. Raises UnexpectedEndError."""
        assert self._process is not None
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
            while time.monotonic() - self._started_at < PATIENCE:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with client.get(f"{self.address}/ready") as answer:
                        if _works(await answer.json()):
                            self.starts.append(time.monotonic() - self._started_at)
                            return
                if self._process.returncode is not None:
                    raise UnexpectedEndError(f"It ended with status {self._process.returncode}.\n{self.last_words()}")
                await asyncio.sleep(0.03)
        raise UnexpectedEndError(f"It is not ready after {PATIENCE:g} seconds.\n{self.last_words()}")

    def strike(self) -> None:
        """Send SIGKILL. Raises UnexpectedEndError if it was gone before."""
        assert self._process is not None
        if self._process.returncode is not None:
            raise UnexpectedEndError(f"It ended by itself, status {self._process.returncode}.\n{self.last_words()}")
        os.kill(self._process.pid, signal.SIGKILL)
        self.kills += 1

    async def gone(self) -> None:
        """Wait until it is gone."""
        assert self._process is not None
        await self._process.wait()

    async def stop(self) -> int:
        """Ask it to stop, as a supervisor does; gives its exit status."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 20)
            except TimeoutError:
                self._process.send_signal(signal.SIGKILL)
                await self._process.wait()
        assert self._process.returncode is not None
        return self._process.returncode

    def last_words(self) -> str:
        """Give the end of what it wrote to its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])

    def complaints(self) -> list[str]:
        """Give the lines of its log that say WARNING or worse."""
        words = (" WARNING ", " ERROR ", " CRITICAL ", "Traceback")
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in words)]
