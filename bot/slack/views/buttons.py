"""Which buttons a case offers: those of its state's moves, less what this customer makes impossible."""

from collections.abc import Iterator

from bot.slack import ids
from bot.slack.views import customer
from bot.slack.views.blocks import Block, Element, actions, button
from storage.casefile import CaseFile
from storage.tables import Case, Outreach
from storage.time_tables import Promise
from workflows import lifecycle


def case_rows(file: CaseFile) -> list[Block]:
    """Give the rows of buttons under a case. While a mail is on its way nothing else can happen but words."""
    case_id = id_of(file.case)
    if file.waiting_mail is not None:
        return actions(f"case:{case_id}:mail", [*_of_mail(file.waiting_mail), button("Note", ids.NOTE, case_id)])
    moves = lifecycle.moves(file.case.state)
    first = [
        _styled(file, one)
        for move in ("take", "tell", "contact", "resolve")
        if move in moves
        for one in _of(file, move)
    ]
    second = [one for move in ("reopen", "assign") if move in moves for one in _of(file, move)]
    if "resolve" in moves:  # as long as there may be work to do
        second.append(button("Add task", ids.ADD_TASK, case_id))
    second.append(button("Note", ids.NOTE, case_id))
    if "excuse" in moves:
        second += _of(file, "excuse")
    return [*actions(f"case:{case_id}:moves", first), *actions(f"case:{case_id}:more", second)]


def clock_row(file: CaseFile) -> list[Block]:
    """Give the row of what can be done with the clocks of an open case, and with promises to its customer."""
    case = file.case
    if not lifecycle.is_open(case):
        return []
    case_id = id_of(case)
    row = [
        *([] if case.paused_until else [button("Pause", ids.PAUSE, case_id)]),  # Resume stands beside the pause
        button("Put off reminders", ids.SNOOZE, case_id),
        *([] if customer.is_anonymous(file) else [button("Promise", ids.PROMISE, case_id)]),
    ]
    return actions(f"case:{case_id}:clocks", row)


def resume(case: Case) -> Element:
    """Give the button that ends a pause."""
    return button("Resume", ids.RESUME, id_of(case))


def kept(promise: Promise) -> Element:
    """Give the button that says that a promise was kept."""
    return button("Promise kept", ids.PROMISE_KEPT, id_of(promise))


def withdraw(promise: Promise) -> Element:
    """Give the button that withdraws a promise."""
    return button("Withdraw", ids.PROMISE_WITHDRAW, id_of(promise))


def open_case(case: Case) -> Element:
    """Give the button that shows the whole case."""
    return button("Open case", ids.OPEN_CASE, id_of(case))


def why_me(case: Case) -> Element:
    """Give the button that answers why this case came to these people."""
    return button("Why me?", ids.WHY_ME, id_of(case))


def id_of(row: Case | Outreach | Promise) -> int:
    """Give the id of a row that has been written."""
    assert row.id is not None
    return row.id


def _of_mail(mail: Outreach) -> list[Element]:
    """Give the buttons of the mail that is on its way: take it back, or say whether it arrived."""
    mail_id = id_of(mail)
    match mail.state:
        case "waiting":
            return [button("Take back", ids.TAKE_BACK, mail_id, style="danger")]
        case "unclear":
            arrived = button("It arrived", ids.MAIL_ARRIVED, mail_id, style="primary")
            return [arrived, button("It did not arrive", ids.MAIL_LOST, mail_id, style="danger")]
    return []


def _of(file: CaseFile, move: str) -> Iterator[Element]:
    case_id = id_of(file.case)
    can_reach = not customer.is_anonymous(file)
    match move:
        case "take":
            yield button("Take", ids.TAKE, case_id)
        case "assign":
            yield button("Hand over" if file.case.owner else "Assign", ids.ASSIGN, case_id)
        case "contact" if can_reach:
            if customer.has_mail(file):
                yield button("Write to customer", ids.WRITE, case_id)
            yield button("Log contact", ids.LOG_CONTACT, case_id)
        case "resolve":
            yield button("Resolve", ids.RESOLVE, case_id)
        case "tell" if can_reach:
            if customer.has_mail(file):
                yield button("Tell customer", ids.TELL, case_id)
            yield button("Log as told", ids.LOG_TOLD, case_id)
        case "excuse" if file.approval is None:
            yield button("Excuse", ids.EXCUSE, case_id)
        case "reopen":
            yield button("Reopen", ids.REOPEN, case_id)
        case _:
            pass


def _styled(file: CaseFile, element: Element) -> Element:
    """Make the one button green that is the next step."""
    return {**element, "style": "primary"} if element["action_id"] == _next_step(file) else element


def _next_step(file: CaseFile) -> str | None:
    case, has_mail = file.case, customer.has_mail(file)
    match case.state:
        case "new":
            return ids.TAKE
        case "working" if case.contacted_at is None and not customer.is_anonymous(file):
            return ids.WRITE if has_mail else ids.LOG_CONTACT
        case "working":
            return ids.RESOLVE
        case "ready":
            return ids.TELL if has_mail else ids.LOG_TOLD
    return None
