"""Finds the policy's words in a customer's comment: whole words of any script, whatever their case and accents."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

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
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "_": " "})
_RUNS: Final = re.compile(f"[{_UNSPACED}]+")
_TOKENS: Final = re.compile(f"(?:[^\\W{_UNSPACED}]|[{_SIGNS}])+|[{_UNSPACED}]+")
_ASCII_TOKENS: Final = re.compile(r"[a-z0-9]+")
# unicodedata takes 6 s for 100,000 accents in a row (it sorts them by insertion), and 6 ms in pieces of this length.
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


class _Needle(NamedTuple):
    """One thing to look for, in the spelling of the policy."""

    label: str
    forms: tuple[str, ...]  # to be found in " word word word "; any of them will do


class WordMatcher:
    """Looks for many words and phrases at once; built once for each policy.

    A phrase is found as whole words one after the other, a phrase that ends in `*` also as the beginning of a longer
    word, and anything written in a script without spaces (Chinese, Japanese, Thai) wherever its characters stand.
    """

    __slots__ = ("_needles", "_words")

    def __init__(self, phrases: Iterable[str]) -> None:
        words: dict[str, list[str]] = {}
        needles: list[_Needle] = []
        for phrase in dict.fromkeys(phrases):
            parts = tokens(phrase)
            if not parts:
                raise ValueError(f"“{phrase}” has no letter or digit to look for")
            if len(parts) == 1 and not phrase.endswith("*") and not _RUNS.match(parts[0]):
                words.setdefault(parts[0], []).append(phrase)
            else:
                needles.append(_Needle(phrase, tuple(_forms(parts, prefix=phrase.endswith("*")))))
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
            hits += [label for label, forms in self._needles if any(form in hay for form in forms)]
        return frozenset(hits)


def _forms(parts: list[str], *, prefix: bool) -> Iterator[str]:
    """Yield what to look for: words end at spaces, runs of unspaced characters may stand with or without one between."""
    for joint in (" ", ""):
        form = "" if _RUNS.match(parts[0]) else " "
        for before, part in zip([None, *parts], parts, strict=False):
            loose = before is not None and _RUNS.match(before) and _RUNS.match(part)
            form += ("" if before is None else joint if loose else " ") + part
        yield form if prefix or _RUNS.match(parts[-1]) else f"{form} "
