"""What the policy says about a form: the scale of its answers, and whether who answers may be contacted."""

from bot.surveys.request import Unreadable
from workflows.answers import Answer, Contactability
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
    return _holding(score, scale_for(policy, source=source, form=form, metric=metric, ends=ends))


def own_scale(policy: Policy, *, source: str, form: str | None, score: float, own: Scale) -> Scale:
    """Return the scale that a tool always uses, with the bands of the policy where it has an entry for it.

    Raises UnknownScale when the policy contradicts the tool, Unreadable when the score doesn't fit.
    """
    if any(entry.metric == own.metric for entry in policy.source_entries(source, form)):
        return scale_of(policy, source=source, form=form, score=score, metric=own.metric, ends=own.ends)
    return _holding(score, own)


def contactability_in(policy: Policy, source: str, form: str | None) -> Contactability | None:
    """Return what the policy says of those who answer this form, else of all who answer by this source."""
    said = (entry.contactability for entry in policy.source_entries(source, form))
    return next((one for one in said if one is not None), None)


def as_the_policy_says(answer: Answer, policy: Policy) -> Answer:
    """Fill in what the survey tool doesn't say and the policy does: whether the customer may be contacted."""
    if answer.contactability is not None:
        return answer
    said = contactability_in(policy, answer.source, answer.form)
    return answer if said is None else answer._replace(contactability=said)


def _holding(score: float, scale: Scale) -> Scale:
    if not scale.low_end <= score <= scale.high_end:
        raise Unreadable(f"The score lies outside its scale of {scale.low_end:g} to {scale.high_end:g}.")
    return scale
