"""The answers to what is asked about a form: its scale, or whether it is upside-down."""

import asyncio
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from bot import policies
from bot.slack import forms
from bot.slack.context import Context
from bot.slack.listeners import replies
from bot.slack.listeners.move import Move
from bot.slack.payloads import Press, Submission
from bot.slack.views import questions
from bot.slack.views.blocks import View
from bot.surveys.scoring import entry_of
from storage import policies as stored
from storage.seen import first_time, was_seen
from storage.source_tables import Alarm
from workflows import asking, policy_sources, reversal
from workflows.policy import Policy
from workflows.policy_sources import CantBeWritten, Value
from workflows.policy_text import PolicyError
from workflows.refusal import Refusal
from workflows.scales import Scale

if TYPE_CHECKING:
    from bot.slack.listeners.openers import Asked

# Two admins at once: the second one's lines are added to what the first has made of the policy.
ATTEMPTS = 4
_BY_HAND = (
    "The policy is written in a way that only a person can change here. Add these lines to it, and apply it: {lines}"
)


def ask_scale(session: Session, asked: "Asked") -> View:
    """Ask for a form's scale; who may not say it is told so at once."""
    move = asked.move
    alarm = asking.may_say_scale(session, asked.row, policy=move.policy, by=move.by)
    return questions.ask_scale(alarm, entry_of(move.policy, alarm.source, alarm.form))


def say_right(session: Session, alarm_id: int, move: Move) -> None:
    """Take note that a form's scale is right."""
    reversal.say_right(session, alarm_id, policy=move.policy, by=move.by, at=move.at)


async def turned(context: Context, press: Press) -> None:
    """Turn a form's scale in the policy; what it led to is put right afterwards. Raises Refusal."""
    move, alarm_id = Move.of(context, press.by), press.row
    if await context.db.read(lambda session: reversal.is_turned_by(session, alarm_id, by=move.by)):
        return  # a second press: it is as they wished
    alarm = await context.db.write(lambda session: reversal.question(session, alarm_id, policy=move.policy, by=move.by))
    scale = reversal.turned(reversal.scale_of(alarm))

    def settle(session: Session) -> None:
        found = reversal.question(session, alarm_id, policy=move.policy, by=move.by)
        asking.answer(session, found, reversal.TURNED, policy=move.policy, by=move.by, at=move.at)

    await _applied(context, alarm, _keys(move.policy, alarm, scale), move, settle)
    settled(context)


async def scale_said(context: Context, sent: Submission) -> dict[str, Any]:
    """Put a form's scale into the policy, and have what waited taken in. Raises Refusal."""
    move, form, alarm_id = Move.of(context, sent.by), forms.ScaleForm.of(sent), sent.row
    if await context.db.read(lambda session: was_seen(session, sent.key)):
        return {}
    alarm = await context.db.write(
        lambda session: asking.may_say_scale(session, alarm_id, policy=move.policy, by=move.by)
    )
    keys = policy_sources.keys_of(
        form.scale, score_field=form.score_field, comment_field=form.comment_field, email_field=form.email_field
    )

    def settle(session: Session) -> None:
        first_time(session, sent.key, move.at)
        found = asking.may_say_scale(session, alarm_id, policy=move.policy, by=move.by)
        asking.answer(session, found, "said", policy=move.policy, by=move.by, at=move.at)

    version = await _applied(context, alarm, keys, move, settle)
    settled(context)
    entry = policy_sources.entry(alarm.source, alarm.form, keys)
    return replies.update(questions.scale_kept(alarm, entry, version=version))


def settled(context: Context) -> None:
    """Have done, after the answer to Slack, what an answer asks for."""
    if context.settle is not None:
        context.background(_settle(context))


async def _settle(context: Context) -> None:
    if context.settle is not None:
        await context.settle()


def _keys(policy: Policy, alarm: Alarm, scale: Scale) -> dict[str, Value]:
    """Give the keys of a form's own entry, with the fields that the policy names for it already."""
    known = entry_of(policy, alarm.source, alarm.form)
    names = ("score_field", "comment_field", "email_field")
    return policy_sources.keys_of(scale, **{name: getattr(known, name) if known else None for name in names})


async def _applied(context: Context, alarm: Alarm, keys: dict[str, Value], move: Move, settle: Any) -> int:
    """Put the policy in force that says this of a form, together with what is settled by it; returns its version."""
    for _ in range(ATTEMPTS):
        latest = await context.db.read(stored.latest)
        text, version = (latest.text, latest.id) if latest else (move.policy.text, None)
        policy = await asyncio.get_running_loop().run_in_executor(None, _written, text, alarm, keys)

        def apply(session: Session, policy: Policy = policy, version: int | None = version) -> int | None:
            if stored.held_latest_id(session) != version:
                return None
            settle(session)
            return policies.apply(session, policy, by=move.by, at=move.at)

        applied = await context.db.write(apply)
        if applied is not None:
            return applied
    raise Refusal("The policy is being changed by somebody else this moment. Try again.")


def _written(text: str, alarm: Alarm, keys: dict[str, Value]) -> Policy:
    try:
        return policy_sources.with_entry(text, alarm.source, alarm.form, keys)
    except PolicyError as error:
        problem = error.problems[0]
        raise Refusal(problem.message, _field(problem.key, problem.message)) from error
    except CantBeWritten:
        lines = policy_sources.entry(alarm.source, alarm.form, keys).replace("\n", ", ")
        raise Refusal(_BY_HAND.format(lines=lines), "metric") from None


def _field(key: str, message: str) -> str:
    """Name the field of the modal that a problem of the policy is about."""
    last = key.rpartition(".")[2]
    if last in {"low", "neutral", "direction", "metric", "score_field", "comment_field", "email_field"}:
        return last
    if "`low`" in message:
        return "low"
    return "high_end" if "scale" in message else "metric"
