"""`check`: what is missing or wrong, in sentences."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from difflib import get_close_matches
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.mailer import BadSmtpUrl, Mailer
from bot.settings import Settings, read_settings
from bot.slack.client import slack_client
from bot.slack.manifest import scopes
from bot.slack.people import profile_of
from bot.surveys import ADAPTERS
from bot.surveys.verify import is_usable_secret
from storage import outbox, parked, policies
from storage.database import Database
from storage.upgrade import WrongDatabaseError, age_of, upgrade
from workflows.policy import Policy, load
from workflows.policy_text import PolicyError

PAGE: Final = 200
# Qualtrics does so too, but for those whose workflow sends the answers itself.
ONLY_NAMES: Final = frozenset({"surveymonkey", "hubspot"})


async def check() -> int:
    """Print one line for each thing that is looked at; 1 when anything is missing or wrong."""
    settings = read_settings()
    problems = 0
    policy, found = _policy_problems(settings)
    for title, lines in (("Policy", found), ("Database", await asyncio.to_thread(_database_problems, settings))):
        problems += _say(title, lines)
    problems += _say("Slack", [one async for one in _slack_problems(settings, policy)])
    problems += _say("Mail", await _mail_problems(settings, policy))
    problems += _say("Survey tools", _source_problems(settings))
    print("All is well." if not problems else f"{problems} to mend.")
    return 1 if problems else 0


def _say(title: str, problems: Iterable[str]) -> int:
    found = list(problems)
    for one in found:
        print(f"✗ {title}: {one}")
    if not found:
        print(f"✓ {title}")
    return len(found)


def _policy_problems(settings: Settings) -> tuple[Policy | None, list[str]]:
    if not settings.policy.is_file():
        return None, [f"there is no file {settings.policy}. Copy docs/policy.example.toml there and fill it in."]
    try:
        return load(settings.policy.read_text(encoding="utf-8")), []
    except PolicyError as error:
        return None, [str(problem) for problem in error.problems]


def _database_problems(settings: Settings) -> list[str]:
    db = Database(settings.database_url)
    try:
        with db.engine.connect() as connection:
            age = age_of(connection)
        if age in {"empty", "older"}:
            return []  # `run` brings it up to date
        upgrade(db.engine)
        return [*_left_over(db)]
    except WrongDatabaseError as error:
        return [str(error)]
    finally:
        db.close()


def _left_over(db: Database) -> Iterable[str]:
    dead = db.read_now(outbox.dead_letters)
    if dead:
        yield f"{len(dead)} messages could not be sent. Look at them: python -m bot deadletters list"
    for source, reason, count in db.read_now(parked.waiting_by_reason):
        yield f"{count} requests of {source} are parked: {reason} Then: python -m bot parked replay"
    if db.read_now(policies.latest_id) is None:
        yield "no policy has been applied yet; `run` applies the one that POLICY names."


async def _slack_problems(settings: Settings, policy: Policy | None) -> AsyncIterator[str]:
    if not settings.is_socket_mode and not settings.public_url:
        yield "neither SLACK_APP_TOKEN (Socket Mode) nor PUBLIC_URL (HTTP) is set: Slack can't reach Hearback."
    async with slack_client(settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url) as client:
        try:
            answer = await client.auth_test()
        except SlackApiError as error:
            yield f"SLACK_BOT_TOKEN is refused ({error.response.get('error')}). Copy it anew from the app's page."
            return
        except (aiohttp.ClientError, TimeoutError) as error:
            yield f"{client.base_url} can't be reached ({type(error).__name__})."
            return
        granted = {one.strip() for one in answer.headers.get("x-oauth-scopes", "").split(",") if one.strip()}
        if granted and (missing := sorted({*scopes()} - granted)):
            yield f"scopes are missing: {', '.join(missing)}. Update the app from `manifest` and install it again."
            return
        if policy is not None:
            async for problem in _policy_in_slack(client, policy):
                yield problem


async def _policy_in_slack(client: AsyncWebClient, policy: Policy) -> AsyncIterator[str]:
    try:
        kinds = "public_channel,private_channel"
        joined = [one async for one in _pages(client.users_conversations, "channels", types=kinds)]
        people = [profile_of(one) async for one in _pages(client.users_list, "members")]
    except SlackApiError as error:
        yield f"channels and members can't be read ({error.response.get('error')})."
        return
    known = {name for one in joined for name in (one["id"], f"#{one.get('name')}")}
    wanted = {one.channel for one in policy.departments} | ({policy.team.manager_channel} - {None})
    for channel in sorted(str(one) for one in wanted - known):
        yield f"the bot isn't in {channel}, or there is no such channel. Invite it there: /invite @Hearback"
    present = {name for one in people if one and not one.is_deleted for name in (one.id, one.email) if name}
    for person in sorted(policy.people - present):
        yield f"the policy names {person}, whom Slack doesn't know. Correct it, or invite them."


async def _pages(method: Any, name: str, **arguments: str) -> AsyncIterator[dict[str, Any]]:
    cursor = ""
    while True:
        answer = await method(limit=PAGE, cursor=cursor, **arguments)
        for one in answer.get(name, []):
            yield one
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


async def _mail_problems(settings: Settings, policy: Policy | None) -> list[str]:
    if settings.smtp_url is None:
        return ["SMTP_URL isn't set: customers can't be written to; telling can only be logged."]
    problems = []
    if policy is not None and not (settings.mail_from or policy.mail.from_):
        problems.append("nobody to write as: set MAIL_FROM, or `from` under [mail] in the policy.")
    try:
        mailer = Mailer(settings.smtp_url.get_secret_value())
    except BadSmtpUrl as error:
        return [*problems, str(error)]
    problem = await mailer.check()
    await mailer.close()
    return [*problems, problem] if problem else problems


def _source_problems(settings: Settings) -> list[str]:
    given = {
        "WEBHOOK_SECRET_": {*settings.webhook_secrets} - {"mail"},
        "API_TOKEN_": {*settings.api_tokens},
        "API_URL_": {*settings.api_urls},
    }
    problems = [_unknown(start, one) for start, names in given.items() for one in sorted(names - {*ADAPTERS})]
    for name, secret in sorted(settings.webhook_secrets.items()):
        rules = "generic" if name == "mail" else name
        if rules in ADAPTERS and not is_usable_secret(rules, secret.get_secret_value()):
            problems.append(f"WEBHOOK_SECRET_{name.upper()} can't be right: copy it anew, as the README says for it.")
    if "hubspot" in settings.webhook_secrets and not settings.public_url:
        problems.append("PUBLIC_URL isn't set: HubSpot signs our address too, so it has to be known.")
    problems += [
        f"API_TOKEN_{name.upper()} isn't set: {name} only names its responses, and without it they can't be asked for."
        for name in sorted(settings.webhook_secrets.keys() & ONLY_NAMES - settings.api_tokens.keys())
    ]
    problems += [problem for name in sorted(settings.api_tokens) for problem in _api_problems(name, settings)]
    if not {*settings.webhook_secrets} & {*ADAPTERS}:
        problems.append("no WEBHOOK_SECRET_<SOURCE> is set: no survey tool can send anything.")
    return problems


def _unknown(start: str, name: str) -> str:
    near = get_close_matches(name, ADAPTERS, n=1)
    advice = f"Did you mean {start}{near[0].upper()}?" if near else f"Hearback knows {', '.join(ADAPTERS)}."
    return f"{start}{name.upper()} names no source that Hearback knows. {advice} Correct the name, or remove it."


def _api_problems(name: str, settings: Settings) -> Iterable[str]:
    adapter = ADAPTERS.get(name)
    if adapter is None:
        return  # named already
    if adapter.api is None:
        yield f"API_TOKEN_{name.upper()} is of no use: Hearback asks nothing of this tool. Remove it."
    elif not adapter.api.base_url and name not in settings.api_urls:
        yield f"API_URL_{name.upper()} isn't set: say where your {name} is, as the README says for it."
