"""Every submitted modal: read into its form, one transaction, and what the modal does next."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from bot.slack import forms, ids
from bot.slack.context import Context
from bot.slack.listeners import away, digests, feedback, gathered, limits, mails, questions, replies
from bot.slack.listeners.buttons import redraw_case
from bot.slack.listeners.move import Move
from bot.slack.payloads import Submission
from bot.slack.views import modals
from storage.seen import first_time
from storage.tables import Approval, Task
from workflows import casework, excuses, outreach, pauses, promises, taskwork
from workflows.refusal import Refusal

Answer = dict[str, Any]
"""What the ack of a submission carries; empty: the modal closes."""
Doing = Callable[[Session, Move], int]
"""Makes the move and returns the id of its case."""


def _assign(sent: Submission) -> Doing:
    row, form = sent.row, forms.AssignForm.of(sent)

    def work(session: Session, move: Move) -> int:
        casework.assign(
            session,
            row,
            to=form.to,
            department=form.department,
            reason=form.reason,
            policy=move.policy,
            by=move.by,
            at=move.at,
        )
        return row

    return work


def _resolve(sent: Submission) -> Doing:
    row, form = sent.row, forms.ResolveForm.of(sent)

    def work(session: Session, move: Move) -> int:
        casework.resolve(
            session,
            row,
            root_cause=form.root_cause,
            root_cause_text=form.root_cause_text,
            what_changed=form.what_changed,
            policy=move.policy,
            by=move.by,
            at=move.at,
        )
        return row

    return work


def _reopen(sent: Submission) -> Doing:
    row, reason = sent.row, forms.text_in(sent, "reason")

    def work(session: Session, move: Move) -> int:
        casework.reopen(session, row, reason=reason, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _note(sent: Submission) -> Doing:
    row, text = sent.row, forms.text_in(sent, "text")

    def work(session: Session, move: Move) -> int:
        casework.note(session, row, text=text, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _excuse(sent: Submission) -> Doing:
    row, form = sent.row, forms.ExcuseForm.of(sent)

    def work(session: Session, move: Move) -> int:
        excuses.ask(session, row, excuse=form.excuse, text=form.text, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _decline(sent: Submission) -> Doing:
    row, text = sent.row, forms.text_in(sent, "text")

    def work(session: Session, move: Move) -> int:
        excuses.decline(session, row, text=text, policy=move.policy, by=move.by, at=move.at)
        return session.get_one(Approval, row).case_id

    return work


def _log(sent: Submission, kind: str) -> Doing:
    row, form = sent.row, forms.LogForm.of(sent)

    def work(session: Session, move: Move) -> int:
        outreach.log(
            session,
            row,
            kind=kind,
            channel=form.channel,
            happened_at=form.happened_at,
            text=form.text,
            policy=move.policy,
            by=move.by,
            at=move.at,
        )
        return row

    return work


def _log_contact(sent: Submission) -> Doing:
    return _log(sent, "contact")


def _log_told(sent: Submission) -> Doing:
    return _log(sent, "told")


def _add_task(sent: Submission) -> Doing:
    row, form = sent.row, forms.TaskForm.of(sent)

    def work(session: Session, move: Move) -> int:
        taskwork.add(
            session,
            row,
            title=form.title,
            department=form.department,
            owner=form.owner,
            due_at=form.due_at,
            policy=move.policy,
            by=move.by,
            at=move.at,
        )
        return row

    return work


def _task_do(sent: Submission) -> Doing:
    row, outcome = sent.row, forms.text_in(sent, "outcome")

    def work(session: Session, move: Move) -> int:
        taskwork.do(session, row, outcome=outcome, policy=move.policy, by=move.by, at=move.at)
        return session.get_one(Task, row).case_id

    return work


def _task_cancel(sent: Submission) -> Doing:
    row, reason = sent.row, forms.text_in(sent, "reason")

    def work(session: Session, move: Move) -> int:
        taskwork.cancel(session, row, reason=reason, policy=move.policy, by=move.by, at=move.at)
        return session.get_one(Task, row).case_id

    return work


def _task_hand_over(sent: Submission) -> Doing:
    row, form = sent.row, forms.TaskHandOverForm.of(sent)

    def work(session: Session, move: Move) -> int:
        taskwork.hand_over(session, row, to=form.to, reason=form.reason, policy=move.policy, by=move.by, at=move.at)
        return session.get_one(Task, row).case_id

    return work


def _pause(sent: Submission) -> Doing:
    row, until, reason = sent.row, forms.moment_in(sent, "until"), forms.text_in(sent, "reason")

    def work(session: Session, move: Move) -> int:
        pauses.pause(session, row, until=until, reason=reason, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _snooze(sent: Submission) -> Doing:
    row, until = sent.row, forms.moment_in(sent, "until")

    def work(session: Session, move: Move) -> int:
        pauses.snooze(session, row, until=until, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _promise(sent: Submission) -> Doing:
    row, due_at, text = sent.row, forms.moment_in(sent, "due_at"), forms.text_in(sent, "text")

    def work(session: Session, move: Move) -> int:
        promises.give(session, row, text=text, due_at=due_at, policy=move.policy, by=move.by, at=move.at)
        return row

    return work


def _promise_withdraw(sent: Submission) -> Doing:
    row, reason = sent.row, forms.text_in(sent, "reason")

    def work(session: Session, move: Move) -> int:
        return promises.withdraw(session, row, reason=reason, policy=move.policy, by=move.by, at=move.at).case_id

    return work


DOINGS: Final[Mapping[str, Callable[[Submission], Doing]]] = MappingProxyType(
    {
        ids.MODAL_ASSIGN: _assign,
        ids.MODAL_ADD_TASK: _add_task,
        ids.MODAL_LOG_CONTACT: _log_contact,
        ids.MODAL_LOG_TOLD: _log_told,
        ids.MODAL_RESOLVE: _resolve,
        ids.MODAL_EXCUSE: _excuse,
        ids.MODAL_DECLINE: _decline,
        ids.MODAL_REOPEN: _reopen,
        ids.MODAL_NOTE: _note,
        ids.MODAL_TASK_DO: _task_do,
        ids.MODAL_TASK_CANCEL: _task_cancel,
        ids.MODAL_TASK_HAND_OVER: _task_hand_over,
        ids.MODAL_PAUSE: _pause,
        ids.MODAL_SNOOZE: _snooze,
        ids.MODAL_PROMISE: _promise,
        ids.MODAL_PROMISE_WITHDRAW: _promise_withdraw,
        ids.MODAL_AWAY: away.gone,
        ids.MODAL_UMBRELLA_RESOLVE: gathered.resolve,
    }
)
"""What a modal does once it is submitted, by its callback id; it closes afterwards."""
DIALOGUES: Final[Mapping[str, Callable[[Context, Submission], Awaitable[Answer]]]] = MappingProxyType(
    {
        ids.MODAL_WRITE: mails.written,
        ids.MODAL_TELL: mails.written,
        ids.MODAL_PREVIEW: mails.previewed,
        ids.MODAL_ADD_FEEDBACK: feedback.logged,
        ids.MODAL_SCALE: questions.scale_said,
        ids.MODAL_LIMITS: limits.set_anew,
        ids.MODAL_DIGEST: digests.filled,
        ids.MODAL_DIGEST_DRAFT: digests.saved,
        ids.MODAL_DIGEST_POST: digests.posted,
    }
)
"""Modals that are followed by another one."""


async def submitted(context: Context, sent: Submission) -> Answer:
    """Do what was submitted, once however often it arrives; returns what the modal does next."""
    try:
        if dialogue := DIALOGUES.get(sent.callback_id):
            return await dialogue(context, sent)
        if read := DOINGS.get(sent.callback_id):
            case_id = await _do_once(context, sent, read(sent))
            if case_id is not None and sent.parent_view_id:
                context.background(redraw_case(context, view_id=sent.parent_view_id, case_id=case_id, by=sent.by))
    except Refusal as refusal:
        return await refused(context, sent, refusal)
    return {}


async def _do_once(context: Context, sent: Submission, work: Doing) -> int | None:
    move = Move.of(context, sent.by)
    return await context.db.write(
        lambda session: work(session, move) if first_time(session, sent.key, move.at) else None
    )


async def refused(context: Context, sent: Submission, refusal: Refusal) -> Answer:
    """Show a refusal below the field that it is about, so that nothing that was typed is lost."""
    sentence = await replies.in_plain_words(context, refusal.sentence)
    if not sent.inputs:
        return replies.update(modals.sentence(refusal.sentence))
    field = refusal.field if refusal.field in sent.inputs else sent.inputs[0]
    return replies.errors({str(field): sentence})
