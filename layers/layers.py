"""The wards: the one layer whose model lies in ``geo``, which knows no layer."""

from typing import Any

from django.db.models import QuerySet

from geo.models import District
from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register


def districts(user: Any) -> QuerySet[District]:
    return District.objects.filter(retired_at=None)


register(
    Layer(
        slug="wards",
        title=Text("Phường, xã", "Wards and communes"),
        geometry="polygon",
        queryset=districts,
        permission="",
        fields=(
            Field("name_vi", Text("Tên", "Name (vi)")),
            Field("name_en", Text("Tên (en)", "Name")),
            Field("code", Text("Mã", "Code")),
            Field(
                "kind",
                Text("Loại", "Kind"),
                "choice",
                choices=(
                    Choice("ward", Text("Phường", "Ward")),
                    Choice("commune", Text("Xã", "Commune")),
                    Choice("special", Text("Đặc khu", "Special zone")),
                ),
                filter=True,
            ),
            Field("area_km2", Text("Diện tích", "Area"), "number", unit="km²"),
        ),
        title_field="name_vi",
        style=Style(kind="district", color="#7b8aa3", label="name_vi"),
        search_fields=("name_vi", "name_en"),
        order=90,
    )
)
