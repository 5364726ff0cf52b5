"""Whole words looked for in what people write, with their accents, without, or half of each.

A word without accents finds every accented one ("cap": "cáp", "cấp"). A word with accents finds
itself and the bare spelling ("chợ": "chợ", "cho"), but no other accented word ("chỗ").
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from geo.fold import folded

WORD = re.compile(r"[^\W_]+")


class Sign(NamedTuple):
    """A word's letters without accents, and its accents whichever letter they stand on."""

    letters: str
    accents: str


@lru_cache(maxsize=4_096)
def sign_of(word: str) -> Sign:
    parts = unicodedata.normalize("NFD", word.lower())
    accents = sorted(c for c in parts if c == "đ" or unicodedata.combining(c))
    return Sign(folded(word), "".join(accents))


def signs_of(words: str) -> list[Sign]:
    composed = unicodedata.normalize("NFC", words)
    return [sign_of(word) for word in WORD.findall(composed)]


def as_text(words: str) -> str:
    """Words folded and spaced, so that a whole word or phrase can be looked for quickly."""
    return f" {' '.join(WORD.findall(folded(words)))} "


def is_in(phrase: str, words: str) -> bool:
    """Whether the phrase stands in the words, word for word, under the rule above."""
    return _found(signs_of(phrase), signs_of(words), lambda a, b: not a or not b or a == b)


def covers(wider: str, phrase: str) -> bool:
    """Whether whatever has `phrase` in it also has `wider` in it."""
    return _found(signs_of(wider), signs_of(phrase), lambda a, b: not a or a == b)


def _found(sought: list[Sign], among: list[Sign], same: Callable[[str, str], bool]) -> bool:
    return any(
        all(
            one.letters == other.letters and same(one.accents, other.accents)
            for one, other in zip(sought, among[start:], strict=False)
        )
        for start in range(len(among) - len(sought) + 1)
    )
