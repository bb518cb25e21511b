"""The pretend Slack's bad days: slowness, 429, 500, silence, dropped connections and lost replies, on a seed."""

import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What may go wrong with one call. The last two happen after Slack has done what was asked."""

    RATE_LIMITED = "rate_limited"
    BROKEN = "broken"
    SILENT = "silent"
    RESET = "reset"
    LOST_REPLY = "lost_reply"
    LATE_REPLY = "late_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How often (0 to 1) each fault strikes; `latency` and `hangs` in seconds, `retry_after` in whole seconds.

    SILENT and LATE_REPLY keep the caller waiting for `hangs` seconds, then hang up or answer.
    """

    latency: float = 0.0
    jitter: float = 0.0
    rate_limited: float = 0.0
    broken: float = 0.0
    silent: float = 0.0
    reset: float = 0.0
    lost_reply: float = 0.0
    late_reply: float = 0.0
    retry_after: int = 1
    hangs: float = 30.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """What happens to one call."""

    fault: Fault | None
    latency: float
    retry_after: int
    hangs: float


CALM = Weather()
UNHURT = Stroke(None, 0.0, 1, 0.0)


class Faults:
    """The plan: one weather for all methods, others for single ones, and faults that are due next.

    `per_channel` is how many messages a second a channel takes before it answers 429 (None: any number); it needs
    `clock`, seconds of real time.
    """

    def __init__(self, *, seed: int = 0, clock: Callable[[], float] | None = None) -> None:
        self.weather = CALM
        self.by_method: dict[str, Weather] = {}
        self.is_down = False
        self.per_channel: float | None = None
        self.clock = clock
        self.inflicted: Counter[Fault] = Counter()
        self._random = random.Random(seed)  # noqa: S311 (a repeatable storm, no secret)
        self._due: dict[str, deque[tuple[Fault, Weather]]] = {}
        self._posted: dict[str, float] = {}

    def next(self, method: str, fault: Fault, *, times: int = 1, weather: Weather = CALM) -> None:
        """Let the next calls of one method fail like this, whatever the weather."""
        self._due.setdefault(method, deque()).extend([(fault, weather)] * times)

    def calm(self) -> None:
        """End all faults."""
        self.weather, self.is_down, self.per_channel = CALM, False, None
        self.by_method.clear()
        self._due.clear()

    def stroke(self, method: str, *, channel: str | None = None) -> Stroke:
        """Return what happens to this call of a method; `channel` is where a message goes."""
        due = self._due.get(method)
        if due:
            fault, weather = due.popleft()
            return self._struck(fault, weather)
        if self.is_down:
            return self._struck(Fault.RESET, CALM)
        if channel is not None and self._is_too_fast(channel):
            return self._struck(Fault.RATE_LIMITED, CALM)
        weather = self.by_method.get(method, self.weather)
        if weather is CALM:
            return UNHURT
        return self._struck(self._drawn(weather), weather)

    def _drawn(self, weather: Weather) -> Fault | None:
        at = self._random.random()
        for fault in Fault:
            at -= getattr(weather, fault.value)
            if at < 0:
                return fault
        return None

    def _struck(self, fault: Fault | None, weather: Weather) -> Stroke:
        if fault is not None:
            self.inflicted[fault] += 1
        latency = weather.latency + self._random.random() * weather.jitter
        return Stroke(fault, latency, weather.retry_after, weather.hangs)

    def _is_too_fast(self, channel: str) -> bool:
        if self.per_channel is None:
            return False
        assert self.clock is not None
        now = self.clock()
        if now - self._posted.get(channel, 0.0) < 1 / self.per_channel:
            return True
        self._posted[channel] = now
        return False
