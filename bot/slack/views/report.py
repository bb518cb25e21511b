"""The way to the report: a link for one person, for some minutes, once."""

from typing import Any, Final

from bot.slack import ids
from bot.slack.views.blocks import Block, View, actions, button, modal, plain, section
from bot.slack.views.message import Message

TITLE: Final = "The report"
SENTENCE: Final = "The link opens the report once, for you alone, within the next ten minutes. Don't pass it on."


def opener() -> dict[str, Any]:
    """Make the button that asks for a link; there is no row behind it."""
    return button("Open the report", ids.REPORT, 0)


def link_message(url: str) -> Message:
    """Hand out a link in a message that only one person sees."""
    return Message("Your link to the report.", _blocks(url))


def link_modal(url: str) -> View:
    """Hand out a link where nothing can be posted: in the App Home."""
    return modal(TITLE, _blocks(url))


def _blocks(url: str) -> list[Block]:
    link = {
        "type": "button",
        "text": plain("Open in the browser"),
        "action_id": ids.LINK,
        "url": url,
        "style": "primary",
    }
    return [section(f"📈 *Are the loops closed?*\n{SENTENCE}"), *actions("report:link", [link])]
