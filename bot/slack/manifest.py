"""The Slack app manifest: every scope, event, command and shortcut that the code uses, and none more."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bot.slack import ids
from bot.slack.door import PATH

HISTORY: Final = ("channels:history", "groups:history", "im:history")
CHANNELS: Final = ("channels:read", "groups:read")

METHODS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "auth_test": (),
        "chat_postMessage": ("chat:write",),
        "chat_update": ("chat:write",),
        "conversations_history": HISTORY,
        "conversations_open": ("im:write",),
        "conversations_replies": HISTORY,
        "dnd_teamInfo": ("dnd:read",),
        "users_conversations": CHANNELS,
        "users_list": ("users:read", "users:read.email"),
        "views_open": (),
        "views_publish": (),
        "views_push": (),
        "views_update": (),
    }
)
"""The scopes that each method of the Web API takes, by the name under which the code calls it."""

EVENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "app_home_opened": (),
        "dnd_updated_user": ("dnd:read",),
        "message.channels": ("channels:history",),
        "message.groups": ("groups:history",),
        "team_join": ("users:read",),
        "user_change": ("users:read",),
    }
)
"""The scopes that each event takes, by the name under which it is subscribed to."""

COMMANDS: Final = ("commands",)
"""The scope that slash commands and shortcuts take."""


def scopes() -> list[str]:
    """Return the bot's scopes, sorted."""
    return sorted({*COMMANDS, *(one for group in (*METHODS.values(), *EVENTS.values()) for one in group)})


def manifest(*, public_url: str | None = None, name: str = "Hearback") -> dict[str, Any]:
    """Return the manifest: over HTTP where Slack can reach `public_url`, without it by Socket Mode."""
    door = f"{public_url.rstrip('/')}{PATH}" if public_url else None
    url = {"url": door} if door else {}
    request_url = {"request_url": door} if door else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Every unhappy customer hears back.",
            "long_description": (
                "Hearback opens a case for each unhappy survey answer, gives follow-up tasks to owners across "
                "departments, and keeps the case open until the customer has been told what changed, with proof of it, "
                "or has been excused for a reason that somebody answers for."
            ),
            "background_color": "#14532d",
        },
        "features": {
            # What is written to the app directly reaches nobody, so the tab is for reading.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [
                {
                    "name": "Log as customer feedback",
                    "type": "message",
                    "callback_id": ids.SHORTCUT_LOG_FEEDBACK,
                    "description": "Keep what a customer said, and follow it up.",
                }
            ],
            "slash_commands": [
                {
                    "command": ids.COMMAND,
                    "description": "Cases, tasks, and feedback logged by hand",
                    "usage_hint": "mine | case 12 | status | report | add | help",
                    "should_escape": True,
                    **url,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS), **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": door is None,
            "token_rotation_enabled": False,
        },
    }
