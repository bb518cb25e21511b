"""How fast and how stubbornly the outbox is sent; every length of time is in seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Doubling ends somewhere: after this many doublings every cap has been reached.
MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The figures of delivery. Slack takes about one message a second in a channel."""

    spacing: float = 1.0
    """Between two messages of one Slack lane."""
    settle: float = 20.0
    """Slack's history lags behind its posts: so long before an unclear one is looked for."""
    in_flight: int = 16
    batch: int = 256
    """So many intents are claimed, drawn and settled together."""
    lease: float = 60.0
    """What is in hand for longer counts as unclear: whoever had it is gone."""
    mail_lease: float = 720.0
    """A mail server may take minutes for its answer."""
    backoff: float = 2.0
    """Before the first new try; doubles with each."""
    long_backoff: float = 60.0
    """The same, where a person has to do something first."""
    most_backoff: float = 600.0
    max_attempts: int = 8
    """After so many refusals it is a dead letter."""
    patience: int = 30
    """After so many outages it is one too; with the longest back-off that is some four hours."""
    poll: float = 2.0
    """Other processes leave intents without waking this one."""

    def wait(self, attempts: int, *, base: float, random: Callable[[], float]) -> float:
        """Say how long to wait after so many attempts: exponential, capped, half of it by chance."""
        full: float = min(self.most_backoff, base * 2.0 ** min(max(attempts - 1, 0), MOST_DOUBLINGS))
        return full * (0.5 + random() / 2)
