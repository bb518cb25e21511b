"""Slack's own charts and tables as plain objects: the SDK has no classes for them. Each with the same in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from bot.slack.views.blocks import Block, packed, section
from bot.slack.views.text import GAP, clip, escape, literal

TITLE: Final = 50
LABEL: Final = 20
SERIES: Final = 6
CATEGORIES: Final = 20
ROWS: Final = 20
CELL: Final = 80


def chart(
    kind: Literal["line", "bar"],
    title: str,
    series: Mapping[str, Sequence[tuple[str, float]]],
    *,
    x_label: str,
    y_label: str,
) -> Block:
    """Make a chart of up to six series; each has a value for the same categories, at most twenty."""
    named = {name[:LABEL]: list(points)[:CATEGORIES] for name, points in list(series.items())[:SERIES]}
    categories = [label[:LABEL] for label, _ in next(iter(named.values()))]
    return {
        "type": "data_visualization",
        "title": title[:TITLE],
        "chart": {
            "type": kind,
            "series": [
                {"name": name, "data": [{"label": label[:LABEL], "value": value} for label, value in points]}
                for name, points in named.items()
            ],
            "axis_config": {"categories": categories, "x_label": x_label[:TITLE], "y_label": y_label[:TITLE]},
        },
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Block:
    """Make a table. The columns in `right` are numbers. Cells are shown letter by letter; nothing in them is formatted.

    Slack takes one table in a message.
    """
    settings: list[dict[str, Any]] = [
        {"align": "right" if number in right else "left", "is_wrapped": number not in right}
        for number in range(len(head))
    ]
    return {
        "type": "table",
        "column_settings": settings,
        "rows": [[_cell(text) for text in row] for row in (head, *rows[:ROWS])],
    }


def in_words(blocks: Sequence[Block]) -> list[Block]:
    """Say charts and tables in words, for where Slack draws none: in modals, or when it refuses them."""
    said: list[Block] = []
    for block in blocks:
        if block["type"] == "data_visualization":
            said += _chart_in_words(block)
        elif block["type"] == "table":
            said += _table_in_words(block)
        else:
            said.append(block)
    return said


def _cell(text: str) -> dict[str, str]:
    return {"type": "raw_text", "text": clip(" ".join(literal(text[: CELL * 8]).split()), CELL) or "-"}


def _chart_in_words(block: Block) -> list[Block]:
    lines = []
    for one in block["chart"]["series"]:
        points = [f"{escape(point['label'])}: {point['value']:g}" for point in one["data"]]
        lines.append(f"*{escape(block['title'])}*\n{' · '.join(points)}")
    return [section(text) for text in packed(lines)]


def _table_in_words(block: Block) -> list[Block]:
    head, *rows = [[escape(cell["text"]) for cell in row] for row in block["rows"]]
    lines = [f"*{GAP.join(head)}*", *(GAP.join(row) for row in rows)]
    return [section(text) for text in packed(lines)]
