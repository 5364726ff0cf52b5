"""Billboards on the map, coloured by what the permit is worth: expired ones stand out."""

from geo.text import Text
from ioc.billboards.queries import visible_to
from layers.registry import Choice, Field, Layer, Style, register

STATES = (
    Choice("valid", Text("Còn phép", "Valid"), "#cc79a7", "circle"),
    Choice("expiring", Text("Sắp hết phép", "Expiring"), "#f0d54e", "triangle"),
    Choice("expired", Text("Hết phép", "Expired"), "#e4572e", "diamond"),
    Choice("no_permit", Text("Không phép", "No permit"), "#c2186b", "hexagon"),
    Choice("upcoming", Text("Chưa hiệu lực", "Not yet valid"), "#a3b3c9", "circle"),
)
KINDS = (
    Choice("static", Text("Bảng tĩnh", "Static board")),
    Choice("led", Text("Màn hình LED", "LED screen")),
    Choice("screen", Text("Màn hình", "Screen")),
    Choice("banner", Text("Băng rôn", "Banner")),
)

register(
    Layer(
        slug="billboards",
        title=Text("Bảng quảng cáo", "Billboards"),
        geometry="point",
        queryset=visible_to,
        permission="billboards.view_billboard",
        fields=(
            Field("name_vi", Text("Tên", "Name (vi)")),
            Field("name_en", Text("Tên (en)", "Name"), card=False),
            Field("kind", Text("Loại", "Kind"), "choice", choices=KINDS, filter=True),
            Field("state", Text("Giấy phép", "Permit"), "choice", choices=STATES, filter=True),
            Field("permit_until", Text("Hạn phép", "Permit until")),
            Field("permit_from", Text("Cấp từ", "Permit from")),
            Field("permit_no", Text("Số giấy phép", "Permit number")),
            Field("owner", Text("Chủ sở hữu", "Owner")),
            Field("width_m", Text("Rộng", "Width"), "number", unit="m"),
            Field("height_m", Text("Cao", "Height"), "number", unit="m"),
            Field("code", Text("Mã", "Code")),
        ),
        public_fields=("name_vi", "name_en", "kind", "state", "permit_until"),
        title_field="name_vi",
        style=Style(kind="billboard", color="#cc79a7", by="state"),
        order=60,
        live=True,
        search_fields=("name_vi", "name_en", "code"),
    )
)
