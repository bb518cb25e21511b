"""The App Home of those who answer for others: how the team stands for managers, their own department for leads."""

from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, progress, status
from bot.slack.views.blocks import Block, Element, actions, context, divider, plain, section
from bot.slack.views.overview import overview_blocks, title
from bot.slack.views.report import opener
from bot.slack.views.text import inline, listed, plural, when
from storage.open_lists import OpenList
from workflows.overview import Led, Overview
from workflows.policy import Policy

EVERYTHING: Final = "-"
"""The value of the choice that is no department; no key looks like it."""
OPTIONS: Final = 100
OPTION: Final = 75


def team_blocks(overview: Overview, *, policy: Policy) -> list[Block]:
    """Show a manager how things stand, in the department that was chosen."""
    choices = actions("team:filter", [_departments(overview, policy), opener()])
    return [
        divider(),
        title(overview, policy),
        *choices,
        *overview_blocks(overview, policy=policy),
        context(f"As of {when(overview.at)}; whenever you open this tab it is looked at anew."),
    ]


def led_blocks(led: Led, *, policy: Policy, at: datetime) -> list[Block]:
    """Show a lead what nobody owns in their department, and what is overdue there."""
    whose = listed(progress.department(policy, one) for one in led.departments)
    if not led.unowned.count and not led.overdue.count:
        return [context(f"✓ {whose}: every case has an owner, and nothing is overdue.")]
    return [
        divider(),
        *_list(f"👤 *{whose}: nobody owns these yet*", led.unowned, "unowned", policy=policy, at=at),
        *_list(f"⏰ *{whose}: overdue*", led.overdue, "overdue", policy=policy, at=at),
    ]


def _list(title: str, found: OpenList, name: str, *, policy: Policy, at: datetime) -> list[Block]:
    if not found.count:
        return []
    rows = [
        section(
            status.case_line(one, policy=policy, at=at),
            accessory=buttons.open_case(one.case),
            block_id=f"led:{name}:{one.case.id}",
        )
        for one in found.files
    ]
    left = found.count - len(rows)
    more = [context(f"_and {plural(left, 'more case')}_")] if left > 0 else []
    return [section(f"{title} · {found.count}"), *rows, *more]


def _departments(overview: Overview, policy: Policy) -> Element:
    """Make the menu that chooses a department."""
    offered = {EVERYTHING: "All departments", **{one.key: one.name for one in policy.departments[: OPTIONS - 1]}}
    options = {
        key: {"text": plain(inline(name, OPTION - 10) or key[:OPTION]), "value": key} for key, name in offered.items()
    }
    chosen = overview.scope.department or EVERYTHING
    return {
        "type": "static_select",
        "action_id": ids.TEAM_DEPARTMENT,
        "placeholder": plain("All departments"),
        "options": list(options.values()),
        "initial_option": options.get(chosen, options[EVERYTHING]),
    }
