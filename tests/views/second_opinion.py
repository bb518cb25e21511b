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
            return theirs.ActionsBlock([_element(one) for one in block["elements"]], block_id=block.get("block_id"))
        case "rich_text":
            quotes = [theirs.RichTextQuote([_run(one) for one in part["elements"]]) for part in block["elements"]]
            return theirs.RichTextBlock(quotes)
        case "data_visualization":
            return theirs.DataVisualizationBlock(block["title"], _chart(block["chart"]), block.get("block_id"))
        case "table":
            return theirs.TableBlock(
                [[theirs.RawText(cell["text"]) for cell in row] for row in block["rows"]],
                [theirs.ColumnSettings(**one) for one in block["column_settings"]],
            )
    return theirs.Block.from_dict(block)


def said_again(block: Payload) -> Payload:
    """Return the block as slackblocks would send it, without the block ids that it makes up."""
    made = rebuilt(block)._resolve()
    if block.get("expand"):
        made["expand"] = True  # which slackblocks doesn't know yet
    return made if "block_id" in block else {key: value for key, value in made.items() if key != "block_id"}


def _chart(value: Payload) -> theirs.Chart:
    series = [
        theirs.DataSeries(one["name"], [theirs.DataPoint(**point) for point in one["data"]]) for one in value["series"]
    ]
    kind = {"line": theirs.LineChart, "bar": theirs.BarChart}[value["type"]]
    return kind(series, theirs.AxisConfig(**value["axis_config"]))


def _text(value: Payload) -> theirs.Text:
    return theirs.Text.from_dict(value)


def _element(value: Payload) -> theirs.Button | theirs.StaticSelectMenu:
    if value["type"] != "static_select":
        return _button(value)
    return theirs.StaticSelectMenu(
        action_id=value["action_id"],
        options=[_option(one) for one in value["options"]],
        initial_option=_option(value["initial_option"]),
        placeholder=_text(value["placeholder"]),
    )


def _option(value: Payload) -> theirs.Option:
    return theirs.Option(_text(value["text"]), value["value"])


def _button(value: Payload) -> theirs.Button:
    return theirs.Button(
        text=_text(value["text"]), action_id=value["action_id"], value=value["value"], style=value.get("style")
    )


def _run(value: Payload) -> theirs.RichText:
    return theirs.RichText(value["text"])
