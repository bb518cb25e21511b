"""The buttons that open a modal: what it shows is read first, and whoever may not make the move is told so at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlmodel import Session

from bot.slack import ids
from bot.slack.listeners import away, gathered, limits, questions, reveal
from bot.slack.listeners.move import Move
from bot.slack.views import clock_modals, customer, mail_modals, modals, task_modals
from bot.slack.views.blocks import View
from bot.slack.views.case import case_modal
from bot.slack.views.why import why_me
from storage.casefile import CaseFile, case_file
from storage.tables import Approval, Task
from storage.time_tables import Promise
from workflows import casework, lifecycle, mails, permission
from workflows.refusal import Refusal

CASE_MODAL: Final = "case"
"""The callback id of the modal that shows a case: its metadata holds the case's id, and it is redrawn after a move."""
_NO_SERVER: Final = "No mail server is set up yet (SMTP_URL). Reach them in another way, then log it here."
_NO_ADDRESS: Final = "There is no address that Hearback may write to. Reach them in another way, then log it here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A button that opens a modal: whose row it is about, and who pressed it when."""

    row: int
    move: Move


Build = Callable[[Session, Asked], View]


def seen_by(file: CaseFile, member: str) -> CaseFile:
    """Return the file as this person may see it: only the owner sees who answered in confidence."""
    return file if file.case.owner == member else customer.veiled(file)


def case_view(session: Session, case_id: int, move: Move) -> View:
    """Draw the modal that shows a case. Raises Refusal."""
    permission.may_join_in(session, move.by, policy=move.policy)
    shown = seen_by(_file(session, case_id), move.by)
    return {
        **case_modal(shown, policy=move.policy, at=move.at),
        "callback_id": CASE_MODAL,
        "private_metadata": str(case_id),
    }


def _open_case(session: Session, asked: Asked) -> View:
    return case_view(session, asked.row, asked.move)


def _why_me(session: Session, asked: Asked) -> View:
    permission.may_join_in(session, asked.move.by, policy=asked.move.policy)
    return why_me(seen_by(_file(session, asked.row), asked.move.by), policy=asked.move.policy)


def _assign(session: Session, asked: Asked) -> View:
    return modals.assign(_movable(session, asked, "assign"), policy=asked.move.policy)


def _resolve(session: Session, asked: Asked) -> View:
    return modals.resolve(_movable(session, asked, "resolve", needs_quiet=True))


def _excuse(session: Session, asked: Asked) -> View:
    file = _movable(session, asked, "excuse", needs_quiet=True)
    who = permission.role(session, asked.move.by, policy=asked.move.policy)
    return modals.excuse(file, needs_approval=not permission.is_manager(who))


def _reopen(session: Session, asked: Asked) -> View:
    return modals.reopen(_movable(session, asked, "reopen", needs_quiet=True))


def _note(session: Session, asked: Asked) -> View:
    permission.may_join_in(session, asked.move.by, policy=asked.move.policy)
    return modals.note(seen_by(_file(session, asked.row), asked.move.by))


def _add_task(session: Session, asked: Asked) -> View:
    return task_modals.add_task(_movable(session, asked, "resolve"), policy=asked.move.policy)


def _write(session: Session, asked: Asked) -> View:
    return mail(session, asked, kind="contact")


def _tell(session: Session, asked: Asked) -> View:
    return mail(session, asked, kind="told")


def mail(session: Session, asked: Asked, *, kind: str) -> View:
    """Offer a mail for editing; where nobody may be written to, offer to log what was done instead."""
    file = _movable(session, asked, "tell" if kind == "told" else "contact", needs_quiet=True)
    whole = _file(session, asked.row)
    if not customer.has_mail(whole) or not asked.move.can_mail:
        log = mail_modals.log_told if kind == "told" else mail_modals.log_contact
        return log(file, at=asked.move.at, why=_NO_SERVER if customer.has_mail(whole) else _NO_ADDRESS)
    refuse_unveiling(whole, asked.move.by)
    draft = mails.draft(session, asked.row, kind=kind, policy=asked.move.policy, by=asked.move.by)
    return mail_modals.write(file, draft, kind=kind)


def refuse_unveiling(file: CaseFile, member: str) -> None:
    """Keep everybody but the owner from writing to a customer who answered in confidence."""
    if file.customer.contactability == "confidential" and file.case.owner != member:
        raise Refusal(
            "This customer answered in confidence, so only the case's owner can write to them. "
            "Ask the owner, or have the case handed over to you."
        )


def _log_contact(session: Session, asked: Asked) -> View:
    return mail_modals.log_contact(_joinable(session, asked, "contact"), at=asked.move.at)


def _log_told(session: Session, asked: Asked) -> View:
    return mail_modals.log_told(_movable(session, asked, "tell", needs_quiet=True), at=asked.move.at)


def _task_do(session: Session, asked: Asked) -> View:
    return task_modals.task_do(*_task(session, asked))


def _task_cancel(session: Session, asked: Asked) -> View:
    return task_modals.task_cancel(*_task(session, asked))


def _task_hand_over(session: Session, asked: Asked) -> View:
    return task_modals.task_hand_over(*_task(session, asked))


def _decline(session: Session, asked: Asked) -> View:
    approval = session.get(Approval, asked.row)
    if approval is None:
        raise Refusal("That question isn't known any more. Open the case to see where it stands.")
    permission.may_approve(session, asked.move.by, policy=asked.move.policy)
    if approval.decision is not None:
        raise Refusal(f"This is {approval.decision} already. There is nothing left to decide.")
    return modals.decline(seen_by(_file(session, approval.case_id), asked.move.by), approval)


def _pause(session: Session, asked: Asked) -> View:
    return clock_modals.pause(_open_file(session, asked), at=asked.move.at)


def _snooze(session: Session, asked: Asked) -> View:
    return clock_modals.snooze(_open_file(session, asked), at=asked.move.at)


def _promise(session: Session, asked: Asked) -> View:
    return clock_modals.promise(_open_file(session, asked))


def _withdraw(session: Session, asked: Asked) -> View:
    promise = session.get(Promise, asked.row)
    if promise is None:
        raise Refusal("That promise isn't known any more. Open the case to see its promises.")
    file = _file(session, promise.case_id)
    permission.may_work_on(session, file.case, asked.move.by, policy=asked.move.policy)
    if promise.state != "open":
        raise Refusal(f"This promise is {promise.state} already. Give a new one if there is more to promise.")
    return clock_modals.withdraw(seen_by(file, asked.move.by), promise)


def _open_file(session: Session, asked: Asked) -> CaseFile:
    file = _file(session, asked.row)
    permission.may_work_on(session, file.case, asked.move.by, policy=asked.move.policy)
    if not lifecycle.is_open(file.case):
        raise Refusal(f"Case {asked.row} is {file.case.state}. Reopen it if there is more to do.")
    return seen_by(file, asked.move.by)


def _task(session: Session, asked: Asked) -> tuple[CaseFile, Task]:
    task = session.get(Task, asked.row)
    if task is None:
        raise Refusal("That task isn't known any more. Open the case to see its tasks.")
    file = _file(session, task.case_id)
    permission.may_close(session, task, file.case, asked.move.by, policy=asked.move.policy)
    if task.state != "open":
        raise Refusal(f"This task is {task.state} already. Add a new one if there is more to do.")
    return seen_by(file, asked.move.by), task


def _movable(session: Session, asked: Asked, move: str, *, needs_quiet: bool = False) -> CaseFile:
    """Return the case's file if this person may make this move now. `needs_quiet`: not while a mail is on its way."""
    file = _file(session, asked.row)
    permission.may_work_on(session, file.case, asked.move.by, policy=asked.move.policy)
    lifecycle.check(file.case, move)
    if needs_quiet:
        casework.refuse_while_mail_is_on_its_way(session, file.case)
    return seen_by(file, asked.move.by)


def _joinable(session: Session, asked: Asked, move: str) -> CaseFile:
    file = _file(session, asked.row)
    permission.may_join_in(session, asked.move.by, policy=asked.move.policy)
    lifecycle.check(file.case, move)
    casework.refuse_while_mail_is_on_its_way(session, file.case)
    return seen_by(file, asked.move.by)


def _file(session: Session, case_id: int) -> CaseFile:
    file = case_file(session, case_id)
    if file is None:
        raise Refusal(f"There is no case {case_id}. Look for its number on the card, or try /loop mine.")
    return file


OPENERS: Final[Mapping[str, Build]] = MappingProxyType(
    {
        ids.OPEN_CASE: _open_case,
        ids.WHY_ME: _why_me,
        ids.ASSIGN: _assign,
        ids.ADD_TASK: _add_task,
        ids.LOG_CONTACT: _log_contact,
        ids.WRITE: _write,
        ids.RESOLVE: _resolve,
        ids.TELL: _tell,
        ids.LOG_TOLD: _log_told,
        ids.EXCUSE: _excuse,
        ids.REOPEN: _reopen,
        ids.NOTE: _note,
        ids.TASK_DO: _task_do,
        ids.TASK_CANCEL: _task_cancel,
        ids.TASK_HAND_OVER: _task_hand_over,
        ids.DECLINE: _decline,
        ids.AWAY: away.asked,
        ids.LIMITS: limits.look,
        ids.REVEAL: reveal.who,
        ids.UMBRELLA_ALL: gathered.all_cases,
        ids.SAY_SCALE: questions.ask_scale,
        ids.UMBRELLA_RESOLVE: gathered.ask_to_resolve,
        ids.PAUSE: _pause,
        ids.SNOOZE: _snooze,
        ids.PROMISE: _promise,
        ids.PROMISE_WITHDRAW: _withdraw,
    }
)
"""Which modal a button opens, by its action id."""
WRITTEN_DOWN: Final = frozenset({ids.REVEAL})
"""Those whose opening is itself an event."""
