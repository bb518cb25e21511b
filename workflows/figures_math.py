"""From counts to figures: shares, scores with their margin of error, medians."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from math import sqrt
from typing import Final

from storage import loops
from storage.figure_days import Scores, no_scores
from workflows.figures_shapes import CLOCKS, Loops, Score, Share, Spread

# 95 % of a normal distribution lie within so many standard deviations.
Z: Final = 1.959964
# How much the adjusted intervals add: to promoters and detractors each, and to all.
ADDED_TO_END: Final = 0.75
ADDED: Final = 3.0
# So often is the span of all values halved: of a hundred thousand, a handful is left.
HALVINGS: Final = 18


def nps_margin(low: int, high: int, count: int) -> float | None:
    """Give half the width of the NPS's 95 % interval, in points from 0 to 100; None: nobody answered.

    Adjusted Wald: three quarters are added to detractors and promoters each and three to all, then the variance of a
    difference of two shares of one sample is taken. Source: B. Rocks, "Interval Estimation for the Net Promoter Score",
    The American Statistician 70 (2016), found it the best of six.
    """
    if not count:
        return None
    whole = count + ADDED
    promoters, detractors = (high + ADDED_TO_END) / whole, (low + ADDED_TO_END) / whole
    return 100 * Z * sqrt((promoters + detractors - (promoters - detractors) ** 2) / whole)


def share_margin(part: int, count: int) -> float | None:
    """Give half the width of a share's 95 % interval, in percentage points; None: of nothing.

    Adjusted Wald: z²/2 is added to both sides. Source: A. Agresti and B. Coull, "Approximate is better than 'exact' for
    interval estimation of binomial proportions", The American Statistician 52 (1998).
    """
    if not count:
        return None
    whole = count + Z * Z
    share = (part + Z * Z / 2) / whole
    return 100 * Z * sqrt(share * (1 - share) / whole)


def mean_margin(count: int, total: float, squares: float) -> float | None:
    """Give half of a mean's 95 % interval, z·s/√n with the sample's standard deviation; None: of fewer than two.

    Source: the central limit theorem, as any textbook has it; with fewer than some thirty answers it is too narrow.
    """
    if count < 2:  # noqa: PLR2004 -- one answer has no spread
        return None
    variance = max(squares - total * total / count, 0.0) / (count - 1)
    return Z * sqrt(variance / count)


def spread(runs: Sequence[Sequence[float]]) -> Spread:
    """Give the median and the 90th percentile of sorted runs: what half, or nine in ten, don't exceed."""
    count = sum(map(len, runs))
    if not count:
        return Spread(0, None, None)
    return Spread(count, _at_rank(runs, (count + 1) // 2), _at_rank(runs, -(-count * 9 // 10)))


def _at_rank(runs: Sequence[Sequence[float]], rank: int) -> float:
    """Give the value that would come at this place, from 1, if all runs were one: found by halving, without sorting."""
    low, high = min(run[0] for run in runs) - 1, max(run[-1] for run in runs)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if sum(bisect_right(run, middle) for run in runs) < rank:
            low = middle
        else:
            high = middle
    starts = [bisect_right(run, low) for run in runs]
    rest = sorted(chain.from_iterable(run[at : bisect_right(run, high)] for run, at in zip(runs, starts, strict=True)))
    return rest[rank - 1 - sum(starts)]


def loops_from(sums: Sequence[int]) -> Loops:
    """Make the counts of loops from their sums, in the order of storage.loops.FEATURES."""
    one = dict(zip(loops.FEATURES, sums, strict=True))
    return Loops(
        **{name: one[name] for name in loops.FEATURES[:8]},  # low to resolved
        in_limit={clock: Share(kept := one[f"{clock}_kept"], kept + one[f"{clock}_late"]) for clock in CLOCKS},
        reopened=Share(one["reopened"], one["ended"]),
    )


def scores_from(many: Iterable[Scores]) -> dict[str, Score]:
    """Make the scores of each metric from counts of responses."""
    by_metric: dict[str, Scores] = defaultdict(no_scores)
    for scores in many:
        for scale, sums in scores.items():
            mine = by_metric[scale[0]][scale]
            for at, one in enumerate(sums):
                mine[at] += one
    return {metric: _score(metric, by_metric[metric]) for metric in ("nps", "csat", "ces") if metric in by_metric}


def _score(metric: str, scores: Scores) -> Score:
    bands: Counter[str] = Counter()
    for (*_, band), sums in scores.items():
        bands[band] += int(sums[0])
    low, neutral, high, count = bands["low"], bands["neutral"], bands["high"], bands.total()
    value: float
    value, margin, scale = 100 * (high - low) / count, nps_margin(low, high, count), None
    if metric == "csat":
        value, margin = 100 * high / count, share_margin(high, count)
    elif metric == "ces":
        value, margin, scale = _mean(scores, count)
    return Score(metric, count, low, neutral, high, value, margin, scale)


def _mean(scores: Scores, count: int) -> tuple[float, float | None, tuple[float, float, str] | None]:
    """Give the mean with its margin and scale, in points of the one scale; where there are several, in percent."""
    scales = {scale[1:4] for scale in scores}
    if len(scales) == 1:
        total, squares = (sum(sums[at] for sums in scores.values()) for at in (1, 2))
        low_end, high_end, direction = scales.pop()
        return total / count, mean_margin(count, total, squares), (low_end, high_end, direction)
    total = squares = 0.0
    for (_, low_end, high_end, direction, _), (times, said, said_squared) in scores.items():
        # A score becomes (score - unhappiest) / (happiest - unhappiest), in percent.
        zero, width = (low_end, high_end - low_end) if direction == "up" else (high_end, low_end - high_end)
        total += 100 * (said - times * zero) / width
        squares += 10_000 * (said_squared - 2 * zero * said + times * zero * zero) / (width * width)
    return total / count, mean_margin(count, total, squares), None
