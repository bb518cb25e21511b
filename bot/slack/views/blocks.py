"""The few kinds of blocks that our views are made of, held to Slack's limits where they are made."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal

from bot.slack.views.text import SECTION, clip, cut, literal

Block = dict[str, Any]
Element = dict[str, Any]
View = dict[str, Any]

HEADER: Final = 150
BUTTON: Final = 75
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100


def mrkdwn(text: str) -> Element:
    """Make a text that Slack formats. It links and pages nothing that isn't written as a link or a mention."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Element:
    """Make a text without formatting."""
    return {"type": "plain_text", "text": text, "emoji": True}


def header(text: str) -> Block:
    """Make a heading; `text` is escaped already."""
    return {"type": "header", "text": plain(cut(text, HEADER) or "…")}


def section(text: str, *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    """Make a paragraph, with at most one button beside it. `text` is escaped and fits: see `packed`."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def long_section(text: str) -> Block:
    """Make a paragraph that is shown whole, where Slack would fold it behind "See more"."""
    return {**section(text), "expand": True}


def fields(texts: Iterable[str], *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    """Make a paragraph of two columns, at most ten texts."""
    block: Block = {"type": "section", "fields": [mrkdwn(text) for text in texts]}
    if accessory:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def context(*texts: str) -> Block:
    """Make a line in small grey letters."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def quote(text: str, limit: int = SECTION) -> Block:
    """Quote what somebody wrote, letter by letter and in its own reading direction: nothing in it is formatted."""
    words = clip(literal(text[: limit * 4]).strip() or "…", limit)
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]}],
    }


def divider() -> Block:
    """Make a line across."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: int, *, style: Literal["primary", "danger"] | None = None) -> Element:
    """Make a button. `value` is the primary key of the row that it is about, and nothing else."""
    element: Element = {"type": "button", "text": plain(label), "action_id": action_id, "value": str(value)}
    if style:
        element["style"] = style
    return element


def actions(block_id: str, buttons: Sequence[Element]) -> list[Block]:
    """Make a row of buttons; no buttons, no row."""
    return [{"type": "actions", "block_id": block_id, "elements": list(buttons)}] if buttons else []


def modal(title: str, blocks: Sequence[Block], *, metadata: str = "") -> View:
    """Make a modal that is only read. Slack shows at most 100 blocks and 24 letters of a title."""
    return {
        "type": "modal",
        "title": plain(title),
        "close": plain("Close"),
        "private_metadata": metadata,
        "blocks": list(blocks[:VIEW_BLOCKS]),
    }


def packed(lines: Iterable[str], *, limit: int = SECTION) -> Iterator[str]:
    """Join lines to texts that fit into a section, as few as possible; a line alone is always short enough."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > limit:
            yield text
            text = line
        else:
            text = f"{text}\n{line}" if text else line
    if text:
        yield text
