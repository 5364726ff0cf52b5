"""Collections and entities as JSON, each level of an expansion by bounded queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.db import DataError, InternalError, OperationalError, connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from environment.models import Observation, Place
from environment.sta.entities import BY_NAME, Entity, Relation, give_features, observation_id
from environment.sta.faults import Fault
from environment.sta.options import Options

LONGEST_MS = 5000
MOST_EXPANDED = 20_000
NARROW = "This takes too long; narrow it by a Datastream, a time or a smaller $top."


class Reader:
    """Answers one call: whose eyes, and the address that links begin with."""

    def __init__(self, user: Any, root: str) -> None:
        self.user, self.root = user, root
        self._left = MOST_EXPANDED

    def link(self, entity: Entity, row: Any) -> str:
        return f"{self.root}/{entity.plural}({_quoted(row)})"

    def collection(
        self, entity: Entity, rows: QuerySet[Any], options: Options, address: str
    ) -> dict[str, Any]:
        """`value`, with `@iot.count` and `@iot.nextLink` where due. `address`: of this call."""
        rows = self.narrowed(entity, rows, options)
        out: dict[str, Any] = {}
        if options.count:
            out["@iot.count"] = bounded(rows.count)
        ordered = _ordered(rows, options, entity)
        found = bounded(lambda: list(ordered[options.skip : options.skip + options.top + 1]))
        if len(found) > options.top and options.top:
            out["@iot.nextLink"] = _next(address, options)
        out["value"] = self.shown(entity, found[: options.top], options)
        return out

    def shown(self, entity: Entity, rows: Sequence[Any], options: Options) -> list[dict[str, Any]]:
        """The rows as the standard writes them."""
        self._left -= len(rows)
        if self._left < 0:
            raise Fault(400, f"$expand would answer more than {MOST_EXPANDED} entities; ask less.")
        if entity.name == "Observation" and "FeatureOfInterest" in options.expand:
            give_features(rows)
        items = [self._item(entity, row, options) for row in rows]
        for name, inner in options.expand.items():
            self._expand(entity, name, rows, items, inner)
        return items

    def _item(self, entity: Entity, row: Any, options: Options) -> dict[str, Any]:
        link = self.link(entity, row)
        item = {"@iot.id": identity(row), "@iot.selfLink": link, **entity.shown(row)}
        for name, relation in entity.relations.items():
            if name not in options.expand and _has(relation, row):
                item[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        if not options.select:
            return item
        wanted = {"@iot.id" if name == "id" else name for name in options.select}
        wanted |= {f"{name}@iot.navigationLink" for name in options.select}
        return {name: value for name, value in item.items() if name in wanted}

    def _expand(
        self,
        entity: Entity,
        name: str,
        rows: Sequence[Any],
        items: Sequence[dict[str, Any]],
        options: Options,
    ) -> None:
        relation = entity.relations[name]
        child = BY_NAME[relation.to]
        keys = {getattr(row, relation.own) for row in rows} - {None}
        per: dict[Any, list[Any]] = {}
        for row in self._children(child, relation, keys, options):
            per.setdefault(_attribute(row, relation.by), []).append(row)
        kept = [row for found in per.values() for row in found[: options.top]]
        shown = self.shown(child, kept, options)
        by_row = dict(zip(map(id, kept), shown, strict=True))
        for row, item in zip(rows, items, strict=True):
            found = per.get(getattr(row, relation.own), [])
            if not relation.many:
                item[name] = by_row[id(found[0])] if found else None
                continue
            if options.count:
                mine = self._related(child, relation, [getattr(row, relation.own)])
                item[f"{name}@iot.count"] = bounded(self.narrowed(child, mine, options).count)
            item[name] = [by_row[id(r)] for r in found[: options.top]]
            if len(found) > options.top:
                address = f"{self.link(entity, row)}/{name}?{urlencode(options.asked, safe='$')}"
                item[f"{name}@iot.nextLink"] = _next(address, options)

    def _children(
        self, child: Entity, relation: Relation, keys: set[Any], options: Options
    ) -> list[Any]:
        """Neighbours of these rows, in order, one more than `$top` each."""
        if not keys:
            return []
        if not relation.many:
            return list(self._related(child, relation, sorted(keys)))
        first, last = options.skip, options.skip + options.top + 1
        if child.name == "Observation":  # a window over a long history would read all of it
            found = []
            for key in sorted(keys):
                mine = self.narrowed(child, self._related(child, relation, [key]), options)
                mine = _ordered(mine, options, child)
                found += bounded(lambda mine=mine: list(mine[first:last]))
            return found
        order = (*options.order, *child.order)
        rows = self.narrowed(child, self._related(child, relation, sorted(keys)), options)
        ranked = rows.annotate(
            sta_rank=Window(RowNumber(), partition_by=F(relation.by), order_by=_terms(order))
        ).filter(sta_rank__gt=first, sta_rank__lte=last)
        return bounded(lambda: list(ranked.order_by(*order)))

    def _related(self, child: Entity, relation: Relation, keys: Sequence[Any]) -> QuerySet[Any]:
        rows = child.rows(self.user).filter(**{f"{relation.by}__in": keys})
        return current(rows) if relation.current else rows

    def narrowed(self, entity: Entity, rows: QuerySet[Any], options: Options) -> QuerySet[Any]:
        """The rows of a filter, each once; it reads nothing of stations this person may not see."""
        if options.where is None:
            return rows
        if not options.joins:
            return rows.filter(options.where)
        where = options.where
        if entity.stations:
            seen = BY_NAME["Thing"].rows(self.user)
            where &= Q(**{f"{entity.stations}__in": seen})
        return rows.filter(pk__in=rows.model.objects.filter(where).values("pk"))

    def neighbours(self, entity: Entity, row: Any, name: str) -> tuple[Entity, QuerySet[Any], bool]:
        """The kind, rows and whether many, of `Things(1)/Datastreams` and the like."""
        relation = entity.relations[name]
        if entity.name == "Observation" and name == "FeatureOfInterest":
            give_features([row])
        child = BY_NAME[relation.to]
        return child, self._related(child, relation, [getattr(row, relation.own)]), relation.many

    def data_array(self, rows: QuerySet[Any], options: Options, address: str) -> dict[str, Any]:
        """Observations as arrays, one object for each Datastream."""
        entity = BY_NAME["Observation"]
        found = self.collection(entity, rows, options, address)
        names = [n for n in options.select if n in entity.properties] or ["phenomenonTime",
                 "result", "resultTime", "resultQuality"]  # fmt: skip
        groups: dict[str, list[Any]] = {}
        ordered = _ordered(self.narrowed(entity, rows, options), options, entity)
        page = bounded(lambda: list(ordered[options.skip : options.skip + options.top]))
        if not options.select:
            said = {"validTime": "valid_from", "parameters": "parameters"}
            names += [name for name, column in said.items()
                      if any(getattr(o, column) is not None for o in page)]  # fmt: skip
        for o in page:
            shown = entity.shown(o)
            values = [identity(o), *(shown.get(name) for name in names)]
            groups.setdefault(f"{self.root}/Datastreams({o.datastream_id})", []).append(values)
        found["value"] = [
            {"Datastream@iot.navigationLink": link, "components": ["id", *names],
             "dataArray@iot.count": len(values), "dataArray": values}
            for link, values in groups.items()
        ]  # fmt: skip
        return found


def identity(row: Any) -> int | str:
    """A row's `@iot.id`."""
    return observation_id(row.datastream_id, row.t) if isinstance(row, Observation) else row.pk


def current(places: QuerySet[Place]) -> QuerySet[Place]:
    """The newest place of each station alone."""
    newest = Place.objects.filter(sensor=OuterRef("sensor_id")).order_by("-since_at", "-pk")
    return places.filter(pk=Subquery(newest.values("pk")[:1]))


def bounded(work: Any) -> Any:
    """What the queries answer, if they do within five seconds. Raises: Fault."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_MS}")
            found = work()
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return found
    except OperationalError as error:
        raise Fault(503, NARROW, "too-long") from error
    except (DataError, InternalError) as error:  # a number too large, a shape that crosses itself
        raise Fault(400, f"$filter: {str(error).splitlines()[0][:120]}.") from error


def _quoted(row: Any) -> str:
    found = identity(row)
    return f"'{found}'" if isinstance(found, str) else str(found)


def _terms(order: Sequence[str]) -> list[Any]:
    return [F(c[1:]).desc() if c.startswith("-") else F(c).asc() for c in order]


def _ordered(rows: QuerySet[Any], options: Options, entity: Entity) -> QuerySet[Any]:
    """The rows in order; where none says a resultTime, an order by it is the index's own."""
    return rows.order_by(*(_plain(term, rows) for term in options.order), *entity.order)


def _plain(term: Any, rows: QuerySet[Any]) -> Any:
    if isinstance(term, str):
        return term
    first, second = term.expression.get_source_expressions()
    if not (isinstance(first, F) and isinstance(second, F)):
        return term
    if bounded(rows.filter(**{f"{first.name}__isnull": False}).exists):
        return term
    return f"-{second.name}" if term.descending else second.name


def _attribute(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _has(relation: Relation, row: Any) -> bool:
    return relation.many or getattr(row, relation.own, True) is not None


def _next(address: str, options: Options) -> str:
    base, _, query = address.partition("?")
    pairs = [p for p in query.split("&") if p and not p.startswith(("$skip=", "%24skip=",
             "$top=", "%24top="))]  # fmt: skip
    pairs += [f"$top={options.top}", f"$skip={options.skip + options.top}"]
    return f"{quote(base, safe=':/()%')}?{'&'.join(pairs)}"
