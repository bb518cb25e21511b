"""Threads that write: each takes what waits, has it committed, and tells everybody what came of it after that."""

import asyncio
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlmodel import Session

T = TypeVar("T")
P = TypeVar("P")
Work = Callable[[Session], T]
Together = Callable[[Session, Sequence[P]], Sequence[T]]

# Where several came at once, the next ones are on their way. A moment's wait lets them be read before the writing
# begins, instead of both taking turns at every statement.
GATHER_SECONDS: Final = 0.001
CLOSED: Final = "The database is closed: Hearback is stopping."


class DatabaseClosedError(RuntimeError):
    """The database was closed while work was waiting for it: nothing was done."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what a crowd does together."""

    piece: Any
    together: Together[Any, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A piece of work that waits, and whoever waits for it: a thread, or a task of an event loop."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    part: Part | None = None

    def is_wanted(self) -> bool:
        """Tell whether somebody still waits."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


Outcome = tuple[Asked, Any, BaseException | None]


class Writers:
    """Threads that take what waits, each of them up to `group` pieces at once, have it committed, then answer."""

    def __init__(self, commit: Callable[[list[Asked]], list[Outcome]], *, group: int, threads: int = 1) -> None:
        self._commit, self._group, self._most = commit, group, threads
        self._waiting: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._is_closed = False

    def submit(self, work: Work[T]) -> Future[T]:
        """Hand in work for which a thread waits. Raises DatabaseClosedError once they have been sent home."""
        future: Future[T] = Future()
        self.put(Asked(work, future))
        return future

    async def write(self, work: Work[T], part: Part | None) -> T:
        """Hand in work for which a task waits; `part`: it may be done with others. Raises what `submit` does."""
        loop = asyncio.get_running_loop()
        awaited: asyncio.Future[T] = loop.create_future()
        self.put(Asked(work, awaited, loop, part))
        return await awaited

    def put(self, asked: Asked) -> None:
        """Let it wait for a thread; the first ones start one each."""
        with self._starting:
            if self._is_closed:
                raise DatabaseClosedError(CLOSED)
            self._waiting.put(asked)
            if len(self._threads) < self._most:
                self._threads.append(threading.Thread(target=self._run, name="writer", daemon=True))
                self._threads[-1].start()

    def shutdown(self) -> None:
        """Have what waits done, and send the threads home. A second time is harmless."""
        with self._starting:
            if not self._is_closed:
                self._is_closed = True
                self._waiting.put(None)
        for one in self._threads:
            one.join()

    def _run(self) -> None:
        company = 1
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            if company > 1:
                time.sleep(GATHER_SECONDS)
            with suppress(queue.Empty):
                while len(batch) < self._group and not is_last:
                    following = self._waiting.get_nowait()
                    if following is None:
                        is_last = True
                    else:
                        batch.append(following)
            company = len(batch)
            _answer(self._committed([asked for asked in batch if asked.is_wanted()]))
            if is_last:
                break
        self._waiting.put(None)  # whoever takes work beside this one goes home as well

    def _committed(self, wanted: list[Asked]) -> list[Outcome]:
        try:
            return self._commit(wanted)
        except BaseException as error:  # noqa: BLE001 -- a thread that ended here would leave everybody waiting for ever
            return [(asked, None, error) for asked in wanted]


def _answer(outcomes: list[Outcome]) -> None:
    """Tell everybody what came of their work; an event loop is woken once for all its tasks."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome[0].loop is None:
            _hand_over([outcome])
        else:
            by_loop[outcome[0].loop].append(outcome)
    for loop, those in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(_hand_over, those)


def _hand_over(outcomes: list[Outcome]) -> None:
    for asked, result, problem in outcomes:
        if asked.future.done():
            continue  # cancelled while it was being done
        if problem is None:
            asked.future.set_result(result)
        else:
            asked.future.set_exception(_as_carried(problem))


def _as_carried(problem: BaseException) -> BaseException:
    """Give an error that a future takes: a StopIteration it does not."""
    if isinstance(problem, StopIteration):
        carried = RuntimeError("the work ended with StopIteration")
        carried.__cause__ = problem
        return carried
    return problem
