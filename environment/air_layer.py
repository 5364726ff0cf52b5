"""The air surface on the map, in the colours of the decision."""

from environment import aqi
from environment.air_map import BANDS
from environment.models import AirBand
from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register

CLASSES = tuple(
    Choice(band, Text(each.name_vi, each.name_en), each.color)
    for band, each in zip(BANDS, aqi.CATEGORIES, strict=True)
)

register(
    Layer(
        slug="air-surface",
        title=Text("Không khí giữa các trạm (VN_AQI)", "Air between stations (VN_AQI)"),
        geometry="polygon",
        queryset=lambda user: AirBand.objects.all(),
        permission="environment.view_sensor",
        fields=(
            Field("band", Text("Mức", "Class"), "choice", choices=CLASSES, filter=True),
            Field("at", Text("Đo lúc", "Observed"), "time"),
            Field("stations", Text("Số trạm", "Stations"), "number"),
            Field("error", Text("Sai số khi bỏ từng trạm", "Error, each left out"), "number"),
            Field("reach_km", Text("Vẽ cách trạm tới", "Drawn up to"), "number", unit="km"),
            Field("method_vi", Text("Cách vẽ", "Method (vi)")),
            Field("method_en", Text("Cách vẽ (en)", "Method")),
        ),
        public_fields=("band", "at", "stations", "error", "reach_km", "method_vi", "method_en"),
        title_field="band",
        time_field="at",
        style=Style(kind="fill", color="#00e400", by="band"),
        order=82,
        default_visible=False,
    )
)
