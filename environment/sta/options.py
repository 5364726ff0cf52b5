"""The options of a call or of an expansion: filter, expand, select, order, page, count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import F, OrderBy, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf

from environment.sta.entities import BY_NAME, Entity
from environment.sta.faults import Fault
from environment.sta.odata import Term, condition

USUAL_TOP, MOST_TOP, MOST_SKIP, MOST_DEEP = 100, 1000, 100_000, 4
MOST_DATA_ARRAY = 10_000
KNOWN = {"$filter", "$expand", "$select", "$orderby", "$top", "$skip", "$count", "$resultFormat"}


@dataclass(frozen=True)
class Options:
    """What is asked of one collection."""

    where: Q | None = None
    joins: bool = False  # the filter goes over a collection, so that rows may come twice
    order: tuple[str | OrderBy, ...] = ()
    select: tuple[str, ...] = ()
    expand: dict[str, Options] = field(default_factory=dict)
    top: int = USUAL_TOP
    skip: int = 0
    count: bool = False
    data_array: bool = False
    asked: tuple[tuple[str, str], ...] = ()  # the words themselves, for the link to the next page


def read(entity: Entity, given: Mapping[str, str], deep: int = 0) -> Options:
    """The options, each checked against the kind. Raises: Fault."""
    if unknown := [k for k in given if k.startswith("$") and k not in KNOWN]:
        raise Fault(400, f"{unknown[0]} is not known; there are {', '.join(sorted(KNOWN))}.")
    data_array = given.get("$resultFormat", "") == "dataArray"
    if given.get("$resultFormat") and not data_array:
        raise Fault(400, "$resultFormat can only be dataArray.")
    if data_array and entity.name != "Observation":
        raise Fault(400, "$resultFormat=dataArray is for Observations.")
    joins: list[str] = []
    where = None
    if given.get("$filter"):
        where = condition(given["$filter"], lambda path: _term(entity, path, joins))
    most = MOST_DATA_ARRAY if data_array else MOST_TOP
    return Options(
        where=where,
        joins=bool(joins),
        order=tuple(_order(entity, given.get("$orderby", ""))),
        select=_select(entity, given.get("$select", "")),
        expand=_expand(entity, given.get("$expand", ""), deep),
        top=min(_whole(given, "$top", USUAL_TOP), most),
        skip=_whole(given, "$skip", 0, MOST_SKIP),
        count=_truth(given),
        data_array=data_array,
        asked=tuple((k, v) for k, v in given.items() if k in KNOWN and v),
    )


def _whole(given: Mapping[str, str], name: str, usual: int, most: int | None = None) -> int:
    text = given.get(name, "")
    if not text:
        return usual
    if not text.isdigit() or len(text) > 9:
        raise Fault(400, f"{name} must be a whole number, not {text[:20]!r}.")
    if most is not None and int(text) > most:
        raise Fault(400, f"{name} is at most {most}; narrow the collection with $filter instead.")
    return int(text)


def _truth(given: Mapping[str, str]) -> bool:
    text = given.get("$count", "false")
    if text not in ("true", "false"):
        raise Fault(400, f"$count must be true or false, not {text[:20]!r}.")
    return text == "true"


def _term(entity: Entity, path: str, joins: list[str]) -> Term:
    """A property's path as a column. Raises: Fault naming what there is."""
    found = entity.columns.get(path)
    if found and found[0]:
        return Term(found[1], F(found[0]) if isinstance(found[0], str) else found[0], path)
    if path in entity.same:
        return Term("text", Value(entity.same[path]), path)
    head, _, rest = path.partition("/")
    relation = entity.relations.get(head)
    if relation and rest and relation.lookup:
        if relation.many:
            joins.append(path)
        below = _term(BY_NAME[relation.to], rest, joins)
        return Term(below.kind, _under(below.expr, relation.lookup), path)
    if f"{head}/" in entity.columns and rest:
        expr: object = F(entity.columns[f"{head}/"][0])
        for key in rest.split("/"):
            expr = KeyTextTransform(key, expr)
        return Term("text", expr, path)
    known = (*entity.columns, *entity.same, *entity.relations)
    names = ", ".join(sorted({name.rstrip("/") for name in known}))
    if head in entity.properties:
        raise Fault(400, f"{path!r} can neither be filtered nor ordered by; there are {names}.")
    raise Fault(400, f"{path!r} is no property of {entity.plural}; there are {names}.")


def _under(expr: object, lookup: str) -> object:
    if isinstance(expr, F):
        return F(f"{lookup}__{expr.name}")
    if isinstance(expr, KeyTextTransform):
        inner = expr.get_source_expressions()[0]
        return KeyTextTransform(expr.key_name, _under(inner, lookup))
    if isinstance(expr, Coalesce | NullIf):
        return type(expr)(*(_under(part, lookup) for part in expr.get_source_expressions()))
    if isinstance(expr, Value):
        return expr
    raise Fault(400, "This path cannot be followed.")


def _order(entity: Entity, text: str) -> Iterable[str | OrderBy]:
    for part in filter(None, (p.strip() for p in text.split(","))):
        path, _, direction = part.partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise Fault(400, f"$orderby: {part!r} ends neither with asc nor with desc.")
        if path in ("@iot.id", "id") and entity.name == "Observation":
            columns: tuple[str, ...] = entity.order
        else:
            joins: list[str] = []
            expr = _term(entity, path, joins).expr
            if isinstance(expr, Value):
                continue  # the same of all
            if not isinstance(expr, F | Coalesce) or joins:
                raise Fault(400, f"$orderby: {path!r} cannot be ordered by.")
            if isinstance(expr, Coalesce):
                yield expr.desc() if direction.strip() == "desc" else expr.asc()
                continue
            columns = (expr.name,)
        for column in columns:
            yield f"-{column}" if direction.strip() == "desc" else column


def _select(entity: Entity, text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, (p.strip() for p in text.split(",")))))
    known = {"@iot.id", "id", "@iot.selfLink", *entity.properties, *entity.relations}
    for name in names:
        if name not in known:
            told = ", ".join(sorted(known))
            raise Fault(400, f"$select: {name!r} is none of {entity.plural}; there are {told}.")
    return names


def _expand(entity: Entity, text: str, deep: int) -> dict[str, Options]:
    found: dict[str, dict[str, str]] = {}
    for part in _split(text, ","):
        head, inner = _inner(part)
        name, _, rest = head.partition("/")
        if name not in entity.relations:
            told = ", ".join(entity.relations)
            raise Fault(400, f"$expand: {name!r} is none of {entity.plural}; there are {told}.")
        given = found.setdefault(name, {})
        if rest:
            rest += f"({inner})" if inner else ""
            given["$expand"] = ",".join(filter(None, (given.get("$expand", ""), rest)))
        else:
            pairs = (p.partition("=") for p in _split(inner, ";"))
            given.update({k.strip(): v for k, _, v in pairs})
    if found and deep >= MOST_DEEP:
        raise Fault(400, f"$expand goes deeper than {MOST_DEEP}.")
    return {
        name: read(BY_NAME[entity.relations[name].to], given, deep + 1)
        for name, given in found.items()
    }


def _inner(part: str) -> tuple[str, str]:
    """`Name/Name($top=1)` as the path and what stands in the last brackets."""
    head, bracket, inner = part.strip().partition("(")
    if bracket and not inner.endswith(")"):
        raise Fault(400, f"$expand: the brackets of {part[:60]!r} do not match.")
    return head.strip(), inner[:-1] if bracket else ""


def _split(text: str, mark: str) -> list[str]:
    """The parts between marks that stand in no brackets and no quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == mark and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth or quoted:
        raise Fault(400, f"The brackets or quotes of {text[:60]!r} do not match.")
    return [part for part in (*parts, text[start:]) if part.strip()]
