"""What a person sees: a message, a modal or a Home, with the texts, buttons and inputs that are on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.elements import NotThere, elements

EMOJI = re.compile(r":[a-z0-9_+-]+:")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing on the screen, as it was when it was looked at; `raw` is Slack's own object."""

    container: Json
    raw: Json = field(repr=False)

    @property
    def blocks(self) -> list[Json]:
        """The blocks, top to bottom."""
        found: list[Json] = self.raw.get("blocks") or []
        return found

    @property
    def ts(self) -> str:
        """A message's ts."""
        return str(self.raw["ts"])

    @property
    def channel_id(self) -> str:
        """The id of a message's channel."""
        return str(self.container["message"]["channel"])

    @property
    def text(self) -> str:
        """A message's fallback text: the notification, and what a screen reader says."""
        return str(self.raw.get("text", ""))

    @property
    def title(self) -> str:
        """A modal's title."""
        return str((self.raw.get("title") or {}).get("text", ""))

    @property
    def words(self) -> str:
        """Every text that is shown, a line each."""
        if not self.blocks:
            return self.text
        return "\n".join(word for block in self.blocks for word in _words(block))

    @property
    def buttons(self) -> list[str]:
        """The texts of all buttons and overflow entries, in reading order."""
        return [text for text, _, _, _ in pressables(self.blocks)]

    @property
    def labels(self) -> list[str]:
        """The labels of all inputs, in reading order."""
        return [block["label"]["text"] for block in self.blocks if block["type"] == "input"]


def pressables(blocks: list[Json]) -> Iterator[tuple[str, Json, Json, Json]]:
    """Every button and overflow entry: its text, block, element, and what choosing it gives."""
    for block, element in elements(blocks):
        if element["type"] == "button":
            yield element["text"]["text"], block, element, {}
        elif element["type"] == "overflow":
            for option in element["options"]:
                yield option["text"]["text"], block, element, {"selected_option": option}


def pressable(seen: Seen, text: str) -> tuple[Json, Json, Json]:
    """Return the button (block, element, choice) with this text; emoji and case don't matter. Raises NotThere."""
    wanted = plain(text)
    found = [row for row in pressables(seen.blocks) if plain(row[0]) == wanted]
    if not found:
        raise NotThere(f"There is no button {text!r}. There are: {', '.join(seen.buttons) or 'none'}.")
    if len(found) > 1:
        raise NotThere(f"There are {len(found)} buttons {text!r}: say which with press_id.")
    _, block, element, given = found[0]
    return block, element, given


def field_named(seen: Seen, label: str) -> tuple[Json, Json]:
    """Return the input (block, element) with this label, placeholder or text beside it. Raises NotThere."""
    wanted = plain(label)
    for block, element in elements(seen.blocks):
        if element["type"] != "button" and wanted in _names(block, element):
            return block, element
    raise NotThere(f"There is no field {label!r}. There are: {', '.join(seen.labels) or 'none'}.")


def plain(text: str) -> str:
    """Return a text without emoji codes, mark-up and case, for comparing what people read."""
    return EMOJI.sub("", text).replace("*", "").strip().casefold()


def _names(block: Json, element: Json) -> set[str]:
    texts = (block.get("label"), element.get("placeholder"), block.get("text"))
    return {plain(text["text"]) for text in texts if isinstance(text, dict)}


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _words(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("text", "alt_text", "title", "name") and isinstance(value, str):
                yield value
            elif isinstance(value, dict | list) and key != "confirm":
                yield from _words(value)
