"""Charts as inline SVG, made here: they load nothing, follow the page's colours, and say in words what they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 640
HEIGHT: Final = 200
LEFT: Final = 44
RIGHT: Final = 10
TOP: Final = 12
BOTTOM: Final = 26
LABELS: Final = 6  # along the bottom: more would run into each other on a phone
RADIUS: Final = 3.5
GAP: Final = 0.25  # of a bar's place is left free

Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a line: its label below, its value (None: nothing was measured), its margin, and it in words."""

    label: str
    value: float | None
    words: str
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of stacked parts, from bottom to top: (class, number) each; and it in words."""

    label: str
    parts: tuple[tuple[str, float], ...]
    words: str


def line_chart(dots: Sequence[Dot], *, title: str, low: float, high: float, unit: str = "") -> Markup:
    """Draw values over time between `low` and `high`, with their margins of error as a band behind."""
    x, y = _across(len(dots)), _upward(low, high)
    marks: list[str] = [*_grid(low, high, y, unit), *_below([dot.label for dot in dots], x)]
    for run in _runs(dots):
        along = [(x(place), dots[place].value or 0.0, dots[place].margin or 0.0) for place in run]
        if any(margin for _, _, margin in along):
            # One that stands alone has its margin as wide as its dot.
            band = along if len(along) > 1 else [(along[0][0] + aside, *along[0][1:]) for aside in (-RADIUS, RADIUS)]
            upper = [f"{right:.1f},{y(value + margin):.1f}" for right, value, margin in band]
            lower = [f"{right:.1f},{y(value - margin):.1f}" for right, value, margin in reversed(band)]
            marks.append(f'<polygon class="band" points="{" ".join([*upper, *lower])}"/>')
        if len(along) > 1:
            points = " ".join(f"{right:.1f},{y(value):.1f}" for right, value, _ in along)
            marks.append(f'<polyline class="line" points="{points}"/>')
    for place, dot in enumerate(dots):
        if dot.value is not None:
            said = f"<title>{escape(dot.words)}</title>"
            marks.append(
                f'<circle class="dot" cx="{x(place):.1f}" cy="{y(dot.value):.1f}" r="{RADIUS}">{said}</circle>'
            )
    return _svg(marks, title=title, words=_told(dots))


def bar_chart(bars: Sequence[Bar], *, title: str) -> Markup:
    """Draw stacked counts over time."""
    high = max((sum(number for _, number in bar.parts) for bar in bars), default=0.0) or 1.0
    high = _rounded_up(high)
    x, y = _across(len(bars), is_between=True), _upward(0, high)
    wide = (WIDTH - LEFT - RIGHT) / max(len(bars), 1) * (1 - GAP)
    marks: list[str] = [*_grid(0, high, y, ""), *_below([bar.label for bar in bars], x)]
    for place, bar in enumerate(bars):
        base, drawn = 0.0, []
        for kind, number in bar.parts:
            if number:
                top, bottom = y(base + number), y(base)
                drawn.append(
                    f'<rect class="{escape(kind)}" x="{x(place) - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" '
                    f'height="{bottom - top:.1f}"/>'
                )
            base += number
        marks.append(f"<g><title>{escape(bar.words)}</title>{''.join(drawn)}</g>")
    return _svg(marks, title=title, words="; ".join(bar.words for bar in bars[-LABELS:]))


def share_bar(part: float, whole: float, *, words: str) -> Markup:
    """Draw one share as a short bar, for a line of a table or of a funnel."""
    filled = 100 * part / whole if whole else 0.0
    return Markup(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="rest" x="0" y="0" width="100" height="8"/>'
        '<rect class="part" x="0" y="0" width="{}" height="8"/></svg>'
    ).format(words, f"{min(max(filled, 0.0), 100.0):.1f}")


def _svg(marks: Sequence[str], *, title: str, words: str) -> Markup:
    return Markup(  # noqa: S704 -- every word in it has been escaped above
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}: {escape(words)}">'
        f"{''.join(marks)}</svg>"
    )


def _across(count: int, *, is_between: bool = False) -> Place:
    """Say where along the bottom the n-th of so many stands."""
    room = WIDTH - LEFT - RIGHT
    if is_between:
        return lambda place: LEFT + room * (place + 0.5) / max(count, 1)
    return lambda place: LEFT + (room * place / (count - 1) if count > 1 else room / 2)


def _upward(low: float, high: float) -> Place:
    """Say how far down from the top a value stands; what lies outside is drawn at the edge."""
    top = high if high > low else low + 1
    return lambda value: TOP + (HEIGHT - TOP - BOTTOM) * (top - min(max(value, low), top)) / (top - low)


def _grid(low: float, high: float, y: Place, unit: str) -> list[str]:
    marks = []
    for value in (low, (low + high) / 2, high):
        marks.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        said = f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004
        marks.append(f'<text class="axis" x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{said}{unit}</text>')
    return marks


def _below(labels: Sequence[str], x: Place) -> list[str]:
    every = max(1, -(-len(labels) // LABELS))
    return [
        f'<text class="axis" x="{x(place):.1f}" y="{HEIGHT - 8}" text-anchor="{_anchor(place, len(labels))}">'
        f"{escape(label)}</text>"
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _anchor(place: int, count: int) -> str:
    if count > 1 and place == 0:
        return "start"
    return "end" if count > 1 and place == count - 1 else "middle"


def _runs(dots: Sequence[Dot]) -> list[list[int]]:
    """Give the places that follow each other without a gap."""
    runs: list[list[int]] = [[]]
    for place, dot in enumerate(dots):
        if dot.value is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _told(dots: Sequence[Dot]) -> str:
    return "; ".join(dot.words for dot in [one for one in dots if one.value is not None][-LABELS:]) or "nothing yet"


def _rounded_up(value: float) -> float:
    """Round up to a number that halves well: 2, 4, 10, 20, 40, 100 ..."""
    step = 1.0
    while True:
        for times in (2, 4, 10):
            if value <= step * times:
                return step * times
        step *= 10
