"""What the page is told: one member's channels, messages, Home, modals and the mailbox, as JSON."""

from bot.sandbox.channels import Channel, Json
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.workspace import SEEN_MESSAGES, Workspace

MOST_UNREAD = 100


def page_state(workspace: Workspace, member: str, *, mailbox: Mailbox | None) -> Json:
    """Return the state as `member` sees it; an unknown or empty member sees everything."""
    viewer = member if member in workspace.members else ""
    channels = [channel for channel in workspace.channels.values() if _is_seen(channel, viewer)]
    return {
        "version": workspace.version,
        "now": workspace.now().isoformat(),
        "offset_seconds": workspace.offset.total_seconds(),
        "team": workspace.team,
        "app": {"id": workspace.app_id, "user": workspace.bot.id, "name": workspace.bot.real_name},
        "commands": sorted(workspace.commands or ()),
        "shortcuts": [{"callback_id": key, **one} for key, one in (workspace.shortcuts or {}).items()],
        "members": [_member(workspace, key) for key in workspace.members],
        "channels": [_channel(workspace, channel, viewer) for channel in channels],
        "messages": {channel.id: _messages(channel, viewer) for channel in channels},
        "home": {key: workspace.views[view_id] for key, view_id in workspace.homes.items() if viewer in ("", key)},
        "modals": {key: workspace.stack(key) for key in workspace.modals if viewer in ("", key)},
        "notices": {key: rows for key, rows in workspace.notices.items() if viewer in ("", key)},
        "mailbox": [mail.dump() for mail in mailbox.mails] if mailbox else [],
    }


def _is_seen(channel: Channel, viewer: str) -> bool:
    return not viewer or channel.kind == "channel" or viewer in channel.member_ids


def _member(workspace: Workspace, key: str) -> Json:
    member = workspace.members[key]
    names = ("id", "name", "real_name", "email", "title", "avatar_color", "status_emoji", "status_text", "is_bot")
    return {name: getattr(member, name) for name in names}


def _channel(workspace: Workspace, channel: Channel, viewer: str) -> Json:
    read = channel.read.get(viewer, "")
    unread = 0
    for ts in reversed(channel.top):
        if ts <= read or unread >= MOST_UNREAD:
            break
        unread += channel.messages[ts].get("user") != viewer
    name = channel.name
    if channel.is_im and viewer:
        others = [key for key in channel.member_ids if key != viewer] or [viewer]
        name = workspace.members[others[0]].real_name
    return {
        "id": channel.id,
        "name": name,
        "is_im": channel.is_im,
        "is_private": channel.is_private,
        "topic": channel.topic,
        "member_ids": channel.member_ids,
        "unread": unread,
    }


def _messages(channel: Channel, viewer: str) -> list[Json]:
    stamps = channel.top[-SEEN_MESSAGES:]
    replies = [ts for parent in stamps for ts in channel.threads.get(parent, ())]
    rows = [channel.messages[ts] for ts in dict.fromkeys((*stamps, *replies))]
    rows += [row for row in channel.ephemeral if viewer in ("", row["ephemeral_for"])]
    return [_message(row) for row in sorted(rows, key=lambda row: str(row["ts"]))]


def _message(row: Json) -> Json:
    keys = (
        *("ts", "thread_ts", "user", "text", "blocks", "edited", "ephemeral_for", "metadata", "reactions"),
        *("subtype", "reply_count", "latest_reply", "reply_users"),
    )
    shown = {key: row[key] for key in keys if key in row}
    if "bot_id" in row:
        shown["bot"] = row["bot_id"]
    return shown
