"""What a score means: scales with their bands, and which scale an answer was given on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from workflows.policy import Policy, Source

Metric = Literal["nps", "csat", "ces"]
Band = Literal["low", "neutral", "high"]
Direction = Literal["up", "down"]  # up: a higher score is a happier customer


class UnknownScale(Exception):  # noqa: N818 - it says what is the case, like Refusal
    """Nothing says on which scale this score was given; the message names what to add to the policy.

    `source` and `form` say whose scale it is; None where whoever raises it doesn't know. `metric`: what is known of it.
    """

    def __init__(
        self, message: str, *, source: str | None = None, form: str | None = None, metric: "Metric | None" = None
    ) -> None:
        super().__init__(message)
        self.source, self.form, self.metric = source, form, metric


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the scores of one metric lie, and where its bands end.

    `low` is the last score that is still low and `neutral` the last that is still neutral, walking from the unhappy
    end; where both are the same, the scale has no neutral band.
    """

    metric: Metric
    low_end: float
    high_end: float
    direction: Direction
    low: float
    neutral: float

    def band(self, score: float) -> Band:
        """Return the band of this score; ValueError when it is no finite number or lies outside the scale."""
        if not self.low_end <= score <= self.high_end:  # nor is nan between them
            raise ValueError(f"the score {score:g} lies outside the scale of {self.span}")
        happiness, low, neutral = score, self.low, self.neutral
        if self.direction == "down":
            happiness, low, neutral = -score, -self.low, -self.neutral
        if happiness <= low:
            return "low"
        return "neutral" if happiness <= neutral else "high"

    def upward(self, score: float) -> float:
        """Return the score as it would be if higher were happier: the same, or mirrored on a `down` scale."""
        return score if self.direction == "up" else self.low_end + self.high_end - score

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest score."""
        return self.low_end, self.high_end

    @property
    def span(self) -> str:
        """The ends in words, such as "0 to 10"."""
        return f"{self.low_end:g} to {self.high_end:g}"


# Detractors 0-6, passives 7-8, promoters 9-10; satisfaction and effort as most survey tools band them.
DEFAULT_SCALES: Final[dict[Metric, Scale]] = {
    "nps": Scale("nps", 0, 10, "up", 6, 8),
    "csat": Scale("csat", 1, 5, "up", 2, 3),
    "ces": Scale("ces", 1, 7, "up", 3, 4),
}


def scale_for(
    policy: "Policy",
    *,
    source: str,
    form: str | None,
    metric: Metric | None = None,
    ends: tuple[float, float] | None = None,
) -> Scale:
    """Return the scale of an answer: the policy's for this source and form, else its source's, else the metric's own.

    `metric` and `ends` are what the payload itself says. The metric's own scale is used only if the payload names the
    metric, and its ends are the default's or aren't said; a caller that leaves out `ends` vouches that this vendor's
    scale is fixed. Raises UnknownScale where it would have to guess, and where payload and policy contradict each
    other.
    """
    entries = policy.source_entries(source, form)
    found = _matching(entries, metric=metric, ends=ends)
    if len(found) == 1:
        return found[0]
    if found:
        metrics = " and ".join(sorted(scale.metric for scale in found))
        raise UnknownScale(
            f"{_origin(source, form)} may be {metrics} in the policy, and the answer doesn't say which. "
            f"Add a [[source]] with this form's own `form` and `metric`.",
            source=source,
            form=form,
            metric=metric,
        )
    if entries and ends is not None:
        named = [entry.whole_scale for entry in entries if metric in (None, entry.metric)]
        if named:
            raise UnknownScale(
                f"{_origin(source, form)} says that its scale is {ends[0]:g} to {ends[1]:g}, the policy says "
                f"{named[0].span}. Correct `scale` in its [[source]], or add one for this form.",
                source=source,
                form=form,
                metric=metric,
            )
    default = DEFAULT_SCALES[metric] if metric else None
    if default and ends in (None, default.ends):
        return default
    raise UnknownScale(
        f"Nothing says on which scale {_origin(source, form)} asks. Add to the policy: {_entry(source, form, metric)}",
        source=source,
        form=form,
        metric=metric,
    )


def _matching(entries: "Iterable[Source]", *, metric: Metric | None, ends: tuple[float, float] | None) -> list[Scale]:
    """Return the scales that fit: those of the form if there are any, else those of the whole source."""
    fitting = [entry for entry in entries if metric in (None, entry.metric) and ends in (None, entry.whole_scale.ends)]
    of_form = [entry.whole_scale for entry in fitting if entry.form is not None]
    return of_form or [entry.whole_scale for entry in fitting]


def _origin(source: str, form: str | None) -> str:
    return f"the form “{form}” of {source}" if form else f"the source {source}"


def _entry(source: str, form: str | None, metric: Metric | None) -> str:
    lines = ["[[source]]", f'name = "{source}"']
    if form:
        lines.append(f'form = "{form}"')
    lines.append(f'metric = "{metric or "csat"}"')
    lines.append("and its `scale`, `low` and `neutral`.")
    return ", ".join(lines)
