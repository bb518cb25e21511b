"""What the environment says: tokens, addresses, files. Read once, when Hearback starts."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

# What there is one of for each survey tool: the beginnings of the variables' names, and our fields.
_BY_SOURCE: Final = {"WEBHOOK_SECRET_": "webhook_secrets", "API_TOKEN_": "api_tokens", "API_URL_": "api_urls"}
# Any setting may be given as NAME_FILE instead: the path of a file that holds it, as containers hand over secrets.
_FILE: Final = "_FILE"


class SettingsError(RuntimeError):
    """The environment can't be used as it is; the message names each variable and what to do."""


class Settings(BaseModel):
    """One field a variable, with the same name in capital letters."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    slack_bot_token: SecretStr
    slack_signing_secret: SecretStr
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite:///hearback.sqlite"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    policy: Path = Path("policy.toml")
    webhook_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """By source, in small letters: from WEBHOOK_SECRET_<SOURCE>."""
    api_tokens: dict[str, SecretStr] = Field(default_factory=dict)
    """By source: what its API is asked with, from API_TOKEN_<SOURCE>."""
    api_urls: dict[str, str] = Field(default_factory=dict)
    """By source: where its API is, without a slash at its end, from API_URL_<SOURCE>."""

    @field_validator("slack_api_url", "public_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is None or value == "":
            return None
        if not value.startswith(("http://", "https://")):
            raise ValueError("should begin with https:// (or http:// on this machine)")
        return value.rstrip("/") + "/"

    @field_validator("api_urls")
    @classmethod
    def _are_web_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [source for source, address in value.items() if not address.startswith(("http://", "https://"))]
        if wrong:
            raise ValueError(f"should begin with https:// (API_URL_{wrong[0].upper()} doesn't)")
        return {source: address.rstrip("/") for source, address in value.items()}

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
            raise ValueError("should begin with sqlite:/// or postgresql://")
        return value.replace("postgres://", "postgresql://", 1) if value.startswith("postgres://") else value

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached through a socket, so that no public address is needed."""
        return self.slack_app_token is not None


def read_settings(
    environment: Mapping[str, str] | None = None, *, env_file: Path = Path(".env"), needs_slack: bool = True
) -> Settings:
    """Read the settings. What stands in the environment wins over the .env file; an empty value counts as not given.

    `needs_slack` False: a command that never speaks to Slack does without its token.
    Raises SettingsError with one sentence for each variable that is missing or wrong.
    """
    given = {**_from_file(env_file), **(os.environ if environment is None else environment)}
    given = {name: value for name, value in given.items() if value.strip()}
    values = _with_files(given)
    known: dict[str, Any] = {
        name: values[name.upper()].strip()
        for name in Settings.model_fields.keys() - {*_BY_SOURCE.values()}
        if name.upper() in values
    }
    for start, field in _BY_SOURCE.items():
        known[field] = _by_source(values, start)
    if not needs_slack:
        known = {"slack_bot_token": "", "slack_signing_secret": ""} | known
    if "slack_app_token" in known:
        known.setdefault("slack_signing_secret", "")  # a socket is opened by us: nothing has to be signed
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(one) for one in error.errors(include_input=False))) from None


def _from_file(path: Path) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(path).items()} if path.is_file() else {}


def _by_source(values: Mapping[str, str], start: str) -> dict[str, str]:
    given = {name: value.strip() for name, value in values.items() if name.startswith(start)}
    # NAME_FILE has been read already: it is no source of its own.
    return {
        name.removeprefix(start).lower(): value
        for name, value in given.items()
        if not (name.endswith(_FILE) and name.removesuffix(_FILE) in given)
    }


def _with_files(given: Mapping[str, str]) -> dict[str, str]:
    values = dict(given)
    for name, path in given.items():
        if name.endswith(_FILE) and name.startswith(("SLACK_", "SMTP_", "DATABASE_", "WEBHOOK_", "API_")):
            try:
                values.setdefault(name.removesuffix(_FILE), Path(path).read_text(encoding="utf-8").strip())
            except OSError as error:
                raise SettingsError(f"{name}: the file can't be read ({error.strerror}). Correct its path.") from None
    return values


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][0]).upper() if problem["loc"] else "The environment"
    if problem["type"] == "missing":
        return f"{name} is missing. Put it into .env, or into the environment; .env.example says where to find it."
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name} can't be used: it {said[0].lower() + said[1:]}."
