"""The manifest names what the code uses, and nothing more."""

import ast
import re
from pathlib import Path

import pytest
from slack_house import House
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids, manifest
from bot.slack.listeners import digests, team
from bot.slack.listeners.buttons import MOVES
from bot.slack.listeners.events import EVENTS
from bot.slack.listeners.openers import OPENERS
from bot.slack.listeners.submissions import DIALOGUES, DOINGS

CODE = Path(__file__).parents[2] / "bot"
FAMILIES = (
    "auth",
    "bots",
    "chat",
    "conversations",
    "files",
    "pins",
    "reactions",
    "team",
    "usergroups",
    "users",
    "views",
)


def called() -> set[str]:
    """Find every method of Slack's Web API that is named in the code that talks with Slack."""
    methods = {name for name in dir(AsyncWebClient) if name.partition("_")[0] in FAMILIES}
    found: set[str] = set()
    for path in CODE.rglob("*.py"):
        if "sandbox" not in path.parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & methods
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            found |= {text.replace(".", "_") for text in texts if isinstance(text, str) and "." in text} & methods
    return found


def test_every_method_that_is_called_has_its_scopes() -> None:
    assert called() <= set(manifest.METHODS)


def test_no_scope_is_asked_for_that_no_call_needs() -> None:
    needed = {scope for name in called() for scope in manifest.METHODS[name]}
    needed |= {scope for scopes in manifest.EVENTS.values() for scope in scopes} | {*manifest.COMMANDS}

    assert manifest.scopes() == sorted(needed)


def test_the_events_are_those_that_are_listened_to() -> None:
    subscribed = {
        name.partition(".")[0] for name in manifest.manifest()["settings"]["event_subscriptions"]["bot_events"]
    }

    assert subscribed == set(EVENTS)


def test_the_command_and_the_shortcut_are_those_that_are_listened_to() -> None:
    features = manifest.manifest()["features"]

    assert [one["command"] for one in features["slash_commands"]] == [ids.COMMAND]
    assert [one["callback_id"] for one in features["shortcuts"]] == [ids.SHORTCUT_LOG_FEEDBACK]


def test_every_button_and_every_form_has_somebody_who_listens() -> None:
    named = {name: value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)}
    forms = {value for name, value in named.items() if name.startswith("MODAL_")}
    others = {"COMMAND", "SHORTCUT_LOG_FEEDBACK", "METADATA_EVENT"}
    buttons = {value for name, value in named.items() if not name.startswith("MODAL_") and name not in others}

    assert buttons == {*MOVES, *OPENERS, *digests.PRESSES, *team.PRESSES, ids.REPORT, ids.LINK, ids.SCALE_TURN}
    assert forms == {*DOINGS, *DIALOGUES}


def test_over_http_every_address_is_our_one_door() -> None:
    made = manifest.manifest(public_url="https://hearback.example/")

    assert set(re.findall(r"https://hearback[^'\"]*", str(made))) == {"https://hearback.example/slack/events"}
    assert made["settings"]["socket_mode_enabled"] is False


def test_without_an_address_slack_is_reached_by_a_socket() -> None:
    made = manifest.manifest()

    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in str(made["settings"]["event_subscriptions"])


def test_slack_takes_the_lengths_of_its_texts() -> None:
    made = manifest.manifest()

    assert len(made["display_information"]["description"]) <= 140
    assert 175 <= len(made["display_information"]["long_description"]) <= 4000
    assert all(len(one["name"]) <= 24 for one in made["features"]["shortcuts"])


@pytest.mark.anyio
async def test_the_scopes_are_enough_for_a_whole_case(house: House) -> None:
    house.slack.workspace.scopes = {*manifest.scopes()}
    await house.case()
    ana = house.person("Ana")

    await ana.press("Note", on="#support")
    await ana.fill("Note", "Noted.")
    await ana.submit()
    ana.hands.open_home("UANA")
    await house.settle()

    assert "Every unhappy customer hears back" in ana.home().words
