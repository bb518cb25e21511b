"""Buttons and inputs inside blocks: finding them, what they hold, and what a client would let a person enter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.workspace import Workspace

VALUE_KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
}
PLURAL = {key for key in VALUE_KEYS.values() if key.endswith("s")}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FORMS = {"selected_date": re.compile(r"\d{4}-\d\d-\d\d"), "selected_time": re.compile(r"\d\d:\d\d")}


class NotThere(AssertionError):  # noqa: N818 (it reads as what a person would say)
    """What a person wanted to press, fill or read isn't on their screen."""


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it stands in, in reading order."""
    for block in blocks:
        for element in (
            *block.get("elements", ()),
            *(block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)),
        ):
            if element.get("action_id"):
                yield block, element


def find(blocks: list[Json], *, block_id: str, action_id: str) -> tuple[Json, Json]:
    """Return the element with these ids and its block. Raises NotThere."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element["action_id"] == action_id:
            return block, element
    raise NotThere(f"There is no {action_id!r} in block {block_id!r} any more: look at the latest version.")


def name_elements(workspace: Workspace, blocks: list[Json]) -> None:
    """Give ids to the blocks and elements that came without, as Slack does."""
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = workspace.next_id("b")
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            if (
                isinstance(element, dict)
                and not element.get("action_id")
                and (element.get("type") in VALUE_KEYS or element.get("type") == "button")
            ):
                element["action_id"] = workspace.next_id("a")


def initial(element: Json) -> Any:
    """Return what an untouched element holds: it is submitted like anything a person typed."""
    key = VALUE_KEYS[element["type"]]
    if key in ("value", "rich_text_value"):
        return element.get("initial_value")
    return element.get(key.replace("selected_", "initial_"), [] if key in PLURAL else None)


def state_values(blocks: list[Json], given: Mapping[str, Any] | None) -> Json:
    """Slack's `state.values`: what was given for each input, else its initial value."""
    values: Json = {}
    for block, element in elements(blocks):
        kind = element["type"]
        if kind not in VALUE_KEYS or kind == "overflow":
            continue
        key = VALUE_KEYS[kind]
        entered = ((given or {}).get(block["block_id"]) or {}).get(element["action_id"])
        value = entered[key] if entered is not None and key in entered else initial(element)
        values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": kind, key: value}
    return values


def held(block: Json, element: Json, draft: Mapping[str, Any] | None) -> Any:
    """Return what an input holds now: what was entered, else its initial value."""
    entered = ((draft or {}).get(block["block_id"]) or {}).get(element["action_id"])
    return entered[VALUE_KEYS[element["type"]]] if entered else initial(element)


def action(workspace: Workspace, block: Json, element: Json, given: Mapping[str, Any]) -> Json:
    """One entry of `actions` in a payload; a button's value is the one that was posted, whatever the page says."""
    made: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    for key in ("text", "value", "style", "url", "placeholder", "confirm"):
        if key in element and (key != "value" or element["type"] == "button"):
            made[key] = element[key]
    key = VALUE_KEYS.get(element["type"], "")
    if key:
        made[key] = choice(workspace, element, given.get(key))
        start = key.replace("selected_", "initial_") if key.startswith("selected_") else "initial_value"
        if start in element:
            made[start] = element[start]
    made["action_ts"] = workspace.next_ts()
    return made


def options_of(element: Json) -> list[Json]:
    """All options of a select, in groups or not."""
    groups = element.get("option_groups") or []
    return [*element.get("options", ()), *(option for group in groups for option in group.get("options", ()))]


def choice(workspace: Workspace, element: Json, value: Any) -> Any:
    """Return the value as the client would send it. Raises NotThere for what the element doesn't offer."""
    key = VALUE_KEYS[element["type"]]
    if value is None:
        return [] if key in PLURAL else None
    if key in PLURAL:
        return [_one_choice(workspace, element, key[:-1], one) for one in value]
    return _one_choice(workspace, element, key, value)


def _one_choice(workspace: Workspace, element: Json, key: str, value: Any) -> Any:
    if key == "selected_option":
        wanted = value.get("value") if isinstance(value, Mapping) else value
        offered = [*options_of(element), *workspace.suggested.get(element["action_id"], ())]
        for option in offered:
            if option.get("value") == wanted:
                return option
        raise NotThere(f"{wanted!r} is not among the options of {element['action_id']!r}.")
    if key == "selected_user" and value not in workspace.members:
        raise NotThere(f"There is no member {value!r}.")
    if key in ("selected_channel", "selected_conversation") and value not in workspace.channels:
        raise NotThere(f"There is no conversation {value!r}.")
    if key in FORMS and not FORMS[key].fullmatch(str(value)):
        raise NotThere(f"{value!r} can't be picked in a {element['type']}.")
    return value


def refused_by_client(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's own client says about a modal before it asks the app: a sentence for each block's id."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        entered = values[block["block_id"]][element["action_id"]][VALUE_KEYS[element["type"]]]
        sentence = _complaint(element, entered, is_optional=bool(block.get("optional")))
        if sentence:
            errors[block["block_id"]] = sentence
    return errors


def _complaint(element: Json, entered: Any, *, is_optional: bool) -> str | None:
    if entered in (None, "", []):
        return None if is_optional else "Please complete this required field."
    kind = element["type"]
    if kind == "plain_text_input":
        if len(entered) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(entered) > element.get("max_length", 3000):
            return f"Please enter at most {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and not EMAIL.fullmatch(entered):
        return "Please enter a valid email address."
    if kind == "number_input":
        return _number_complaint(element, entered)
    if kind.startswith("multi_") and len(entered) > element.get("max_selected_items", len(entered)):
        return f"Please select at most {element['max_selected_items']}."
    return None


def _number_complaint(element: Json, entered: Any) -> str | None:
    try:
        number = float(entered)
    except (TypeError, ValueError):
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
