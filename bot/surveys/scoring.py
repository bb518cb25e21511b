"""What the policy says about a form, and the scale of an answer."""

from bot.surveys.request import Unreadable
from workflows.policy import Policy, Source
from workflows.scales import Metric, Scale, scale_for


def entry_of(policy: Policy, source: str, form: str | None) -> Source | None:
    """Return the policy's [[source]] entry that names this form's fields: the form's own before its source's."""
    return next(iter(policy.source_entries(source, form)), None)


def scale_of(
    policy: Policy,
    *,
    source: str,
    form: str | None,
    score: float,
    metric: Metric | None = None,
    ends: tuple[float, float] | None = None,
) -> Scale:
    """Return the scale this score was given on; raise UnknownScale when nobody said, Unreadable when it doesn't fit.

    `metric` and `ends` are what the payload, or the tool's nature, says; see `workflows.scales.scale_for`.
    """
    scale = scale_for(policy, source=source, form=form, metric=metric, ends=ends)
    if not scale.low_end <= score <= scale.high_end:
        raise Unreadable(f"The score lies outside its scale of {scale.low_end:g} to {scale.high_end:g}.")
    return scale
