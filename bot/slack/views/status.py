"""What /loop answers: help, the state of all loops in figures, and the list of what is mine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import customer, progress
from bot.slack.views.blocks import Block, context, header, packed, section
from bot.slack.views.message import Message
from bot.slack.views.text import GAP, day, inline, plural, when
from storage.casefile import CaseFile
from storage.lists import Mine
from storage.tables import Task
from workflows.policy import Policy

SHOWN: Final = 15  # cases, and tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCount:
    """How many cases of one department (a key) are open, and how many of those are past a limit."""

    department: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The loops in figures: how many cases are in each state now, and how many were closed since `since`."""

    new: int
    working: int
    ready: int
    unowned: int
    overdue: int
    told: int
    excused: int
    excused_anonymous: int
    """Not counted in `excused`: nobody could have told them."""
    since: datetime
    departments: Sequence[DepartmentCount] = field(default_factory=tuple)

    @property
    def open(self) -> int:
        """How many loops are open."""
        return self.new + self.working + self.ready


def help_text() -> Message:
    """Say what /loop can do."""
    lines = (
        f"`{ids.COMMAND} mine`  my cases and tasks, the next due one first",
        f"`{ids.COMMAND} case 12`  everything about case 12",
        f"`{ids.COMMAND} status`  how many loops are open, overdue and closed",
        f"`{ids.COMMAND} add`  log what a customer said to you, as if they had answered a survey",
        f"`{ids.COMMAND} help`  this list",
    )
    return Message(
        f"What {ids.COMMAND} can do: mine, case, status, add, help.",
        [
            section("*Every unhappy customer hears back.*\n" + "\n".join(lines)),
            context(
                "A message may hold feedback, too: open its menu and choose *Log as customer feedback*. "
                "What you write in the thread of a card is kept as a note."
            ),
        ],
    )


def status(counts: Counts, *, policy: Policy) -> Message:
    """Say in figures whether loops are being closed."""
    text = f"{plural(counts.open, 'loop is', 'loops are')} open, {counts.overdue} overdue, {counts.unowned} unowned."
    states = f"{counts.new} new  ·  {counts.working} working  ·  {counts.ready} ready to tell"
    late = f"⏰ *{counts.overdue} overdue*" if counts.overdue else "✓ nothing overdue"
    unowned = f"👤 *{counts.unowned} without an owner*" if counts.unowned else "✓ every case has an owner"
    lines = [
        f"*{progress.department(policy, one.department)}*{GAP}{one.open} open"
        f"{f', *{one.overdue} overdue*' if one.overdue else ''}"
        for one in counts.departments
    ]
    closed = (
        f"Since {day(counts.since)}: {counts.told} told, {counts.excused} excused, "
        f"{counts.excused_anonymous} anonymous and resolved."
    )
    return Message(
        text,
        [
            header(f"{plural(counts.open, 'open loop')}"),
            section(f"{states}\n{late}  ·  {unowned}"),
            *[section(part) for part in packed(lines)],
            context(closed),
        ],
    )


def case_list(mine: Mine, *, policy: Policy, at: datetime | None = None) -> Message:
    """List what a member answers for, by next due time. `at` is now: what is past its limit is marked."""
    if not mine.cases and not mine.tasks:
        text = "Nothing is waiting for you."
        return Message(
            text,
            [
                section(
                    f"🌿 *{text}*\nNew cases come to you by direct message. `{ids.COMMAND} status` shows the team's."
                )
            ],
        )
    cases = [case_line(one, policy=policy, at=at) for one in mine.cases]
    tasks = [task_line(task, file, at=at) for task, file in mine.tasks]
    return Message(
        f"You have {plural(mine.case_count, 'open case')} and {plural(mine.task_count, 'open task')}.",
        [
            *_list("My cases", cases, mine.case_count),
            *_list("My tasks", tasks, mine.task_count),
            context(
                f"`{ids.COMMAND} case 12` opens one of them; the Home tab of this app shows them with their buttons."
            ),
        ],
    )


def case_line(file: CaseFile, *, policy: Policy, at: datetime | None) -> str:
    """Say in two lines whose case it is, where it stands and what is due next."""
    case = file.case
    first = file.responses[0] if file.responses else None
    score = f"{GAP}{customer.verdict(first)}" if first else ""
    limit = progress.next_clock(file)
    due = f" · {late_mark(limit.due, at=at)}{progress.next_limit(file)}" if limit else ""
    where = progress.department(policy, case.department)
    return f"*{customer.full_name(customer.veiled(file))}*{score}\nCase {case.id}, {case.state} · {where}{due}"


def task_line(task: Task, file: CaseFile, *, at: datetime | None) -> str:
    """Say in two lines what is to be done, for whom and until when."""
    due = f" · {late_mark(task.due_at, at=at)}by {when(task.due_at)}" if task.due_at else ""
    who = customer.full_name(customer.veiled(file))
    return f"○ *{inline(task.title, 150)}*\nCase {task.case_id}, {who}{due}"


def late_mark(due: datetime | None, *, at: datetime | None) -> str:
    """Mark what is past its limit; without knowing the time (`at`) nothing is marked."""
    return "⏰ *overdue* " if due is not None and at is not None and due < at else ""


def _list(title: str, lines: list[str], count: int) -> list[Block]:
    if not lines:
        return []
    more = [f"_and {count - len(lines[:SHOWN])} more_"] if count > len(lines[:SHOWN]) else []
    return [section(text) for text in packed([f"*{title}* · {count}", *lines[:SHOWN], *more])]
