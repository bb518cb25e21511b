"""A form's scale is written into the policy's text as a person would write it: added, or changed in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_policy import DEPARTMENTS, TEAM

from workflows.policy_sources import CantBeWritten, entry, keys_of, with_entry
from workflows.policy_text import PolicyError
from workflows.reversal import turned
from workflows.scales import DEFAULT_SCALES, Scale

TEXT = TEAM + DEPARTMENTS
SMILES = Scale("csat", 1, 3, "up", 1, 2)
WRITTEN = """
[[source]]
name = "typeform"   # our form
form = "f1"
metric = "csat"
scale = [1, 5]      # five stars
low = 2
neutral = 3
"""


def test_a_new_entry_stands_at_the_end_and_nothing_else_changes() -> None:
    policy = with_entry(TEXT, "typeform", "f1", keys_of(SMILES, score_field="q1", email_field=None))

    assert policy.text.startswith(TEXT.rstrip())
    [found] = policy.source_entries("typeform", "f1")
    assert (found.whole_scale, found.score_field, found.email_field) == (SMILES, "q1", None)


def test_an_entry_that_is_there_is_changed_in_its_place_with_its_comments() -> None:
    scale = turned(Scale("csat", 1, 5, "up", 2, 3))

    policy = with_entry(TEXT + WRITTEN, "typeform", "f1", keys_of(scale))

    assert policy.source_entries("typeform", "f1")[0].whole_scale == Scale("csat", 1, 5, "down", 4, 3)
    assert 'name = "typeform"   # our form' in policy.text
    assert "scale = [1, 5]      # five stars" in policy.text
    assert policy.text.count("[[source]]") == 1


def test_an_nps_needs_no_scale() -> None:
    assert entry("typeform", None, keys_of(DEFAULT_SCALES["nps"])) == '[[source]]\nname = "typeform"\nmetric = "nps"'


def test_what_the_policy_refuses_is_refused() -> None:
    with pytest.raises(PolicyError, match="`low` and `neutral`"):
        with_entry(TEXT, "typeform", "f1", keys_of(Scale("csat", 1, 3, "up", 3, 3)))


@pytest.mark.parametrize(
    "written",
    [
        'source = [{ name = "typeform", form = "f1", metric = "csat", scale = [1, 5] }]\n',
        'source = [{ name = "tally", metric = "nps" }]\n',
    ],
)
def test_a_text_that_only_a_person_can_change_is_left_to_them(written: str) -> None:
    with pytest.raises(CantBeWritten):
        with_entry(written + TEXT, "typeform", "f1", keys_of(SMILES))


@given(form=st.text(min_size=1, max_size=40).map(str.strip).filter(bool))
def test_whatever_a_form_is_called_its_entry_says_so(form: str) -> None:
    try:
        policy = with_entry(TEXT, "typeform", form, keys_of(SMILES))
    except (PolicyError, CantBeWritten):
        return  # what no policy can name is left to a person

    assert policy.source_entries("typeform", form)[0].whole_scale == SMILES
