"""A category's questions as somebody writes them on the setup screen: made regular and checked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ioc.reports.questions import DATATYPES, LANGUAGES, both

MOST_QUESTIONS = 20
MOST_VALUES = 40
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
LISTS = ("singlevaluelist", "multivaluelist")
Faults = dict[str, str]


def regular(attributes: Any) -> list[dict[str, Any]]:
    """Questions in the one form that is edited: every key there, words in both languages."""
    return [_regular(one) for one in attributes if isinstance(one, Mapping)]


def _regular(one: Mapping[str, Any]) -> dict[str, Any]:
    values = one.get("values")
    return {
        "code": str(one.get("code", "")).strip(),
        "variable": bool(one.get("variable", True)),
        "datatype": str(one.get("datatype", "string")),
        "required": bool(one.get("required", False)),
        "description": both(one.get("description")),
        "datatype_description": both(one.get("datatype_description")),
        "values": [
            {"key": str(value.get("key", "")).strip(), "name": both(value.get("name"))}
            for value in (values if isinstance(values, list) else [])
            if isinstance(value, Mapping)
        ],
    }


def checked(given: Any) -> tuple[list[dict[str, Any]], Faults]:
    """The questions as they are kept, and what is wrong with them, by place in the list."""
    whole = _("At most %(most)s questions.") % {"most": MOST_QUESTIONS}
    if not isinstance(given, list) or len(given) > MOST_QUESTIONS:
        return [], {"attributes": whole}
    if not all(isinstance(one, Mapping) for one in given):
        return [], {"attributes": whole}
    asked, faults = regular(given), {}
    for number, one in enumerate(asked):
        _check(f"attributes.{number}", one, asked[:number], faults)
        one["order"] = number + 1
    return asked, faults


def _check(
    at: str, one: dict[str, Any], earlier: Sequence[Mapping[str, Any]], faults: Faults
) -> None:
    if not CODE.fullmatch(one["code"]):
        faults[f"{at}.code"] = _("A code is 1 to 40 letters, digits, hyphens and underscores.")
    elif one["code"] in {other["code"] for other in earlier}:
        faults[f"{at}.code"] = _("This code is taken.")
    if one["datatype"] not in DATATYPES:
        faults[f"{at}.datatype"] = _("Choose a kind of answer.")
    _check_words(f"{at}.description", one["description"], faults, needed=True)
    _check_words(f"{at}.datatype_description", one["datatype_description"], faults)
    if one["datatype"] not in LISTS:
        one["values"] = []
        return
    values = one["values"]
    keys = [value["key"] for value in values]
    good = 1 <= len(values) <= MOST_VALUES and len(set(keys)) == len(keys)
    if not good or not all(CODE.fullmatch(key) for key in keys):
        message = _("1 to %(most)s choices, each with a code of its own.")
        faults[f"{at}.values"] = message % {"most": MOST_VALUES}
    for value in values:
        _check_words(f"{at}.values", value["name"], faults, needed=True, most=120)


def _check_words(
    at: str, words: Mapping[str, str], faults: Faults, *, needed: bool = False, most: int = 300
) -> None:
    if needed and not any(words[language].strip() for language in LANGUAGES):
        faults.setdefault(at, _("This is needed."))
    if any(len(text) > most or "\x00" in text for text in words.values()):
        faults.setdefault(at, _("At most %(most)s characters.") % {"most": most})
