"""Digests keep Slack's limits, say charts in words where none are drawn, and never name who answered in confidence."""

import json

import pytest
from view_digests import FORMS, daily, huddle, unknown, week
from view_files import POLICY
from view_words import CALM, HOSTILE, Words

from bot.sandbox import rules
from bot.slack.views.charts import in_words
from bot.slack.views.digests import post

EVERY_TONGUE = pytest.mark.parametrize("words", [CALM, HOSTILE], ids=["calm", "hostile"])


@pytest.mark.parametrize("name", FORMS)
@EVERY_TONGUE
def test_the_pretend_slack_would_take_the_forms(name: str, words: Words) -> None:
    assert rules.view_problems(FORMS[name](words), surface="modal") == []


@EVERY_TONGUE
def test_without_charts_and_tables_a_digest_is_sections_and_as_long(words: Words) -> None:
    for pack in (daily(words), week(words)):
        message = post(pack, policy=POLICY)

        assert message.simpler == in_words(message.blocks) != message.blocks
        assert {one["type"] for one in message.simpler} & {"table", "data_visualization"} == set()
        assert rules.message_problems({"text": message.text, "blocks": message.simpler}) == []


def test_there_are_at_most_two_charts_and_one_table_in_a_message() -> None:
    kinds = [one["type"] for pack in (daily(CALM), week(CALM)) for one in post(pack, policy=POLICY).blocks]

    assert (kinds.count("data_visualization"), kinds.count("table")) == (2, 1)


@pytest.mark.parametrize("draw", [daily, huddle, week])
def test_who_answered_in_confidence_is_named_nowhere(draw: object) -> None:
    assert callable(draw)
    said = json.dumps(post(draw(CALM), policy=POLICY).blocks)

    assert "Confidential customer" in said
    assert "Anonymous customer" in said
    assert unknown(CALM).customer.contactability == "anonymous"


def test_every_figure_of_the_week_has_a_button() -> None:
    blocks = post(week(CALM), policy=POLICY).blocks

    figures = [one for one in blocks if str(one.get("block_id", "")).startswith("figure:")]
    assert [one["block_id"].partition(":")[2] for one in figures] == [
        "told_rate",
        "customer_hours_waiting",
        "nps",
        "csat",
        "ces",
        "in_limit",
        "reopened",
    ]
    assert {one["accessory"]["action_id"] for one in figures} == {"digest_figure"}
