"""How things stand, for managers and leads: with much to do, with nothing, and filtered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import view_files as of
from view_digests import headline, hidden, unknown
from view_files import POLICY
from view_words import DAY, HOUR, MONDAY, Words

from bot.slack.views.home import home
from bot.slack.views.message import Message
from bot.slack.views.overview import status_message, status_post
from storage.casefile import CaseFile
from storage.lists import Mine
from storage.open_lists import OpenList
from workflows.figures_shapes import Headline, Load, Loops, OpenCases, Share, Waiting
from workflows.overview import Led, Overview, Scope

AT: Final = MONDAY + 2 * DAY + 5 * HOUR
NOBODY: Final = OpenList((), 0)
NO_MINE: Final = Mine(cases=[], tasks=[], case_count=0, task_count=0)
NO_HEADLINE: Final = Headline(Loops(0, 0, 0, 0, 0, 0, 0, 0, {}, Share(0, 0)), {}, {})
LEADS: Final = ("support", "billing")
READY: Final[dict[str, Any]] = {
    "open": (OpenCases("billing", "ready", "tell", 3, 0, 0),),
    "unowned": NOBODY,
    "longest": (),
}


def nothing(**changes: Any) -> Overview:
    """Return how things stand where nobody has answered yet."""
    known: dict[str, Any] = {
        "scope": Scope(),
        "at": AT,
        "open": (),
        "unowned": NOBODY,
        "longest": (),
        "loads": (),
        "now": NO_HEADLINE,
        "before": NO_HEADLINE,
        "waiting": Waiting(0, 0.0),
        "earlier": Waiting(0, 0.0),
        "names": {},
    }
    return Overview(**(known | changes))


def much(words: Words, scope: Scope | None = None, **changes: Any) -> Overview:
    """Return how things stand where there is more of everything than is shown."""
    people = {f"U{number:03}": f"{words.member[:200]} {number}" for number in range(11)}
    known: dict[str, Any] = {
        "scope": scope or Scope(),
        "open": (
            OpenCases("support", "new", "claim", 4, 2, 4),
            OpenCases("support", "working", "contact", 7, 1, 0),
            OpenCases("billing", "ready", "tell", 3, 0, 0),
            OpenCases("gone", "working", "tell", 1, 1, 1),
        ),
        "unowned": OpenList(rows(words, 5, owner=None), 9),
        "longest": [*rows(words, 8, first=30), hidden(words), unknown(words)],
        "loads": tuple(Load(one, 12 - number, number % 3, number % 2) for number, one in enumerate(people)),
        "now": headline(14, 8, 30.0),
        "before": headline(12, 5, 34.5),
        "waiting": Waiting(11, 935.5),
        "earlier": Waiting(9, 700.0),
        "names": people,
    }
    return nothing(**(known | changes))


def rows(words: Words, count: int, *, first: int = 50, **changes: Any) -> list[CaseFile]:
    return [of.file(of.case_in("working", words, id=first + number, **changes), words) for number in range(count)]


def of_one(words: Words) -> Overview:
    """Return how things stand for one person of a department, over a month."""
    mine = OpenCases("support", "working", "contact", 2, 0, 0)
    scope = Scope("support", "U000", 30)
    return much(words, scope, open=(mine,), unowned=NOBODY, longest=rows(words, 2), earlier=None)


def managers_home(overview: Overview, mine: Mine = NO_MINE) -> dict[str, Any]:
    return home(mine, member="UINES", policy=POLICY, at=AT, overview=overview)


def leads_home(led: Led) -> dict[str, Any]:
    return home(NO_MINE, member="UANA", policy=POLICY, at=AT, led=led)


OVERVIEWS: Final[dict[str, Callable[[Words], Message | dict[str, Any]]]] = {
    "home_manager": lambda words: managers_home(much(words), of.mine(words, count=12)),
    "home_manager_empty": lambda _: managers_home(nothing()),
    "home_manager_of_billing": lambda words: managers_home(
        much(
            words, Scope("billing"), open=(OpenCases("billing", "ready", "tell", 3, 0, 0),), unowned=NOBODY, longest=()
        )
    ),
    "home_lead": lambda words: leads_home(
        Led(LEADS, OpenList(rows(words, 10, owner=None), 13), OpenList(rows(words, 2, first=70), 2))
    ),
    "home_lead_calm": lambda _: leads_home(Led(LEADS, NOBODY, NOBODY)),
    "status": lambda words: status_message(much(words), policy=POLICY),
    "status_empty": lambda _: status_message(nothing(), policy=POLICY),
    "status_of_one": lambda words: status_message(of_one(words), policy=POLICY),
    "status_of_a_stranger": lambda _: status_message(nothing(scope=Scope(None, "U0GONE", 90)), policy=POLICY),
    "status_post": lambda words: status_post(replace(much(words), scope=Scope("gone")), by="UINES", policy=POLICY),
}
