"""Finds the policy's words in a customer's comment: whole words of any script, whatever their case and accents."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Scripts whose words aren't parted by spaces, and pictures: these are found anywhere in a run of such characters.
_UNSPACED: Final = (
    "\u0e00-\u109f"  # Thai, Lao, Tibetan, Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u2600-\u27bf\U0001f300-\U0001faff"  # pictures such as a thumb that points down
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana, without the middle dot
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"  # Han
)
# Vowel signs that belong to the words of the Indic scripts, though they are no letters to a regular expression.
_SIGNS: Final = "\u0900-\u0963\u0966-\u0dff"
# Accents, Hebrew points, Arabic vowel marks and stretching, and characters without width.
_DROPPED: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]+"
)
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "_": " "})
_RUNS: Final = re.compile(f"[{_UNSPACED}]+")
_LOOSE: Final = re.compile(f"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")
_TOKENS: Final = re.compile(f"(?:[^\\W{_UNSPACED}]|[{_SIGNS}])+|[{_UNSPACED}]+")
_ASCII_TOKENS: Final = re.compile(r"[a-z0-9]+")
# unicodedata takes 6 s for 100,000 accents in a row (it sorts them by insertion), and 60 ms in pieces of this length.
_PIECE: Final = 1000


def folded(text: str) -> str:
    """Return the text without differences of case, accent, width and spelling of the same letter."""
    if text.isascii():
        return text.lower().replace("_", " ")
    return "".join(_folded_piece(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE))


def _folded_piece(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", _DROPPED.sub("", apart).translate(_LETTERS))


def tokens(text: str) -> list[str]:
    """Return the folded words of the text, in order; a run of a script without spaces counts as one word."""
    fold = folded(text)
    return (_ASCII_TOKENS if fold.isascii() else _TOKENS).findall(fold)


class WordMatcher:
    """Looks for many words and phrases at once; built once for each policy.

    A phrase is found as whole words one after the other, a phrase that ends in `*` also as the beginning of a longer
    word, and anything written in a script without spaces (Chinese, Japanese, Thai) wherever its characters stand.
    """

    __slots__ = ("_needles", "_words")

    def __init__(self, phrases: Iterable[str]) -> None:
        words: dict[str, list[str]] = {}
        needles: list[tuple[str, str]] = []  # what to find in " word word word ", and the phrase that it is a form of
        for phrase in dict.fromkeys(phrases):
            parts = tokens(phrase)
            if not parts:
                raise ValueError(f"“{phrase}” has no letter or digit to look for")
            if len(parts) == 1 and not phrase.endswith("*") and not _RUNS.match(parts[0]):
                words.setdefault(parts[0], []).append(phrase)
            else:
                needles += [(form, phrase) for form in _forms(parts, prefix=phrase.endswith("*"))]
        self._words = {word: tuple(labels) for word, labels in words.items()}
        self._needles = tuple(needles)

    def found(self, comment: str) -> frozenset[str]:
        """Return those phrases, as the policy spells them, that occur in the comment."""
        parts = tokens(comment)
        if not parts:
            return frozenset()
        hits = [label for word in self._words.keys() & set(parts) for label in self._words[word]]
        if self._needles:
            hay = f" {' '.join(parts)} "
            hits += [phrase for form, phrase in self._needles if form in hay]
        return frozenset(hits)


def _forms(parts: list[str], *, prefix: bool) -> set[str]:
    """Return what to look for: a word between spaces, unspaced characters with or without a space between two runs."""
    start = "" if _RUNS.match(parts[0]) else " "
    end = "" if prefix or _RUNS.match(parts[-1]) else " "
    parted = f"{start}{' '.join(parts)}{end}"
    return {parted, _LOOSE.sub("", parted)}
