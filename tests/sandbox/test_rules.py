"""Slack's limits: what fits just so is taken, one more is refused with a pointer to it."""

from typing import Any

import pytest

from bot.sandbox.channels import Json
from bot.sandbox.rules import message_problems, metadata_problem, view_problems


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(**more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, **more}


def button(**more: object) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def option(text: str = "A", value: str = "a") -> Json:
    return {"text": plain(text), "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def field(**element: object) -> Json:
    return {
        "type": "input",
        "label": plain("Label"),
        "element": {"type": "plain_text_input", "action_id": "a", **element},
    }


def modal(*blocks: Json, **more: object) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": list(blocks), **more}


def line(points: dict[str, float], *, categories: list[str], name: str = "Mail") -> Json:
    data = [{"label": label, "value": value} for label, value in points.items()]
    chart = {"type": "line", "series": [{"name": name, "data": data}], "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "NPS", "chart": chart}


GOOD: list[Json] = [
    section(fields=[plain("x" * 2000)] * 10, accessory=button()),
    {"type": "section", "text": plain("x" * 3000)},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10},
    actions(*(button(action_id=str(n), value="v" * 2000, style="danger") for n in range(25))),
    {"type": "image", "image_url": "https://a.test/b.png", "alt_text": "a"},
    field(initial_value="x", max_length=3000, multiline=True),
    actions({"type": "static_select", "action_id": "s", "options": [option(value=str(n)) for n in range(100)]}),
    actions({"type": "overflow", "action_id": "o", "options": [option()] * 5}),
    field(type="checkboxes", options=[option()], initial_options=[option()]),
    field(type="number_input", is_decimal_allowed=False, min_value="0"),
    field(type="datepicker", initial_date="2026-11-22"),
    field(type="datetimepicker", initial_date_time=1795000000),
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
    },
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
    line({"Mon": 1, "Tue": -2.5}, categories=["Mon", "Tue"]),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_what_is_within_the_limits_is_taken(block: Json) -> None:
    assert message_problems({"text": "x", "blocks": [block]}) == []


BAD: list[tuple[Json, str]] = [
    ({"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
    ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
    ({"type": "section", "text": plain("x" * 3001)}, "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section", "text": plain("")}, "must be more than 0 characters"),
    (section(fields=[plain("x")] * 11), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (section(fields=[plain("x" * 2001)]), "/blocks/0/fields/0/text"),
    (section(colour="red"), "invalid additional property: colour"),
    (section(block_id="x" * 256), "/blocks/0/block_id"),
    (section(accessory={"type": "plain_text_input", "action_id": "a"}), "unsupported type: plain_text_input"),
    ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "must be a plain_text object"),
    ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10 items"),
    ({"type": "context", "elements": []}, "at least 1"),
    (actions(*(button(action_id=str(n)) for n in range(26))), "no more than 25"),
    (actions(button(), button()), "action_id 'a' already exists"),
    (actions(button(text=plain("x" * 76))), "less than 76"),
    (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value"),
    (actions(button(url="https://a.test/" + "x" * 3000)), "less than 3001"),
    (actions(button(url="javascript:alert(1)")), "must be a valid URL"),
    (actions(button(style="default")), "unknown style"),
    (actions(button(action_id="x" * 256)), "/action_id"),
    (actions(button(confirm={"title": plain("?")})), "/confirm/text"),
    (actions({"type": "static_select", "action_id": "s", "options": [option()] * 101}), "no more than 100"),
    (actions({"type": "static_select", "action_id": "s", "options": [option("x" * 76)]}), "less than 76"),
    (actions({"type": "static_select", "action_id": "s", "options": [option(value="x" * 151)]}), "less than 151"),
    (actions({"type": "static_select", "action_id": "s", "options": []}), "at least 1"),
    (
        actions({"type": "static_select", "action_id": "s", "options": [option()], "initial_option": option("B", "b")}),
        "initial option is not among the options",
    ),
    (actions({"type": "overflow", "action_id": "o", "options": [option()] * 6}), "no more than 5"),
    (field(initial_value="x" * 11, max_length=10), "less than 11"),
    (field(type="number_input"), "/is_decimal_allowed"),
    (field(type="datepicker", initial_date="22.11.2026"), "bad format"),
    ({"type": "image", "image_url": "https://a.test/b.png"}, "/alt_text"),
    ({"type": "alert", "text": plain("x")}, "alert blocks are not allowed in a message"),
    ({"type": "rich_text", "elements": [{"type": "rich_text_sextion"}]}, "unsupported type: rich_text_sextion"),
    (line({"Mon": 1}, categories=["Mon", "Tue"]), "must cover every category"),
    (line({"x" * 21: 1}, categories=["x" * 21]), "less than 21"),
    (
        {
            "type": "data_visualization",
            "title": "t",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": 0}]},
        },
        "must be more than 0",
    ),
]


@pytest.mark.parametrize(("block", "problem"), BAD, ids=[problem for _, problem in BAD])
def test_what_slack_refuses_is_pointed_at(block: Json, problem: str) -> None:
    problems = message_problems({"text": "x", "blocks": [block]})

    assert any(problem in one for one in problems), problems


def test_a_message_has_fifty_blocks_a_view_a_hundred() -> None:
    divider: Json = {"type": "divider"}

    assert message_problems({"text": "x", "blocks": [divider] * 50}) == []
    assert "no more than 50" in message_problems({"text": "x", "blocks": [divider] * 51})[0]
    assert view_problems(modal(*[divider] * 100), surface="modal") == []
    assert "no more than 100" in view_problems(modal(*[divider] * 101), surface="modal")[0]


def test_block_ids_are_unique_and_charts_two_at_most() -> None:
    twice = message_problems({"text": "x", "blocks": [section(block_id="a"), section(block_id="a")]})
    charts = message_problems({"text": "x", "blocks": [line({"a": 1}, categories=["a"])] * 3})

    assert "block_id 'a' already exists" in twice[0]
    assert "no more than 2 data_visualization" in charts[0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"submit": plain("x" * 25)}, "/view/submit/text"),
        ({"close": plain("x" * 25)}, "/view/close/text"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"submit": None}, "submit is required when an input block is present"),
        ({"type": "home"}, "must be of type modal"),
        ({"titel": plain("T")}, "invalid additional property: titel"),
    ],
)
def test_a_modal_that_slack_refuses(change: dict[str, Any], problem: str) -> None:
    problems = view_problems({**modal(field()), **change}, surface="modal")

    assert any(problem in one for one in problems), problems


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    blocks = [{"type": "section", "fields": [plain("ü" * 2000)] * 10} for _ in range(10)]

    assert "view_too_large" in view_problems(modal(*blocks), surface="modal")[0]


def test_an_alert_fits_in_a_modal_only() -> None:
    assert view_problems(modal({"type": "alert", "text": plain("Careful")}), surface="modal") == []


def test_metadata_is_named_small_and_an_object() -> None:
    assert metadata_problem({"event_type": "intent", "event_payload": {"key": 1}}) is None
    assert metadata_problem({}) is None
    assert metadata_problem({"event_type": "a b", "event_payload": {}}) == "invalid_metadata_format"
    assert metadata_problem("x") == "invalid_metadata_format"


@pytest.mark.parametrize("blocks", ["x", [None], [[]], [{"type": ["a"]}], [{"type": "section", "text": 7}]])
def test_nonsense_is_refused_without_a_crash(blocks: Any) -> None:
    assert message_problems({"text": "x", "blocks": blocks})
