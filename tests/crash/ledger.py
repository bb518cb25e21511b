"""What people were promised: each move that was acked, and each that was tried and may have happened all the same."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Promise:
    """One move of one person; `words` are found nowhere else. Acked: Slack was told that it is done."""

    kind: str
    row: int
    """The case's id, for `done` the task's, for `settled` the mail's."""
    by: str
    words: str = ""
    is_acked: bool = False


@dataclass(slots=True)
class Ledger:
    """Every move that anybody has tried."""

    promises: list[Promise] = field(default_factory=list)
    presses: Counter[str] = field(default_factory=Counter)
    """Requests: `acked`, and `unanswered`, which were pressed again."""

    def promise(self, kind: str, row: int, *, by: str, words: str = "") -> Promise:
        """Write down that somebody is about to press."""
        made = Promise(kind, row, by, words)
        self.promises.append(made)
        return made

    def acked(self) -> int:
        """Count the moves that have been acked."""
        return sum(one.is_acked for one in self.promises)
