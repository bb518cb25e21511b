"""The modals of a task: add one, do it, cancel it, hand it over."""

from bot.slack import ids
from bot.slack.views.blocks import Block, View, context, section
from bot.slack.views.inputs import choice, form, moment, person, text_area, text_line
from bot.slack.views.modals import about
from bot.slack.views.text import inline, mention, when
from storage.casefile import CaseFile
from storage.tables import Task
from workflows.policy import Policy


def add_task(file: CaseFile, *, policy: Policy) -> View:
    """Ask what is to be done, by which department."""
    return form(
        ids.MODAL_ADD_TASK,
        metadata=file.case.id or 0,
        title="Add a task",
        submit="Add task",
        blocks=[
            *about(file),
            text_line("title", "What is to be done?", placeholder="Check why the parcel waited two days"),
            choice(
                "department",
                "Department",
                {one.key: one.name for one in policy.departments},
                placeholder="Who can do it?",
            ),
            person(
                "owner",
                "Person",
                placeholder="Whoever is next in the department",
                hint="Leave it empty and the department's present member with the fewest open cases gets it.",
                is_optional=True,
            ),
            moment(
                "due_at",
                "Due",
                hint="Leave it empty and it is due in time for the case.",
                is_optional=True,
            ),
        ],
    )


def task_do(file: CaseFile, task: Task) -> View:
    """Ask what came of a task."""
    return form(
        ids.MODAL_TASK_DO,
        metadata=task.id or 0,
        title="Task done",
        submit="Done",
        blocks=[
            *about(file),
            *_about_task(task),
            text_area(
                "outcome",
                "What was done?",
                placeholder="The warehouse now reports every delay by noon.",
                hint="Whoever answers the customer builds on this.",
                is_optional=True,
            ),
        ],
    )


def task_cancel(file: CaseFile, task: Task) -> View:
    """Ask why a task isn't needed any more."""
    return form(
        ids.MODAL_TASK_CANCEL,
        metadata=task.id or 0,
        title="Cancel task",
        submit="Cancel task",
        blocks=[*about(file), *_about_task(task), text_area("reason", "Why isn't it needed any more?")],
    )


def task_hand_over(file: CaseFile, task: Task) -> View:
    """Ask who does a task from now on."""
    return form(
        ids.MODAL_TASK_HAND_OVER,
        metadata=task.id or 0,
        title="Hand over task",
        submit="Hand over",
        blocks=[
            *about(file),
            *_about_task(task),
            person("to", "Person", placeholder="Choose somebody"),
            text_area("reason", "Reason", placeholder="What they should know", is_optional=True),
        ],
    )


def _about_task(task: Task) -> list[Block]:
    due = f"  ·  due {when(task.due_at)}" if task.due_at else ""
    return [section(f"*Task:* {inline(task.title, 300)}"), context(f"With {mention(task.owner)}{due}")]
