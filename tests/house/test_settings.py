"""What the environment says of survey tools: secrets, tokens and addresses by source, given plainly or as files."""

from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}


def test_each_survey_tool_has_its_secret_its_token_and_its_address(tmp_path: Path) -> None:
    given = {
        "WEBHOOK_SECRET_GOOGLE_FORMS": "whsec_YWJj",
        "API_TOKEN_HUBSPOT": " pat-1 ",
        "API_URL_QUALTRICS": "https://fra1.qualtrics.com/",
    }

    settings = read_settings(SLACK | given, env_file=tmp_path / "none")

    assert {name: one.get_secret_value() for name, one in settings.webhook_secrets.items()} == {
        "google_forms": "whsec_YWJj"
    }
    assert {name: one.get_secret_value() for name, one in settings.api_tokens.items()} == {"hubspot": "pat-1"}
    assert settings.api_urls == {"qualtrics": "https://fra1.qualtrics.com"}
    assert "pat-1" not in repr(settings)


@pytest.mark.parametrize("name", ["WEBHOOK_SECRET_JOTFORM", "API_TOKEN_JOTFORM"])
def test_a_secret_in_a_file_is_that_sources_and_no_other_source_is_made_up(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("from-a-file\n", encoding="utf-8")

    settings = read_settings(SLACK | {f"{name}_FILE": str(tmp_path / "secret")}, env_file=tmp_path / "none")

    found = settings.webhook_secrets | settings.api_tokens
    assert {source: one.get_secret_value() for source, one in found.items()} == {"jotform": "from-a-file"}


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"API_URL_ZENDESK"):
        read_settings(SLACK | {"API_URL_ZENDESK": "polder.zendesk.com"}, env_file=tmp_path / "none")
