"""Wording is filled without being run, and every customer gets a language that somebody wrote."""

import pytest
from small_policy import small_policy

from workflows.wording import ENGLISH, PLACEHOLDERS, check_placeholders, fill, one_line, wording_for


def texts(language: str, greeting: str) -> str:
    lines = [f"[mail.wording.{language}]"]
    lines += [f'{key} = "{greeting}"' for key in ("told_subject", "told_body", "contact_subject", "contact_body")]
    return "\n".join(lines) + "\n"


def test_placeholders_are_replaced_by_their_values() -> None:
    text = "{customer}|{what_changed}|{comment}|{owner}|{team}|{account}"

    filled = fill(text, customer="Ann", team="T", what_changed="W", comment="C", owner="O", account="A")

    assert filled == "Ann|W|C|O|T|A"


def test_braces_in_a_value_are_never_filled_again() -> None:
    filled = fill("{comment}", customer="Ann", team="T", comment="{team} {customer.__class__} {0} %s")

    assert filled == "{team} {customer.__class__} {0} %s"


def test_an_empty_value_takes_its_space_along() -> None:
    assert fill("Hello {customer},\n\n{team}", customer=" ", team="T") == "Hello,\n\nT"


@pytest.mark.parametrize(
    "text",
    ["{name}", "{customer.__class__}", "{0}", "{}", "{{customer}}", "{customer", "}", "{customer!r}", "{ customer }"],
)
def test_other_braces_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"which is no placeholder; use \{customer\}, "):
        check_placeholders(text)


def test_the_built_in_wording_passes_its_own_check() -> None:
    assert [check_placeholders(text) for text in ENGLISH.values()] == list(ENGLISH.values())
    assert all(f"{{{name}}}" in "".join(ENGLISH.values()) for name in ("customer", "what_changed", "owner", "team"))
    assert set(PLACEHOLDERS) >= {"comment", "account"}


def test_a_subject_stays_on_one_line() -> None:
    assert one_line("Hello\r\nBcc: all@x.example\u2028 and\x00 you ") == "Hello Bcc: all@x.example and you"


@pytest.mark.parametrize(
    ("asked", "language", "text"),
    [
        ("pt-BR", "pt-BR", "Oi"),
        ("pt_br", "pt-BR", "Oi"),
        ("pt-PT", "pt", "Olá"),
        ("PT", "pt", "Olá"),
        ("pt-Latn-BR", "pt", "Olá"),
        ("fr", "de", "Hallo"),
        ("", "de", "Hallo"),
        (None, "de", "Hallo"),
        ("en-GB", "en", ENGLISH["told_body"]),
        ("no such language", "de", "Hallo"),
    ],
)
def test_the_nearest_language_is_chosen_and_named(asked: str | None, language: str, text: str) -> None:
    policy = small_policy(texts("pt", "Olá") + texts("pt-br", "Oi") + texts("de", "Hallo"))

    chosen = wording_for(policy, asked)

    assert (chosen.language, chosen.wording.told_body) == (language, text)


def test_without_any_wording_everybody_gets_english() -> None:
    chosen = wording_for(small_policy(), "pl")

    assert (chosen.language, chosen.wording.contact_subject) == ("en", ENGLISH["contact_subject"])


def test_the_policys_english_replaces_the_built_in_one() -> None:
    chosen = wording_for(small_policy(texts("en", "Hi")), "en-US")

    assert chosen.wording.told_body == "Hi"
