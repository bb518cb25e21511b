"""What may stand behind /loop status: a department, a person and a period, in any order."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.slack.views.text import inline, listed
from workflows.overview import PERIODS, Scope
from workflows.policy import Policy
from workflows.refusal import Refusal

_PERSON: Final = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>", re.ASCII)
_PERIOD: Final = {f"{days}d": days for days in PERIODS}


def scope_in(words: Sequence[str], policy: Policy) -> Scope:
    """Read the words; Refusal for one that isn't understood, and for two of a kind."""
    names = {said.casefold(): one.key for one in policy.departments for said in (one.name, one.key)}
    found: dict[str, str | int] = {}
    left = [html.unescape(word) if not word.startswith("<") else word for word in words]
    while left:
        kind, value, count = _next(left, names, policy)
        if found.get(kind, value) != value:
            raise Refusal(f"One {kind} at a time. {_known(policy)}")
        found[kind], left = value, left[count:]
    department, person, days = found.get("department"), found.get("person"), found.get("period")
    return Scope(
        str(department) if department else None,
        str(person) if person else None,
        int(days) if days else Scope().days,
    )


def _next(left: Sequence[str], names: Mapping[str, str], policy: Policy) -> tuple[str, str | int, int]:
    """Read what stands first: its kind, its value, and of how many words it is; departments may have several."""
    if person := _PERSON.fullmatch(left[0]):
        return "person", person[1], 1
    if days := _PERIOD.get(left[0].casefold()):
        return "period", days, 1
    for count in range(len(left), 0, -1):
        if key := names.get(" ".join(left[:count]).casefold()):
            return "department", key, count
    raise Refusal(f"I don't know “{inline(left[0], 60)}”. {_known(policy)}")


def _known(policy: Policy) -> str:
    departments = listed(inline(one.name, 60) for one in policy.departments)
    return (
        f"After `/loop status` may stand a department ({departments}), a person (`@name`) and a period "
        f"({', '.join(_PERIOD)}), in any order."
    )
