"""Words are found whole, whatever their case, accents and script."""
# ruff: noqa: RUF001 - letters of other scripts are the point

import time

import pytest

from workflows.words import WordMatcher, folded


@pytest.mark.parametrize(
    ("phrase", "comment"),
    [
        ("refund", "I want a REFUND!"),
        ("refund", "refund"),
        ("refund", "ＲＥＦＵＮＤ, now"),
        ("refund", "a re\u00adfund"),
        ("refund", "_refund_ or *refund*"),
        ("слово", "_слово_"),
        ("facture", "votre FACTÛRE est fausse"),
        ("Größe", "falsche GRÖSSE"),
        ("café", "cafe\u0301 latte"),
        ("zwłoka", "zwloka"),
        ("İstanbul", "istanbul'da"),
        ("l'export", "L\u2019export ne marche pas"),
        ("error 500", "It says: Error\n500."),
        ("too slow", "far too,  slow"),
        ("не работает", "Ничего НЕ РАБОТАЕТ"),
        ("ёлка", "елка"),
        ("σας", "ΣΑΣ ευχαριστώ"),
        ("अच्छा", "बहुत अच्छा है"),
        ("خراب", "هذا خَراب"),
        ("می\u200cخواهم", "میخواهم"),
        ("שלום", "שָׁלוֹם לכם"),
        ("kündig*", "Ich habe die Kündigungen geschickt"),
        ("환불*", "환불을 원해요"),
        ("返金", "全額返金してください"),
        ("返金 対応", "返金対応が遅い"),
        ("返金 対応", "返金 対応"),
        ("カスタマー サポート", "カスタマー・サポート"),
        ("ｶﾞｲﾄﾞ", "ガイドがない"),
        ("ช้า", "แอปช้ามาก"),
        ("Windows版", "新しいWindows版本です"),
        ("👎", "ugh 👎🏽👎🏽"),
    ],
)
def test_a_word_is_found(phrase: str, comment: str) -> None:
    matcher = WordMatcher([phrase])

    assert matcher.found(comment) == {phrase}


@pytest.mark.parametrize(
    ("phrase", "comment"),
    [
        ("refund", "prefund refunds refunding re fund"),
        ("facture", "manufacture"),
        ("too slow", "slow, too"),
        ("too slow", "too very slow"),
        ("too slow", "tattoo slow"),
        ("too slow", "too slowly"),
        ("अच्छा", "अच्छाई"),
        ("kündig*", "aufkündigen"),
        ("返金", "返。金"),
        ("は", "ば"),
        ("하*", "한국"),
        ("Windows版", "版 windows"),
        ("Windows版", "MyWindows版"),
        ("refund", ""),
        ("refund", "!!! ... 🙂"),
    ],
)
def test_a_word_inside_another_is_not_found(phrase: str, comment: str) -> None:
    matcher = WordMatcher([phrase])

    assert matcher.found(comment) == frozenset()


def test_each_spelling_of_the_same_word_is_reported() -> None:
    matcher = WordMatcher(["Café", "cafe", "café noir", "Cafe noir", "caf*"])

    found = matcher.found("un CAFÉ NOIR")

    assert found == {"Café", "cafe", "café noir", "Cafe noir", "caf*"}


def test_a_phrase_without_letters_is_refused() -> None:
    with pytest.raises(ValueError, match="no letter or digit"):
        WordMatcher(["?!"])


def test_marks_that_make_another_letter_are_kept() -> None:
    assert folded("ば") != folded("は")


@pytest.mark.parametrize(
    "comment",
    ["a" + "\u0300\u0316" * 50_000, "ünï wörd " * 11_000, "word " * 20_000, "返金" * 50_000, "\u0f71\u0f72" * 50_000],
    ids=["accents", "latin", "ascii", "han", "tibetan"],
)
def test_a_comment_of_100000_characters_is_searched_at_once(comment: str) -> None:
    matcher = WordMatcher(["refund", "too slow", "返金が"])

    start = time.perf_counter()
    matcher.found(comment)

    assert time.perf_counter() - start < 1  # six seconds, if normalised in one piece
