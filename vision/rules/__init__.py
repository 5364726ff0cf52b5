"""What is worth saying about confirmed tracks, declared as data on the camera.

A rule is asked with the tracks of each picture and answers sightings: each (rule, track) once, and
for what lasts its updates and its end. Places in a picture are fractions of its width and height,
so a changed stream size moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from vision.rules.base import ANYTHING, REMEMBERED, Base, inside
from vision.rules.crossing import LineCount, RedLight
from vision.rules.dwell import NoParking, Stopped, ZoneEntry
from vision.rules.form import RuleProblem, described, fields_of, filled
from vision.rules.motion import Speed, WrongWay
from vision.rules.scene import SceneRule
from vision.rules.sighting import Rule, Sighting, View
from vision.rules.zones import Crowd, Density, Unattended
from vision.scenes import available

__all__ = [
    "ACROSS", "ANYTHING", "KINDS", "REMEMBERED", "Rule", "RuleProblem", "Sighting", "View",
    "from_data", "inside", "kinds", "needs_per_s", "problems",
]  # fmt: skip

ACROSS = ({"kind": "line", "name": "across", "line": [0.0, 0.6, 1.0, 0.6]},)
"""For a trial on a camera that has no rules yet: whatever crosses the lower middle."""

KINDS: dict[str, type[Base]] = {
    rule.kind: rule
    for rule in (
        LineCount, WrongWay, Stopped, NoParking, RedLight, Density, Crowd, ZoneEntry, Unattended,
        Speed, SceneRule,
    )
}  # fmt: skip


def kinds() -> list[dict[str, Any]]:
    """Every kind of rule with the fields of its form, titles in both languages."""
    return [
        {
            "kind": kind,
            "title": rule.title.dict(),
            "help": rule.help.dict(),
            "lasting": rule.lasting,
            "needs_per_s": rule.needs_per_s,
            "needs_control_points": kind == "speed",
            "experimental": kind == "scene",
            "fields": [described(name, field) for name, field in fields_of(rule).items()],
        }
        for kind, rule in KINDS.items()
    ]


def from_data(declared: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Rules from a camera's declaration: `[{"kind": "line", "name": …, "line": [x1,y1,x2,y2]}]`.

    Raises RuleProblem (a ValueError), in words for the person who wrote it, for the first thing
    that cannot be followed. An entry with `"off": true` is checked and left out.
    """
    made, names = [], set()
    for entry in _entries(declared):
        rule = _made(entry, names)
        if not entry.get("off"):
            made.append(rule)
    return made


def problems(declared: Any) -> list[dict[str, Any]]:
    """All that is wrong, one entry a rule: its place in the list, the field, and the words."""
    try:
        entries = _entries(declared)
    except RuleProblem as problem:
        return [{"index": None, "rule": "", "field": problem.field, "words": str(problem)}]
    found, names = [], set()
    for index, entry in enumerate(entries):
        try:
            _made(entry, names)
        except RuleProblem as problem:
            name = entry.get("name") if isinstance(entry, Mapping) else ""
            found.append(
                {"index": index, "rule": str(name or ""), "field": problem.field,
                 "words": str(problem)}
            )  # fmt: skip
    return found


def needs_per_s(declared: Iterable[Mapping[str, Any]]) -> float:
    """Pictures a second below which these rules miss what they are for."""
    followed = from_data(declared)
    return max((type(rule).needs_per_s for rule in followed), default=0.0)  # type: ignore[attr-defined]


def _entries(declared: Any) -> list[Mapping[str, Any]]:
    if not isinstance(declared, list | tuple):
        raise RuleProblem("", _("rules are a list of declarations"))
    return list(declared)


def _made(entry: Any, names: set[str]) -> Rule:
    if not isinstance(entry, Mapping):
        raise RuleProblem("", _("a rule is a declaration with kind and name"))
    kind = entry.get("kind")
    if kind not in KINDS:
        words = _("unknown kind of rule %(kind)s; known: %(known)s")
        raise RuleProblem("kind", words % {"kind": repr(kind), "known": ", ".join(KINDS)})
    values = {key: value for key, value in entry.items() if key not in ("kind", "off")}
    rule = KINDS[kind](**filled(KINDS[kind], kind, values))
    if isinstance(rule, RedLight) and not rule.lamp and not rule.signal:
        words = _("%(rule)s: draw the lamp or name a signal feed")
        raise RuleProblem("lamp", words % {"rule": rule.name})
    if isinstance(rule, SceneRule):
        if rule.agree > rule.looks:
            words = _("%(rule)s: more looks cannot agree than there are")
            raise RuleProblem("agree", words % {"rule": rule.name})
        if not entry.get("off") and not available()[rule.scene]:
            words = _("%(rule)s: nobody has brought a model for this kind; switch the rule off")
            raise RuleProblem("scene", words % {"rule": rule.name})
    if rule.name in names:
        raise RuleProblem("name", _("two rules of one camera have the same name"))
    names.add(rule.name)
    return rule  # type: ignore[return-value]
