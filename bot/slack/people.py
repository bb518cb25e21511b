"""The people of the workspace, fetched from Slack and written down: names, addresses, and who is present."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import slack_calls
from bot.slack.payloads import text_of
from storage import members
from storage.database import Database
from storage.members import Profile

PAGE: Final = 200
SLACKBOT: Final = "USLACKBOT"
# Somebody with one of these beside their name says that they won't answer today. Slack's own suggestions for "on
# vacation" and "out sick" come first. In a meeting, commuting and at home are no absences.
ABSENT: Final = frozenset(
    {
        ":palm_tree:",
        ":face_with_thermometer:",
        ":sick:",
        ":airplane:",
        ":beach_with_umbrella:",
        ":umbrella_on_ground:",
        ":desert_island:",
        ":island:",
        ":camping:",
        ":baby:",
        ":no_entry:",
        ":no_entry_sign:",
        ":zzz:",
    }
)


async def sync_members(client: AsyncWebClient, db: Database) -> int:
    """Write down everybody of the workspace; returns how many people there are. Raises SlackCallError."""
    found, cursor = 0, ""
    while True:
        async with slack_calls():
            answer = await client.users_list(limit=PAGE, cursor=cursor)
        found += await remember(db, answer.get("members", []))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return found


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
        is_present=text_of(shown.get("status_emoji")) not in ABSENT,
        is_deleted=bool(user.get("deleted")),
    )
