"""The layers `vessel-tracks` and `fishing-effort`: the last two days unless asked for others."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import (
    Case,
    DateTimeField,
    F,
    FloatField,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.utils import timezone

from geo.text import Text
from layers.filters import days_of
from layers.registry import Choice, Field, Layer, Style, register
from vessels import effort
from vessels.models import DayTrack, EffortHours, EffortPlace, VesselKind
from vessels.queries import VIEW
from vessels.tracks.keep import zone

LAST_DAYS = 2
UNREAD = ("mercator_60m", "mercator_250m", "mercator_1000m", "cells", "present_s", "fishing_s")
ZONE_KEPT_S = 60
TIERS = ((7, "mercator_1000m"), (9, "mercator_250m"), (11, "mercator_60m"))
COARSE_UP_TO = 8
AGES = (
    Choice("0", Text("Ngày sau cùng", "Last day"), "#2ec4b6"),
    Choice("1", Text("Trước đó 1 ngày", "1 day before"), "#f5a524"),
    Choice("2", Text("Trước đó 2 ngày", "2 days before"), "#56b4e9"),
    Choice("3", Text("Trước đó 3 ngày", "3 days before"), "#cc79a7"),
    Choice("4", Text("Trước nữa", "Earlier"), "#a3b3c9"),
)
DENSITIES = (
    Choice("0", Text("dưới 0,01 h/km²", "under 0.01 h/km²"), "#22304a"),
    Choice("1", Text("0,01–0,05 h/km²", "0.01–0.05 h/km²"), "#2c4f7c"),
    Choice("2", Text("0,05–0,2 h/km²", "0.05–0.2 h/km²"), "#2f7f9e"),
    Choice("3", Text("0,2–1 h/km²", "0.2–1 h/km²"), "#4fb58f"),
    Choice("4", Text("1–5 h/km²", "1–5 h/km²"), "#c9d35c"),
    Choice("5", Text("trên 5 h/km²", "over 5 h/km²"), "#fde725"),
)
EDGES_H_KM2 = (0.01, 0.05, 0.2, 1.0, 5.0)
KIND_WORDS = {
    "fishing": Text("Tàu cá", "Fishing"), "cargo": Text("Tàu hàng", "Cargo"),
    "tanker": Text("Tàu dầu", "Tanker"), "passenger": Text("Tàu khách", "Passenger"),
    "tug": Text("Tàu kéo", "Tug"), "pleasure": Text("Du thuyền", "Pleasure"),
    "official": Text("Tàu công vụ", "Official"), "other": Text("Khác", "Other"),
    "unknown": Text("Chưa rõ", "Unknown"),
}  # fmt: skip
KINDS = tuple(Choice(kind, KIND_WORDS[kind]) for kind in VesselKind.values)


def today() -> date:
    """The city's day. Its zone is remembered for a minute: a tile is one query."""
    here = caches["local"].get_or_set("vessels-zone", zone, ZONE_KEPT_S)
    return timezone.now().astimezone(here).date()


def span_of(wanted: Mapping[str, str]) -> tuple[date, date]:
    """First and last day asked for; the last two where none is."""
    if "day" in wanted:
        return days_of(wanted["day"])
    now = today()
    return now - timedelta(days=LAST_DAYS - 1), now


def own_vessels(user: Any) -> frozenset[int]:
    """The vessels that this person owns, asked once: tiles may not query."""
    if user is None or not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "vessels_owned"):
        user.vessels_owned = frozenset(user.vessels.values_list("pk", flat=True))
    return user.vessels_owned  # type: ignore[no-any-return]


def scopes(user: Any) -> frozenset[str] | None:
    """None for who sees the fleet; owners' tiles are kept apart by their vessels."""
    if user is not None and user.has_perm(VIEW):
        return None
    return frozenset(str(vessel) for vessel in own_vessels(user))


def tracks(user: Any, wanted: Mapping[str, str]) -> QuerySet[Any]:
    """The tracks of the days asked for that this person may see, with the vessel's words."""
    first, last = span_of(wanted)
    rows = DayTrack.objects.visible_to(user).filter(day__range=(first, last))
    ages = [
        When(day=last - timedelta(days=n), then=Value(AGES[n].value)) for n in range(len(AGES) - 1)
    ]
    rows = rows.annotate(
        name=F("vessel__name"), plate=F("vessel__plate"), kind=F("vessel__kind"),
        synthetic=F("vessel__synthetic"),
        age=Case(*ages, default=Value(AGES[-1].value), output_field=TextField()),
    ).defer(*UNREAD)  # fmt: skip
    if "kind" in wanted:
        rows = rows.filter(kind__in=wanted["kind"].split(","))
    if "vessel_id" in wanted:
        ids = [int(one) for one in wanted["vessel_id"].split(",") if one.isdigit()]
        rows = rows.filter(vessel__in=ids)
    return rows


def tracks_drawn(user: Any, wanted: Mapping[str, str], z: int) -> tuple[QuerySet[Any], str]:
    """The same, and the tier whose error is below a pixel or so at this zoom."""
    return tracks(user, wanted), next((tier for most, tier in TIERS if z <= most), "geom")


def cells(user: Any, wanted: Mapping[str, str], resolution: int = effort.FINE) -> QuerySet[Any]:
    """Cells with hours per km² over the days asked for, summed over kinds and gears asked for."""
    first, last = span_of(wanted)
    rows = EffortPlace.objects.filter(resolution=resolution)
    if user is None or not user.has_perm(VIEW):
        rows = rows.none()
    hours = EffortHours.objects.filter(place=OuterRef("pk"), day__range=(first, last))
    for name in ("kind", "gear"):
        if name in wanted:
            hours = hours.filter(**{f"{name}__in": wanted[name].split(",")})
    each = {
        name: Subquery(hours.values("place").annotate(s=Sum(column)).values("s"), FloatField())
        / (F("area_km2") * 3600.0)
        for name, column in (("fishing_h_km2", "fishing_s"), ("presence_h_km2", "present_s"))
    }
    return rows.annotate(
        **each, day=_text(f"{first}/{last}"), kind=_text(wanted.get("kind", "")),
        gear=_text(wanted.get("gear", "")), title=_text("H3"),
        counted_at=Value(timezone.now(), DateTimeField()),
        density=Density(F("fishing_h_km2")),
    ).filter(presence_h_km2__isnull=False)  # fmt: skip


class Density(Func):
    """The class of hours per km²: how many of the edges it reaches."""

    output_field = TextField()
    template = f"width_bucket(%(expressions)s::float8, ARRAY{list(EDGES_H_KM2)}::float8[])::text"


def _text(words: str) -> Value:
    return Value(words, TextField())


def cells_drawn(user: Any, wanted: Mapping[str, str], z: int) -> tuple[QuerySet[Any], str]:
    """The same; cells of 250 km² at far zooms."""
    resolution = effort.COARSE if z <= COARSE_UP_TO else effort.FINE
    return cells(user, wanted, resolution), "geom"


TRACKS = register(
    Layer(
        slug="vessel-tracks",
        title=Text("Hành trình theo ngày", "Tracks by day"),
        geometry="line",
        queryset=lambda user: tracks(user, {}),
        asked=tracks,
        drawn=tracks_drawn,
        permission=VIEW,
        owner=lambda user: bool(own_vessels(user)),
        scopes=scopes,
        fields=(
            Field("name", Text("Tên tàu", "Name")),
            Field("plate", Text("Số đăng ký", "Number plate")),
            Field("kind", Text("Loại tàu", "Kind"), "choice", choices=KINDS, filter=True),
            Field("day", Text("Ngày", "Day"), "day", filter=True),
            Field("age", Text("Ngày thứ mấy", "Which day"), "choice", choices=AGES, card=False),
            Field("started_at", Text("Từ", "From"), "time"),
            Field("ended_at", Text("Đến", "To"), "time"),
            Field("distance_nm", Text("Quãng đường", "Distance"), "number", unit="nm"),
            Field("top_kn", Text("Tốc độ cao nhất", "Highest speed"), "number", unit="kn"),
            Field("silences", Text("Số lần mất tín hiệu", "Silences"), "number"),
            Field("positions", Text("Số vị trí", "Positions"), "number"),
            Field("vessel_id", Text("Mã tàu", "Vessel"), "number", filter=True, card=False),
            Field("synthetic", Text("Mô phỏng", "Synthetic"), "bool"),
        ),
        public_fields=None,
        title_field="name",
        time_field="ended_at",
        order=32,
        default_visible=False,
        raw_zoom=0,
        search_fields=("name", "plate"),
        style=Style(kind="line", color="#2ec4b6", by="age", label="name"),
    )
)
EFFORT = register(
    Layer(
        slug="fishing-effort",
        title=Text("Mật độ đánh bắt", "Fishing effort"),
        geometry="polygon",
        queryset=lambda user: cells(user, {}),
        asked=cells,
        drawn=cells_drawn,
        permission=VIEW,
        fields=(
            Field("title", Text("Ô", "Cell"), card=False),
            Field(
                "density", Text("Giờ có thể đang đánh bắt", "Likely fishing"), "choice",
                choices=DENSITIES,
            ),
            Field("fishing_h_km2", Text("Đánh bắt", "Fishing"), "number", unit="h/km²"),
            Field("presence_h_km2", Text("Có mặt", "Presence"), "number", unit="h/km²"),
            Field("day", Text("Ngày", "Days"), "day", filter=True),
            Field("kind", Text("Loại tàu", "Kind"), "choice", choices=KINDS, filter=True),
            Field("gear", Text("Nghề", "Gear"), filter=True),
        ),
        public_fields=None,
        title_field="title",
        time_field="counted_at",
        order=89,
        default_visible=False,
        raw_zoom=0,
        style=Style(kind="fill", color="#2f7f9e", by="density", value="fishing_h_km2"),
    )
)  # fmt: skip
