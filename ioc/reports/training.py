"""Training of the category suggestion: fit, calibrate on folds it has not seen, measure on rows it
never sees. scikit-learn is imported here and nowhere that serves people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from ioc.reports.suggestion import (
    BUCKETS,
    NONE,
    Model,
    probabilities,
    row_of,
    suggest_with,
    tokens_of,
    unpack,
    word_code,
)
from ioc.reports.suggestion import pack as pack_model

FOLDS = 5
STRENGTH = 30.0
BINS = 10


@dataclass(frozen=True)
class Example:
    """Words with their category (NONE: about nothing); one `phrase` is never split over folds.

    Only examples that stand `alone` calibrate: those put together from shared halves look easy.
    """

    words: str
    category: str
    phrase: str
    alone: bool = True


def train(
    examples: Sequence[Example], held: Sequence[Example], *, synthetic: bool, **more: Any
) -> Model:
    """A calibrated model, with its accuracy on `held` among its facts."""
    classes = tuple(sorted({one.category for one in examples}))
    rows = matrix(examples)
    labels = np.array([classes.index(one.category) for one in examples])
    groups = np.array([hash_group(one.phrase) for one in examples])
    alone = np.array([one.alone for one in examples])
    temperature = _temperature(rows, labels, groups, alone)
    weights, bias = _fit(rows, labels, len(classes))
    seen = {word_code(token.read) for one in examples for token in tokens_of(one.words)}
    facts = {
        "synthetic": synthetic,
        "examples": len(examples),
        "by_category": dict(Counter(one.category for one in examples)),
        "temperature": round(temperature, 3),
        **more,
    }
    # Measured as it will be stored: in half precision.
    rough = Model("", classes, weights, bias, temperature, frozenset(seen), facts)
    stored = unpack(pack_model(rough))
    facts["held_back"] = measure(stored, held)
    return unpack(pack_model(rough))


def hash_group(phrase: str) -> int:
    return word_code(phrase)


def matrix(examples: Sequence[Example]) -> csr_matrix:
    """Feature rows of the examples, as prediction makes them."""
    made = [row_of(one.words) for one in examples]
    starts = np.cumsum([0, *map(len, made)])
    columns = np.fromiter((bucket for row in made for bucket in row), np.int32, starts[-1])
    values = np.fromiter((v for row in made for v in row.values()), np.float64, starts[-1])
    return csr_matrix((values, columns, starts), shape=(len(made), BUCKETS))


def _fit(rows: csr_matrix, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of every class; one that a fold lacks is never chosen."""
    used = np.unique(rows.indices)
    fitted = LogisticRegression(C=STRENGTH, max_iter=400, class_weight="balanced")
    fitted.fit(rows[:, used], labels)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients = np.vstack([-coefficients[0] / 2, coefficients[0] / 2])
        intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
    weights, bias = np.zeros((classes, BUCKETS)), np.full(classes, -30.0)
    weights[np.ix_(fitted.classes_, used)] = coefficients
    bias[fitted.classes_] = intercepts
    return weights, bias


def _temperature(
    rows: csr_matrix, labels: np.ndarray, groups: np.ndarray, alone: np.ndarray
) -> float:
    """What scores are divided by so that "80 %" is right four times in five, on unseen folds."""
    classes = int(labels.max()) + 1
    scores = np.zeros((len(labels), classes))
    folds = min(FOLDS, len(set(groups.tolist())))
    for seen, unseen in GroupKFold(folds).split(rows, labels, groups):
        weights, bias = _fit(rows[seen], labels[seen], classes)
        scores[unseen] = rows[unseen] @ weights.T + bias
    scores, labels = scores[alone], labels[alone]

    def surprise(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))


def measure(model: Model, held: Sequence[Example]) -> dict[str, Any]:
    """Accuracy, calibration error and silence on examples that were not trained on.

    `accuracy` takes the likeliest category of every real report, however unsure; `said` is the
    share of them that got a suggestion at all, `right_when_said` how often that one was right;
    `silent_about_nothing` is the share of words about nothing that rightly got none.
    """
    real = [one for one in held if one.category != NONE]
    idle = [one for one in held if one.category == NONE]
    first, best = [], []
    for one in real:
        chances = probabilities(model, one.words)
        allowed = [c for c in range(len(model.classes)) if model.classes[c] != NONE]
        top = max(allowed, key=lambda c: chances[c])
        first.append(model.classes[top] == one.category)
        whole = int(chances.argmax())
        best.append((float(chances[whole]), model.classes[whole] == one.category))
    said = [suggest_with(model, one.words) for one in real]
    spoken = [(s, one) for s, one in zip(said, real, strict=True) if s]
    return {
        "examples": len(real),
        "about_nothing": len(idle),
        "accuracy": _share(first),
        "by_category": {
            category: _share([ok for ok, one in zip(first, real, strict=True)
                              if one.category == category])
            for category in sorted({one.category for one in real})
        },
        "calibration_error": calibration_error(best),
        "said": _share([s is not None for s in said]),
        "right_when_said": _share([s.category == one.category for s, one in spoken]),
        "silent_about_nothing": _share([suggest_with(model, one.words) is None for one in idle]),
    }  # fmt: skip


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Expected calibration error over ten bins: how far "80 %" is from right 80 times in 100."""
    if not pairs:
        return None
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, right in pairs:
        bins.setdefault(min(BINS - 1, int(chance * BINS)), []).append((chance, right))
    off = sum(abs(sum(c for c, _ in one) - sum(right for _, right in one)) for one in bins.values())
    return round(off / len(pairs), 3)


def _share(truths: Sequence[bool]) -> float | None:
    return round(sum(truths) / len(truths), 3) if truths else None
