"""The page of a mail: nothing in the text becomes markup, and nothing is loaded."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.mail_html import page

OURS = {"html", "head", "meta", "style", "body", "main", "p", "br", "a"}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        del self.inside[len(self.inside) - 1 - self.inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if "main" in self.inside:
            self.text += data


def seen(text: str) -> Reader:
    reader = Reader()
    reader.feed(page(text))
    reader.close()
    return reader


def links(text: str) -> list[str | None]:
    return [attributes["href"] for tag, attributes in seen(text).tags if tag == "a"]


def test_paragraphs_and_lines_stay() -> None:
    found = page("Dear Ann,\n\n \nit works\nnow.\n\n")

    assert '<p dir="auto">Dear Ann,</p>\n<p dir="auto">it works<br>\nnow.</p>' in found


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&z=2"),
        ("(http://a.example/b_(c))", "http://a.example/b_(c)"),
        ("HTTPS://A.example, and", "HTTPS://A.example"),
        ("„https://a.example/…“", "https://a.example/"),
    ],
)
def test_a_web_address_becomes_a_link_to_what_it_says(text: str, address: str) -> None:
    assert links(text) == [address]
    assert f">{address.replace('&', '&amp;')}</a>" in page(text)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://", "a@b.example"]
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert links(text) == []


def test_markup_stays_text() -> None:
    text = '<script>alert("1")</script> <img src=https://a.example/x.png> & &amp; "\''

    found = seen(text)

    assert {tag for tag, _ in found.tags} <= OURS
    assert found.text.strip() == text


def test_nothing_is_loaded_from_anywhere() -> None:
    found = page("https://a.example")

    assert not re.search(r"<(img|link|script|iframe)|src=|url\(|@import", found)


def test_a_mail_can_be_read_in_a_dark_room_and_from_right_to_left() -> None:
    assert "prefers-color-scheme: dark" in page("x")
    assert '<main dir="rtl">' in page("مرحبا", language="ar-EG")
    assert '<html lang="ar-EG">' in page("مرحبا", language="ar-EG")
    assert '<main dir="auto">' in page("x", language="de")


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.text(
        st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]) | st.sampled_from("<>&\"'/:hptsa(). \n")
    )
)
def test_whatever_is_written_only_our_own_tags_are_there(text: str) -> None:
    found = seen(f"https://a.example/{text} {text}")

    assert {tag for tag, _ in found.tags} <= OURS
    assert all(str(attributes["href"]).lower().startswith("http") for tag, attributes in found.tags if tag == "a")
    assert found.text.split() == f"https://a.example/{text} {text}".split()
