"""Which category a report's words speak of, with how sure one may be; numpy alone, no model server.

Words and bits of words are hashed into one sparse row, weighed by a table that `reports_train`
wrote. What was about nothing when it was trained (greetings, advertising) has a class of its own.
"""

import hashlib
import io
import json
import math
import re
import threading
import time
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from geo.fold import folded

BUCKETS = 1 << 15
NONE = "-"
"""The class of words that are about nothing the city can act on."""
SURE_ENOUGH = 0.5
KNOWN_SHARE = 0.5
MOST_CHARACTERS = 1_500
FRESH_S = 60
SHIPPED = settings.BASE_DIR / "fixtures" / "reports" / "suggestion.npz"
WORD = re.compile(r"[^\W_]+")
REPEATED = re.compile(r"(.)\1{2,}")
SPOKEN = {
    "ko": "khong", "k": "khong", "hok": "khong", "kg": "khong", "dc": "duoc", "dk": "duoc",
    "vs": "voi", "mn": "moi nguoi", "wa": "qua", "j": "gi", "dg": "duong", "ng": "nguoi",
    "r": "roi", "cg": "cung", "nhiu": "nhieu", "z": "vay", "trc": "truoc", "bit": "biet",
    "lun": "luon", "iu": "yeu", "hem": "hem", "ubnd": "uy ban", "csgt": "canh sat giao thong",
}  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """A category with a calibrated confidence (0 to 1) and the words that spoke most for it."""

    category: str
    confidence: float
    why: list[str]
    model: str
    synthetic: bool


@dataclass(frozen=True)
class Model:
    """Weights (classes × buckets), biases, temperature, and the words it has met."""

    digest: str
    classes: tuple[str, ...]
    weights: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)
    temperature: float
    known: frozenset[int] = field(repr=False)
    facts: dict[str, Any]

    @property
    def synthetic(self) -> bool:
        return bool(self.facts.get("synthetic"))


@dataclass(frozen=True)
class Token:
    """One word: as written, as the model reads it, and whether the one before it stands beside."""

    written: str
    read: str
    joined: bool


@lru_cache(maxsize=16)
def tokens_of(words: str) -> tuple[Token, ...]:
    """The words of a text; folded, with short spellings in full. Spam and category are both told
    from them."""
    text = unicodedata.normalize("NFC", words[:MOST_CHARACTERS])
    found, end = [], -1
    for match in WORD.finditer(text):
        joined = end >= 0 and text[end : match.start()].isspace()
        found += [Token(match[0], read, joined) for read in _as_read(match[0]).split()]
        end = match.end()
    return tuple(found)


def _as_read(word: str) -> str:
    low = REPEATED.sub(r"\1", folded(word))
    return SPOKEN.get(low, low)


def bucket_of(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS


def word_code(word: str) -> int:
    return zlib.crc32(word.encode())


@lru_cache(maxsize=16)
def token_features(tokens: tuple[Token, ...]) -> tuple[tuple[int, int, float], ...]:
    """Bucket, place of the word it belongs to, and weight of every feature of a text."""
    return tuple(_token_features(tokens))


def _token_features(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, float]]:
    for place, token in enumerate(tokens):
        yield bucket_of(f"w {token.read}"), place, 1.0
        if (low := token.written.lower()) != token.read:
            yield bucket_of(f"a {low}"), place, 0.6
        if place:
            yield bucket_of(f"b {tokens[place - 1].read} {token.read}"), place, 1.0
        edged = f"<{token.read}>"
        for size in (3, 4, 5):
            for start in range(len(edged) - size + 1):
                yield bucket_of(f"c {edged[start : start + size]}"), place, 0.35


@lru_cache(maxsize=16)
def row_of(words: str) -> Mapping[int, float]:
    """The text's sparse row, of length one; empty where it has no words."""
    row: dict[int, float] = {}
    for bucket, _place, weight in token_features(tokens_of(words)):
        row[bucket] = max(row.get(bucket, 0.0), weight)
    length = math.sqrt(sum(value * value for value in row.values()))
    return {bucket: value / length for bucket, value in row.items()} if length else {}


def probabilities(model: Model, words: str) -> np.ndarray:
    """Calibrated probability of each class of the model."""
    row = row_of(words)
    scores = model.bias.astype(np.float64)
    if row:
        values = np.fromiter(row.values(), np.float64, len(row))
        scores = scores + model.weights[:, list(row)] @ values
    scores = scores / model.temperature
    spread = np.exp(scores - scores.max())
    return spread / spread.sum()


def suggest_with(model: Model, words: str) -> Suggestion | None:
    """What `model` makes of the words; None where it cannot say, rather than a guess."""
    tokens = tokens_of(words)
    if not tokens:
        return None
    met = sum(word_code(token.read) in model.known for token in tokens)
    if met / len(tokens) < KNOWN_SHARE:
        return None
    chances = probabilities(model, words)
    best = int(chances.argmax())
    if model.classes[best] == NONE or chances[best] < SURE_ENOUGH:
        return None
    return Suggestion(
        category=model.classes[best],
        confidence=round(float(chances[best]), 3),
        why=spoke_for(model, tokens, best),
        model=model.digest,
        synthetic=model.synthetic,
    )


def spoke_for(model: Model, tokens: tuple[Token, ...], best: int, most: int = 4) -> list[str]:
    """The words that spoke most for a class, as they were written; neighbours stand together."""
    buckets, places, weights = (
        np.array(column) for column in zip(*token_features(tokens), strict=True)
    )
    lead = model.weights[best, buckets] - model.weights[:, buckets].mean(axis=0)
    said = np.bincount(places, weights * lead, len(tokens))
    if said.max() <= 0:
        return []
    strong = [place for place in range(len(tokens)) if said[place] >= 0.35 * said.max()]
    groups: list[list[int]] = []
    for place in strong:
        beside = bool(groups) and groups[-1][-1] == place - 1 and tokens[place].joined
        if beside and len(groups[-1]) < 3:
            groups[-1].append(place)
        else:
            groups.append([place])
    groups.sort(key=lambda places: -sum(said[place] for place in places))
    phrases = [
        " ".join(dict.fromkeys(tokens[place].written for place in places)) for places in groups
    ]
    return list(dict.fromkeys(phrases))[:most]


def pack(model: Model) -> bytes:
    """The model as an npz without pickle; half precision is enough for weights of this size."""
    out = io.BytesIO()
    facts = {"classes": model.classes, "temperature": model.temperature, "facts": model.facts}
    np.savez_compressed(
        out,
        weights=model.weights.astype(np.float16),
        bias=model.bias.astype(np.float32),
        known=np.array(sorted(model.known), np.uint32),
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
    )
    return out.getvalue()


def unpack(data: bytes) -> Model:
    """The model of such an npz. Raises ValueError where it is not one."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        facts = json.loads(file["facts"].tobytes())
        weights = file["weights"].astype(np.float32)
        bias, known = file["bias"], frozenset(file["known"].tolist())
    if weights.shape != (len(facts["classes"]), BUCKETS):
        raise ValueError(f"a suggestion model of shape {weights.shape}")
    return Model(
        digest=hashlib.sha256(data).hexdigest(),
        classes=tuple(facts["classes"]),
        weights=weights,
        bias=bias,
        temperature=facts["temperature"],
        known=known,
        facts=facts["facts"],
    )


class _Held:
    """The model in use; the database is asked for a newer one once a minute at most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.model: Model | None = None
        self.asked_at = -math.inf

    def get(self) -> Model | None:
        if time.monotonic() - self.asked_at < FRESH_S:
            return self.model
        with self.lock:
            self.model = _newest(self.model)
            self.asked_at = time.monotonic()
        return self.model

    def forget(self) -> None:
        self.asked_at = -math.inf


_held = _Held()


def _newest(held: Model | None) -> Model | None:
    from ioc.reports.models import SuggestionModel

    rows = SuggestionModel.objects.order_by("-trained_at", "-pk")
    digest = rows.values_list("digest", flat=True).first()
    if held and digest == held.digest:
        return held
    if digest is not None:
        return unpack(bytes(rows.values_list("weights", flat=True)[0]))
    return held if held and held.synthetic else shipped()


def shipped(path: Path = SHIPPED) -> Model | None:
    """The model trained on the synthetic seed; None where it was not shipped."""
    return unpack(path.read_bytes()) if path.exists() else None


def forget_model() -> None:
    """The next suggestion asks which model is newest."""
    _held.forget()


def suggest(words: str, language: str = "vi") -> Suggestion | None:
    """The category that the words speak of; None where they say too little."""
    if not words.strip() or (model := _held.get()) is None:
        return None
    return suggest_with(model, words)


def nothing_in(words: str) -> float:
    """How sure the model is (0 to 1) that the words are about nothing the city can act on."""
    model = _held.get()
    if model is None or NONE not in model.classes:
        return 0.0
    tokens = tokens_of(words)
    if sum(word_code(token.read) in model.known for token in tokens) < KNOWN_SHARE * len(tokens):
        return 0.0
    return float(probabilities(model, words)[model.classes.index(NONE)])
