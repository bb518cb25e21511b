"""Slack's Web API as far as a bot like this one needs it: who may call what, and how it is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.api_chat import Chat
from bot.sandbox.api_conversations import Conversations
from bot.sandbox.api_params import json_param
from bot.sandbox.api_users import Users
from bot.sandbox.channels import Json
from bot.sandbox.slack_events import Wire
from bot.sandbox.views import Views
from bot.sandbox.workspace import SlackError, Workspace

Method = Callable[[Json], Json]
ORDINARY = {"users_not_found", "already_reacted"}  # answers to a question, not refusals


@dataclass(slots=True)
class Answer:
    """What goes back over HTTP."""

    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class SlackApi:
    """Every method of the Web API that the pretend Slack knows, by name."""

    def __init__(self, workspace: Workspace, wire: Wire, views: Views) -> None:
        self.workspace = workspace
        self.wire = wire
        self.views = views
        chat, conversations = Chat(workspace, wire), Conversations(workspace, wire)
        users = Users(workspace, wire)
        self.methods: dict[str, tuple[str, Method]] = {
            "api.test": ("", lambda params: {"args": params}),
            "auth.test": ("", self.auth_test),
            "chat.postMessage": ("chat:write", chat.post_message),
            "chat.update": ("chat:write", chat.update),
            "chat.postEphemeral": ("chat:write", chat.post_ephemeral),
            "chat.delete": ("chat:write", chat.delete),
            "chat.getPermalink": ("", chat.permalink),
            "reactions.add": ("reactions:write", chat.react),
            "conversations.open": ("im:write", conversations.open),
            "conversations.list": ("channels:read", conversations.list_all),
            "conversations.info": ("", conversations.info),
            "conversations.members": ("", conversations.members),
            "conversations.history": ("", conversations.history),
            "conversations.replies": ("", conversations.replies),
            "conversations.join": ("channels:join", conversations.join),
            "users.info": ("users:read", users.info),
            "dnd.teamInfo": ("dnd:read", users.team_dnd),
            "users.list": ("users:read", users.list_all),
            "users.lookupByEmail": ("users:read.email", users.by_email),
            "users.conversations": ("channels:read", conversations.of_member),
            "users.getPresence": ("users:read", users.presence),
            "users.profile.get": ("users.profile:read", users.profile),
            "users.profile.set": ("users.profile:write", users.set_profile),
            "views.open": ("", self.views_open),
            "views.push": ("", self.views_push),
            "views.update": ("", self.views_update),
            "views.publish": ("", self.views_publish),
            "apps.connections.open": ("", self.connections_open),
        }
        self.open_socket: Callable[[], str] | None = None

    def call(self, method: str, params: Json, *, token: str) -> Answer:
        """Answer one call; a refusal is kept in `workspace.refusals` too."""
        headers = {"x-oauth-scopes": ",".join(sorted(self.workspace.scopes)), "x-slack-req-id": "sandbox"}
        try:
            body = self._run(method, params, token=token)
        except SlackError as refusal:
            if refusal.error not in ORDINARY:
                self.workspace.refuse(method, refusal.error, refusal.messages)
            body = {"ok": False, "error": refusal.error, **refusal.extra}
            if refusal.messages:
                body["response_metadata"] = {"messages": refusal.messages}
                if refusal.error == "invalid_blocks":
                    body["errors"] = refusal.messages
            return Answer(body, headers)
        return Answer({"ok": True, **body}, headers)

    def _run(self, method: str, params: Json, *, token: str) -> Json:
        known = self.methods.get(method)
        if known is None:
            raise SlackError("unknown_method", req_method=method)
        scope, run = known
        workspace = self.workspace
        if method == "api.test":
            return run(params)
        if not token:
            raise SlackError("not_authed")
        if method == "apps.connections.open":
            if token != workspace.app_token:
                raise SlackError("not_allowed_token_type" if token == workspace.bot_token else "invalid_auth")
            return run(params)
        if token != workspace.bot_token:
            raise SlackError("not_allowed_token_type" if token == workspace.app_token else "invalid_auth")
        if scope:
            workspace.need_scope(scope)
        return run(params)

    def auth_test(self, params: Mapping[str, Any]) -> Json:
        """auth.test: who the token is."""
        del params
        workspace = self.workspace
        return {
            "url": f"{workspace.address}/",
            "team": workspace.team,
            "user": workspace.bot.name,
            "team_id": workspace.team_id,
            "user_id": workspace.bot.id,
            "bot_id": workspace.bot_id,
            "is_enterprise_install": False,
        }

    def views_open(self, params: Json) -> Json:
        """views.open."""
        return {"view": self.views.open(str(params.get("trigger_id") or ""), _view(params))}

    def views_push(self, params: Json) -> Json:
        """views.push."""
        return {"view": self.views.push(str(params.get("trigger_id") or ""), _view(params))}

    def views_update(self, params: Json) -> Json:
        """views.update."""
        made = self.views.update(
            _view(params),
            view_id=params.get("view_id"),
            external_id=params.get("external_id"),
            hash_=params.get("hash"),
        )
        return {"view": made}

    def views_publish(self, params: Json) -> Json:
        """views.publish."""
        made = self.views.publish(str(params.get("user_id") or ""), _view(params), hash_=params.get("hash"))
        return {"view": made}

    def connections_open(self, params: Mapping[str, Any]) -> Json:
        """apps.connections.open: the address of a fresh socket."""
        del params
        if self.open_socket is None:
            raise SlackError("socket_mode_disabled")
        return {"url": self.open_socket()}


def _view(params: Json) -> Json:
    view = json_param(params, "view", error="invalid_arguments")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view"])
    return view
