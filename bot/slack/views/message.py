"""What is posted: a sentence for the notification, and the blocks that are seen."""

from dataclasses import dataclass

from bot.slack.views.blocks import Block


@dataclass(frozen=True, slots=True)
class Message:
    """One message of Slack. `text` is what a notification shows and a screen reader says: a whole sentence."""

    text: str
    blocks: list[Block]
    simpler: list[Block] | None = None
    """What is shown if Slack refuses `blocks`: the same without charts and tables. None: only `text`."""
