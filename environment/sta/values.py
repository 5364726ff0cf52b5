"""Take the values that a provider posts, one by one or as data arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from environment import actions, queries, said
from environment.ingest.formats import BadRow, RawRow
from environment.models import Datastream, Observation, Receipt, Sensor
from environment.quality import Unusable
from environment.sta import payload
from environment.sta.faults import Fault

NEAR_M = 500
MOST_ROWS, CHUNK = 200_000, 20_000
Body = dict[str, Any]


class Values:
    """One call's values, as one person; a delivery is opened when the first value comes."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._receipts: dict[bool, Receipt] = {}

    def _need(self, right: str) -> None:
        if not self.user.has_perm(f"environment.{right}"):
            raise Fault(403, f"This needs the permission environment.{right}.", "forbidden")

    def _seen(self) -> Any:
        return Sensor.objects.visible_to(self.user)

    def _linked(self, rows: Any, link: Any, what: str) -> Any:
        found = rows.filter(pk=payload.identifier(link, what)).first()
        if found is None:
            raise Fault(400, f"{what} {link['@iot.id']} does not exist.", "unknown")
        return found

    def observation(self, body: Body, parent: Any = None) -> Observation:
        stream = parent if isinstance(parent, Datastream) else self._stream_of(body)
        if "result" not in body:
            raise Fault(400, "result is missing.", "missing")
        self._check_feature(body.get("FeatureOfInterest"), stream)
        try:
            told = said.read(body)
        except Unusable as wrong:
            raise Fault(400, str(wrong), wrong.code) from None
        row = _row(_series(stream), body.get("phenomenonTime") or None, body["result"], told)
        (fate,) = self._record(stream, [row])
        if fate.status == actions.REFUSED:
            raise Fault(409 if fate.code == "conflict" else 400, fate.message, fate.code)
        return Observation.objects.get(datastream=stream, t=row.at)

    def _stream_of(self, body: Body) -> Datastream:
        return self.linked_stream(body.get("Datastream"))

    def linked_stream(self, link: Any) -> Datastream:
        """The Datastream of `{"@iot.id": …}` that this person may see. Raises: Fault."""
        rows = Datastream.objects.filter(sensor__in=self._seen())
        return self._linked(rows.select_related("sensor", "observed_property"), link, "Datastream")

    def _check_feature(self, given: Any, stream: Datastream) -> None:
        """Values tell of where the station stands; a feature elsewhere would be lost silently."""
        if given is None or payload.is_link(given):
            return
        at = payload.point(payload.obj(given, "FeatureOfInterest"), "feature")
        here = stream.sensor.geom
        away = ((at.x - here.x) ** 2 + (at.y - here.y) ** 2) ** 0.5 * 111_000
        if away > NEAR_M:
            raise Fault(400, f"FeatureOfInterest is {away / 1000:.1f} km from the Thing; values "
                             "here tell of where the station stands.", "elsewhere")  # fmt: skip

    def _record(
        self, stream: Datastream, rows: Sequence[RawRow | BadRow]
    ) -> Sequence[actions.Fate]:
        self._need("add_observation")
        receipt = self._receipt(synthetic=stream.sensor.synthetic)
        known = queries.Stations([stream.sensor])
        return actions.record(rows, receipt=receipt, known=known).fates

    def _receipt(self, *, synthetic: bool) -> Receipt:
        if synthetic not in self._receipts:
            self._receipts[synthetic] = actions.open_receipt(
                source=self.user.get_username()[:80], via=Receipt.Via.STA, synthetic=synthetic
            )
        return self._receipts[synthetic]

    def data_arrays(self, body: Any) -> list[tuple[Datastream | None, RawRow | None, str]]:
        """For each row in order: its Datastream, the row, and why it was refused or nothing."""
        self._need("add_observation")
        if not isinstance(body, list):
            raise Fault(400, "CreateObservations takes a list of data arrays.", "wrong-type")
        total = sum(len(g.get("dataArray") or ()) for g in body if isinstance(g, dict)
                    and isinstance(g.get("dataArray"), list))  # fmt: skip
        if total > MOST_ROWS:
            raise Fault(413, f"Send at most {MOST_ROWS} observations a call; these are {total}.")
        groups = [_group(group) for group in body]  # all are read before a row of one is kept
        found: list[tuple[Datastream | None, RawRow | None, str]] = []
        for group in groups:
            found += self._data_array(*group)
        return found

    def _data_array(
        self, link: Any, names: list[Any], values: list[Any]
    ) -> list[tuple[Datastream | None, RawRow | None, str]]:
        try:
            stream = self.linked_stream(link)
        except Fault as fault:
            self._set_aside(link, values, fault)
            return [(None, None, fault.message)] * len(values)
        when = names.index("phenomenonTime") if "phenomenonTime" in names else None
        shape = _Shape(when, names.index("result"), len(names), said.reader(names))
        series = _series(stream)
        found: list[tuple[Datastream | None, RawRow | None, str]] = []
        for start in range(0, len(values), CHUNK):
            rows = [_array_row(series, v, shape) for v in values[start : start + CHUNK]]
            for row, fate in zip(rows, self._record(stream, rows), strict=True):
                wrong = fate.message if fate.status == actions.REFUSED else ""
                found.append((stream, row if isinstance(row, RawRow) else None, wrong))
        return found

    def _set_aside(self, link: Any, values: Sequence[Any], fault: Fault) -> None:
        """Rows whose series nobody knows are kept with the reason, as at every other door."""
        rows = [BadRow(0, f"{link!r} {value!r}"[:2000], fault.code, fault.message)
                for value in values]  # fmt: skip
        actions.record(rows, receipt=self._receipt(synthetic=False))


def _group(given: Any) -> tuple[Any, list[Any], list[Any]]:
    """Datastream, components and rows of a data array. Raises: Fault."""
    group = payload.obj(given, "a data array")
    names = payload.read(group, "components", list, required=True)
    values = payload.read(group, "dataArray", list, required=True)
    if "result" not in names:
        raise Fault(400, "components must name result.", "missing")
    return group.get("Datastream"), names, values


def _series(stream: Datastream) -> tuple[str, str, str]:
    """The station, the property and the unit that a value of this Datastream comes with."""
    return (
        stream.sensor.code, stream.observed_property.code, stream.sent_unit or stream.unit
    )  # fmt: skip


class _Shape(NamedTuple):
    """Where a data array's rows hold what; `say` reads what they say beside time and result."""

    when: int | None
    what: int
    width: int
    say: Callable[[Sequence[Any]], said.Said | None] | None


def _array_row(series: tuple[str, str, str], values: Any, shape: _Shape) -> RawRow | BadRow:
    when, what, width, say = shape
    try:
        if not isinstance(values, list) or len(values) != width:
            raise Fault(400, f"a row must be a list of {width} values.", "wrong-type")
        at = None if when is None else values[when]
        return _row(series, at, values[what], say(values) if say else None)
    except Fault as fault:
        return BadRow(0, repr(values)[:2000], fault.code, fault.message)
    except Unusable as wrong:
        return BadRow(0, repr(values)[:2000], wrong.code, str(wrong))


def _row(
    series: tuple[str, str, str], when: Any, result: Any, told: said.Said | None = None
) -> RawRow:
    at = payload.phenomenon_time(when) or (told and told.result_time) or timezone.now()
    station, code, unit = series
    return RawRow(0, station, at, code, payload.number(result), unit, "", told)
