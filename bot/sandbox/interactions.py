"""What a person does in Slack: press, submit, type a command; each becomes a signed request to Hearback."""

from typing import Any

from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import NotThere, action, choice, elements, find, refused_by_client, state_values
from bot.sandbox.slack_events import Reply, Wire
from bot.sandbox.views import Views
from bot.sandbox.voices import Voices
from bot.sandbox.workspace import Workspace


class Hands(Voices):
    """The moves of any member. A move that their screen doesn't offer raises NotThere with a sentence."""

    def __init__(self, workspace: Workspace, wire: Wire, views: Views) -> None:
        super().__init__(workspace, wire)
        self.views = views

    async def press(
        self,
        member: str,
        container: Json,
        *,
        block_id: str,
        action_id: str,
        given: Json | None = None,
        state: Json | None = None,
    ) -> None:
        """Press a button, or choose in a select, on a message or a view.

        `container` is `{"message": {"channel": id, "ts": ts}}` or `{"view": view_id}`; `given` holds the chosen
        value under Slack's key (`selected_option`, `selected_user`, `value`, ...).
        """
        place, blocks = self._place(member, container)
        block, element = find(blocks, block_id=block_id, action_id=action_id)
        pressed = action(self.workspace, block, element, given or {})
        entered = {**(state or {})}
        if given and element["type"] not in ("button", "overflow"):
            entered[block_id] = {**entered.get(block_id, {}), action_id: given}
        values = {"values": state_values(blocks, entered)}
        if "view" in place:
            place["view"] = {**place["view"], "state": values}
        else:
            place["state"] = values
        reply = await self.wire.interact({**self._who("block_actions", member), **place, "actions": [pressed]})
        self._report(member, reply)

    async def press_stale(
        self, member: str, container: Json, seen: Json, *, block: Json, element: Json, given: Json
    ) -> None:
        """Press what was on the screen before it was redrawn: Slack sends the button on, with the message as it is."""
        place, _ = self._place(member, container)
        pressed = action(self.workspace, block, element, given)
        values = {"values": state_values(seen.get("blocks") or [], None)}
        if "view" in place:
            place["view"] = {**place["view"], "state": values}
        else:
            place["state"] = values
        reply = await self.wire.interact({**self._who("block_actions", member), **place, "actions": [pressed]})
        self._report(member, reply)

    async def submit(self, member: str, view_id: str, state: Json | None = None) -> dict[str, str]:
        """Submit the modal on top; the answer is the sentence for each block that was refused, empty if none."""
        view = self._open_view(member, view_id)
        if not view.get("submit"):
            raise NotThere("This modal has no submit button.")
        if view.get("submit_disabled"):
            raise NotThere("The submit button is disabled until something is filled in.")
        for block, element in elements(view["blocks"]):
            entered = (state or {}).get(block["block_id"], {}).get(element["action_id"], {})
            for value in entered.values() if element["type"].endswith("select") else ():
                if value is not None and not isinstance(value, str):
                    choice(self.workspace, element, value)
        values = state_values(view["blocks"], state)
        errors = refused_by_client(view["blocks"], values)
        if errors:
            return errors
        payload = {
            **self._who("view_submission", member, view_id=view_id),
            "view": {**view, "state": {"values": values}},
            "response_urls": [],
        }
        reply = await self.wire.interact(payload)
        if not self._report(member, reply):
            return {}
        return self.views.answer_submission(member, view_id, reply.body)

    async def close(self, member: str) -> None:
        """Close every modal (the cross in the corner)."""
        stack = self.workspace.stack(member)
        if not stack:
            raise NotThere("No modal is open.")
        await self._closed(member, list(reversed(stack)), is_cleared=len(stack) > 1)

    async def back(self, member: str) -> None:
        """Leave the modal on top (its Cancel), which shows the one below unless it says `clear_on_close`."""
        stack = self.workspace.stack(member)
        if not stack:
            raise NotThere("No modal is open.")
        is_cleared = bool(stack[-1].get("clear_on_close")) and len(stack) > 1
        await self._closed(member, list(reversed(stack)) if is_cleared else stack[-1:], is_cleared=is_cleared)

    async def _closed(self, member: str, views: list[Json], *, is_cleared: bool) -> None:
        for view in views:
            self.views.forget(member, view["id"])
        for view in views:
            if view.get("notify_on_close"):
                payload = {**self._who("view_closed", member), "view": view, "is_cleared": is_cleared}
                del payload["trigger_id"]
                await self.wire.interact(payload)

    async def command(self, member: str, text: str, *, channel: Channel) -> None:
        """Type a slash command; its answer is shown to this member only unless the app says `in_channel`."""
        name, _, rest = text.partition(" ")
        workspace = self.workspace
        if workspace.commands is not None and name not in workspace.commands:
            raise NotThere(f"{name} is not a valid command.")
        key = workspace.response_url(channel, member=member)
        fields = {
            "token": "verification",
            "team_id": workspace.team_id,
            "team_domain": workspace.team.lower(),
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.is_im else channel.name,
            "user_id": member,
            "user_name": workspace.members[member].name,
            "command": name,
            "text": self.typed(rest) if workspace.should_escape else rest.strip(),
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(key),
            "trigger_id": workspace.trigger(member),
        }
        reply = await self.wire.command(fields)
        if not reply.ok:
            workspace.notice(member, f"{name} failed with the error \u201c{reply.failure}\u201d.")
        elif reply.body:
            self.views.show_answer(channel, member, reply.body)

    async def shortcut(self, member: str, callback_id: str, *, channel: Channel | None = None, ts: str = "") -> None:
        """Use a message shortcut (with `channel` and `ts`) or a global one."""
        workspace = self.workspace
        if workspace.shortcuts is not None and callback_id not in workspace.shortcuts:
            raise NotThere(f"No shortcut {callback_id!r} is installed.")
        if channel is None:
            payload = {**self._who("shortcut", member), "callback_id": callback_id, "action_ts": workspace.next_ts()}
        else:
            message = self._message(member, channel, ts)
            key = workspace.response_url(channel, member=member)
            payload = {
                **self._who("message_action", member),
                "callback_id": callback_id,
                "action_ts": workspace.next_ts(),
                "message_ts": ts,
                "channel": {"id": channel.id, "name": channel.name},
                "message": message,
                "response_url": self._response_url(key),
            }
        self._report(member, await self.wire.interact(payload))

    async def suggestions(
        self, member: str, container: Json, *, block_id: str, action_id: str, typed: str
    ) -> list[Json]:
        """Return what an external select offers for what was typed so far."""
        place, blocks = self._place(member, container)
        find(blocks, block_id=block_id, action_id=action_id)
        place.pop("response_url", None)
        reply = await self.wire.interact(
            {
                **self._who("block_suggestion", member),
                **place,
                "block_id": block_id,
                "action_id": action_id,
                "value": typed,
            }
        )
        body = reply.body if reply.ok and isinstance(reply.body, dict) else {}
        groups = body.get("option_groups") or []
        options = [*body.get("options", ()), *(option for group in groups for option in group["options"])]
        self.workspace.suggested.setdefault(action_id, []).extend(options)
        return options

    def _response_url(self, key: str) -> str:
        return f"{self.wire.base_url}/slack/response/{key}"

    def _report(self, member: str, reply: Reply) -> bool:
        if not reply.ok:
            self.workspace.notice(member, reply.failure)
        return reply.ok

    def _who(self, kind: str, member: str, *, view_id: str | None = None) -> Json:
        workspace = self.workspace
        name = workspace.members[member].name
        return {
            "type": kind,
            "user": {"id": member, "username": name, "name": name, "team_id": workspace.team_id},
            "api_app_id": workspace.app_id,
            "token": "verification",
            "team": {"id": workspace.team_id, "domain": workspace.team.lower()},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": workspace.trigger(member, view_id=view_id),
        }

    def _place(self, member: str, container: Json) -> tuple[Json, list[Json]]:
        if "view" in container:
            view = self._open_view(member, container["view"])
            key = self.workspace.trigger(member, view_id=view["id"] if view["type"] == "modal" else None)
            place: Json = {"container": {"type": "view", "view_id": view["id"]}, "view": view, "trigger_id": key}
            return place, view["blocks"]
        where = container["message"]
        channel = self.workspace.channel(where["channel"])
        message = self._message(member, channel, where["ts"])
        is_ephemeral = bool(message.get("is_ephemeral"))
        held: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
        if message.get("thread_ts"):
            held["thread_ts"] = message["thread_ts"]
        place = {
            "container": {**held, "is_ephemeral": is_ephemeral},
            "channel": {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name},
            "message": message,
        }
        key = self.workspace.response_url(channel, member=member, source_ts=message["ts"], ephemeral=is_ephemeral)
        place["response_url"] = self._response_url(key)
        return place, message.get("blocks") or []

    def _message(self, member: str, channel: Channel, ts: str) -> Json:
        message: Any = channel.messages.get(ts) or self.workspace.ephemeral(channel, ts)
        if message is None or message.get("ephemeral_for", member) != member:
            raise NotThere("That message is gone.")
        if channel.kind != "channel" and member not in channel.member_ids:
            raise NotThere(f"{self.workspace.members[member].real_name} can't see that conversation.")
        found: Json = message
        return found

    def _open_view(self, member: str, view_id: str) -> Json:
        if self.workspace.homes.get(member) == view_id:
            return self.workspace.views[view_id]
        stack = self.workspace.modals.get(member) or []
        if not stack or stack[-1] != view_id:
            raise NotThere("That view is not on top any more: look at the latest version.")
        return self.workspace.views[view_id]
