"""How things stand, for those who ask: the answer to /loop status, a manager's menu, and what opens from both."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from sqlmodel import Session

from bot.slack import ids
from bot.slack.context import Context
from bot.slack.errors import SlackCallError, slack_calls
from bot.slack.listeners import replies
from bot.slack.listeners.behind import behind_view
from bot.slack.listeners.move import Move
from bot.slack.listeners.status_words import scope_in
from bot.slack.payloads import Press
from bot.slack.views import digest_modals, overview
from bot.slack.views.blocks import View
from bot.slack.views.home_manager import EVERYTHING
from bot.slack.views.message import Message
from bot.slack.views.text import plural
from storage import members, outbox
from storage.open_lists import Which
from workflows import overview as standing
from workflows import permission
from workflows.figures_definitions import DEFINITIONS
from workflows.overview import Scope
from workflows.refusal import Refusal

_OLD: Final = "This is from another time. Type /loop status to see how things stand now."
_NOT_HERE: Final = "Hearback isn't in this channel, so it can't post here. Invite it with /invite, then press again."
_NOT_THERE: Final = frozenset({"not_in_channel", "channel_not_found"})
_LISTS: Final[Mapping[str, Which]] = MappingProxyType(
    {ids.TEAM_OPEN: "open", ids.TEAM_OVERDUE: "overdue", ids.TEAM_UNOWNED: "unowned"}
)


def status(session: Session, words: Sequence[str], move: Move) -> Message:
    """Answer /loop status. Raises Refusal."""
    permission.may_join_in(session, move.by, policy=move.policy)
    scope = standing.allowed(session, scope_in(words, move.policy), by=move.by, policy=move.policy)
    found = standing.overview(session, scope, policy=move.policy, at=move.at)
    return overview.status_message(found, policy=move.policy)


def _list(session: Session, press: Press, move: Move) -> View:
    """Show a list of open cases as it is now."""
    _, scope = _asked(session, press, move)
    which = _LISTS[press.action_id]
    title, meaning = overview.LISTS[which]
    found = standing.listed(session, which, scope, at=move.at, limit=digest_modals.CASES)
    names = members.names(session, [scope.owner] if scope.owner else [])
    value = f"*{plural(found.count, 'case')}* · {overview.whose(scope, move.policy, names=names)}"
    return digest_modals.figure_modal(title, meaning, value, found.files, found.count, policy=move.policy, at=move.at)


def _figure(session: Session, press: Press, move: Move) -> View:
    """Show what a figure means, what it is now, and the cases behind it."""
    names, scope = _asked(session, press, move)
    key = names[-1]
    if key not in DEFINITIONS:
        raise Refusal(_OLD)
    found = standing.overview(session, scope, policy=move.policy, at=move.at)
    name = overview.whose(scope, move.policy, names=found.names)
    value = dict(overview.figure_lines(found)).get(key, f"*{DEFINITIONS[key].name}*")
    value += f"\n_{name}, the last {scope.days} days_"
    period = standing.period_of(scope, policy=move.policy, at=move.at)
    return behind_view(session, key, value, period=period, filters=scope.filters, policy=move.policy, at=move.at)


async def _open(context: Context, press: Press) -> None:
    move, draw = Move.of(context, press.by), _list if press.action_id in _LISTS else _figure
    view = await context.db.read(lambda session: draw(session, press, move))
    await replies.show(context, press, view)


async def _choose(context: Context, press: Press) -> None:
    """Remember which department a manager looks at: with the drawing of their Home, which is drawn anew."""
    move = Move.of(context, press.by)
    department = None if press.value == EVERYTHING else press.value

    def work(session: Session) -> None:
        standing.allowed(session, Scope(department), by=move.by, policy=move.policy)
        home = outbox.home(move.by)
        outbox.want(session, [home], at=move.at)
        outbox.remember(session, home.key, {**home.facts, "department": department})

    await context.db.write(work)


async def _post(context: Context, press: Press) -> None:
    """Have it posted where it was asked for, once however often it is pressed."""
    move, place = Move.of(context, press.by), press.channel
    if place is None:
        raise Refusal(_OLD)
    key = f"{press.block_id}@{place}"

    def work(session: Session) -> None:
        _, scope = _asked(session, press, move)
        facts = {
            "place": place,
            "by": move.by,
            "department": scope.department,
            "owner": scope.owner,
            "days": scope.days,
        }
        outbox.leave(session, key=key, kind="status", lane=f"slack:{place}", facts=facts, case_id=None, at=move.at)

    await context.db.write(work)
    context.background(_take_back_where_it_cannot(context, press, place, key))


async def _take_back_where_it_cannot(context: Context, press: Press, place: str, key: str) -> None:
    """Say so, and don't try any longer, where we aren't in the channel: it would come when nobody expects it."""
    try:
        async with slack_calls():
            await context.client.conversations_history(channel=place, limit=1)
    except SlackCallError as error:
        if error.code in _NOT_THERE:
            await context.db.write(lambda session: outbox.withdraw(session, key))
            await replies.say(context, press, _NOT_HERE)


def _asked(session: Session, press: Press, move: Move) -> tuple[list[str], Scope]:
    """Read what a button is about, and whether this person may see it. Raises Refusal."""
    found = overview.scope_of(press.block_id)
    if found is None:
        raise Refusal(_OLD)
    return found[0], standing.allowed(session, found[1], by=move.by, policy=move.policy)


PRESSES: Final[Mapping[str, Callable[[Context, Press], Awaitable[None]]]] = MappingProxyType(
    {
        **dict.fromkeys((*_LISTS, ids.TEAM_FIGURE), _open),
        ids.TEAM_DEPARTMENT: _choose,
        ids.STATUS_POST: _post,
    }
)
"""What a press does, by its action id. Raises Refusal."""
