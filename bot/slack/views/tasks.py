"""Tasks: the message to whoever is to do one, and the list of a case's tasks."""

from collections.abc import Iterator
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, progress
from bot.slack.views.blocks import Block, Element, actions, button, context, section
from bot.slack.views.message import Message
from bot.slack.views.text import inline, mention, plural, quoted, when
from storage.casefile import CaseFile
from storage.tables import Task
from workflows.policy import Policy

SHOWN: Final = 8  # tasks on a card; the open ones first


def task_card(file: CaseFile, task_id: int, *, policy: Policy, place: str | None = None) -> Message:
    """Draw one task, with as much of the case as is needed to do it.

    `place` is the member or channel that it was posted to: a task that has since gone to somebody else has no buttons
    there.
    """
    task = next((one for one in file.tasks if one.id == task_id), None)
    if task is None:
        return Message("This task is not known any more.", [section("This task is not known any more.")])
    shown = customer.veiled(file)
    if task.state == "open" and _is_gone(task, place):
        return _handed_over(shown, task)
    return Message(_headline(shown, task), _blocks(shown, task, policy))


def task_lines(file: CaseFile, policy: Policy) -> Iterator[str]:
    """List a case's tasks, a line each, open ones first; no tasks, no lines."""
    if not file.tasks:
        return
    settled = [one for one in file.tasks if one.state != "open"]
    open_ones = [one for one in file.tasks if one.state == "open"]
    yield f"*Tasks* · {len(open_ones)} open of {len(file.tasks)}"
    listed = [*open_ones, *settled]
    for task in listed[:SHOWN]:
        yield task_line(file, task, policy)
    if len(listed) > SHOWN:
        yield f"_and {plural(len(listed) - SHOWN, 'more task')}: see Open case_"


def task_line(file: CaseFile, task: Task, policy: Policy) -> str:
    """Say what is to be done, by whom and until when; or what became of it."""
    title = inline(task.title, 120)
    if task.state == "open":
        due = f", by {when(task.due_at)}" if task.due_at else ""
        who = mention(task.owner) if task.owner else "nobody yet"
        return f"○ {title} · {progress.department(policy, task.department)}, {who}{due}"
    mark = "✓" if task.state == "done" else "✕"
    who = f" ({inline(file.name_of(task.closed_by), 40)})" if task.closed_by else ""
    outcome = f": {quoted(task.outcome, 120)}" if task.outcome else ""
    return f"{mark} ~{title}~{who}{outcome}"


def task_buttons(task: Task) -> list[Element]:
    """Give the buttons of an open task; a settled one has none."""
    if task.state != "open":
        return []
    assert task.id is not None
    return [
        button("Done", ids.TASK_DO, task.id, style="primary"),
        button("Hand over", ids.TASK_HAND_OVER, task.id),
        button("Not needed", ids.TASK_CANCEL, task.id),
    ]


def _blocks(file: CaseFile, task: Task, policy: Policy) -> list[Block]:
    first = file.responses[0] if file.responses else None
    asked = f"asked by {inline(_asker(file, task))}" if task.created_by != "hearback" else "from the team's rules"
    said = [context(f"{customer.full_name(file)} · {customer.verdict(first)}")] if first else []
    quoted_comment = customer.comment_blocks(first, customer.LATER_COMMENT) if first and first.comment.strip() else []
    department = progress.department(policy, task.department)
    return [
        section(
            f"{_mark(task)} *{inline(task.title, 300)}*\n{_state(file, task)}",
            accessory=buttons.open_case(file.case),
            block_id=f"task:{task.id}:top",
        ),
        *said,
        *quoted_comment,
        context(f"Task for {department} · case {file.case.id}, {asked}"),
        *actions(f"task:{task.id}:moves", task_buttons(task)),
    ]


def _state(file: CaseFile, task: Task) -> str:
    if task.state == "open":
        due = f" · by {when(task.due_at)}" if task.due_at else ""
        return f"{mention(task.owner) if task.owner else 'nobody yet'}{due}"
    what = "Done" if task.state == "done" else "Cancelled"
    at = f", {when(task.closed_at)}" if task.closed_at else ""
    outcome = f"\n{quoted(task.outcome, 500)}" if task.outcome else ""
    return f"{what} by {inline(file.name_of(task.closed_by))}{at}{outcome}"


def _headline(file: CaseFile, task: Task) -> str:
    title = quoted(task.title, 150)
    who = inline(file.name_of(task.owner)) if task.owner else "nobody yet"
    match task.state:
        case "open":
            return f"Task {title} for {who}: case {file.case.id} ({customer.full_name(file)})."
        case "done":
            return f"Task {title} is done."
    return f"Task {title} is not needed any more."


def _handed_over(file: CaseFile, task: Task) -> Message:
    title = quoted(task.title, 150)
    return Message(
        f"Task {title} was handed over to {inline(file.name_of(task.owner))}.",
        [
            section(
                f"↪️ *{inline(task.title, 300)}*\nHanded over to {mention(task.owner)}. Nothing is left for you to do."
            )
        ],
    )


def _is_gone(task: Task, place: str | None) -> bool:
    """Tell whether this message stands with somebody who isn't the task's owner; channels show it until it is taken."""
    return place is not None and task.owner is not None and place != task.owner


def _mark(task: Task) -> str:
    return {"open": "○", "done": "✓"}.get(task.state, "✕")


def _asker(file: CaseFile, task: Task) -> str:
    return file.name_of(task.created_by)
