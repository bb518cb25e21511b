"""What a manager's buttons carry: which figure or list, of how many days, and whose."""

import pytest
from test_case_views import offered
from view_files import POLICY
from view_overview import much, nothing
from view_words import CALM

from bot.slack import ids
from bot.slack.views.overview import block_of, overview_blocks, scope_of
from workflows.overview import Scope


@pytest.mark.parametrize("scope", [Scope(), Scope("billing"), Scope(None, "UANA", 90), Scope("billing", "UANA", 30)])
def test_a_block_says_what_its_buttons_are_about(scope: Scope) -> None:
    assert scope_of(block_of(scope, "figure", "told_rate")) == (["figure", "told_rate"], scope)


@pytest.mark.parametrize("block_id", ["", "figure", "::", "figure:x:billing:UANA", "figure:\u0667::", "lists:99999::"])
def test_a_block_from_another_time_says_nothing(block_id: str) -> None:
    assert scope_of(block_id) is None


def test_only_what_there_is_can_be_opened() -> None:
    full, bare = (overview_blocks(one, policy=POLICY) for one in (much(CALM), nothing()))

    assert {ids.TEAM_OPEN, ids.TEAM_OVERDUE, ids.TEAM_UNOWNED, ids.TEAM_FIGURE, ids.OPEN_CASE} == offered(full)
    assert offered(bare) == {ids.TEAM_FIGURE}
