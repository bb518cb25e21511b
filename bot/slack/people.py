"""The people of the workspace, fetched from Slack and written down: names, addresses, and who is present."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.absence import says_away
from bot.slack.errors import SlackCallError, slack_calls
from bot.slack.payloads import text_of
from storage import members
from storage.database import Database
from storage.members import Profile
from workflows.calendar import Calendar
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.slack")

PAGE: Final = 200
SLACKBOT: Final = "USLACKBOT"
LAST_SECOND: Final = 4_102_444_800  # the year 2100
DND_PAGE: Final = 50  # so many people Slack answers for at once


async def sync_members(
    client: AsyncWebClient, db: Database, *, policy: Callable[[], Policy], clock: Callable[[], datetime]
) -> int:
    """Write down everybody of the workspace, and who asked for silence; returns how many. Raises SlackCallError."""
    found, cursor = 0, ""
    while True:
        async with slack_calls():
            answer = await client.users_list(limit=PAGE, cursor=cursor)
        found += await remember(db, answer.get("members", []))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    await sync_silence(client, db, policy=policy, clock=clock)
    return found


async def sync_silence(
    client: AsyncWebClient, db: Database, *, policy: Callable[[], Policy], clock: Callable[[], datetime]
) -> None:
    """Write down who has asked Slack for silence. Raises SlackCallError.

    An app that was made before Hearback asked for this scope goes on without it.
    """
    people = await db.read(members.ids_of_all)
    for some in (people[start : start + DND_PAGE] for start in range(0, len(people), DND_PAGE)):
        try:
            async with slack_calls():
                answer = await client.dnd_teamInfo(users=some)
        except SlackCallError as problem:
            if problem.code != "missing_scope":
                raise
            log.info("The app may not read who asked for silence: add the scope dnd:read and install it again.")
            return
        await keep_silence(db, answer.get("users") or {}, policy=policy(), at=clock())


async def keep_silence(db: Database, statuses: Mapping[str, Any], *, policy: Policy, at: datetime) -> None:
    """Write down until when these people, by id, asked for silence, from Slack's do-not-disturb `statuses`."""
    calendar = policy.calendar_of(None)
    until = {one: silence_until(status, calendar=calendar, at=at) for one, status in statuses.items()}
    await db.write(lambda session: members.keep_silence(session, until))


def silence_until(status: object, *, calendar: Calendar, at: datetime) -> datetime | None:
    """Read until when somebody has asked Slack for silence; None: they haven't, or only out of working hours.

    Everybody's nights are silent: only who is silent while the team works is away.
    """
    if not isinstance(status, Mapping) or not status.get("dnd_enabled"):
        return None
    starts, ends = _moment(status.get("next_dnd_start_ts")), _moment(status.get("next_dnd_end_ts"))
    if starts is None or ends is None or not starts <= at < ends:
        return None
    day = at.astimezone(calendar.zone).date()
    today = (*calendar.stretches(day - timedelta(days=1)), *calendar.stretches(day))
    return ends if any(opens <= at < closes for opens, closes in today) else None


async def remember(db: Database, users: Sequence[Mapping[str, Any]]) -> int:
    """Write down these users as Slack describes them; returns how many of them are people."""
    profiles = [profile for user in users if (profile := profile_of(user)) is not None]
    if profiles:
        await db.write(lambda session: members.remember(session, profiles))
    return len(profiles)


def profile_of(user: Mapping[str, Any]) -> Profile | None:
    """Read one of Slack's users. None: a bot, or somebody without an id."""
    user_id = text_of(user.get("id"))
    if not user_id or user_id == SLACKBOT or user.get("is_bot"):
        return None
    profile = user.get("profile")
    shown: Mapping[str, Any] = profile if isinstance(profile, Mapping) else {}
    # The full name first: it stands below mails to customers too, where a nickname would look odd.
    names = (shown.get("real_name"), user.get("real_name"), shown.get("display_name"), user.get("name"))
    return Profile(
        id=user_id,
        name=next((text_of(name).strip() for name in names if text_of(name).strip()), user_id),
        email=text_of(shown.get("email")).strip().lower() or None,
        timezone=text_of(user.get("tz")) or None,
        is_present=not says_away(text_of(shown.get("status_emoji")), text_of(shown.get("status_text"))),
        is_deleted=bool(user.get("deleted")),
        status_until=_moment(shown.get("status_expiration")),
    )


def _moment(seconds: object) -> datetime | None:
    """Read one of Slack's times; 0, and what no clock shows, is None."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 < seconds < LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC)
