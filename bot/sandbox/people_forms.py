"""How a person's words become the value of an input: options by their text, people and channels by their name."""

from collections.abc import Iterable
from datetime import datetime

from bot.sandbox.channels import Json
from bot.sandbox.elements import PLURAL, VALUE_KEYS, NotThere, choice, options_of
from bot.sandbox.interactions import Hands
from bot.sandbox.screen import Seen, plain


async def entry(hands: Hands, member: str, seen: Seen, *, block: Json, element: Json, value: object) -> Json:
    """Return what the client would hold in this element after the person entered `value`. Raises NotThere."""
    key = VALUE_KEYS[element["type"]]
    if element["type"].endswith("external_select"):
        await _suggest(hands, member, seen, block=block, element=element, typed=value)
    if value is None:
        return {key: [] if key in PLURAL else None}
    if key in PLURAL:
        many = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        return {key: [_one(hands, element, key[:-1], one) for one in many]}
    return {key: _one(hands, element, key, value)}


async def _suggest(hands: Hands, member: str, seen: Seen, *, block: Json, element: Json, typed: object) -> None:
    for one in typed if isinstance(typed, list | tuple) else [typed]:
        await hands.suggestions(
            member, seen.container, block_id=block["block_id"], action_id=element["action_id"], typed=str(one)
        )


def _one(hands: Hands, element: Json, key: str, value: object) -> object:
    workspace = hands.workspace
    if key == "selected_option":
        offered = [*options_of(element), *workspace.suggested.get(element["action_id"], ())]
        for option in offered:
            if plain(option["text"]["text"]) == plain(str(value)) or option["value"] == value:
                return option
        texts = ", ".join(option["text"]["text"] for option in offered)
        raise NotThere(f"There is no option {value!r}. There are: {texts or 'none'}.")
    if key == "selected_user":
        return hands.member(str(value)).id
    if key in ("selected_channel", "selected_conversation"):
        try:
            return workspace.channel(str(value)).id
        except KeyError:
            raise NotThere(f"There is no channel {value!r}.") from None
    if key == "selected_date_time" and isinstance(value, datetime):
        return int(value.timestamp())
    if key == "rich_text_value" and isinstance(value, str):
        words = [{"type": "text", "text": value}]
        return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}
    if key == "value":
        return str(value)
    return choice(workspace, element, value)
