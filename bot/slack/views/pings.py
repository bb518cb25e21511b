"""What somebody is disturbed for, by direct message: one thing at once, or all that was held back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.slack import ids
from bot.slack.views import buttons, customer, progress
from bot.slack.views.blocks import Block, Element, actions, button, context, packed, section
from bot.slack.views.chase_lines import NOT_DONE, TO_DO, name
from bot.slack.views.message import Message
from bot.slack.views.tasks import task_buttons
from bot.slack.views.text import plural, quoted, when
from storage.casefile import CaseFile
from storage.tables import Event, Task
from storage.time_tables import Ping, Promise
from workflows.policy import Policy

SHOWN: Final = 20  # of what was held back; the App Home shows the rest
GONE: Final = "This has been settled meanwhile."


def ping(file: CaseFile, one: Ping, *, policy: Policy) -> Message:
    """Draw one ping, with the buttons that answer it."""
    text = said(file, one, policy=policy)
    return Message(text, [section(text), *actions(f"ping:{one.id}", _buttons(file, one))])


def held_back(files: Mapping[int, CaseFile], held: Sequence[Ping], *, policy: Policy) -> Message:
    """Draw in one message what was held back for somebody."""
    shown = [(files[one.case_id], one) for one in held if one.case_id is not None and one.case_id in files]
    lines = [
        section(
            said(file, one, policy=policy),
            accessory=buttons.open_case(file.case),
            block_id=f"ping:{one.id}",
        )
        for file, one in shown[:SHOWN]
    ]
    left = len(shown) - len(lines)
    more = [context(f"_and {plural(left, 'more thing')}: the Home tab of this app shows all that is yours_")]
    title = f"{plural(len(shown), 'thing')} came up while you were left alone."
    blocks: list[Block] = [section(f"🔔 *{title}*"), *lines, *(more if left > 0 else [])]
    return Message(title, blocks)


def escalation(file: CaseFile, events: Sequence[Event], *, policy: Policy) -> Message:
    """Draw what the managers read in their channel of a case that is past its limits."""
    shown = customer.veiled(file)
    where = progress.department(policy, file.case.department)
    owner = f"{name(file, file.case.owner)} owns it" if file.case.owner else "Nobody owns it"
    late = [
        f"•  {_capital(NOT_DONE.get(str(one.facts.get('clock')), 'nobody has moved it'))}. It was due{_due(one.facts)}."
        for one in events
    ]
    title = f"📣 Case {file.case.id} ({customer.full_name(shown)}, {where}) is past its limit."
    body = [*packed([f"*{title}*", *late, f"{owner}. Open it to see what is known, take it, or hand it over."])]
    moves = [*_take(file), buttons.open_case(file.case), buttons.why_me(file.case)]
    return Message(
        title, [*(section(text) for text in body), *actions(f"escalation:{events[0].id if events else 0}", moves)]
    )


def said(file: CaseFile, one: Ping, *, policy: Policy) -> str:
    """Say a ping in a sentence or two, escaped."""
    case = file.case
    who = f"case {case.id} ({customer.full_name(customer.veiled(file))})"
    if (task := _task(file, one)) is not None:
        return _of_task(file, one, task, who)
    if (promise := _promise(file, one)) is not None:
        return _of_promise(file, one, promise, who)
    clock = str(one.facts.get("clock"))
    late = f"{NOT_DONE.get(clock, 'nobody has moved it')}, and it was due{_due(one.facts)}"
    match one.kind:
        case "warn":
            near = TO_DO.get(clock, "something should happen")
            return f"⏳ The limit of {who} is near: {near} by{_due(one.facts)}."
        case "limit":
            return f"⏰ {_capital(who)} is past its limit: {late}."
        case "lead":
            owner = _owner(file, one)
            where = progress.department(policy, case.department)
            return f"📣 {_capital(who)} is past its limit: {late}. You lead {where}. {owner}."
        case "managers":
            return f"📣 {_capital(who)} is past its limit: {late}. Nobody has moved it since its lead was told."
        case "lent":
            due = f" Due{_due(one.facts)}: {TO_DO.get(clock, 'see the case')}." if one.facts.get("due") else ""
            return f"🌴 {name(file, _from(one))} is away, so {who} is yours until they are back.{due}"
        case "returned":
            return f"👋 You are back, and so is {who}: {name(file, _from(one))} had not touched it."
    return f"🔔 {_capital(who)} needs you."


def _of_task(file: CaseFile, one: Ping, task: Task, who: str) -> str:
    title, due = quoted(task.title), f" {when(task.due_at)}" if task.due_at else ""
    match one.kind:
        case "lent":
            return f"🌴 {name(file, _from(one))} is away, so the task {title} of {who} is yours until they are back."
        case "returned":
            return f"👋 You are back, and so is the task {title} of {who}: {name(file, _from(one))} had not touched it."
        case "lead":
            owner = f"{name(file, task.owner)} has it" if task.owner else "Nobody has it"
            return f"📣 The task {title} of {who} is still not done; it was due{due}. {owner}."
    if one.facts.get("step") == "warn":
        return f"⏳ The task {title} of {who} is due{due}."
    whose = "" if task.owner else " Nobody has it yet."
    return f"⏰ The task {title} of {who} is overdue; it was due{due}.{whose}"


def _of_promise(file: CaseFile, one: Ping, promise: Promise, who: str) -> str:
    what = "You" if promise.by == one.member else name(file, promise.by)
    if one.facts.get("slipped"):
        return (
            f"⏰ {what} promised the customer of {who} {quoted(promise.text)} for {when(promise.due_at)}. "
            "That has passed; it can still be kept, late."
        )
    return f"🤝 {what} promised the customer of {who} {quoted(promise.text)} for {when(promise.due_at)}."


def _buttons(file: CaseFile, one: Ping) -> list[Element]:
    task = _task(file, one)
    if task is not None:
        own = task_buttons(task) if one.member == task.owner else []
        return [*own, buttons.open_case(file.case)]
    if _promise(file, one) is not None:
        return [buttons.open_case(file.case)]
    return [*_take(file), buttons.open_case(file.case), buttons.why_me(file.case)]


def _take(file: CaseFile) -> list[Element]:
    case_id = buttons.id_of(file.case)
    return [button("Take", ids.TAKE, case_id, style="primary")] if file.case.state == "new" else []


def _owner(file: CaseFile, one: Ping) -> str:
    if file.case.owner is None:
        return "Nobody owns it"
    return "It is yours now" if file.case.owner == one.member else f"{name(file, file.case.owner)} owns it"


def _task(file: CaseFile, one: Ping) -> Task | None:
    return next((task for task in file.tasks if task.id == one.facts.get("task_id")), None)


def _promise(file: CaseFile, one: Ping) -> Promise | None:
    return next((promise for promise in file.promises if promise.id == one.facts.get("promise_id")), None)


def _from(one: Ping) -> str:
    return str(one.facts.get("from") or "")


def _due(facts: Mapping[str, object]) -> str:
    try:
        due = datetime.fromisoformat(str(facts.get("due")))
    except ValueError:
        return " before"
    return f" {when(due)}" if due.tzinfo else " before"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
