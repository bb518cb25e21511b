"""What a survey tool allows in a day: the calls of the last 24 hours, remembered until the process ends."""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(days=1)


class Budgets:
    """When each tool was called lately, where it counts a day's calls.

    Tools begin their day at an hour of their own, which they don't all tell: whoever never calls more often in any 24
    hours keeps to it. After a restart this begins anew; then the tool itself says when it is too much.
    """

    def __init__(self) -> None:
        """Remember no call yet."""
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def wait(self, name: str, per_day: int, *, at: datetime) -> float:
        """Say how many seconds are left until the next call is allowed; 0.0: none."""
        calls = self._calls[name]
        while calls and calls[0] <= at - DAY:
            calls.popleft()
        return (calls[0] + DAY - at).total_seconds() if len(calls) >= per_day else 0.0

    def spend(self, name: str, *, at: datetime) -> None:
        """Count a call."""
        self._calls[name].append(at)
