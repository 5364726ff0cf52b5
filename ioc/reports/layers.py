"""The map layer of reports: exact with words for those at work, on the grid for the public."""

from collections.abc import Iterator, Sequence
from typing import Any, cast, overload

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from geo.text import Text
from ioc.reports.codes import read_code
from ioc.reports.models import Category, Report
from ioc.reports.queries import FULL_VIEW, counts_by_hour
from ioc.reports.tickets import photo_address
from ioc.reports.workflow import COLORS, OPEN, TITLES, State
from layers import summary
from layers.registry import Audience, Choice, Field, Layer, Style, register


class CategoryChoices(Sequence[Choice]):
    """The pack's categories as choices, read when asked: declarations are older than the data."""

    def _read(self) -> list[Choice]:
        return [
            Choice(c.pk, Text(c.name_vi, c.name_en), color=c.color, shape="drop")
            for c in Category.objects.all()
        ]

    def __iter__(self) -> Iterator[Choice]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, index: int) -> Choice: ...
    @overload
    def __getitem__(self, index: slice) -> list[Choice]: ...
    def __getitem__(self, index: int | slice) -> Choice | list[Choice]:
        return self._read()[index]


def card(user: Any, report: Report) -> dict[str, Any]:
    """Photos for those who see the full view; nothing beyond the facts for the public."""
    if not Report.objects.worked_by(user).filter(pk=report.pk).exists():
        return {"links": [_follow(report)]}
    return {
        "media": [
            {
                "url": photo_address(photo.name, "photo"),
                "thumb": photo_address(photo.name, "thumb"),
                "alt": report.code,
            }
            for photo in report.photos.all()
        ],
        "links": [_open(report), _follow(report)],
    }


def _open(report: Report) -> dict[str, Any]:
    """The case on the desk."""
    title = Text("Mở hồ sơ xử lý", "Open the case").dict()
    return {"title": title, "url": f"/desk/#view=all&case={report.code}"}


def _follow(report: Report) -> dict[str, Any]:
    title = Text("Trang theo dõi", "Follow page").dict()
    return {"title": title, "url": f"/r/{report.code}"}


def find(rows: QuerySet[Any], text: str, audience: Audience) -> QuerySet[Any]:
    """Reports whose code begins like this; for those who see the words, these too."""
    code = read_code(text) or text.strip().upper()
    by_code = Q(code__startswith=code)
    return rows.filter(by_code | Q(words__icontains=text) if audience == "full" else by_code)


# What is closed is a small dot: a year of answered reports must not hide today's.
STATES = tuple(
    Choice(s, TITLES[s], color=COLORS[s], shape="drop" if s in OPEN else "circle") for s in State
)

register(
    Layer(
        slug="reports",
        title=Text("Phản ánh hiện trường", "Field reports"),
        geometry="point",
        queryset=lambda user: Report.objects.visible_to(user).with_icon(),
        permission=FULL_VIEW,
        fields=(
            Field("code", Text("Mã", "Code")),
            Field(
                "category_id",
                Text("Loại", "Category"),
                type="choice",
                choices=cast("tuple[Choice, ...]", CategoryChoices()),
                filter=True,
            ),
            Field("state", Text("Trạng thái", "State"), type="choice", choices=STATES, filter=True),
            Field("emergency", Text("Khẩn cấp", "Emergency"), type="bool", filter=True),
            Field("words", Text("Nội dung", "Words")),
            Field("accuracy_m", Text("Sai số vị trí", "Accuracy"), type="number", unit="m"),
            Field("overdue", Text("Quá hạn", "Overdue"), type="bool", filter=True),
            Field("me_too", Text("Cùng phản ánh", "Me too"), type="number"),
            Field("received_at", Text("Nhận lúc", "Received"), type="time"),
            Field("changed_at", Text("Cập nhật lúc", "Updated"), type="time"),
            Field("icon", Text("Biểu tượng", "Icon"), card=False),
        ),
        public_fields=(
            "code",
            "category_id",
            "state",
            "overdue",
            "me_too",
            "received_at",
            "changed_at",
            "icon",
        ),
        public_when="on_map",
        public_geom_field="geom_public",
        style=Style(kind="report", color="#f5a524", by="state", icon="icon"),
        title_field="code",
        time_field="changed_at",
        order=10,
        live=True,
        grid=True,
        search_fields=("code", "words"),
        find=find,
        card=card,
    )
)


@summary.register
def reports_today(user: Any) -> list[dict[str, Any]]:
    """How many reports came since midnight, with the last 24 hours as a trend."""
    visible = Report.objects.visible_to(user)
    today = visible.received_since(timezone.localtime().replace(hour=0, minute=0, second=0))
    row = today.aggregate(
        n=Count("pk"), emergency=Count("pk", filter=Q(emergency=True, state__in=OPEN))
    )
    synthetic = today.filter(synthetic=True).exists()
    vi, en = f"{row['n']} phản ánh hôm nay", f"{row['n']} reports today"
    urgent = row["emergency"] if user.has_perm(FULL_VIEW) else 0
    if urgent:
        vi, en = f"{vi}, {urgent} khẩn", f"{en}, {urgent} urgent"
    return [
        {
            "key": "reports-today",
            "title": Text("Phản ánh hôm nay", "Reports today").dict(),
            "value": row["n"],
            "unit": "",
            "text": Text(vi, en).dict(),
            "trend": counts_by_hour(visible),
            "state": "severe" if urgent else "good",
            "layer": "reports",
            "synthetic": synthetic,
        }
    ]
