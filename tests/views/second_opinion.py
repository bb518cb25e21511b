"""Our payloads built once more with slackblocks, which checks Slack's limits while it builds."""

from typing import Any

import slackblocks as theirs

Payload = dict[str, Any]


def rebuilt(block: Payload) -> theirs.Block:
    """Build the same block with slackblocks; it raises InvalidUsageError where Slack would refuse."""
    match block["type"]:
        case "section":
            return theirs.SectionBlock(
                text=_text(block["text"]) if "text" in block else None,
                fields=[_text(one) for one in block["fields"]] if "fields" in block else None,
                accessory=_button(block["accessory"]) if "accessory" in block else None,
                block_id=block.get("block_id"),
            )
        case "actions":
            return theirs.ActionsBlock([_button(one) for one in block["elements"]], block_id=block.get("block_id"))
        case "rich_text":
            quotes = [theirs.RichTextQuote([_run(one) for one in part["elements"]]) for part in block["elements"]]
            return theirs.RichTextBlock(quotes)
    return theirs.Block.from_dict(block)


def said_again(block: Payload) -> Payload:
    """Return the block as slackblocks would send it, without the block ids that it makes up."""
    made = rebuilt(block)._resolve()
    if block.get("expand"):
        made["expand"] = True  # which slackblocks doesn't know yet
    return made if "block_id" in block else {key: value for key, value in made.items() if key != "block_id"}


def _text(value: Payload) -> theirs.Text:
    return theirs.Text.from_dict(value)


def _button(value: Payload) -> theirs.Button:
    return theirs.Button(
        text=_text(value["text"]), action_id=value["action_id"], value=value["value"], style=value.get("style")
    )


def _run(value: Payload) -> theirs.RichText:
    return theirs.RichText(value["text"])
