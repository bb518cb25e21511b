"""The managers' week: each figure with its change to the week before, and twelve weeks as charts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bot.slack.views import progress, words
from bot.slack.views.blocks import Block, Element, packed, section
from bot.slack.views.charts import chart
from bot.slack.views.text import inline, plural
from workflows.digest_pack import Weekly
from workflows.figures_definitions import DEFINITIONS
from workflows.figures_shapes import Group, Headline, Loops, Score, Share, Waiting, Week
from workflows.policy import Policy

GROUPS: Final = 10
CLOCKS: Final[Mapping[str, str]] = {"claim": "claimed", "contact": "contacted", "tell": "told"}
_NOTHING: Final = "nothing to count"


def week_sentence(weekly: Weekly) -> str:
    """Say the week in a sentence: for the notification."""
    now, waiting = weekly.figures.now, weekly.figures.waiting
    rate = now.loops.told_rate
    told = f"{share(rate)} of the unhappy customers have been told" if rate.whole else "nobody new waits to be told"
    return f"The week: {told}, {hours(waiting.hours)} of waiting are open."


def week_blocks(weekly: Weekly, *, policy: Policy, show: Callable[[], Element | None]) -> list[Block]:
    """Draw figures, charts, and the figures by department, owner and root cause. `show` makes a figure's button."""
    rows = [section(text, accessory=show(), block_id=f"figure:{key}") for key, text in figure_lines(weekly)]
    by = weekly.figures.by
    groups = [
        *_groups("By department", by.get("department", ()), lambda key: progress.department(policy, key)),
        *_groups("By owner", by.get("owner", ()), lambda key: inline(weekly.names.get(key, key), 60) or "nobody"),
        *_root_causes(by.get("root_cause", ())),
    ]
    return [*rows, *week_charts(weekly.weeks), *groups]


def figure_lines(weekly: Weekly) -> Iterator[tuple[str, str]]:
    """Yield each figure's key and its lines: name, value, change."""
    earlier = weekly.weeks[-2].waiting if len(weekly.weeks) > 1 else None
    return lines_of(weekly.figures.now, weekly.figures.before, weekly.figures.waiting, earlier=earlier)


def lines_of(
    now: Headline, before: Headline, waiting: Waiting, *, earlier: Waiting | None
) -> Iterator[tuple[str, str]]:
    """Yield each figure's key and its lines. `earlier` is what waited before; None: waiting is not compared."""
    loops, past = now.loops, before.loops
    beside = [
        plural(count, word, word)
        for count, word in (
            (loops.excused, "excused"),
            (loops.anonymous, "anonymous"),
            (loops.history, "from before Hearback"),
        )
        if count
    ]
    told = f"{_of(loops.told_rate)}{_points(loops.told_rate.value, past.told_rate.value)}"
    yield "told_rate", _line("told_rate", told, f"beside it: {', '.join(beside)}" if beside else "")
    yield "customer_hours_waiting", _line("customer_hours_waiting", _waiting(waiting, earlier), "")
    for metric in ("nps", "csat", "ces"):
        if score := now.scores.get(metric):
            yield metric, _line(metric, score_words(score) + _score_change(score, before), "")
    yield "in_limit", _line("in_limit", _kept(loops, past) or _NOTHING, "")
    yield (
        "reopened",
        _line("reopened", f"{_of(loops.reopened)}{_points(loops.reopened.value, past.reopened.value)}", ""),
    )


def week_charts(weeks: Sequence[Week]) -> list[Block]:
    """Draw told-rate and waiting over the weeks, if there is anything in them."""
    labels = [f"{one.last:%-d %b}" for one in weeks]
    told = [(label, round(100 * (one.told_rate.value or 0), 1)) for label, one in zip(labels, weeks, strict=True)]
    waiting = [(label, round(one.waiting.hours, 1)) for label, one in zip(labels, weeks, strict=True)]
    charts = []
    if any(one.told_rate.whole for one in weeks):
        charts.append(
            chart("line", "Told-rate", {"Told": told}, x_label="Low responses of the week until", y_label="% told")
        )
    if any(value for _, value in waiting):
        charts.append(
            chart("bar", "Customer-hours waiting", {"Hours": waiting}, x_label="At the end of", y_label="Hours")
        )
    return charts


def share(one: Share) -> str:
    """Say a share in percent."""
    return f"{100 * one.value:.0f} %" if one.value is not None else "none"


def hours(number: float) -> str:
    """Say hours, with commas."""
    return f"{number:,.0f} h"


def score_words(score: Score) -> str:
    """Say a score in its metric's own way, with its margin of error and how many answered."""
    if score.value is None:
        return _NOTHING
    margin = f" ±{score.margin:.{1 if score.metric == 'ces' else 0}f}" if score.margin is not None else ""
    answers = plural(score.count, "answer")
    if score.metric == "nps":
        return f"*{score.value:+.0f}*{margin} from {answers}"
    if score.metric == "csat":
        return f"*{score.value:.0f} %*{margin} happy, from {answers}"
    unit = "" if score.scale else " %"
    return f"*{score.value:.1f}{unit}*{margin}, {share(score.low_share)} found it hard, from {answers}"


def _waiting(waiting: Waiting, earlier: Waiting | None) -> str:
    said = f"*{hours(waiting.hours)}* in {plural(waiting.cases, 'open case')}"
    return said + _change(waiting.hours - earlier.hours if earlier else None, lambda by: f"{by:,.0f} h")


def _kept(loops: Loops, past: Loops) -> str:
    """Say for each clock the share that kept its limit."""
    before = {clock: one.value for clock, one in past.in_limit.items()}
    return "\n".join(
        f"{CLOCKS[clock]} in time: *{share(one)}*{_points(one.value, before.get(clock))}"
        for clock, one in loops.in_limit.items()
        if one.whole
    )


def _line(key: str, value: str, beside: str) -> str:
    return f"*{DEFINITIONS[key].name}*\n{value}" + (f"\n_{beside}_" if beside else "")


def _of(one: Share) -> str:
    return f"*{share(one)}* ({one.part} of {one.whole})" if one.whole else _NOTHING


def _points(now: float | None, before: float | None) -> str:
    """Say a change in points of percent."""
    change = None if now is None or before is None else 100 * (now - before)
    return _change(change, lambda by: plural(round(by), "point"))


def _score_change(score: Score, before: Headline) -> str:
    past = before.scores.get(score.metric)
    if score.value is None or past is None or past.value is None:
        return ""
    return _change(score.value - past.value, lambda by: f"{by:.1f}" if score.metric == "ces" else f"{by:.0f}")


def _change(by: float | None, said: Callable[[float], str]) -> str:
    """Say a change to the time before; nothing where there is none to compare with."""
    if by is None:
        return ""
    amount = said(abs(by))
    if amount.partition(" ")[0] in {"0", "0.0"}:
        return " · as before"
    return f" · {'▲' if by > 0 else '▼'} {amount}"


def _groups(title: str, groups: Sequence[Group], name: Callable[[str], str]) -> list[Block]:
    lines = [
        f"{name(one.key)}: {plural(one.loops.low, 'low response')}, {_told(one.loops.told_rate)}"
        for one in groups[:GROUPS]
        if one.loops.low
    ]
    return [section(text) for text in packed([f"*{title}*", *lines])] if lines else []


def _told(one: Share) -> str:
    return f"{share(one)} told" if one.whole else "none that can be told"


def _root_causes(groups: Sequence[Group]) -> list[Block]:
    known = [one for one in groups if one.key and one.loops.low]
    if not known:
        return []
    said = [f"{words.ROOT_CAUSES.get(one.key, inline(one.key, 40))} {one.loops.low}" for one in known[:GROUPS]]
    return [section(f"*Root causes*\n{' · '.join(said)}")]
