"""The App Homes and the stacks of modals: opening, pushing, updating, and answering a submission."""

import hashlib
from typing import Any

from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import name_elements
from bot.sandbox.rules import message_problems, view_problems
from bot.sandbox.workspace import TRIGGER_LIVES, SlackError, Workspace

STACK = 3
SHOWN = (
    "type",
    "blocks",
    "private_metadata",
    "callback_id",
    "title",
    "close",
    "submit",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "submit_disabled",
)
DEFAULTS: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "title": None,
    "close": None,
    "submit": None,
}


class Views:
    """The views of one workspace; every refusal is a SlackError."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def open(self, trigger_id: str, view: Json) -> Json:
        """views.open: a modal in answer to something the member did within three seconds."""
        checked = self._checked(view, surface="modal")
        trigger_member, _ = self._use(trigger_id)
        for old in self.workspace.modals.pop(trigger_member, []):
            self.workspace.views.pop(old, None)
        return self._add(trigger_member, checked)

    def push(self, trigger_id: str, view: Json) -> Json:
        """views.push: one more modal on top, three at most."""
        checked = self._checked(view, surface="modal")
        member, pressed_in = self._use(trigger_id)
        stack = self.workspace.modals.get(member, [])
        if pressed_in is None or not stack:
            raise SlackError("invalid_arguments", ["[ERROR] no modal is open to push onto"])
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        return self._add(member, checked)

    def update(self, view: Json, *, view_id: str | None, external_id: str | None, hash_: str | None) -> Json:
        """views.update: replace a view that is still open; `hash_` guards against a race."""
        found = self.workspace.views.get(view_id or "")
        if found is None and external_id:
            found = next((v for v in self.workspace.views.values() if v.get("external_id") == external_id), None)
        if found is None:
            raise SlackError("not_found")
        if hash_ and hash_ != found["hash"]:
            raise SlackError("hash_conflict")
        checked = self._checked(view, surface=found["type"])
        return self._replace(found, checked)

    def publish(self, user_id: str, view: Json, *, hash_: str | None) -> Json:
        """views.publish: a member's App Home."""
        if user_id not in self.workspace.members:
            raise SlackError("user_not_found")
        checked = self._checked(view, surface="home")
        old = self.workspace.views.get(self.workspace.homes.get(user_id, ""))
        if old is not None:
            if hash_ and hash_ != old["hash"]:
                raise SlackError("hash_conflict")
            return self._replace(old, checked)
        made = self._made(checked)
        self.workspace.views[made["id"]] = made
        self.workspace.homes[user_id] = made["id"]
        self.workspace.touch()
        return made

    def forget(self, member: str, view_id: str) -> None:
        """Take a closed modal off the stack."""
        stack = self.workspace.modals.get(member, [])
        if view_id in stack:
            stack.remove(view_id)
        self.workspace.views.pop(view_id, None)
        if not stack:
            self.workspace.modals.pop(member, None)
        self.workspace.touch()

    def answer_submission(self, member: str, view_id: str, body: Any) -> dict[str, str]:
        """Do what the ack of a view_submission says; the answer holds the errors for the person, by block_id."""
        if not isinstance(body, dict) or not body.get("response_action"):
            if body:
                self.workspace.refuse("view_submission", "invalid_ack", [f"[ERROR] unexpected ack: {body!r}"])
                self.workspace.notice(member, "We had some trouble connecting. Try again?")
                return {}
            self.forget(member, view_id)
            return {}
        try:
            return self._respond(member, view_id, body)
        except SlackError as refusal:
            self.workspace.refuse("view_submission", refusal.error, refusal.messages)
            self.workspace.notice(member, "We had some trouble connecting. Try again?")
            return {}

    def _respond(self, member: str, view_id: str, body: Json) -> dict[str, str]:
        kind = body["response_action"]
        view = self.workspace.views.get(view_id)
        if kind == "errors":
            errors = body.get("errors")
            inputs = {block["block_id"] for block in (view or {}).get("blocks", ()) if block["type"] == "input"}
            if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
                raise SlackError("invalid_ack", [f"[ERROR] errors must name input blocks of the view: {errors!r}"])
            return {str(key): str(value) for key, value in errors.items()}
        if kind == "clear":
            for open_id in list(self.workspace.modals.get(member, [])):
                self.forget(member, open_id)
            return {}
        checked = self._checked(body.get("view") or {}, surface="modal")
        if kind == "update" and view is not None:
            self._replace(view, checked)
        elif kind == "push":
            if len(self.workspace.modals.get(member, [])) >= STACK:
                raise SlackError("push_limit_reached")
            self._add(member, checked)
        else:
            raise SlackError("invalid_ack", [f"[ERROR] unknown response_action or no such view: {kind!r}"])
        return {}

    def show_answer(self, channel: Channel, member: str, body: Any) -> None:
        """Show what a command's ack (or a response_url) says: to one member, or to all with `in_channel`."""
        words = {"text": body} if isinstance(body, str) else body
        if not isinstance(words, dict) or not (words.get("text") or words.get("blocks")):
            self.workspace.refuse("response", "no_text", [f"[ERROR] nothing to show: {body!r}"])
            return
        problems = message_problems(words)
        if problems:
            self.workspace.refuse("response", "invalid_blocks", problems)
            self.workspace.notice(member, "The app's answer could not be shown.")
            return
        for look in self.workspace.on_payload:
            look("message", words)
        bot = self.workspace.bot
        message: Json = {
            "user": bot.id,
            "bot_id": self.workspace.bot_id,
            "app_id": self.workspace.app_id,
            "text": words.get("text", ""),
            "blocks": words.get("blocks") or [],
        }
        if words.get("thread_ts"):
            message["thread_ts"] = words["thread_ts"]
        name_elements(self.workspace, message["blocks"])
        if words.get("response_type") == "in_channel":
            self.workspace.post(channel, message)
        else:
            self.workspace.post_ephemeral(channel, message, member=member)

    def _use(self, trigger_id: str) -> tuple[str, str | None]:
        trigger = self.workspace.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.workspace.real_time() - trigger.born > TRIGGER_LIVES:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.member, trigger.view_id

    def _checked(self, view: Json, *, surface: str) -> Json:
        problems = view_problems(view, surface=surface)
        if problems:
            raise SlackError("view_too_large" if "view_too_large" in problems[0] else "invalid_arguments", problems)
        for look in self.workspace.on_payload:
            look(surface, view)
        return view

    def _made(self, view: Json) -> Json:
        workspace = self.workspace
        external = view.get("external_id")
        if external and any(known.get("external_id") == external for known in workspace.views.values()):
            raise SlackError("duplicate_external_id")
        made = {**DEFAULTS, **{key: view[key] for key in SHOWN if key in view}}
        name_elements(workspace, made["blocks"])
        view_id = workspace.next_id("V")
        return {
            **made,
            "id": view_id,
            "team_id": workspace.team_id,
            "app_id": workspace.app_id,
            "bot_id": workspace.bot_id,
            "app_installed_team_id": workspace.team_id,
            "state": {"values": {}},
            "hash": self._hash(view_id),
            "previous_view_id": None,
            "root_view_id": view_id,
        }

    def _add(self, member: str, view: Json) -> Json:
        made = self._made(view)
        stack = self.workspace.modals.setdefault(member, [])
        if stack:
            made["previous_view_id"], made["root_view_id"] = stack[-1], stack[0]
        self.workspace.views[made["id"]] = made
        stack.append(made["id"])
        self.workspace.touch()
        return made

    def _replace(self, old: Json, view: Json) -> Json:
        fresh = {**DEFAULTS, **{key: view[key] for key in SHOWN if key in view}}
        name_elements(self.workspace, fresh["blocks"])
        kept = {key: value for key, value in old.items() if key not in SHOWN}
        made = {**kept, **fresh, "hash": self._hash(old["id"])}
        self.workspace.views[old["id"]] = made
        self.workspace.touch()
        return made

    def _hash(self, view_id: str) -> str:
        stamp = self.workspace.next_ts()
        return f"{stamp.split('.', maxsplit=1)[0]}.{hashlib.sha256((stamp + view_id).encode()).hexdigest()[:8]}"
