"""One customer's answer on its way into a survey tool: what every tool knows of it, in no tool's own words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

FORMS: Final = {"nps": "lumen-nps", "csat": "lumen-csat", "ces": "lumen-ces"}


@dataclass(frozen=True, slots=True)
class Given:
    """An answer; `number` names it in every tool, and the score is on 0 to 10, 1 to 5 or 1 to 7, by its metric."""

    number: int
    metric: str
    score: float
    at: datetime
    comment: str = ""
    email: str = ""
    name: str = ""
    customer_id: str = ""
    account: str = ""
    language: str = "en"

    @property
    def form(self) -> str:
        """The form that asks for this metric, in tools that have forms."""
        return FORMS[self.metric]

    @property
    def points(self) -> int:
        """The score as most tools write it: a whole number."""
        return round(self.score)

    @property
    def band(self) -> str:
        """low, neutral or high, as tools see it that know no finer steps."""
        low, neutral = {"nps": (6, 8), "csat": (2, 3), "ces": (3, 4)}[self.metric]
        return "low" if self.score <= low else "neutral" if self.score <= neutral else "high"

    @property
    def names(self) -> tuple[str, str]:
        """First name and last name."""
        first, _, last = self.name.partition(" ")
        return first, last

    @property
    def iso(self) -> str:
        """When it was given, as most tools write it."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"

    @property
    def seconds(self) -> int:
        """When it was given, in unix seconds."""
        return int(self.at.timestamp())
