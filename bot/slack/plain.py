"""What people write in Slack, as plain text: names for mentions, addresses for links, signs for entities."""

import re
from collections.abc import Mapping
from typing import Final

_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_MARKUP: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def mentioned(text: str) -> list[str]:
    """Return the ids of the members that a message mentions."""
    return [found[1] for found in _MENTION.finditer(text)]


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return a message's text as a person would type it elsewhere. `names` are those of the members by id."""
    text = _MENTION.sub(lambda found: f"@{names.get(found[1]) or found[2] or 'somebody'}", text)
    text = _MARKUP.sub(_spelt_out, text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.strip()


def _spelt_out(found: re.Match[str]) -> str:
    """Spell out a link, a channel, a group, a broadcast or a date."""
    target, label = found[1], found[2]
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label != address else address
