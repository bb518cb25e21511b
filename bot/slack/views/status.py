"""What /loop answers: help, and the list of what is mine."""

from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import customer, progress
from bot.slack.views.blocks import Block, context, packed, section
from bot.slack.views.message import Message
from bot.slack.views.text import GAP, inline, plural, when
from storage.casefile import CaseFile
from storage.lists import Mine
from storage.tables import Task
from workflows.policy import Policy

SHOWN: Final = 15  # cases, and tasks


def help_text() -> Message:
    """Say what /loop can do."""
    lines = (
        f"`{ids.COMMAND} mine`  my cases and tasks, the next due one first",
        f"`{ids.COMMAND} case 12`  everything about case 12",
        f"`{ids.COMMAND} status`  how the loops stand: open, overdue, who waits longest, the figures of the week",
        f"`{ids.COMMAND} status support @ana 30d`  the same of a department, a person, or of 30 or 90 days",
        f"`{ids.COMMAND} report`  figures, charts and lists in the browser",
        f"`{ids.COMMAND} digests`  what is posted when, and changing it",
        f"`{ids.COMMAND} add`  log what a customer said to you, as if they had answered a survey",
        f"`{ids.COMMAND} help`  this list",
    )
    return Message(
        f"What {ids.COMMAND} can do: mine, case, status, report, digests, add, help.",
        [
            section("*Every unhappy customer hears back.*\n" + "\n".join(lines)),
            context(
                "A message may hold feedback, too: open its menu and choose *Log as customer feedback*. "
                "What you write in the thread of a card is kept as a note."
            ),
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
    """Say in three lines whose case it is, where it stands, what is due next, and both clocks."""
    case = file.case
    first = file.responses[0] if file.responses else None
    score = f"{GAP}{customer.verdict(first)}" if first else ""
    limit = progress.next_clock(file)
    due = f" · {late_mark(limit.due, at=at)}{progress.next_limit(file)}" if limit else ""
    where = progress.department(policy, case.department)
    paused = f"⏸️ paused until {when(case.paused_until)} · " if case.paused_until else ""
    both = f"\n{paused}{progress.two_clocks(file, policy=policy, at=at)}" if at is not None else ""
    return f"*{customer.full_name(customer.veiled(file))}*{score}\nCase {case.id}, {case.state} · {where}{due}{both}"


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
