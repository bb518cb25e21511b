"""The App Home: my cases and my tasks, the next due first; for managers and leads how their people's cases stand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, status
from bot.slack.views.away import away_blocks
from bot.slack.views.blocks import VIEW_BLOCKS, Block, View, actions, button, context, divider, header, section
from bot.slack.views.digest_modals import home_digests
from bot.slack.views.home_manager import led_blocks, team_blocks
from bot.slack.views.limits import home_limits
from bot.slack.views.notices import missed
from bot.slack.views.questions import home_questions
from bot.slack.views.tasks import task_buttons
from bot.slack.views.text import clip, escape, mention, plural
from storage.alarms import Question
from storage.casefile import CaseFile
from storage.lists import Mine, Troubles
from storage.schedules import Listed
from storage.tables import Member
from workflows.overview import Led, Overview
from workflows.policy import Policy

CASES: Final = 25
TASKS: Final = 20
# Whoever sees others' cases as well has less room for their own.
FEWER_CASES: Final = 10
FEWER_TASKS: Final = 8
TROUBLES: Final = 8
REASON: Final = 240


def home(
    mine: Mine,
    *,
    member: str,
    policy: Policy,
    at: datetime | None = None,
    overview: Overview | None = None,
    led: Led | None = None,
    troubles: Troubles | None = None,
    me: Member | None = None,
    digests: Sequence[Listed] | None = None,
    questions: Sequence[Question] = (),
) -> View:
    """Draw a member's App Home.

    `at` is now: with it, what is past its limit is marked. `overview` and `digests` are for managers, `led` for leads,
    `troubles` for admins. `me` is the member's own row: whether they are away. `questions` are what managers and
    admins are asked about forms.
    """
    blocks: list[Block] = [header("Every unhappy customer hears back"), context(_summary(mine, member, at=at))]
    blocks += away_blocks(me, at=at)
    blocks += home_questions(questions, is_admin=troubles is not None)
    if troubles is not None:
        blocks += [*_for_admins(troubles), *home_limits(troubles.changed_policy)]
    if overview is not None:
        blocks += team_blocks(overview, policy=policy)
    elif led is not None and at is not None:
        blocks += led_blocks(led, policy=policy, at=at)
    cases, tasks = (CASES, TASKS) if overview is None and led is None else (FEWER_CASES, FEWER_TASKS)
    if mine.cases:
        blocks += [divider(), section("*My cases*")]
        blocks += [_row(one, "home:case", policy=policy, at=at) for one in mine.cases[:cases]]
        blocks += _more(mine.case_count - len(mine.cases[:cases]), "case")
    if mine.tasks:
        blocks += [divider(), *_tasks(mine, tasks, at=at)]
    if not mine.cases and not mine.tasks:
        blocks += [divider(), _empty()]
    if digests is not None:
        blocks = [*blocks[: VIEW_BLOCKS - 2], *home_digests(digests, policy=policy)]
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


def _for_admins(troubles: Troubles) -> list[Block]:
    lines = [f"{plural(count, 'message')} could not be sent. {escape(reason)}" for reason, count in troubles.dead]
    parked = [
        f"{plural(count, 'request')} of {escape(source)} can't be read: {escape(clip(reason, REASON))}"
        for source, reason, count in troubles.parked
    ]
    lines += [missed(source, count) for source, count in troubles.missed]
    if not lines and not parked:
        return []
    hint = ["_When the policy is mended: `python -m bot parked replay`._"] if parked else []
    said = "\n".join(f"• {one}" for one in [*lines, *parked][:TROUBLES])
    blocks: list[Block] = [divider(), section("\n".join(["⚠️ *For you as an admin*", said, *hint]))]
    if troubles.latest_dead is None:
        return blocks
    again = button("Send again", ids.SEND_AGAIN, troubles.latest_dead)
    return [*blocks, *actions("home:admin", [again])]


def _summary(mine: Mine, member: str, *, at: datetime | None) -> str:
    late = sum(bool(status.late_mark(one.case.next_due_at, at=at)) for one in mine.cases)
    late += sum(bool(status.late_mark(task.due_at, at=at)) for task, _ in mine.tasks)
    overdue = f", *{late} overdue*" if late else ""
    cases, tasks = plural(mine.case_count, "open case"), plural(mine.task_count, "open task")
    return f"{mention(member)} · {cases}, {tasks}{overdue}"


def _tasks(mine: Mine, count: int, *, at: datetime | None) -> list[Block]:
    blocks: list[Block] = [section("*My tasks*")]
    for task, file in mine.tasks[:count]:
        blocks.append(section(status.task_line(task, file, at=at), block_id=f"home:task:{task.id}"))
        blocks += actions(f"home:task:{task.id}:moves", [*task_buttons(task), buttons.open_case(file.case)])
    return [*blocks, *_more(mine.task_count - len(mine.tasks[:count]), "task")]


def _row(file: CaseFile, prefix: str, *, policy: Policy, at: datetime | None) -> Block:
    text = status.case_line(file, policy=policy, at=at)
    return section(text, accessory=buttons.open_case(file.case), block_id=f"{prefix}:{file.case.id}")


def _more(left: int, what: str) -> list[Block]:
    return [context(f"_and {plural(left, f'more {what}')}_")] if left > 0 else []


def _empty() -> Block:
    return section(
        "🌿 *Nothing is waiting for you.*\n"
        "New cases come to you by direct message and appear here. "
        f"Heard something from a customer yourself? `{ids.COMMAND} add` opens a case for it."
    )
