"""Figures in words and marks: each with its change, its definition, and the list behind it."""

from dataclasses import dataclass
from typing import Final

from workflows.figures_definitions import DEFINITIONS
from workflows.figures_shapes import CLOCKS, Figures, Headline, Score, Share, Spread

NOTHING: Final = "\u2013"
HOUR: Final = 3600
DAY: Final = 24 * HOUR
CLOCK_NAMES: Final = {"claim": "Claimed in time", "contact": "Contacted in time", "tell": "Told in time"}
TIME_NAMES: Final = {"claim": "Until claimed", "contact": "Until contacted", "tell": "Until told"}
METRIC_NAMES: Final = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
SMALL: Final = 0.05  # a change that would be shown as 0


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure as the page shows it. `change` is against the period before; `mood`: `good`, `bad` or `` of it."""

    key: str
    name: str
    value: str
    detail: str
    change: str
    mood: str
    definition: str


def tiles(figures: Figures) -> list[Tile]:
    """Give the headline figures in the order of the page."""
    now, before = figures.now, figures.before
    waiting = figures.waiting
    shown = [
        _share("told_rate", "Told-rate", now.loops.told_rate, before.loops.told_rate, of="that can be told"),
        Tile(
            "customer_hours_waiting",
            "Customer-hours waiting",
            f"{waiting.hours:,.0f} h",
            f"{plural(waiting.cases, 'customer')} not contacted yet, now",
            "",
            "",
            DEFINITIONS["customer_hours_waiting"].text,
        ),
    ]
    shown += [_score(metric, now, before) for metric in METRIC_NAMES if metric in now.scores]
    shown += [
        _share(
            "in_limit",
            CLOCK_NAMES[clock],
            now.loops.in_limit.get(clock, Share(0, 0)),
            before.loops.in_limit.get(clock, Share(0, 0)),
            of="decided so far",
            opens=f"{clock}_late",
        )
        for clock in CLOCKS
    ]
    shown.append(_share("reopened", "Reopened", now.loops.reopened, before.loops.reopened, of="ended cases", good=-1))
    return shown


def percent(share: Share, *, digits: int = 0) -> str:
    """Write a share in percent; a dash where there is nothing to have a share of."""
    return NOTHING if share.value is None else f"{share.value * 100:.{digits}f} %"


def duration(seconds: float | None) -> str:
    """Write a time in the two largest units that matter."""
    if seconds is None:
        return NOTHING
    minutes = round(seconds / 60)
    if minutes < 60:  # noqa: PLR2004 -- an hour
        return f"{minutes} min"
    hours = seconds / HOUR
    if hours < 48:  # noqa: PLR2004 -- people think of two days in hours
        return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h"  # noqa: PLR2004
    return f"{seconds / DAY:.1f} days"


def spread(found: Spread) -> tuple[str, str]:
    """Write the median and the 90th percentile."""
    return duration(found.median), duration(found.p90)


def score_value(score: Score) -> str:
    """Write a score with its margin of error."""
    if score.value is None:
        return NOTHING
    margin = f" ± {score.margin:.{_digits(score)}f}" if score.margin is not None else ""
    return f"{score_point(score)}{margin}"


def score_point(score: Score) -> str:
    """Write a score without its margin."""
    if score.value is None:
        return NOTHING
    sign = "+" if score.metric == "nps" and score.value > 0 else ""
    unit = "" if score.metric == "nps" or (score.metric == "ces" and score.scale is not None) else " %"
    return f"{sign}{score.value:.{_digits(score)}f}{unit}"


def plural(count: int, word: str) -> str:
    """Write a number with its word."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _digits(score: Score) -> int:
    return 1 if score.metric == "ces" and score.scale is not None else 0


def _share(key: str, name: str, now: Share, before: Share, *, of: str, opens: str | None = None, good: int = 1) -> Tile:
    change, mood = "", ""
    if now.value is not None and before.value is not None:
        points = (now.value - before.value) * 100
        change, mood = _change(points, " points", good=good)
    detail = f"{now.part:,} of {now.whole:,} {of}"
    return Tile(opens or key, name, percent(now), detail, change, mood, DEFINITIONS[key].text)


def _score(metric: str, now: Headline, before: Headline) -> Tile:
    score, earlier = now.scores[metric], before.scores.get(metric)
    change, mood = "", ""
    is_comparable = earlier is not None and earlier.value is not None and earlier.scale == score.scale
    if earlier is not None and is_comparable and score.value is not None and earlier.value is not None:
        is_down = score.scale is not None and score.scale[2] == "down"
        change, mood = _change(score.value - earlier.value, "", good=-1 if is_down else 1)
    low = f"{percent(score.low_share)} low"
    detail = f"{plural(score.count, 'answer')}, {low}"
    return Tile(metric, METRIC_NAMES[metric], score_value(score), detail, change, mood, DEFINITIONS[metric].text)


def _change(by: float, unit: str, *, good: int) -> tuple[str, str]:
    if abs(by) < SMALL:
        return "no change", ""
    said = f"{'▲' if by > 0 else '▼'} {abs(by):.1f}{unit}"
    return said, "good" if by * good > 0 else "bad"
