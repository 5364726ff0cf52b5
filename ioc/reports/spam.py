"""How much a report looks like spam, and why; from the threshold on a person looks first.

The shared cache keeps digests of words and addresses for a day, nothing that can be read.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from django.conf import settings
from django.core.cache import cache

from geo.fold import folded
from geo.text import Text
from ioc.reports.suggestion import nothing_in

DAY_S = 86_400
LONG_ENOUGH = 12
MANY_SENDERS = 5
QUICK_S = 4
KNOWN_PERSON = 0.6
LINK = re.compile(
    r"https?://|www\.|\b[\w-]+\.(?:com|net|vn|org|info|xyz|top|io|ru|cn|shop|club|site|link)\b",
    re.I,
)
CONTACT = re.compile(
    r"\b(?:zalo|telegram|whatsapp|inbox|ib)\b.{0,30}\d{8,}|\b0\d{9}\b.{0,30}\bzalo\b", re.I | re.S
)
WORD = re.compile(r"[^\W\d_]+")
SAME_LETTER = re.compile(r"(.)\1{5,}")


class Draft(Protocol):
    """What of a report's form is looked at."""

    @property
    def words(self) -> str: ...
    @property
    def device_at(self) -> Any: ...
    @property
    def sent_at(self) -> Any: ...


@dataclass(frozen=True)
class Sign:
    """One thing that looks like spam: a code, how much it weighs alone (0 to 1), and words."""

    code: str
    weight: float
    why: Text


@dataclass(frozen=True)
class Suspicion:
    """The score from 0 to 1 and the signs it comes from."""

    score: float
    signs: tuple[Sign, ...]

    @property
    def held(self) -> bool:
        """Whether a person looks before anybody else sees it."""
        return self.score >= settings.IOC_REPORTS_HOLD_AT

    def reasons(self) -> list[dict[str, Any]]:
        """The signs as a log keeps them."""
        return [{"code": sign.code, "why": sign.why.dict()} for sign in self.signs]


def score(draft: Draft, *, address: str, user: Any, trap: str = "") -> Suspicion:
    """How much the draft looks like spam. `trap` is a field that people do not see.

    Counts the words once for this address: call it once for a report, after its repeats are known.
    """
    text = as_compared(draft.words)
    signs = [*_in_words(draft.words), *_in_form(draft, trap), *_repeated(text, address)]
    doubt = 1 - prod(1 - sign.weight for sign in signs)
    if user is not None and user.is_authenticated and not trap:
        doubt *= KNOWN_PERSON
    return Suspicion(round(doubt, 3), tuple(signs))


def as_compared(words: str) -> str:
    """Words as they are compared: folded, without spaces and signs; house numbers make a report
    another one."""
    return "".join(c for c in folded(words) if c.isalnum())


def _in_words(words: str) -> Iterator[Sign]:
    links = len(LINK.findall(words))
    if links:
        why = Text(f"{links} liên kết trong nội dung", f"{links} links in the words")
        yield Sign("links", 0.45 if links == 1 else 0.75, why)
    if CONTACT.search(words):
        why = Text("Mời liên hệ kèm số điện thoại", "An invitation with a phone number")
        yield Sign("contact", 0.4, why)
    letters = [c for c in words if c.isalpha()]
    if len(letters) >= 20 and sum(c.isupper() for c in letters) > 0.8 * len(letters):
        yield Sign("capitals", 0.25, Text("Toàn chữ hoa", "All in capitals"))
    if gibberish(words):
        why = Text("Chữ gõ lung tung, không thành lời", "Random letters, not words")
        yield Sign("gibberish", 0.5, why)
    elif len(letters) >= LONG_ENOUGH and nothing_in(words) > 0.9:
        why = Text("Không nói về việc gì của thành phố", "About nothing that the city does")
        yield Sign("about-nothing", 0.35, why)


def gibberish(words: str) -> bool:
    """Whether most of the letters are no words: no vowels, one letter held down, keys at random."""
    found = WORD.findall(folded(words))
    letters = sum(map(len, found))
    if letters < 6:
        return False
    return sum(len(word) for word in found if _no_word(word)) > 0.5 * letters


def _no_word(word: str) -> bool:
    if not word.isascii():
        return False  # another script: not ours to judge
    vowels = sum(c in "aeiouy" for c in word)
    return (
        bool(SAME_LETTER.search(word))
        or len(word) > 22
        or (len(word) > 3 and vowels == 0)
        or (len(word) > 5 and vowels / len(word) < 0.2)
        or bool(re.search(r"[^aeiouy]{5,}", word))
        or bool(re.search(r"asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|zxcv|xcvb|vbnm", word))
    )


def _in_form(draft: Draft, trap: str) -> Iterator[Sign]:
    if trap:
        yield Sign("trap", 1.0, Text("Điền vào ô ẩn", "Filled in a field that people do not see"))
    if draft.device_at and draft.sent_at:
        took_s = (draft.sent_at - draft.device_at).total_seconds()
        if 0 <= took_s < QUICK_S:
            why = Text(f"Viết xong trong {took_s:.0f} giây", f"Written in {took_s:.0f} seconds")
            yield Sign("too-quick", 0.3, why)


def _repeated(text: str, address: str) -> Iterator[Sign]:
    """Signs of words that came before: from here, or from many places."""
    if len(text) < LONG_ENOUGH:
        return
    times = _count(f"from {address} {text}") if address else 1
    if times > 1:
        why = Text(f"Gửi cùng nội dung {times} lần", f"The same words sent {times} times")
        yield Sign("repeated", 0.4 if times == 2 else 0.7, why)
    senders = _count(f"all {text}", more=times == 1)
    if senders >= MANY_SENDERS:
        why = Text(f"Cùng nội dung từ {senders} nơi", f"The same words from {senders} places")
        yield Sign("many-senders", 0.5, why)


def _count(what: str, more: bool = True) -> int:
    """How often `what` was counted in a day, this time included if `more`."""
    digest = hmac.new(settings.SECRET_KEY.encode(), what.encode(), hashlib.sha256).hexdigest()
    key = f"reports-words-{digest[:32]}"
    if not more:
        return int(cache.get(key, 0))
    return int(cache.tally(key, DAY_S))
