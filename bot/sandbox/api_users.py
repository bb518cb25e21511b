"""The users.* methods: who people are, their status and their profile."""

from zoneinfo import ZoneInfo

from bot.sandbox.api_params import json_param, needed, page_of
from bot.sandbox.channels import Json, Member
from bot.sandbox.slack_events import Wire
from bot.sandbox.workspace import SlackError, Workspace

MOST_DND = 50
STATUS = ("status_text", "status_emoji", "status_expiration", "title", "real_name")


class Users:
    """The members of one workspace, as the app sees them."""

    def __init__(self, workspace: Workspace, wire: Wire) -> None:
        self.workspace = workspace
        self.wire = wire

    def info(self, params: Json) -> Json:
        """users.info."""
        return {"user": self._shown(self._found(params))}

    def list_all(self, params: Json) -> Json:
        """users.list."""
        page, cursor = page_of(list(self.workspace.members.values()), params, default=1000)
        return {"members": [self._shown(member) for member in page], "response_metadata": {"next_cursor": cursor}}

    def by_email(self, params: Json) -> Json:
        """users.lookupByEmail, in any case of letters."""
        email = needed(params, "email").lower()
        for member in self.workspace.members.values():
            if member.email.lower() == email and not member.deleted:
                return {"user": self._shown(member)}
        raise SlackError("users_not_found")

    def presence(self, params: Json) -> Json:
        """users.getPresence."""
        return {"presence": "active" if self._found(params).present else "away"}

    def profile(self, params: Json) -> Json:
        """users.profile.get."""
        return {"profile": self._profile(self._found(params))}

    def set_profile(self, params: Json) -> Json:
        """users.profile.set: the status, title or name of a member; it comes back as an event."""
        member = self._found(params)
        profile = json_param(params, "profile", error="invalid_profile")
        if profile is None:
            profile = {needed(params, "name", error="invalid_profile"): params.get("value", "")}
        if not isinstance(profile, dict):
            raise SlackError("invalid_profile")
        self.change_profile(member, {key: value for key, value in profile.items() if key in STATUS})
        return {"profile": self._profile(member)}

    def change_profile(self, member: Member, changes: Json) -> None:
        """Change a profile and tell the app (`user_profile_changed` and the older `user_change`)."""
        for key, value in changes.items():
            setattr(member, key, value)
        self.workspace.touch()
        for kind in ("user_profile_changed", "user_change"):
            self.wire.emit({"type": kind, "user": self._shown(member), "cache_ts": int(self.workspace.real_time())})

    def team_dnd(self, params: Json) -> Json:
        """dnd.teamInfo: who has asked for silence, for at most 50 people at once."""
        asked = [one.strip() for one in needed(params, "users", error="no_users_provided").split(",") if one.strip()]
        if len(asked) > MOST_DND:
            raise SlackError("too_many_users")
        known = [self.workspace.members[one] for one in asked if one in self.workspace.members]
        return {"users": {member.id: self._dnd(member) for member in known}}

    def change_dnd(self, member: Member, *, start: int, end: int) -> None:
        """Let somebody ask for silence, or end it, and tell the app (`dnd_updated_user`)."""
        member.dnd_start, member.dnd_end = start, end
        self.workspace.touch()
        self.wire.emit({"type": "dnd_updated_user", "user": member.id, "dnd_status": self._dnd(member)})

    def _dnd(self, member: Member) -> Json:
        is_set = member.dnd_end > 0
        return {
            "dnd_enabled": is_set,
            "next_dnd_start_ts": member.dnd_start if is_set else 1,
            "next_dnd_end_ts": member.dnd_end if is_set else 1,
        }

    def _found(self, params: Json) -> Member:
        member = self.workspace.members.get(str(params.get("user") or self.workspace.bot.id))
        if member is None:
            raise SlackError("user_not_found")
        return member

    def _profile(self, member: Member) -> Json:
        profile: Json = {
            "real_name": member.real_name,
            "display_name": member.name,
            "title": member.title,
            "status_text": member.status_text,
            "status_emoji": member.status_emoji,
            "status_expiration": member.status_expiration,
            "team": self.workspace.team_id,
        }
        if member.email and "users:read.email" in self.workspace.scopes:
            profile["email"] = member.email
        return profile

    def _shown(self, member: Member) -> Json:
        offset = self.workspace.now().astimezone(ZoneInfo(member.tz)).utcoffset()
        return {
            "id": member.id,
            "team_id": self.workspace.team_id,
            "name": member.name,
            "real_name": member.real_name,
            "deleted": member.deleted,
            "is_bot": member.is_bot,
            "is_app_user": False,
            "is_admin": member.is_admin,
            "tz": member.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "locale": member.locale,
            "profile": self._profile(member),
        }
