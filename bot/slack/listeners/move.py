"""What every move carries along: who, when, and by which policy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.slack.context import Context
from workflows.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of one person. `at` is aware and in UTC; `policy_version` None: the policy was never applied."""

    by: str
    at: datetime
    policy: Policy
    policy_version: int | None
    can_mail: bool = True

    @classmethod
    def of(cls, context: Context, by: str) -> Self:
        """Fix what holds now for this move."""
        return cls(
            by=by,
            at=context.clock(),
            policy=context.policy(),
            policy_version=context.policy_version(),
            can_mail=context.can_mail,
        )
