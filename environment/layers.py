"""The stations on the map, coloured by alarm level or air class, and the wall's sentences."""

from typing import Any
from urllib.parse import quote

from environment import queries, summary
from environment.models import Sensor
from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register
from layers.summary import register as register_summary

STATES = (
    Choice("good", Text("Bình thường", "Normal"), "#3fb68b", "circle"),
    Choice(
        "minor", Text("Báo động I · AQI trung bình", "Alarm I · AQI moderate"), "#f0d54e", "circle"
    ),
    Choice("moderate", Text("Báo động II · AQI kém", "Alarm II · AQI poor"), "#f39c12", "triangle"),
    Choice("severe", Text("Báo động III · AQI xấu", "Alarm III · AQI bad"), "#e4572e", "diamond"),
    Choice(
        "extreme", Text("AQI rất xấu, nguy hại", "AQI very bad, hazardous"), "#c2186b", "hexagon"
    ),
    Choice("suspect", Text("Số liệu nghi ngờ", "Suspect values"), "#8f7ee6", "cross"),
    Choice("stale", Text("Mất tín hiệu", "Silent"), "#7b8aa3", "ring"),
    Choice("unknown", Text("Chưa phân cấp", "Not classified"), "#a3b3c9", "circle"),
)
KINDS = (
    Choice("river", Text("Mực nước sông", "River gauge")),
    Choice("rain", Text("Đo mưa", "Rain gauge")),
    Choice("air", Text("Không khí", "Air quality")),
    Choice("tide", Text("Triều", "Tide gauge")),
    Choice("reservoir", Text("Hồ chứa", "Reservoir")),
    Choice("other", Text("Trạm khác", "Other station")),
)


def card(user: Any, sensor: Sensor) -> dict[str, Any]:
    """A chart for each property of the station, its main one first."""
    streams = queries.streams_of([sensor.pk]).get(sensor.pk, [])
    main = queries.main_stream(sensor, streams)
    streams.sort(key=lambda s: (s != main, s.pk))
    url = f"/api/v1/environment/stations/{quote(sensor.code, safe='')}/series?parameter="
    return {
        "series": [
            {
                "title": Text(s.observed_property.name_vi, s.observed_property.name_en).dict(),
                "unit": s.unit,
                "url": url + s.observed_property.code,
            }
            for s in streams
        ]
    }


register(
    Layer(
        slug="sensors",
        title=Text("Trạm quan trắc", "Sensors"),
        geometry="point",
        queryset=lambda user: Sensor.objects.visible_to(user),
        permission="environment.view_sensor",
        fields=(
            Field("name_vi", Text("Tên", "Name (vi)")),
            Field("name_en", Text("Tên (en)", "Name"), card=False),
            Field("kind", Text("Loại", "Kind"), "choice", choices=KINDS, filter=True),
            Field("state", Text("Trạng thái", "State"), "choice", choices=STATES, filter=True),
            Field("value", Text("Giá trị", "Value"), "number"),
            Field("unit", Text("Đơn vị", "Unit")),
            Field("observed_at", Text("Đo lúc", "Observed"), "time"),
            Field("parameter", Text("Thông số", "Parameter"), card=False),
            Field("code", Text("Mã trạm", "Code")),
            Field("datum", Text("Cao độ chuẩn", "Datum")),
            Field("position_source", Text("Nguồn vị trí", "Source of the position")),
        ),
        public_fields=(
            "name_vi",
            "name_en",
            "kind",
            "state",
            "value",
            "unit",
            "observed_at",
            "parameter",
        ),
        title_field="name_vi",
        time_field="observed_at",
        style=Style(kind="sensor", color="#3fb68b", by="state", value="value", label="name_vi"),
        order=40,
        live=True,
        stale_after_s=5400,
        search_fields=("name_vi", "name_en", "code"),
        card=card,
    )
)
register_summary(summary.tiles)
from environment import air_layer  # noqa: E402, F401
from environment.flood import layers as flood_layers  # noqa: E402, F401
