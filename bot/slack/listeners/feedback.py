"""Feedback that a member of the team heard, logged by hand: from the command, or from a message."""

import re
from typing import Any, Final

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.forms import FeedbackForm
from bot.slack.listeners import replies
from bot.slack.listeners.move import Move
from bot.slack.payloads import PickedMessage, Submission
from bot.slack.plain import mentioned, plain
from bot.slack.views.blocks import View
from bot.slack.views.feedback_modals import add_feedback, feedback_kept
from storage import members
from workflows import intake, permission
from workflows.answers import Answer
from workflows.refusal import Refusal
from workflows.scales import UnknownScale, scale_for

SOURCE: Final = "hand"
_ORIGIN: Final = re.compile(r"[A-Z0-9]{1,30}:[0-9.]{1,30}", re.ASCII)


def form(session: Session, move: Move) -> View:
    """Draw an empty form. Raises Refusal."""
    permission.may_join_in(session, move.by, policy=move.policy)
    return add_feedback(policy=move.policy)


def form_about(session: Session, message: PickedMessage, move: Move) -> View:
    """Draw a form about what a message says. Raises Refusal."""
    permission.may_join_in(session, move.by, policy=move.policy)
    words = plain(message.text, members.names(session, mentioned(message.text)))
    return add_feedback(policy=move.policy, comment=words, origin=f"{message.channel}:{message.ts}")


async def logged(context: Context, sent: Submission) -> dict[str, Any]:
    """Keep what was filled in and say what became of it. The same message logged twice is one answer."""
    form, move = FeedbackForm.of(sent), Move.of(context, sent.by)
    answer = _answer(form, sent, move)
    received = await context.db.write(
        lambda session: intake.log_by_hand(
            session, answer, policy=move.policy, policy_version=move.policy_version, by=move.by, at=move.at
        )
    )
    return replies.update(feedback_kept(case_id=received.case_id, is_new=received.is_new))


def _answer(form: FeedbackForm, sent: Submission, move: Move) -> Answer:
    try:
        scale = scale_for(move.policy, source=SOURCE, form=None, metric=form.metric)
    except UnknownScale as error:
        raise Refusal(str(error), "metric") from error
    return Answer(
        source=SOURCE,
        external_id=sent.metadata if _ORIGIN.fullmatch(sent.metadata) else sent.view_id,
        score=form.score,
        scale=scale,
        submitted_at=move.at,
        comment=form.comment,
        touchpoint=form.touchpoint,
        language=form.language,
        email=form.email,
        name=form.name,
        account_name=form.account,
    )
