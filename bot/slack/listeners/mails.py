"""Writing to a customer: the mail is read once more, as the customer will read it, before it is left to go out."""

from typing import Any, Final

from sqlmodel import Session

from bot.slack import ids
from bot.slack.context import Context
from bot.slack.forms import MailForm
from bot.slack.listeners import replies
from bot.slack.listeners.move import Move
from bot.slack.listeners.openers import refuse_unveiling, seen_by
from bot.slack.payloads import Submission
from bot.slack.views import mail_modals
from bot.slack.views.blocks import View
from storage.casefile import case_file
from storage.seen import first_time
from workflows import casework, mails
from workflows.refusal import Refusal

KINDS: Final = ("contact", "told")


async def written(context: Context, sent: Submission) -> dict[str, Any]:
    """Answer the form of a mail with its preview. Raises Refusal."""
    kind = "told" if sent.callback_id == ids.MODAL_TELL else "contact"
    return await _preview(context, sent, kind=kind, is_again=False)


async def previewed(context: Context, sent: Submission) -> dict[str, Any]:
    """Leave the mail to go out if it is what the preview showed; otherwise show it once more. Raises Refusal."""
    _, kind, shown = _metadata(sent)
    form = MailForm.of(sent)
    if shown != mail_modals.digest(form.recipient or "", form.subject, form.body):
        return await _preview(context, sent, kind=kind, is_again=True)
    row, move = sent.row, Move.of(context, sent.by)

    def work(session: Session) -> None:
        if first_time(session, sent.key, move.at):
            _leave(session, row, form, kind=kind, move=move)

    await context.db.write(work)
    return {"response_action": "clear"}


def _leave(session: Session, case_id: int, form: MailForm, *, kind: str, move: Move) -> None:
    casework.held(session, case_id)
    file = case_file(session, case_id)
    assert file is not None
    refuse_unveiling(file, move.by)
    draft = mails.draft(session, case_id, kind=kind, policy=move.policy, by=move.by)
    mails.write(
        session,
        case_id,
        kind=kind,
        subject=form.subject,
        body=form.body,
        language=draft.language,
        policy=move.policy,
        by=move.by,
        at=move.at,
        recipient=form.recipient,
    )


async def _preview(context: Context, sent: Submission, *, kind: str, is_again: bool) -> dict[str, Any]:
    row, form, move = sent.row, MailForm.of(sent), Move.of(context, sent.by)

    def view(session: Session) -> View:
        file = case_file(session, row)
        if file is None:
            raise Refusal(f"There is no case {row}. Look for its number on the card, or try /loop mine.")
        refuse_unveiling(file, move.by)
        return mail_modals.preview(
            seen_by(file, move.by),
            mails.draft(session, row, kind=kind, policy=move.policy, by=move.by, recipient=form.recipient),
            kind=kind,
            subject=form.subject,
            body=form.body,
            policy=move.policy,
            is_again=is_again,
        )

    return replies.update(await context.db.read(view))


def _metadata(sent: Submission) -> tuple[str, str, str]:
    """Read the case's id, the kind of mail, and the digest of the text that the preview shows."""
    parts = sent.metadata.split(" ")
    if len(parts) != 3 or parts[1] not in KINDS:  # noqa: PLR2004 -- the three that are named above
        raise Refusal("This preview is from another time. Close it and write once more.")
    return parts[0], parts[1], parts[2]
