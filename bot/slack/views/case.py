"""The whole case in a modal, with its buttons and its timeline."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.slack.views import buttons, customer, progress, words
from bot.slack.views.blocks import (
    VIEW_BLOCKS,
    Block,
    View,
    actions,
    context,
    divider,
    fields,
    header,
    long_section,
    modal,
    packed,
    quote,
    section,
)
from bot.slack.views.confidence import reveal_button
from bot.slack.views.holds import pause_blocks, promises_in_modal
from bot.slack.views.lines import said, words_of
from bot.slack.views.tasks import task_buttons, task_line
from bot.slack.views.text import GAP, inline, plural, quoted, when
from storage.casefile import CaseFile
from storage.tables import Outreach, Response
from workflows.policy import Policy

COMMENT: Final = 2900  # characters in one quote; a longer comment goes on in the next one
COMMENTS: Final = 5  # answers that are quoted at length
PARTS: Final = 5  # quotes of one comment: the longest one takes 14,500 characters
BODY: Final = 1500  # characters of a mail
TASKS: Final = 60  # lines below those with buttons
TASKS_WITH_BUTTONS: Final = 12  # open ones; each takes two blocks
OUTREACHES: Final = 10
EVENTS: Final = 120
EVENT_TEXT: Final = 300  # characters of what somebody wrote with an event


def case_modal(file: CaseFile, *, policy: Policy, at: datetime | None = None) -> View:
    """Draw all that the file holds, as of `at`.

    Whoever may not see who answered in confidence is given `customer.veiled(file)`.
    """
    case_id = buttons.id_of(file.case)
    head = [*_answers(file), *_facts(file, policy, at), *buttons.case_rows(file), *buttons.clock_row(file)]
    more = [*promises_in_modal(file, at=at), *_tasks(file, policy), *_changed(file), *_outreaches(file)]
    timeline = _timeline(file, policy)
    # The timeline says most of it once more: where it gets too long, what stands between is cut.
    room = VIEW_BLOCKS - len(head) - len(timeline)
    return modal(f"Case {case_id}", [*head, *more[: max(0, room)], *timeline], metadata=str(case_id))


def _answers(file: CaseFile) -> list[Block]:
    blocks = [header(customer.full_name(file))]
    known = customer.identity(file)
    if customer.is_veiled(file):
        blocks.append(section(f"🔒 {known}", accessory=reveal_button(file)))
    elif known:
        blocks.append(context(known))
    for number, response in list(enumerate(file.responses))[-COMMENTS:]:
        later = f"{customer.joined(file, number)}\n" if number else ""
        score = f"{later}{customer.verdict(response)}{GAP}{customer.meter(response)}\n{customer.origin(response)}"
        blocks += [section(score), *_comment(response)]
    if len(file.responses) > COMMENTS:
        blocks.append(context(f"_{plural(len(file.responses) - COMMENTS, 'earlier answer')} of this case left out._"))
    told_before = [*customer.story(file)]
    if told_before:
        blocks += [section(text) for text in packed(["*Earlier, of the same customer*", *told_before])]
    return blocks


def _comment(response: Response) -> list[Block]:
    comment = response.comment.strip()
    if not comment:
        return [context("_No comment, only the score._")]
    parts = [comment[start : start + COMMENT] for start in range(0, min(len(comment), COMMENT * PARTS), COMMENT)]
    cut = [context(f"_{len(comment):,} characters in all; cut here._")] if len(comment) > COMMENT * PARTS else []
    return [*(quote(part, COMMENT) for part in parts if part.strip()), *cut]


def _facts(file: CaseFile, policy: Policy, at: datetime | None) -> list[Block]:
    case = file.case
    facts = [
        f"*Owner* · {progress.department(policy, case.department)}\n{progress.owner(file, policy)}",
        progress.outcome(file) or f"*Urgency*\n{progress.urgency(case)}",
    ]
    both = progress.two_clocks(file, policy=policy, at=at) if at else ""
    clocks = progress.clocks(file, at=at)
    return [
        divider(),
        context(progress.progress(file)),
        fields(facts),
        *([section(f"⏳ *{both}*")] if both else []),
        *([context(*clocks)] if clocks else []),
        *pause_blocks(file, at=at),
    ]


def _tasks(file: CaseFile, policy: Policy) -> list[Block]:
    """Show the open tasks with their buttons, and below them, a line each, those that are settled."""
    if not file.tasks:
        return []
    open_ones = [task for task in file.tasks if task.state == "open"]
    with_buttons, further = open_ones[:TASKS_WITH_BUTTONS], open_ones[TASKS_WITH_BUTTONS:]
    blocks = [section("*Tasks*")]
    for task in with_buttons:
        blocks += [section(task_line(file, task, policy)), *actions(f"task:{task.id}:moves", task_buttons(task))]
    if further:
        blocks.append(context("_Still open too; their buttons come as those above are settled:_"))
    rest = [*further, *(task for task in file.tasks if task.state != "open")][:TASKS]
    return [*blocks, *(section(text) for text in packed(task_line(file, task, policy) for task in rest))]


def _changed(file: CaseFile) -> list[Block]:
    case = file.case
    blocks: list[Block] = []
    if case.root_cause:
        more = f": {inline(case.root_cause_text, 500)}" if case.root_cause_text else ""
        blocks.append(section(f"*Cause*\n{words.ROOT_CAUSES.get(case.root_cause, case.root_cause)}{more}"))
    if case.what_changed:
        blocks += [section("*What changed*"), quote(case.what_changed, COMMENT)]
    return blocks


def _outreaches(file: CaseFile) -> list[Block]:
    shown = [one for one in file.outreaches if one.state != "taken_back"][-OUTREACHES:]
    return [block for one in shown for block in _outreach(file, one)]


def _outreach(file: CaseFile, one: Outreach) -> Iterator[Block]:
    purpose = "Told" if one.kind == "told" else "Contact"
    state = {
        "waiting": "waits to be sent",
        "sending": "is being sent",
        "accepted": "accepted for delivery",
        "refused": "⚠️ refused",
        "bounced": "⚠️ came back",
        "unclear": "⚠️ nobody knows whether it arrived",
        "logged": "",
    }.get(one.state, inline(one.state))
    detail = " · ".join(part for part in (inline(file.name_of(one.by)), when(one.at), state) if part)
    yield section(f"*{purpose} {words.BY_CHANNEL.get(one.channel, '')}* · {detail}")
    if one.subject or one.body:
        yield quote("\n\n".join(part for part in (one.subject, one.body) if part), BODY)


def _timeline(file: CaseFile, policy: Policy) -> list[Block]:
    events = file.events[-EVENTS:]
    lines = [
        f"_{when(event.at)}_{GAP}{said(file, event, policy=policy)}{_free(words_of(file, event))}" for event in events
    ]
    if not lines:
        return []
    left_out = len(file.events) - len(events)
    first = f"*Timeline* · _{plural(left_out, 'earlier event')} left out_" if left_out else "*Timeline*"
    return [divider(), *(long_section(text) for text in packed([first, *lines]))]


def _free(text: str) -> str:
    return f" {quoted(text, EVENT_TEXT)}" if text else ""
