"""Stations with their state: all at once, and one with what stands behind it."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from environment import api_series, outlook, queries, telling
from environment.models import Datastream, Latest, Sensor
from geo.text import Text
from layers.viewers import viewer

router = Router(tags=["environment"])

COLUMNS = {
    "code": "code", "name_vi": "name_vi", "name_en": "name_en", "kind": "kind", "state": "state",
    "parameter": "parameter", "value": "value", "unit": "unit",
    "observed_at": "date_part('epoch', observed_at)::bigint",
    "lon": "ST_X(geom)", "lat": "ST_Y(geom)", "synthetic": "synthetic",
}  # fmt: skip
# The database writes the JSON, a column at a time: a third of what rows cost it.
LATEST = (
    "SELECT json_build_object("
    + ", ".join(
        f"'{name}', coalesce(array_to_json(array_agg({column})), '[]')"
        for name, column in COLUMNS.items()
    )
    + ")::text FROM (SELECT * FROM environment_sensor WHERE public OR %s ORDER BY id) s"
)
CONTEXT = ("reservoir_level", "volume", "inflow", "release")


@router.get("/latest", auth=None, summary="Every station with its state and latest value")
def latest(request: HttpRequest) -> HttpResponse:
    """``{"code": […], "state": […], …}``, each list in the same order; times in seconds of 1970."""
    every = viewer(request).has_perm("environment.view_sensor")
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [every])
        return HttpResponse(cursor.fetchone()[0], content_type="application/json")


@router.get("/stations/{code}", auth=None, summary="One station and what stands behind its state")
def station(request: HttpRequest, code: str) -> dict[str, Any]:
    """State, alarm level, trend, time to the next level, latest of each property, in words too."""
    user = viewer(request)
    sensor = Sensor.objects.visible_to(user).filter(code=code).first()
    if sensor is None:
        raise Http404
    streams = queries.streams_of([sensor.pk]).get(sensor.pk, [])
    newest = queries.latest_of(s.pk for s in streams)
    out: dict[str, Any] = {
        "code": sensor.code, "name": Text(sensor.name_vi, sensor.name_en).dict(),
        "kind": sensor.kind, "state": str(sensor.state), "parameter": sensor.parameter,
        "value": sensor.value, "unit": sensor.unit, "observed_at": sensor.observed_at,
        "datum": sensor.datum, "position_source": sensor.position_source,
        "lon": sensor.geom.x, "lat": sensor.geom.y, "synthetic": sensor.synthetic,
        "silent_after_s": sensor.silent_after_s,
        "properties": [_property(s, newest.get(s.pk)) for s in streams],
        "can": ["overrule"] if user.has_perm("environment.change_observation") else [],
    }  # fmt: skip
    main = queries.main_stream(sensor, [s for s in streams if s.pk in newest])
    if main is not None and sensor.kind in (Sensor.Kind.RIVER, Sensor.Kind.TIDE):
        out["river"] = river(sensor, main, newest[main.pk])
    if sensor.kind == Sensor.Kind.RIVER:
        out["reservoirs"] = reservoirs(user, sensor.synthetic)
    return out


def _property(stream: Datastream, newest: Latest | None) -> dict[str, Any]:
    prop = stream.observed_property
    return {
        "parameter": prop.code, "title": Text(prop.name_vi, prop.name_en).dict(),
        "unit": stream.unit, "value": newest and newest.value, "time": newest and newest.t,
    }  # fmt: skip


def river(sensor: Sensor, stream: Datastream, newest: Latest) -> dict[str, Any]:
    """Level, trend and next alarm level of a gauge, and a sentence for everyone."""
    limits = queries.thresholds_on(sensor, stream.observed_property.code, newest.t)
    recent = queries.trusted_between(stream.pk, newest.t - timedelta(hours=6), newest.t)
    going = outlook.trend(recent)
    level = queries.level_now(sensor.pk)
    above = next((x for x in limits if x.level > level and x.value > newest.value), None)
    arrival = outlook.time_to(above.value, newest.value, going) if above else None
    return {
        "level": level,
        "thresholds": api_series.lines(sensor, stream.observed_property.code, newest.t),
        "trend": going and {"word": going.word, "per_h": round(going.per_h, 3)},
        "next": above and {"level": above.level, "value": above.value},
        "arrival": arrival and {
            "hours": round(arrival.hours, 1), "first_h": round(arrival.first_h, 1),
            "last_h": arrival.last_h and round(arrival.last_h, 1),
        },
        "text": _sentence(sensor, newest.value, level, going, bool(limits)).dict(),
        "outlook": Text(*telling.next_level(above, arrival, stream.unit)).dict() if above else None,
    }  # fmt: skip


LEVEL_WORDS = (
    ("dưới báo động I", "below alarm level I"),
    ("trên báo động I: chú ý vùng thấp ven sông", "above alarm I: watch low ground by the river"),
    ("trên báo động II: nước có thể vào đường và nhà vùng thấp",
     "above alarm II: water may enter low streets and houses"),
    ("trên báo động III: lũ lớn, làm theo hướng dẫn của chính quyền",
     "above alarm III: a great flood; do as the authorities say"),
)  # fmt: skip


def _sentence(
    sensor: Sensor, value: float, level: int, going: outlook.Trend | None, known: bool
) -> Text:
    vi, en = LEVEL_WORDS[level] if known else ("chưa có mức báo động", "no alarm levels are set")
    if sensor.state == "stale":
        return Text(f"{sensor.name_vi}: mất tín hiệu, số cuối {telling.comma(value)} m.",
                    f"{sensor.name_en}: silent; the last value was {value:.2f} m.")  # fmt: skip
    if sensor.state == "suspect":
        return Text(
            f"{sensor.name_vi}: số liệu mới đang được kiểm tra, số tin cậy cuối "
            f"{telling.comma(value)} m.",
            f"{sensor.name_en}: new values are being checked; the last trusted one was "
            f"{value:.2f} m.",
        )
    trend_vi, trend_en = telling.GOING[going.word] if going else ("", "")
    join = lambda *parts: ", ".join(filter(None, parts))  # noqa: E731
    return Text(
        f"{sensor.name_vi}: {join(f'{telling.comma(value)} m', trend_vi, vi)}.",
        f"{sensor.name_en}: {join(f'{value:.2f} m', trend_en, en)}.",
    )


def reservoirs(user: Any, synthetic: bool) -> list[dict[str, Any]]:
    """Level, volume, inflow and release of the reservoirs, as context of a river."""
    rows = Sensor.objects.visible_to(user).filter(kind="reservoir", synthetic=synthetic)
    streams = queries.streams_of(s.pk for s in rows)
    newest = queries.latest_of(d.pk for found in streams.values() for d in found)
    return [
        {
            "code": s.code, "name": Text(s.name_vi, s.name_en).dict(), "state": str(s.state),
            "latest": {
                d.observed_property.code: {"value": newest[d.pk].value, "unit": d.unit,
                                           "time": newest[d.pk].t}
                for d in streams.get(s.pk, [])
                if d.observed_property.code in CONTEXT and d.pk in newest
            },
        }
        for s in rows
    ]  # fmt: skip


# What is known now comes before what is in doubt, and that before what was.
BELIEVED = {"suspect": 1, "stale": 2}


@router.get("/rivers", auth=None, summary="Every river gauge in a sentence, the worst first")
def rivers(request: HttpRequest) -> list[dict[str, Any]]:
    seen = Sensor.objects.visible_to(viewer(request)).filter(kind=Sensor.Kind.RIVER)
    spoken = list(seen.exclude(value=None)[:100])
    streams = queries.streams_of(s.pk for s in spoken)
    newest = queries.latest_of(d.pk for found in streams.values() for d in found)
    found = []
    for sensor in spoken:
        main = queries.main_stream(sensor, [d for d in streams[sensor.pk] if d.pk in newest])
        if main:
            row = river(sensor, main, newest[main.pk])
            found.append({"code": sensor.code, "state": str(sensor.state), "value": sensor.value,
                          "observed_at": sensor.observed_at, "synthetic": sensor.synthetic,
                          "name": Text(sensor.name_vi, sensor.name_en).dict(), **row})  # fmt: skip
    found.sort(key=lambda r: (BELIEVED.get(r["state"], 0), -r["level"], -r["value"]))
    return found
