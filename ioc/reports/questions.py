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
LANGUAGES = ("vi", "en")


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

    Raises Refused: bad-attributes, naming each question whose answer is missing or wrong.
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
        message = _("A question of this category is not answered yet, or not as it asks.")
        raise Refused("bad-attributes", message, status=422, fields=faults)
    return answers


def answered(category: Category, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answers as people read them: the question and the chosen names in both languages.

    What the category no longer asks keeps its code for a name.
    """
    asked = {str(one.get("code", "")): one for one in category.attributes}
    order = [code for code in asked if code in answers]
    order += [code for code in answers if code not in asked]
    return [_read(code, asked.get(code, {}), answers[code]) for code in order]


def _read(code: str, one: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    names = {str(value.get("key", "")): value.get("name") for value in one.get("values") or []}
    given = answer if isinstance(answer, list) else [answer]
    said = [both(names.get(str(item)) or str(item)) for item in given]
    return {
        "code": code,
        "question": both(one.get("description") or code),
        "answer": {language: ", ".join(text[language] for text in said) for language in LANGUAGES},
    }


def both(words: Any) -> dict[str, str]:
    """Words in both languages, from a pair or from one text that stands for both."""
    if isinstance(words, Mapping):
        vi, en = (str(words.get(language) or "") for language in LANGUAGES)
        return {"vi": vi or en, "en": en or vi}
    return dict.fromkeys(LANGUAGES, str(words or ""))


def _value(one: Mapping[str, Any], value: Any) -> Any:
    """Raises ValueError where `value` is no answer to this question."""
    kind = _datatype(one)
    if kind.endswith("list"):
        known = {str(choice.get("key", "")) for choice in one.get("values") or []}
        chosen = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
        if kind == "multivaluelist" and len(chosen) == 1 and chosen[0] not in known:
            chosen = chosen[0].split(",")  # as phones sent several values before
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
