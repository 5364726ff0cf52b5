"""What an analysis may be told: declared once, checked when made, described for a screen."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any

from geo.text import Text


class ParameterError(ValueError):
    """A value that an analysis cannot work with: which one, and why in both languages."""

    def __init__(self, name: str, vi: str, en: str) -> None:
        super().__init__(f"{name}: {en}")
        self.name = name
        self.text = Text(vi, en)


@dataclass(frozen=True)
class Declared:
    """How a person sees one parameter; ``low`` and ``high`` are allowed themselves."""

    kind: str
    title: Text
    explanation: Text
    low: float | None = None
    high: float | None = None
    unit: str = ""
    options: Mapping[str, Text] = dataclasses.field(default_factory=dict)
    optional: bool = False


def number(
    default: float | None, title: Text, explanation: Text, *,
    low: float | None = None, high: float | None = None, unit: str = "",
) -> Any:  # fmt: skip
    """A field of ``Parameters``: a whole number where the default is one, else any number.

    A default of None means that it may be left out.
    """
    kind = "integer" if isinstance(default, int) else "number"
    return _field(default, Declared(kind, title, explanation, low, high, unit,
                                    optional=default is None))  # fmt: skip


def required(
    title: Text, explanation: Text, *, whole: bool = False,
    low: float | None = None, high: float | None = None, unit: str = "",
) -> Any:  # fmt: skip
    """A field that has no sensible default: the one who asks has to say it."""
    kind = "integer" if whole else "number"
    declared = Declared(kind, title, explanation, low, high, unit)
    return field(metadata={"declared": declared})


def choice(default: str, title: Text, explanation: Text, options: Mapping[str, Text]) -> Any:
    return _field(default, Declared("choice", title, explanation, options=options))


def flag(default: bool, title: Text, explanation: Text) -> Any:
    return _field(default, Declared("flag", title, explanation))


def numbers(default: tuple[float, ...], title: Text, explanation: Text, unit: str = "") -> Any:
    """A field of several rising numbers, such as limits of classes or distances."""
    return _field(default, Declared("numbers", title, explanation, unit=unit))


def _field(default: Any, declared: Declared) -> Any:
    return field(default=default, metadata={"declared": declared})


@dataclass(frozen=True)
class Parameters:
    """Base of every analysis's parameters. Raises ParameterError on what is out of bounds."""

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):
            if (declared := each.metadata.get("declared")) is not None:
                CHECKS[declared.kind](each.name, getattr(self, each.name), declared)

    def dict(self) -> dict[str, Any]:
        """The values as JSON stores them with a result."""
        return dataclasses.asdict(self)


def described(kind: type[Parameters]) -> list[dict[str, Any]]:
    """Every parameter of a method, in order, as a screen is built from it."""
    told = []
    for each in dataclasses.fields(kind):
        declared: Declared = each.metadata["declared"]
        told.append(
            {
                "name": each.name,
                "kind": declared.kind,
                "title": declared.title.dict(),
                "explanation": declared.explanation.dict(),
                "default": None if each.default is MISSING else each.default,
                "required": each.default is MISSING,
                "low": declared.low,
                "high": declared.high,
                "unit": declared.unit,
                "options": {key: text.dict() for key, text in declared.options.items()},
            }
        )
    return told


def _number(name: str, value: Any, declared: Declared) -> None:
    if value is None and declared.optional:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ParameterError(name, f"cần một số, không phải {value!r}", f"a number, not {value!r}")
    if declared.kind == "integer" and value != int(value):
        raise ParameterError(name, f"cần số nguyên, không phải {value}",
                             f"a whole number, not {value}")  # fmt: skip
    low, high, unit = declared.low, declared.high, declared.unit
    if low is not None and value < low:
        raise ParameterError(name, f"ít nhất là {low:g} {unit}".strip(),
                             f"at least {low:g} {unit}".strip())  # fmt: skip
    if high is not None and value > high:
        raise ParameterError(name, f"nhiều nhất là {high:g} {unit}".strip(),
                             f"at most {high:g} {unit}".strip())  # fmt: skip


def _choice(name: str, value: Any, declared: Declared) -> None:
    if value not in declared.options:
        known = ", ".join(declared.options)
        raise ParameterError(name, f"một trong: {known}", f"one of: {known}")


def _flag(name: str, value: Any, declared: Declared) -> None:
    if not isinstance(value, bool):
        raise ParameterError(name, "có hoặc không", "true or false")


def _numbers(name: str, value: Any, declared: Declared) -> None:
    values = list(value)
    for each in values:
        _number(name, each, Declared("number", declared.title, declared.explanation))
    if any(after <= before for before, after in zip(values, values[1:], strict=False)):
        raise ParameterError(name, "các số phải tăng dần", "the numbers must rise")


CHECKS = {"integer": _number, "number": _number, "choice": _choice, "flag": _flag,
          "numbers": _numbers}  # fmt: skip
