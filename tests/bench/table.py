"""The table: a floor, ours, their ratio, and what was wanted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What runs of one kind gave: each a figure in the same unit."""

    runs: Sequence[float]

    @property
    def middle(self) -> float:
        return median(self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `ours` against `floor` (a ratio) or, without a floor, against a limit."""

    name: str
    unit: str
    ours: Measure
    floor: Measure | None = None
    wanted: float
    better: Literal["less", "more"]
    note: str = ""

    @property
    def value(self) -> float:
        """Give what is held against `wanted`: a ratio, or ours itself."""
        return self.ours.middle / self.floor.middle if self.floor else self.ours.middle

    @property
    def is_met(self) -> bool:
        return self.value <= self.wanted if self.better == "less" else self.value >= self.wanted

    def cells(self) -> list[str]:
        """Give the cells of its row."""
        sign = "≤" if self.better == "less" else "≥"
        ratio = f"{self.value:.2f}x" if self.floor else ""
        wanted = f"{sign} {self.wanted:g}x" if self.floor else f"{sign} {self.wanted:g} {self.unit}"
        return [
            self.name,
            _figure(self.floor, self.unit) if self.floor else "",
            _figure(self.ours, self.unit),
            ratio,
            wanted,
            "yes" if self.is_met else "NO",
        ]


def table(lines: Iterable[Line]) -> str:
    """Draw the lines as a Markdown table, columns aligned."""
    rows = [["figure", "floor", "ours", "ratio", "wanted", "met"], *(one.cells() for one in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def _figure(measure: Measure, unit: str) -> str:
    low, high = min(measure.runs), max(measure.runs)
    spread = f" ({_number(low)}-{_number(high)})" if len(measure.runs) > 1 else ""
    return f"{_number(measure.middle)} {unit}{spread}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
