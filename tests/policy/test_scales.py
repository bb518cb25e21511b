"""Scales band scores, and the scale of an answer is known or asked for, never guessed."""

import math

import pytest
from small_policy import small_policy

from workflows.scales import DEFAULT_SCALES, Band, Metric, Scale, UnknownScale, scale_for

SOURCES = """
[[source]]
name = "typeform"
form = "two"
metric = "csat"
scale = [1, 3]
low = 1
neutral = 2

[[source]]
name = "typeform"
metric = "ces"
scale = [1, 5]
low = 5
neutral = 4
direction = "down"

[[source]]
name = "formbricks"
metric = "csat"
scale = [1, 5]

[[source]]
name = "formbricks"
metric = "nps"
"""


@pytest.mark.parametrize(
    ("metric", "bands"),
    [("nps", "LLLLLLLNNHH"), ("csat", "-LLNHH"), ("ces", "-LLLNHHH")],
)
def test_the_usual_scales_have_the_usual_bands(metric: Metric, bands: str) -> None:
    scale = DEFAULT_SCALES[metric]

    found = "".join(scale.band(score)[0].upper() if score >= scale.low_end else "-" for score in range(len(bands)))

    assert found == bands


@pytest.mark.parametrize(("score", "band"), [(1, "high"), (2, "high"), (3, "neutral"), (4, "low"), (5, "low")])
def test_on_a_downward_scale_low_scores_are_happy(score: float, band: Band) -> None:
    scale = Scale("ces", 1, 5, "down", low=4, neutral=3)

    assert scale.band(score) == band


def test_a_scale_may_have_no_neutral_band() -> None:
    thumbs = Scale("csat", 0, 1, "up", low=0, neutral=0)

    assert [thumbs.band(score) for score in (0, 1)] == ["low", "high"]


@pytest.mark.parametrize("score", [-1, 11, 10.001, math.nan, math.inf, -math.inf])
def test_a_score_outside_the_scale_has_no_band(score: float) -> None:
    with pytest.raises(ValueError, match="outside the scale of 0 to 10"):
        DEFAULT_SCALES["nps"].band(score)


def test_the_policy_knows_the_scale_of_a_form() -> None:
    scale = scale_for(small_policy(SOURCES), source="typeform", form="two")

    assert scale == Scale("csat", 1, 3, "up", 1, 2)


def test_another_form_has_the_scale_of_its_source() -> None:
    scale = scale_for(small_policy(SOURCES), source="typeform", form="one")

    assert scale == Scale("ces", 1, 5, "down", 5, 4)


def test_the_metric_of_the_answer_chooses_between_two_scales_of_a_source() -> None:
    scale = scale_for(small_policy(SOURCES), source="formbricks", form=None, metric="csat")

    assert scale == DEFAULT_SCALES["csat"]


def test_the_metric_of_the_answer_passes_over_a_form_that_asks_another() -> None:
    scale = scale_for(small_policy(SOURCES), source="typeform", form="two", metric="ces")

    assert scale.metric == "ces"


def test_two_scales_of_a_source_are_not_guessed_between() -> None:
    with pytest.raises(UnknownScale, match="may be csat and nps in the policy"):
        scale_for(small_policy(SOURCES), source="formbricks", form="x")


@pytest.mark.parametrize("ends", [None, (1, 7)])
def test_without_the_policy_a_named_metric_has_its_usual_scale(ends: tuple[float, float] | None) -> None:
    assert scale_for(small_policy(), source="generic", form="f", metric="ces", ends=ends) == DEFAULT_SCALES["ces"]


def test_unusual_ends_are_not_taken_for_the_usual_scale() -> None:
    with pytest.raises(UnknownScale, match=r'form “f” of generic asks.*name = "generic", form = "f", metric = "csat"'):
        scale_for(small_policy(), source="generic", form="f", metric="csat", ends=(1, 10))


def test_without_a_metric_no_scale_is_guessed() -> None:
    with pytest.raises(UnknownScale, match="the source generic asks"):
        scale_for(small_policy(), source="generic", form=None, ends=(0, 10))


def test_ends_that_contradict_the_policy_are_not_believed() -> None:
    with pytest.raises(UnknownScale, match="says that its scale is 1 to 5, the policy says 1 to 3"):
        scale_for(small_policy(SOURCES), source="typeform", form="two", metric="csat", ends=(1, 5))


def test_a_downward_score_is_mirrored() -> None:
    scale = Scale("ces", 1, 5, "down", low=4, neutral=3)

    assert (scale.upward(5), scale.upward(2)) == (1, 4)
