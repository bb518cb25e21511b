"""What Slack tells us of by itself: the App Home is looked at, a thread is answered, people come, go and change."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from bot.slack import people
from bot.slack.context import Context
from bot.slack.payloads import ThreadReply, text_of
from bot.slack.plain import mentioned, plain
from storage import cards, members, outbox
from storage.seen import first_time
from workflows import casework

Body = Mapping[str, Any]


async def home_opened(context: Context, body: Body) -> None:
    """Have the App Home drawn for whoever looks at it."""
    event, at = event_of(body), context.clock()
    member = text_of(event.get("user"))
    if not member or event.get("tab") == "messages":
        return

    def work(session: Session) -> None:
        members.home_opened(session, member, at=at)
        outbox.want(session, [outbox.home(member)], at=at)

    await context.db.write(work)


async def message_posted(context: Context, body: Body) -> None:
    """Keep what a member writes in a card's thread; every other message is none of our business, and isn't kept."""
    reply = ThreadReply.of(body)
    if reply is None:
        return
    # Looked up without the writer: most threads of a workspace are not a card's.
    if await context.db.read(lambda session: cards.stands_at(session, channel=reply.channel, ts=reply.thread_ts)):
        at = context.clock()
        await context.db.write(lambda session: _keep(session, reply, at))


def _keep(session: Session, reply: ThreadReply, at: datetime) -> None:
    if first_time(session, f"event:{reply.event_id}", at):
        words = plain(reply.text, members.names(session, mentioned(reply.text)))
        casework.keep_reply(session, channel=reply.channel, thread_ts=reply.thread_ts, text=words, by=reply.by, at=at)


async def member_changed(context: Context, body: Body) -> None:
    """Write down how a person is called now, and whether they are present."""
    user = event_of(body).get("user")
    if isinstance(user, Mapping):
        await people.remember(context.db, [user])


async def silence_changed(context: Context, body: Body) -> None:
    """Write down until when somebody has asked for silence."""
    event = event_of(body)
    if member := text_of(event.get("user")):
        status = {member: event.get("dnd_status")}
        await people.keep_silence(context.db, status, policy=context.policy(), at=context.clock())


def event_of(body: Body) -> Mapping[str, Any]:
    """Return what the envelope of an event holds."""
    event = body.get("event")
    return event if isinstance(event, Mapping) else {}


EVENTS: Final[Mapping[str, Callable[[Context, Body], Awaitable[None]]]] = MappingProxyType(
    {
        "app_home_opened": home_opened,
        "dnd_updated_user": silence_changed,
        "message": message_posted,
        "team_join": member_changed,
        "user_change": member_changed,
    }
)
"""What is done at which event, by Slack's name for it. A message that is heard twice is kept once."""
