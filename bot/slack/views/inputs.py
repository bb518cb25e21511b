"""The input fields of our modals, and the frame around them. A field's block id is its name; forms.py reads it."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.slack.views.blocks import Block, Element, View, mrkdwn, plain
from bot.slack.views.text import inline

ACTION: Final = "value"
"""The action id of every input: the block id says which field it is."""
LONGEST: Final = 3000  # characters that Slack takes in a text input
PLACEHOLDER: Final = 150
OPTION: Final = 75
OPTIONS: Final = 100


def form(callback_id: str, *, metadata: str | int, title: str, submit: str, blocks: Sequence[Block]) -> View:
    """Make a modal that is filled in and submitted. `title` and `submit` have at most 24 characters."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": str(metadata),
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "blocks": list(blocks),
    }


def text_line(
    field: str,
    label: str,
    *,
    initial: str | None = None,
    placeholder: str = "",
    hint: str = "",
    is_optional: bool = False,
    most: int = 200,
) -> Block:
    """Ask for a few words on one line."""
    element = _text(initial, placeholder, most)
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def text_area(
    field: str,
    label: str,
    *,
    initial: str | None = None,
    placeholder: str = "",
    hint: str = "",
    is_optional: bool = False,
    most: int = LONGEST,
) -> Block:
    """Ask for a text of some lines."""
    element = {**_text(initial, placeholder, most), "multiline": True}
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def choice(
    field: str,
    label: str,
    options: Mapping[str, str],
    *,
    initial: str | None = None,
    placeholder: str = "",
    hint: str = "",
    is_optional: bool = False,
) -> Block:
    """Ask for one of these: what is kept, and the words for it."""
    made = {value: _option(value, words) for value, words in list(options.items())[:OPTIONS]}
    element: Element = {"type": "static_select", "action_id": ACTION, "options": list(made.values())}
    if initial in made:
        element["initial_option"] = made[initial]
    return _input(field, label, _placed(element, placeholder), hint=hint, is_optional=is_optional)


def person(field: str, label: str, *, placeholder: str = "", hint: str = "", is_optional: bool = False) -> Block:
    """Ask for somebody of the workspace."""
    element = _placed({"type": "users_select", "action_id": ACTION}, placeholder)
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def boxes(
    field: str, label: str, options: Mapping[str, str], *, initial: Iterable[str] = (), is_optional: bool = False
) -> Block:
    """Ask for any of these, at most ten: what is kept, and the words for it."""
    made = {value: _option(value, words) for value, words in options.items()}
    element: Element = {"type": "checkboxes", "action_id": ACTION, "options": list(made.values())}
    if chosen := [made[one] for one in initial if one in made]:
        element["initial_options"] = chosen
    return _input(field, label, element, hint="", is_optional=is_optional)


def conversation(
    field: str, label: str, *, initial: str | None = None, hint: str = "", is_optional: bool = False
) -> Block:
    """Ask for a channel of the workspace."""
    which = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    element: Element = {"type": "conversations_select", "action_id": ACTION, "filter": which}
    if initial:
        element["initial_conversation"] = initial
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def hour(field: str, label: str, *, initial: str) -> Block:
    """Ask for a time of day, such as 09:00."""
    element: Element = {"type": "timepicker", "action_id": ACTION, "initial_time": initial}
    return _input(field, label, element, hint="", is_optional=False)


def moment(
    field: str, label: str, *, initial: datetime | None = None, hint: str = "", is_optional: bool = False
) -> Block:
    """Ask for a day and a time, in the reader's own zone."""
    element: Element = {"type": "datetimepicker", "action_id": ACTION}
    if initial is not None:
        element["initial_date_time"] = int(initial.timestamp())
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def number(field: str, label: str, *, placeholder: str = "", hint: str = "", is_optional: bool = False) -> Block:
    """Ask for a number, with decimals or without."""
    element: Element = {"type": "number_input", "action_id": ACTION, "is_decimal_allowed": True}
    return _input(field, label, _placed(element, placeholder), hint=hint, is_optional=is_optional)


def email(
    field: str, label: str, *, initial: str = "", placeholder: str = "", hint: str = "", is_optional: bool = False
) -> Block:
    """Ask for an e-mail address."""
    element = _placed({"type": "email_text_input", "action_id": ACTION}, placeholder)
    if initial:
        element["initial_value"] = typed(initial)
    return _input(field, label, element, hint=hint, is_optional=is_optional)


def notice(text: str) -> Block:
    """Say one thing that must not be missed; `text` is escaped already."""
    return {"type": "section", "text": mrkdwn(text)}


def typed(text: str, most: int = LONGEST) -> str:
    """Return the text as an input may hold it: what no keyboard types is taken out, and it fits."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    kept = (letter for letter in text if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs"})
    return "".join(kept)[:most]


def _text(initial: str | None, placeholder: str, most: int) -> Element:
    element: Element = {"type": "plain_text_input", "action_id": ACTION, "max_length": most}
    if initial and (words := typed(initial, most)):
        element["initial_value"] = words
    return _placed(element, placeholder)


def _placed(element: Element, placeholder: str) -> Element:
    return {**element, "placeholder": plain(placeholder[:PLACEHOLDER])} if placeholder else element


def _option(value: str, words: str) -> Element:
    return {"text": plain(inline(words, OPTION - 10) or value[:OPTION]), "value": value}


def _input(field: str, label: str, element: Element, *, hint: str, is_optional: bool) -> Block:
    block: Block = {"type": "input", "block_id": field, "label": plain(label), "element": element}
    if hint:
        block["hint"] = plain(hint)
    if is_optional:
        block["optional"] = True
    return block
