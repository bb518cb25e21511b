"""What Slack refuses: messages and views beyond its limits, each violation with a pointer to where it is."""

import json
import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.rules_elements import IN_ACTIONS, IN_INPUT, IN_SECTION, Problems, check_element
from bot.sandbox.rules_rich import check_chart, check_rich_text, check_table

MESSAGE_TEXT = 40_000
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
METADATA_BYTES = 16_000
CHARTS = 2
IDENT = 255
METADATA_KEY = re.compile(r"[A-Za-z0-9_.-]{1,255}")

EVERYWHERE = frozenset({"message", "modal", "home"})
Checker = Callable[[Problems, Json, str], None]


def message_problems(words: Json) -> list[str]:
    """Return the violations in a message: `text`, `blocks` and `attachments` as they arrived."""
    problems = Problems()
    blocks = words.get("blocks")
    if blocks:
        _check_blocks(problems, blocks, at="/blocks", surface="message", most=MESSAGE_BLOCKS)
    for index, attachment in enumerate(words.get("attachments") or ()):
        at = f"/attachments/{index}"
        if not isinstance(attachment, dict):
            problems.add("must be an object", at)
        elif attachment.get("blocks"):
            _check_blocks(problems, attachment["blocks"], at=f"{at}/blocks", surface="message", most=MESSAGE_BLOCKS)
    return problems.found


def metadata_problem(metadata: Any) -> str | None:
    """Slack's error for a message's metadata, if there is one; an empty object takes it away."""
    if metadata is None or metadata == {}:
        return None
    if not isinstance(metadata, dict) or metadata.keys() - {"event_type", "event_payload", "entities"}:
        return "invalid_metadata_format"
    payload = metadata.get("event_payload")
    name = metadata.get("event_type")
    if not isinstance(name, str) or not METADATA_KEY.fullmatch(name) or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if len(json.dumps(metadata)) > METADATA_BYTES:
        return "metadata_too_large"
    return None


def view_problems(view: Any, *, surface: str) -> list[str]:
    """Return the violations in a view that is to be a `modal` or a `home`."""
    problems = Problems()
    if not isinstance(view, dict):
        problems.add("must be an object", "/view")
        return problems.found
    if view.get("type") != surface:
        problems.add(f"must be of type {surface}, not {view.get('type')!r}", "/view/type")
    allowed = COMMON_OF_VIEWS if surface == "home" else COMMON_OF_VIEWS | ONLY_IN_MODALS
    problems.unknown(view, allowed, "/view")
    for key, most in (("callback_id", IDENT), ("external_id", IDENT), ("private_metadata", 3000)):
        problems.string(view.get(key), f"/view/{key}", most=most, is_optional=True, may_be_empty=True)
    if surface == "modal":
        problems.plain(view.get("title"), "/view/title", most=24)
        for key in ("submit", "close"):
            if view.get(key) is not None:
                problems.plain(view[key], f"/view/{key}", most=24)
    blocks = view.get("blocks")
    _check_blocks(problems, blocks, at="/view/blocks", surface=surface, most=VIEW_BLOCKS)
    if surface == "modal" and not problems.found and not view.get("submit"):
        problems.require(
            not any(block["type"] == "input" for block in view["blocks"]),
            "submit is required when an input block is present",
            "/view/submit",
        )
    if len(json.dumps(view, ensure_ascii=False).encode(errors="surrogatepass")) > VIEW_BYTES:
        problems.found.insert(0, "[ERROR] view_too_large: more than 250000 bytes [json-pointer:/view]")
    return problems.found


COMMON_OF_VIEWS = frozenset({"type", "blocks", "private_metadata", "callback_id", "external_id"})
ONLY_IN_MODALS = frozenset({"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"})


def blocks_text_length(blocks: list[Json]) -> int:
    """Return the characters of all the texts in these blocks."""
    total = 0
    waiting: list[Any] = list(blocks)
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            text = part.get("text")
            if isinstance(text, str):
                total += len(text)
            waiting.extend(value for value in part.values() if isinstance(value, dict | list))
        elif isinstance(part, list):
            waiting.extend(part)
    return total


def _check_blocks(problems: Problems, blocks: Any, *, at: str, surface: str, most: int) -> None:
    if not isinstance(blocks, list):
        problems.add("must be an array", at)
        return
    if len(blocks) > most:
        problems.add(f"no more than {most} items allowed", at)
    seen: set[str] = set()
    charts = focused = 0
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        kind = block.get("type") if isinstance(block, dict) else None
        rule = BLOCKS.get(kind) if isinstance(kind, str) else None
        if rule is None:
            problems.add(f"unsupported type: {kind}", f"{here}/type")
            continue
        surfaces, keys, check = rule
        if surface not in surfaces:
            problems.add(f"{kind} blocks are not allowed in a {surface}", f"{here}/type")
        problems.unknown(block, keys, here)
        block_id = block.get("block_id")
        if block_id is not None:
            problems.string(block_id, f"{here}/block_id", most=IDENT)
            if block_id in seen:
                problems.add(f"block_id {block_id!r} already exists", f"{here}/block_id")
            seen.add(str(block_id))
        charts += kind == "data_visualization"
        element = block.get("element")
        focused += isinstance(element, dict) and bool(element.get("focus_on_load"))
        check(problems, block, here)
    problems.require(charts <= CHARTS, "no more than 2 data_visualization blocks allowed", at)
    problems.require(focused <= 1, "only one element may have focus_on_load", at)


def _section(problems: Problems, block: Json, at: str) -> None:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        problems.add("missing required field: text or fields", at)
    if text is not None:
        problems.text(text, f"{at}/text", most=3000)
    if fields is not None:
        problems.items(fields, f"{at}/fields", most=10)
        for index, one in enumerate(fields if isinstance(fields, list) else ()):
            problems.text(one, f"{at}/fields/{index}", most=2000)
    if block.get("accessory") is not None:
        check_element(problems, block["accessory"], f"{at}/accessory", allowed=IN_SECTION)


def _header(problems: Problems, block: Json, at: str) -> None:
    problems.plain(block.get("text"), f"{at}/text", most=150)


def _context(problems: Problems, block: Json, at: str) -> None:
    elements = block.get("elements")
    problems.items(elements, f"{at}/elements", most=10)
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(problems, element, f"{at}/elements/{index}", allowed=frozenset({"image"}))
        else:
            problems.text(element, f"{at}/elements/{index}", most=3000)


def _actions(problems: Problems, block: Json, at: str) -> None:
    elements = block.get("elements")
    problems.items(elements, f"{at}/elements", most=25)
    seen: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        here = f"{at}/elements/{index}"
        check_element(problems, element, here, allowed=IN_ACTIONS)
        name = element.get("action_id") if isinstance(element, dict) else None
        if name is not None and name in seen:
            problems.add(f"action_id {name!r} already exists", f"{here}/action_id")
        seen.add(str(name))


def _input(problems: Problems, block: Json, at: str) -> None:
    problems.plain(block.get("label"), f"{at}/label", most=2000)
    if block.get("hint") is not None:
        problems.plain(block["hint"], f"{at}/hint", most=2000)
    for key in ("optional", "dispatch_action"):
        problems.require(isinstance(block.get(key, False), bool), "must be a boolean", f"{at}/{key}")
    check_element(problems, block.get("element"), f"{at}/element", allowed=IN_INPUT)


def _image(problems: Problems, block: Json, at: str) -> None:
    check_element(
        problems,
        {key: value for key, value in block.items() if key not in ("title", "block_id")},
        at,
        allowed=frozenset({"image"}),
    )
    if block.get("title") is not None:
        problems.plain(block["title"], f"{at}/title", most=2000)


def _markdown(problems: Problems, block: Json, at: str) -> None:
    problems.string(block.get("text"), f"{at}/text", most=12_000)


def _alert(problems: Problems, block: Json, at: str) -> None:
    problems.text(block.get("text"), f"{at}/text", most=3000)
    level = block.get("level", "default")
    problems.require(level in ("default", "info", "warning", "error", "success"), "unknown level", f"{at}/level")


def _nothing(problems: Problems, block: Json, at: str) -> None:
    del problems, block, at


BLOCKS: dict[str, tuple[frozenset[str], frozenset[str], Checker]] = {
    kind: (surfaces, frozenset(keys.split()) | {"type", "block_id"}, check)
    for kind, surfaces, keys, check in (
        ("section", EVERYWHERE, "text fields accessory expand", _section),
        ("header", EVERYWHERE, "text level", _header),
        ("divider", EVERYWHERE, "", _nothing),
        ("context", EVERYWHERE, "elements", _context),
        ("actions", EVERYWHERE, "elements", _actions),
        ("input", EVERYWHERE, "label element hint optional dispatch_action", _input),
        ("image", EVERYWHERE, "image_url slack_file alt_text title", _image),
        ("rich_text", EVERYWHERE, "elements", check_rich_text),
        ("markdown", frozenset({"message"}), "text", _markdown),
        ("table", frozenset({"message"}), "rows column_settings", check_table),
        ("data_visualization", frozenset({"message"}), "title chart", check_chart),
        ("alert", frozenset({"modal"}), "text level", _alert),
    )
}
