"""Slack's limits on rich text, tables and charts."""

from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.rules_elements import Problems

RICH_PARTS = frozenset({"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"})
RICH_WORDS = frozenset({"text", "link", "user", "channel", "emoji", "usergroup", "broadcast", "date", "color", "team"})
NEEDED = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "emoji": "name",
    "usergroup": "usergroup_id",
    "broadcast": "range",
}
TABLE_ROWS = 100
TABLE_COLUMNS = 20
CHART_TITLE = 50
CHART_LABEL = 20
SERIES = 6
CATEGORIES = 20


def check_rich_text(problems: Problems, block: Json, at: str) -> None:
    """Check a rich_text block: sections, lists, quotes and code of known words."""
    parts = block.get("elements")
    problems.items(parts, f"{at}/elements", most=1000)
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        here = f"{at}/elements/{index}"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in RICH_PARTS:
            problems.add(f"unsupported type: {kind}", f"{here}/type")
        elif kind == "rich_text_list":
            problems.require(part.get("style") in ("bullet", "ordered"), "unknown style", f"{here}/style")
            check_rich_text(problems, part, here)
        else:
            _check_words(problems, part.get("elements"), f"{here}/elements")


def _check_words(problems: Problems, words: Any, at: str) -> None:
    if not isinstance(words, list):
        problems.add("must be an array", at)
        return
    for index, word in enumerate(words):
        kind = word.get("type") if isinstance(word, dict) else None
        if kind not in RICH_WORDS:
            problems.add(f"unsupported type: {kind}", f"{at}/{index}/type")
            continue
        key = NEEDED.get(kind)
        if key:
            problems.string(word.get(key), f"{at}/{index}/{key}", most=40_000)


def check_table(problems: Problems, block: Json, at: str) -> None:
    """Check a table block: at most 100 rows of at most 20 cells."""
    rows = block.get("rows")
    problems.items(rows, f"{at}/rows", most=TABLE_ROWS)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        here = f"{at}/rows/{index}"
        problems.items(row, here, most=TABLE_COLUMNS)
        for column, cell in enumerate(row if isinstance(row, list) else ()):
            kind = cell.get("type") if isinstance(cell, dict) else None
            if kind == "rich_text":
                check_rich_text(problems, cell, f"{here}/{column}")
            elif kind == "raw_text":
                problems.string(cell.get("text"), f"{here}/{column}/text", most=3000)
            elif kind != "raw_number":
                problems.add(f"unsupported type: {kind}", f"{here}/{column}/type")


def check_chart(problems: Problems, block: Json, at: str) -> None:
    """Check a chart: a pie of segments, or lines, bars or areas over shared categories."""
    problems.string(block.get("title"), f"{at}/title", most=CHART_TITLE)
    chart = block.get("chart")
    here = f"{at}/chart"
    kind = chart.get("type") if isinstance(chart, dict) else None
    if not isinstance(chart, dict) or kind not in ("pie", "bar", "area", "line"):
        problems.add(f"unsupported type: {kind}", f"{here}/type")
    elif kind == "pie":
        _check_pie(problems, chart, here)
    else:
        _check_series(problems, chart, here)


def _check_pie(problems: Problems, chart: Json, at: str) -> None:
    segments = chart.get("segments")
    problems.items(segments, f"{at}/segments", most=SERIES)
    for index, segment in enumerate(segments if isinstance(segments, list) else ()):
        here = f"{at}/segments/{index}"
        problems.string(segment.get("label"), f"{here}/label", most=CHART_LABEL)
        value = segment.get("value")
        problems.require(_is_number(value) and value > 0, "must be more than 0", f"{here}/value")


def _check_series(problems: Problems, chart: Json, at: str) -> None:
    axis = chart.get("axis_config")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    problems.items(categories, f"{at}/axis_config/categories", most=CATEGORIES)
    named = [name for name in categories if isinstance(name, str)] if isinstance(categories, list) else []
    for index, name in enumerate(named):
        problems.string(name, f"{at}/axis_config/categories/{index}", most=CHART_LABEL)
    problems.require(len(set(named)) == len(named), "categories must differ", f"{at}/axis_config/categories")
    for key in ("x_label", "y_label"):
        label = axis.get(key) if isinstance(axis, dict) else None
        problems.string(label, f"{at}/axis_config/{key}", most=CHART_TITLE, is_optional=True)
    series = chart.get("series")
    problems.items(series, f"{at}/series", most=SERIES)
    for index, one in enumerate(series if isinstance(series, list) else ()):
        here = f"{at}/series/{index}"
        problems.string(one.get("name"), f"{here}/name", most=CHART_LABEL)
        points = one.get("data")
        problems.items(points, f"{here}/data", most=CATEGORIES)
        labels = [point.get("label") for point in points] if isinstance(points, list) else []
        problems.require(sorted(map(str, labels)) == sorted(named), "must cover every category", f"{here}/data")
        values = [point.get("value") for point in points] if isinstance(points, list) else []
        problems.require(all(map(_is_number, values)), "values must be numbers", f"{here}/data")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
