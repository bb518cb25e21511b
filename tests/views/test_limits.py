"""Every view keeps Slack's limits, with ordinary and with hostile words, say two checkers; one of them isn't ours."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from second_opinion import rebuilt, said_again
from slackblocks import HomeTabView, ModalView
from slackblocks import Message as TheirMessage
from view_gallery import GALLERY, Drawn
from view_words import CALM, HOSTILE, Words

from bot.sandbox import rules
from bot.slack.views.message import Message

EVERY_VIEW = pytest.mark.parametrize("name", GALLERY)
EVERY_TONGUE = pytest.mark.parametrize("words", [CALM, HOSTILE], ids=["calm", "hostile"])


def surfaces(name: str, words: Words) -> list[Drawn]:
    """Return what is posted for one entry of the gallery; the lines of a thread are a message each."""
    drawn = GALLERY[name](words)
    if isinstance(drawn, dict) and drawn["type"] == "lines":
        return [Message(text, blocks) for _, text, blocks in drawn["lines"]]
    return [drawn]


def everything(value: object) -> Iterator[dict[str, Any]]:
    """Walk through every object of a payload."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(part)


def blocks_of(drawn: Drawn) -> list[dict[str, Any]]:
    return drawn.blocks if isinstance(drawn, Message) else drawn["blocks"]


@EVERY_VIEW
@EVERY_TONGUE
def test_the_pretend_slack_would_take_it(name: str, words: Words) -> None:
    for drawn in surfaces(name, words):
        problems = (
            rules.message_problems({"text": drawn.text, "blocks": drawn.blocks})
            if isinstance(drawn, Message)
            else rules.view_problems(drawn, surface=drawn["type"])
        )

        assert problems == []


@EVERY_VIEW
@EVERY_TONGUE
def test_slackblocks_would_take_it(name: str, words: Words) -> None:
    for drawn in surfaces(name, words):
        ours = blocks_of(drawn)

        blocks = [rebuilt(block) for block in ours]

        assert [said_again(block) for block in ours] == ours
        if isinstance(drawn, Message):
            TheirMessage(channel="C0", text=drawn.text, blocks=blocks)
        elif drawn["type"] == "home":
            HomeTabView(blocks=blocks)
        else:
            ModalView(title=drawn["title"]["text"], close=drawn["close"]["text"], blocks=blocks)


@EVERY_VIEW
@EVERY_TONGUE
def test_a_message_has_a_sentence_for_the_notification(name: str, words: Words) -> None:
    for drawn in surfaces(name, words):
        if isinstance(drawn, Message):
            assert drawn.text.strip()
            assert drawn.text[-1] in ".”:"
            assert len(drawn.text) < 4000
            assert "\n" not in drawn.text


@EVERY_VIEW
@EVERY_TONGUE
def test_a_button_says_which_row_it_is_about_and_nothing_else(name: str, words: Words) -> None:
    for drawn in surfaces(name, words):
        for one in everything(blocks_of(drawn)):
            if one.get("type") == "button":
                assert one["value"].isdecimal()


@EVERY_VIEW
def test_nothing_that_others_wrote_pages_or_links(name: str) -> None:
    for drawn in surfaces(name, HOSTILE):
        raw = json.dumps(drawn.blocks if isinstance(drawn, Message) else drawn, ensure_ascii=False)
        text = drawn.text if isinstance(drawn, Message) else ""

        for trick in (
            "<!channel",
            "<!here",
            "<@U0EVIL",
            "<#C0EVIL",
            "<https:",
            "<!date^0^",
            "\u202e",
            "\\ud800",
            "```",
        ):
            assert trick not in text
            assert trick not in _without_quotes(raw, trick)
        for one in everything(blocks_of(drawn)):
            if one.get("type") == "mrkdwn":
                assert one["verbatim"] is True


def _without_quotes(raw: str, trick: str) -> str:
    """Leave out rich_text where letters are letters: code marks and links are shown there as they were written."""
    if trick not in {"```", "<https:"}:
        return raw
    blocks = [one for one in everything(json.loads(raw)) if "type" in one and one["type"] not in {"text", "rich_text"}]
    return json.dumps([one for one in blocks if one["type"] in {"mrkdwn", "plain_text"}], ensure_ascii=False)


@EVERY_VIEW
def test_a_hostile_text_is_drawn_twice_the_same(name: str) -> None:
    assert GALLERY[name](HOSTILE) == GALLERY[name](HOSTILE)
