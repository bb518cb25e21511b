"""A changed policy and the limits of open cases: an admin looks at what it would do, and has it done."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.listeners.move import Move
from bot.slack.payloads import Submission
from bot.slack.views.blocks import View
from bot.slack.views.limits import limits_modal
from storage.seen import first_time
from workflows import permission, recompute
from workflows.recompute import Part
from workflows.refusal import Refusal

if TYPE_CHECKING:
    from bot.slack.listeners.openers import Asked

LOOKED_AT: Final = 1_000  # open cases: Slack waits three seconds for the modal


def look(session: Session, asked: "Asked") -> View:
    """Count what the policy in force would change; Refusal for everybody but admins."""
    _refuse_others(session, asked.move)
    changes, is_all = recompute.look(session, policy=asked.move.policy, most=LOOKED_AT)
    return limits_modal(changes, is_all=is_all, version=asked.move.policy_version or 0)


async def set_anew(context: Context, sent: Submission) -> dict[str, Any]:
    """Set the limits of open cases anew: the first part before Slack hears that all is well, the others after it."""
    move = Move.of(context, sent.by)

    def begin(session: Session) -> Part:
        _refuse_others(session, move)
        return _part(session, 0, move) if first_time(session, sent.key, move.at) else Part(0, None)

    part = await context.db.write(begin)
    if part.last is not None:
        context.background(_go_on(context, part.last, move))
    return {}


async def _go_on(context: Context, last: int, move: Move) -> None:
    after: int | None = last
    while after is not None:
        after = (await context.db.write(partial(_part, after=after, move=move))).last


def _part(session: Session, after: int, move: Move) -> Part:
    return recompute.some(
        session, after=after, policy=move.policy, policy_version=move.policy_version, by=move.by, at=move.at
    )


def _refuse_others(session: Session, move: Move) -> None:
    if not permission.may_join_in(session, move.by, policy=move.policy).is_admin:
        raise Refusal("Only an admin may set the limits of open cases anew. The policy names the admins under [team].")
