"""The App Home: my cases and my tasks, the next due first, and for managers what nobody owns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, status
from bot.slack.views.blocks import VIEW_BLOCKS, Block, View, actions, context, divider, header, section
from bot.slack.views.tasks import task_buttons
from bot.slack.views.text import plural
from storage.casefile import CaseFile
from workflows.policy import Policy

CASES: Final = 30
TASKS: Final = 15
UNOWNED: Final = 20


def home(mine: status.Mine, *, policy: Policy, at: datetime, unowned: Sequence[CaseFile] | None = None) -> View:
    """Draw a member's App Home. `at` is now; `unowned`: the open cases that nobody owns, for managers, else None."""
    blocks: list[Block] = [header("Every unhappy customer hears back"), context(_summary(mine, at=at))]
    if unowned:
        blocks += [divider(), *_unowned(unowned, policy=policy, at=at)]
    if mine.cases:
        blocks += [divider(), *_cases(mine, policy=policy, at=at)]
    if mine.tasks:
        blocks += [divider(), *_tasks(mine, at=at)]
    if not mine.cases and not mine.tasks:
        blocks += [divider(), _empty()]
    if unowned is not None and not unowned:
        blocks.append(context("✓ Every open case has an owner."))
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


def _summary(mine: status.Mine, *, at: datetime) -> str:
    late = sum(bool(status.late_mark(one.case.next_due_at, at=at)) for one in mine.cases)
    late += sum(bool(status.late_mark(one.task.due_at, at=at)) for one in mine.tasks)
    overdue = f", *{late} overdue*" if late else ""
    return f"{plural(len(mine.cases), 'open case')}, {plural(len(mine.tasks), 'open task')}{overdue}"


def _cases(mine: status.Mine, *, policy: Policy, at: datetime) -> list[Block]:
    cases = mine.cases_by_due()
    rows = [_row(one, "home:case", policy=policy, at=at) for one in cases[:CASES]]
    return [section("*My cases*"), *rows, *_more(len(cases) - CASES, "case")]


def _tasks(mine: status.Mine, *, at: datetime) -> list[Block]:
    blocks: list[Block] = [section("*My tasks*")]
    tasks = mine.tasks_by_due()
    for one in tasks[:TASKS]:
        blocks.append(section(status.task_line(one, at=at), block_id=f"home:task:{one.task.id}"))
        row = [*task_buttons(one.task), buttons.open_case(one.file.case)]
        blocks += actions(f"home:task:{one.task.id}:moves", row)
    return [*blocks, *_more(len(tasks) - TASKS, "task")]


def _unowned(files: Sequence[CaseFile], *, policy: Policy, at: datetime) -> list[Block]:
    ordered = status.Mine(files, ()).cases_by_due()
    rows = [_row(one, "home:unowned", policy=policy, at=at) for one in ordered[:UNOWNED]]
    return [section("👤 *Nobody owns these yet*"), *rows, *_more(len(ordered) - UNOWNED, "case")]


def _row(file: CaseFile, prefix: str, *, policy: Policy, at: datetime) -> Block:
    text = status.case_line(file, policy=policy, at=at)
    return section(text, accessory=buttons.open_case(file.case), block_id=f"{prefix}:{file.case.id}")


def _more(left: int, what: str) -> list[Block]:
    return [context(f"_and {plural(left, f'more {what}')}: `{ids.COMMAND} mine`_")] if left > 0 else []


def _empty() -> Block:
    return section(
        "🌿 *Nothing is waiting for you.*\n"
        "New cases come to you by direct message and appear here. "
        f"Heard something from a customer yourself? `{ids.COMMAND} add` opens a case for it."
    )
