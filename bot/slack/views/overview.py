"""How things stand: open cases, who waits longest, who has how much to do, and the figures; each of them opens."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, progress, status
from bot.slack.views.blocks import Block, actions, button, context, divider, header, packed, section
from bot.slack.views.digest_week import lines_of
from bot.slack.views.message import Message
from bot.slack.views.report import opener
from bot.slack.views.text import GAP, inline, mention, plural, when
from storage.casefile import CaseFile
from workflows.figures_shapes import Load
from workflows.overview import UNOWNED, WEEK, Overview, Scope
from workflows.policy import Policy

LOADS: Final = 8
DEPARTMENTS: Final = 25
STATES: Final[Mapping[str, str]] = {"new": "new", "working": "working", "ready": "ready to tell"}
STEPS: Final[Mapping[str, str]] = {"claim": "to take", "contact": "to contact", "tell": "to tell"}
LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("Open cases", "All cases that are open now. What is due first, or was, comes first."),
    "overdue": (
        "Overdue",
        "Open cases that are past a limit (claim, first contact or tell) now. The one furthest past it first.",
    ),
    "unowned": ("Nobody owns these", "Open cases without an owner now. What has waited longest comes first."),
}
"""What each list is called, and what it holds."""


def block_of(scope: Scope, *names: str | int) -> str:
    """Name a block after what its buttons are about: `scope_of` reads it when one is pressed."""
    return ":".join([*map(str, names), str(scope.days), scope.department or "", scope.owner or ""])


def scope_of(block_id: str) -> tuple[list[str], Scope] | None:
    """Read what `block_of` wrote: the names, and the scope; None: it is from another time."""
    *names, days, department, owner = ["", "", "", *block_id.split(":")]
    names = names[3:]
    if not names or not (days.isascii() and days.isdigit() and len(days) <= 3):  # noqa: PLR2004 - up to 999 days
        return None
    return names, Scope(department or None, owner or None, int(days))


def status_message(overview: Overview, *, policy: Policy) -> Message:
    """Answer /loop status, for whoever asked alone."""
    asked = block_of(overview.scope, "status", int(overview.at.timestamp()))
    offered = [button("Post to channel", ids.STATUS_POST, 0), opener()]
    return Message(
        status_sentence(overview),
        [
            title(overview, policy),
            *overview_blocks(overview, policy=policy),
            *actions(asked, offered),
            context(f"Only you see this · as of {when(overview.at)}"),
        ],
    )


def status_post(overview: Overview, *, by: str, policy: Policy) -> Message:
    """Show the same to a channel, for whoever had it posted there."""
    foot = context(f"Posted for {mention(by)} · as of {when(overview.at)}")
    return Message(
        status_sentence(overview), [title(overview, policy), *overview_blocks(overview, policy=policy), foot]
    )


def status_sentence(overview: Overview) -> str:
    """Say it in a sentence, for the notification."""
    unowned = f", {overview.unowned.count} unowned" if overview.scope.owner is None else ""
    return f"{plural(overview.count, 'loop is', 'loops are')} open, {overview.overdue} overdue{unowned}."


def title(overview: Overview, policy: Policy) -> Block:
    """Say whose loops these are, and how many are open."""
    name = whose(overview.scope, policy, names=overview.names)
    return header(f"{name}: {plural(overview.count, 'open loop')}")


def overview_blocks(overview: Overview, *, policy: Policy) -> list[Block]:
    """Draw all of it but the title: what is most urgent comes first."""
    return [
        *_open(overview, policy),
        *_unowned(overview, policy),
        *_longest(overview, policy),
        *_loads(overview),
        *_figures(overview),
    ]


def whose(scope: Scope, policy: Policy, *, names: Mapping[str, str]) -> str:
    """Say whose loops these are, escaped. `names`: owners' names by id."""
    department = progress.department(policy, scope.department) if scope.department else ""
    if scope.owner is not None:
        person = inline(names.get(scope.owner), 60) or "Somebody Hearback doesn't know"
        return f"{person}, {department}" if department else person
    return department or inline(policy.team.name, 60)


def waiting_line(file: CaseFile, *, policy: Policy, at: datetime) -> str:
    """Say in three lines who waits, for how long, and whose case it is."""
    case = file.case
    owner = inline(file.name_of(case.owner), 60) if case.owner else "*nobody owns it*"
    return (
        f"*{customer.full_name(customer.veiled(file))}*\n{progress.two_clocks(file, policy=policy, at=at)}\n"
        f"Case {case.id}, {case.state} · {progress.department(policy, case.department)} · {owner}"
    )


def _open(overview: Overview, policy: Policy) -> list[Block]:
    if not overview.open:
        return [section("🌿 *No customer is waiting.* Every loop is closed.")]
    states = [f"{_count(overview, state=key)} {words}" for key, words in STATES.items()]
    late = f"⏰ *{overview.overdue} overdue*" if overview.overdue else "✓ nothing overdue"
    nobodys = overview.unowned.count
    unowned = f"👤 *{nobodys} without an owner*" if nobodys else "✓ every case has an owner"
    marks = late if overview.scope.owner is not None else f"{late}  ·  {unowned}"
    lines = [f"{'  ·  '.join(states)}\n{marks}", f"Next: {'  ·  '.join(_steps(overview))}"]
    shown = [button("Show open", ids.TEAM_OPEN, 0)]
    shown += [button("Show overdue", ids.TEAM_OVERDUE, 0)] if overview.overdue else []
    shown += [button("Show unowned", ids.TEAM_UNOWNED, 0)] if nobodys else []
    return [
        section("\n".join(lines)),
        *(section(text) for text in packed(_departments(overview, policy))),
        *actions(block_of(overview.scope, "lists"), shown),
    ]


def _count(overview: Overview, *, state: str) -> int:
    return sum(one.count for one in overview.open if one.state == state)


def _steps(overview: Overview) -> Iterator[str]:
    """Say how many cases wait for which step, and how many of them too long."""
    for clock, words in STEPS.items():
        here = [one for one in overview.open if one.clock == clock]
        late = sum(one.overdue for one in here)
        yield f"{sum(one.count for one in here)} {words}{f' (*{late} late*)' if late else ''}"


def _departments(overview: Overview, policy: Policy) -> Iterator[str]:
    """Say how many are open in each department, where there are several."""
    keys = dict.fromkeys(one.department for one in overview.open)
    if overview.scope.department is not None or len(keys) < 2:  # noqa: PLR2004 - one alone says nothing new
        return
    for key in list(keys)[:DEPARTMENTS]:
        here = [one for one in overview.open if one.department == key]
        late = sum(one.overdue for one in here)
        count = sum(one.count for one in here)
        yield f"*{progress.department(policy, key)}*{GAP}{count} open{f', *{late} overdue*' if late else ''}"


def _unowned(overview: Overview, policy: Policy) -> list[Block]:
    found = overview.unowned
    if not found.count:
        return []
    rows = [
        section(
            status.case_line(one, policy=policy, at=overview.at),
            accessory=buttons.open_case(one.case),
            block_id=f"team:unowned:{one.case.id}",
        )
        for one in found.files[:UNOWNED]
    ]
    return [divider(), section("👤 *Nobody owns these yet*"), *rows, *_more(found.count - len(rows), "case")]


def _longest(overview: Overview, policy: Policy) -> list[Block]:
    rows = [
        section(
            waiting_line(one, policy=policy, at=overview.at),
            accessory=buttons.open_case(one.case),
            block_id=f"team:longest:{one.case.id}",
        )
        for one in overview.longest
    ]
    if rows:
        return [divider(), section("⏳ *Waiting longest*: nobody has contacted these customers yet"), *rows]
    return [context("✓ Every customer of an open case has been contacted.")] if overview.open else []


def _loads(overview: Overview) -> list[Block]:
    if not overview.loads or overview.scope.owner is not None:
        return []
    rows = [
        section(
            f"*{inline(overview.names.get(one.owner or ''), 60) or inline(one.owner, 60)}*{GAP}{_load(one)}",
            accessory=button("Show", ids.TEAM_OPEN, 0),
            block_id=block_of(Scope(overview.scope.department, one.owner, overview.scope.days), "load"),
        )
        for one in overview.loads[:LOADS]
    ]
    left = len(overview.loads) - len(rows)
    more = [context(f"_and {plural(left, 'more person', 'more people')}_")] if left > 0 else []
    return [divider(), section("*Who has how much to do*"), *rows, *more]


def _load(one: Load) -> str:
    late = f", *{one.overdue} overdue*" if one.overdue else ""
    silent = f", {one.uncontacted} not contacted yet" if one.uncontacted else ""
    return f"{one.cases} open{late}{silent}"


def _figures(overview: Overview) -> list[Block]:
    days = "This week: the last 7 days" if overview.scope.days == WEEK else f"The last {overview.scope.days} days"
    rows = [
        section(
            text,
            accessory=button("Show", ids.TEAM_FIGURE, 0),
            block_id=block_of(overview.scope, "figure", key),
        )
        for key, text in figure_lines(overview)
    ]
    return [divider(), section(f"*{days}*, and the change to the {overview.scope.days} days before"), *rows]


def figure_lines(overview: Overview) -> Iterator[tuple[str, str]]:
    """Yield each figure's key and its lines."""
    return lines_of(overview.now, overview.before, overview.waiting, earlier=overview.earlier)


def _more(left: int, what: str) -> list[Block]:
    return [context(f"_and {plural(left, f'more {what}')}_")] if left > 0 else []
