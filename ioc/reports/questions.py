"""The questions of a category, in the standard's words, and the answers to them, checked."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports.models import Category

DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
MAX_LENGTH = 500


def described(category: Category) -> list[dict[str, Any]]:
    """A category's questions as GeoReport describes attributes, in the language at hand."""
    return [
        {
            "variable": one.get("variable", True),
            "code": str(one.get("code", "")),
            "datatype": _datatype(one),
            "required": bool(one.get("required", False)),
            "datatype_description": _said(one.get("datatype_description")),
            "order": one.get("order", number),
            "description": _said(one.get("description")),
            "values": [
                {"key": str(value.get("key", "")), "name": _said(value.get("name"))}
                for value in one.get("values") or []
            ],
        }
        for number, one in enumerate(category.attributes, 1)
    ]


def checked(category: Category, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to a category's questions; what was not asked is left out.

    Raises Refused: invalid-input, naming each question whose answer is missing or wrong.
    """
    answers: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for one in category.attributes:
        code = str(one.get("code", ""))
        if not one.get("variable", True):
            continue
        value = given.get(code)
        if value in (None, "", []):
            if one.get("required"):
                faults[f"attribute[{code}]"] = _("This question needs an answer.")
            continue
        try:
            answers[code] = _value(one, value)
        except (ValueError, TypeError):
            faults[f"attribute[{code}]"] = _("This is not an answer to the question.")
    if faults:
        raise Refused("invalid-input", _("Some of the input is wrong."), status=422, fields=faults)
    return answers


def _value(one: Mapping[str, Any], value: Any) -> Any:
    """Raises ValueError where `value` is no answer to this question."""
    kind = _datatype(one)
    if kind.endswith("list"):
        known = {str(choice.get("key", "")) for choice in one.get("values") or []}
        chosen = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
        if not set(chosen) <= known or (kind == "singlevaluelist" and len(chosen) != 1):
            raise ValueError(kind)
        return chosen[0] if kind == "singlevaluelist" else sorted(set(chosen))
    text = str(value[-1] if isinstance(value, list | tuple) else value).strip()
    if kind == "number":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    if kind == "datetime":
        return datetime.fromisoformat(text.replace("Z", "+00:00")).isoformat()
    if len(text) > MAX_LENGTH or "\x00" in text:
        raise ValueError(kind)
    return text


def _datatype(one: Mapping[str, Any]) -> str:
    kind = str(one.get("datatype", "string"))
    return kind if kind in DATATYPES else "string"


def _said(words: Any) -> str:
    """Words that are one text, or a pair of both languages."""
    if isinstance(words, Mapping):
        language = (get_language() or "vi")[:2]
        return str(words.get(language) or words.get("vi") or "")
    return str(words or "")
