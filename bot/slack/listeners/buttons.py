"""Every button: a move that is made at once, or a modal that asks for more."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from bot.slack import ids
from bot.slack.context import Context
from bot.slack.listeners import away, copies, digests, gathered, questions, replies, report, team
from bot.slack.listeners.move import Move
from bot.slack.listeners.openers import CASE_MODAL, OPENERS, WRITTEN_DOWN, Asked, case_view
from bot.slack.payloads import Press, row_id
from storage import crowd, outbox
from workflows import casework, excuses, mails, outreach, pauses, permission, promises
from workflows.refusal import Refusal

Make = Callable[[Session, int, Move], None]


def _take(session: Session, case_id: int, move: Move) -> None:
    casework.take(session, case_id, policy=move.policy, by=move.by, at=move.at)


def _take_back(session: Session, outreach_id: int, move: Move) -> None:
    mails.take_back(session, outreach_id, policy=move.policy, by=move.by, at=move.at)


def _mail_arrived(session: Session, outreach_id: int, move: Move) -> None:
    outreach.mail_arrived(session, outreach_id, policy=move.policy, by=move.by, at=move.at)


def _mail_lost(session: Session, outreach_id: int, move: Move) -> None:
    outreach.mail_lost(session, outreach_id, policy=move.policy, by=move.by, at=move.at)


def _approve(session: Session, approval_id: int, move: Move) -> None:
    excuses.approve(session, approval_id, policy=move.policy, by=move.by, at=move.at)


def _send_again(session: Session, intent_id: int, move: Move) -> None:
    del intent_id  # one press mends them all: what stopped one has usually stopped the others
    permission.may_mend(session, move.by, policy=move.policy)
    outbox.retry(session, at=move.at)
    outbox.want(session, [outbox.home(move.by)], at=move.at)


def _resume(session: Session, case_id: int, move: Move) -> None:
    pauses.resume(session, case_id, policy=move.policy, by=move.by, at=move.at)


def _promise_kept(session: Session, promise_id: int, move: Move) -> None:
    promises.keep(session, promise_id, policy=move.policy, by=move.by, at=move.at)


MOVES: Final[Mapping[str, Make]] = MappingProxyType(
    {
        ids.TAKE: _take,
        ids.TAKE_BACK: _take_back,
        ids.MAIL_ARRIVED: _mail_arrived,
        ids.MAIL_LOST: _mail_lost,
        ids.APPROVE: _approve,
        ids.SEND_AGAIN: _send_again,
        ids.BACK: away.back,
        ids.RESUME: _resume,
        ids.PROMISE_KEPT: _promise_kept,
        ids.UMBRELLA_TAKE: gathered.take_mine,
        ids.SCALE_RIGHT: questions.say_right,
    }
)
"""Which move a button makes, by its action id. Pressing twice is harmless: each looks at the row's state."""


async def pressed(context: Context, press: Press, ack: Callable[[], Awaitable[Any]]) -> None:
    """Answer a press: the move is committed, or its modal is open, before Slack hears that all is well."""
    try:
        if press.action_id in MOVES:
            await _make(context, press)
        elif press.action_id == ids.SCALE_TURN:
            await questions.turned(context, press)
        elif press.action_id in OPENERS:
            await _open(context, press)
        elif press.action_id in digests.PRESSES:
            await digests.PRESSES[press.action_id](context, press)
        elif press.action_id in team.PRESSES:
            await team.PRESSES[press.action_id](context, press)
        elif press.action_id == ids.REPORT:
            await report.pressed(context, press)
    except Refusal as refusal:
        context.background(replies.say(context, press, refusal.sentence))
        if press.copy:
            context.background(copies.redraw(context, press.copy))
    await ack()


@dataclass(frozen=True, slots=True)
class _Made:
    """A move as it waits to be made: what was pressed, the row's id, and who pressed."""

    press: Press
    row: int
    move: Move

    def make(self, session: Session) -> None:
        copies.adopt(session, self.press.copy)
        self.move_on(session)

    def move_on(self, session: Session) -> None:
        """Make the move itself, once the message that was pressed is taken over."""
        MOVES[self.press.action_id](session, self.row, self.move)


def _taken_all(session: Session, made: Sequence[_Made]) -> Sequence[None]:
    """Make each of these takes as if it had been the only one."""
    if len(made) == 1:
        made[0].make(session)
        return [None]
    with crowd.gathered(session):
        # Messages before cases, as one alone does, and in one order: so nobody waits for somebody who waits for them.
        pressed_on = [one.press.copy for one in made if one.press.copy]
        for copy in sorted(pressed_on, key=lambda one: (one.subject, one.place)):  # of one, the last that was pressed
            copies.adopt(session, copy)
        casework.hold_all(session, [one.row for one in made])
        for one in made:
            one.move_on(session)
    return [None] * len(made)


async def _make(context: Context, press: Press) -> None:
    made = _Made(press, press.row, Move.of(context, press.by))
    if press.action_id == ids.TAKE:  # what a whole team presses at once, after an outage or in the morning
        await context.db.write_with_others(made, _taken_all)
    else:
        await context.db.write(made.make)
    if press.action_id == ids.SCALE_RIGHT:
        questions.settled(context)
    if press.is_in_modal and press.view_callback == CASE_MODAL and press.view_id:
        context.background(
            redraw_case(context, view_id=press.view_id, case_id=row_id(press.view_metadata), by=press.by)
        )


async def _open(context: Context, press: Press) -> None:
    asked = Asked(row=press.row, move=Move.of(context, press.by))
    run = context.db.write if press.action_id in WRITTEN_DOWN else context.db.read
    view = await run(lambda session: OPENERS[press.action_id](session, asked))
    await replies.show(context, press, view)
    if press.copy:
        context.background(copies.adopt_later(context, press.copy))


async def redraw_case(context: Context, *, view_id: str, case_id: int, by: str) -> None:
    """Draw the modal that shows a case anew, after something in it was changed."""
    move = Move.of(context, by)
    view = await context.db.read(lambda session: case_view(session, case_id, move))
    await replies.replace_view(context, view_id=view_id, view=view)
