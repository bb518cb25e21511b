"""`check` looks at everything that Hearback needs, and says each thing that is missing in a sentence."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import fresh_sqlite
from starlette.applications import Starlette

from bot.cli import main
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.workspace import Workspace

pytestmark = pytest.mark.anyio

POLICY = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UNORA"]
managers = ["UNORA"]
manager_channel = "#managers"

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]

[mail]
from = "care@lumendesk.example"
"""


@dataclass
class World:
    """What `check` looks at: a workspace, a mail server, the environment, and the policy file."""

    workspace: Workspace
    environment: dict[str, str]
    policy: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    async def check(self) -> tuple[int, str]:
        """Run the command as it is typed; gives its exit status and what it printed."""
        for name in [*os.environ]:
            if name.startswith(("SLACK_", "SMTP_", "WEBHOOK_", "API_", "MAIL_", "PUBLIC_", "DATABASE_", "POLICY")):
                self.monkeypatch.delenv(name)
        for name, value in self.environment.items():
            self.monkeypatch.setenv(name, value)
        status = await asyncio.to_thread(main, ["check"])
        return status, self.capsys.readouterr().out


@pytest.fixture
async def world(
    tmp_path: Path, anyio_backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[World]:
    """Give a world in which all is well."""
    del anyio_backend  # asked for, so that the fixture runs in the test's loop
    workspace = Workspace(clock=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC), real_time=time.time)
    for name in ("Nora", "Ana"):
        workspace.add_member(name, id=f"U{name.upper()}")
    for channel in ("support", "managers"):
        workspace.add_channel(channel, workspace.bot)
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    mailbox = Mailbox(clock=workspace.now)
    await mailbox.start()
    try:
        async with serving(Starlette(routes=routes(PretendSlack(workspace)))) as address:
            environment = {
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_SIGNING_SECRET": "secret",
                "SLACK_API_URL": f"{address}/sandbox/slack/api/",
                "PUBLIC_URL": "https://hearback.example",
                "DATABASE_URL": fresh_sqlite(tmp_path / "hearback.db"),
                "SMTP_URL": mailbox.url,
                "WEBHOOK_SECRET_GENERIC": "whsec_c2VjcmV0",
            }
            yield World(workspace, environment, policy, monkeypatch, capsys)
    finally:
        await mailbox.stop()


async def test_when_all_is_well_it_says_so(world: World) -> None:
    await asyncio.to_thread(applied, world)

    status, said = await world.check()

    assert status == 0, said
    assert said.splitlines() == ["✓ Policy", "✓ Database", "✓ Slack", "✓ Mail", "✓ Survey tools", "All is well."]


def breaks(name: str, value: str | None) -> Callable[[World], None]:
    def breaking(world: World) -> None:
        if value is None:
            del world.environment[name]
        else:
            world.environment[name] = value

    return breaking


def leaves(channel: str) -> Callable[[World], None]:
    return lambda world: world.workspace.channel(channel).member_ids.clear()


def forgets(member: str) -> Callable[[World], None]:
    return lambda world: setattr(world.workspace.members[member], "deleted", True)


BROKEN: list[tuple[Callable[[World], None], str]] = [
    (breaks("SLACK_BOT_TOKEN", "xoxb-wrong"), "✗ Slack: SLACK_BOT_TOKEN is refused (invalid_auth)."),
    (breaks("SLACK_API_URL", "http://127.0.0.1:9/api/"), "can't be reached"),
    (breaks("PUBLIC_URL", None), "neither SLACK_APP_TOKEN (Socket Mode) nor PUBLIC_URL (HTTP) is set"),
    (breaks("SMTP_URL", None), "✗ Mail: SMTP_URL isn't set: customers can't be written to"),
    (breaks("SMTP_URL", "smtp://127.0.0.1:9"), "✗ Mail: "),
    (breaks("WEBHOOK_SECRET_GENERIC", None), "✗ Survey tools: no WEBHOOK_SECRET_<SOURCE> is set"),
    (breaks("WEBHOOK_SECRET_TYPEFROM", "x"), "WEBHOOK_SECRET_TYPEFROM names no source that Hearback knows"),
    (breaks("WEBHOOK_SECRET_ZENDISK", "x"), "Did you mean WEBHOOK_SECRET_ZENDESK? Correct the name, or remove it."),
    (breaks("WEBHOOK_SECRET_FORMBRICKS", "x!"), "WEBHOOK_SECRET_FORMBRICKS can't be right: copy it anew"),
    (breaks("WEBHOOK_SECRET_DELIGHTED", "a\tb"), "WEBHOOK_SECRET_DELIGHTED can't be right: copy it anew"),
    (
        breaks("WEBHOOK_SECRET_SURVEYMONKEY", "client&secret"),
        "API_TOKEN_SURVEYMONKEY isn't set: surveymonkey only names",
    ),
    (breaks("API_TOKEN_HUBSPOTT", "x"), "Did you mean API_TOKEN_HUBSPOT? Correct the name, or remove it."),
    (breaks("API_URL_NOSUCH", "https://x.example"), "API_URL_NOSUCH names no source that Hearback knows."),
    (breaks("API_TOKEN_GENERIC", "x"), "API_TOKEN_GENERIC is of no use: Hearback asks nothing of this tool."),
    (breaks("API_TOKEN_QUALTRICS", "x"), "API_URL_QUALTRICS isn't set: say where your qualtrics is"),
    (breaks("POLICY", "none.toml"), "✗ Policy: there is no file none.toml."),
    (leaves("#support"), "✗ Slack: the bot isn't in #support, or there is no such channel."),
    (leaves("#managers"), "✗ Slack: the bot isn't in #managers, or there is no such channel."),
    (forgets("UANA"), "✗ Slack: the policy names UANA, whom Slack doesn't know."),
    (lambda world: world.workspace.scopes.discard("users:read.email"), "scopes are missing: users:read.email."),
    (lambda world: world.policy.write_text(POLICY + "delai = 3\n") and None, "✗ Policy: line 19, mail.delai: "),
]


@pytest.mark.parametrize(("breaking", "sentence"), BROKEN, ids=[one[1][:40] for one in BROKEN])
async def test_each_thing_that_is_missing_is_said_in_a_sentence(
    world: World, breaking: Callable[[World], None], sentence: str
) -> None:
    await asyncio.to_thread(applied, world)
    breaking(world)

    status, said = await world.check()

    assert status == 1
    assert sentence in said
    assert said.splitlines()[-1] == "1 to mend."


def applied(world: World) -> None:
    """Put the policy in force, as the first start would."""
    world.monkeypatch.setenv("DATABASE_URL", world.environment["DATABASE_URL"])
    assert main(["policy", "apply", str(world.policy)]) == 0
    world.capsys.readouterr()
