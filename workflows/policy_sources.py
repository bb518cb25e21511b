"""Adding a form's scale to the policy's text, or changing it there, as somebody would with an editor."""

import json
import re
from collections.abc import Mapping
from typing import Final

from workflows import policy_text
from workflows.policy import Policy, load
from workflows.scales import Scale

ORDER: Final = (
    "name",
    "form",
    "metric",
    "scale",
    "low",
    "neutral",
    "direction",
    "score_field",
    "comment_field",
    "email_field",
)
_LINE: Final = re.compile(
    r"^(?P<start>\s*[\w\"-]+\s*=\s*)(?P<value>\"[^\"]*\"|'[^']*'|\[[^\]]*\]|[^#\s]+)(?P<rest>\s*(?:#.*)?)$"
)

Value = str | float | tuple[float, float]


class CantBeWritten(Exception):  # noqa: N818 - it says what is the case, like Refusal
    """The document is written in a way that only a person can change: they are told the lines to write."""


def keys_of(scale: Scale, **fields: str | None) -> dict[str, Value]:
    """Give the keys of a [[source]] entry for this scale; an NPS needs none but its metric."""
    keys: dict[str, Value] = {"metric": scale.metric}
    if scale.metric != "nps":
        keys |= {"scale": scale.ends, "low": scale.low, "neutral": scale.neutral, "direction": scale.direction}
    return keys | {name: value for name, value in fields.items() if value}


def entry(source: str, form: str | None, keys: Mapping[str, Value]) -> str:
    """Write one [[source]] entry."""
    whole: dict[str, Value] = {"name": source, **({"form": form} if form else {}), **keys}
    lines = [f"{name} = {_toml(whole[name])}" for name in ORDER if name in whole]
    return "\n".join(["[[source]]", *lines])


def with_entry(text: str, source: str, form: str | None, keys: Mapping[str, Value]) -> Policy:
    """Return the policy with these keys in the entry of this form and metric, which is added where there is none.

    Raises PolicyError when the result isn't sound, CantBeWritten when the text can't be changed line by line.
    """
    places = policy_text.lines_of(text)
    listed = policy_text.parse(text).get("source", [])
    index = next((number for number, one in enumerate(listed) if _is(one, source, form, keys["metric"])), None)
    if index is not None:
        changed = _changed(text.split("\n"), places, index, keys)
    elif listed and not text.split("\n")[places.get(("source",), 1) - 1].lstrip().startswith("[["):
        raise CantBeWritten
    else:
        changed = f"{text.rstrip()}\n\n{entry(source, form, keys)}\n"
    policy = load(changed)
    found = [one for one in policy.source_entries(source, form) if _is(one.model_dump(), source, form, keys["metric"])]
    if len(found) != 1 or any(_plain(getattr(found[0], name)) != _plain(value) for name, value in keys.items()):
        raise CantBeWritten
    return policy


def _changed(lines: list[str], places: Mapping[policy_text.Path, int], index: int, keys: Mapping[str, Value]) -> str:
    header = places["source", index]
    if not lines[header - 1].lstrip().startswith("[["):
        raise CantBeWritten
    added = []
    for name, value in keys.items():
        line = places.get(("source", index, name))
        if line is None:
            added.append(f"{name} = {_toml(value)}")
            continue
        found = _LINE.fullmatch(lines[line - 1])
        if found is None:
            raise CantBeWritten
        lines[line - 1] = f"{found['start']}{_toml(value)}{found['rest']}"
    return "\n".join([*lines[:header], *added, *lines[header:]])


def _is(one: Mapping[str, object], source: str, form: str | None, metric: object) -> bool:
    return (one.get("name"), one.get("form"), one.get("metric")) == (source, form, metric)


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list | tuple) else value


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f"{value:g}"
