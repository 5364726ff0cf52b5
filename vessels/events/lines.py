"""Who is, fishes or soon will be where they may not. Nothing is read or written here."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from geo.text import Text
from vessels.alerts import Finding
from vessels.events.picture import (
    FISHING,
    PRESENCE,
    Craft,
    Picture,
    Sea,
    figure,
    finding,
    iso,
    moment,
)
from vessels.science import crossings
from vessels.science.crossings import Crossing
from vessels.science.tracks import Track
from vessels.thresholds import told

KINDS = ("zone_entry", "zone_exit")
KN = 1852 / 3600
BETWEEN = Text("nội suy giữa hai vị trí hai bên ranh giới",
               "interpolated between the two positions around the line")  # fmt: skip
INSIDE_ALREADY = Text("vị trí đầu của khoảng xét: tàu đã ở trong vùng",
                      "first position of the window: it was inside already")  # fmt: skip
REACH = Text("nửa bề rộng vùng tàu có thể tới giữa hai vị trí",
             "half the width of what could be reached between the positions")  # fmt: skip
AHEAD = Text("đẩy vị trí theo hướng và tốc độ", "position pushed along its course at its speed")


def lines_crossed(picture: Picture) -> Iterator[Finding]:
    """Vessels where they may not be, or fishing where they may not fish, with the crossing."""
    boats = [c for c in picture.crafts if c.registered and c.kind == "fishing"]
    boats = [c for c in boats if len(picture.tracks.get(c.id, ()))]
    if not boats:
        return
    tracks = [picture.tracks[c.id] for c in boats]
    ways = _ways(tracks)
    for sea in picture.seas:
        border = shapely.boundary(sea.shape)
        shapely.prepare(border)
        meets = shapely.intersects(border, ways)  # so that most tracks need no closer look
        begins = shapely.contains_xy(
            sea.shape, [t["lon"][0] for t in tracks], [t["lat"][0] for t in tracks]
        )
        for craft, track, met, inside in zip(boats, tracks, meets, begins, strict=True):
            watched = sea.watched_for(craft.waters)
            if (met or inside) and (watched or sea.keep_in):
                crossed = crossings.find(track, sea.shape) if met else []
                yield from _visits(picture, craft, sea, track, watched, crossed, bool(inside))


def _ways(tracks: list[Track]) -> Any:
    """Each track as a line in degrees, array of geometries."""
    whole = [np.column_stack([t["lon"], t["lat"]]) for t in tracks]
    whole = [np.repeat(xy, 2, axis=0) if len(xy) == 1 else xy for xy in whole]
    number = np.repeat(np.arange(len(whole)), [len(xy) for xy in whole])
    return shapely.linestrings(np.concatenate(whole), indices=number)


def _visits(
    picture: Picture, craft: Craft, sea: Sea, track: Track, watched: str,
    crossed: list[Crossing], inside: bool,
) -> Iterator[Finding]:  # fmt: skip
    starts = [(float(track["t"][0]), None)] if inside else []
    starts += [(c.t, c) for c in crossed if c.inside]  # type: ignore[misc]
    ends = [c for c in crossed if not c.inside]
    for number, (began, entry) in enumerate(starts):
        leave = ends[number] if number < len(ends) else None
        if watched == PRESENCE:
            yield _entry(picture, craft, sea, track, began, entry, leave)
        elif watched == FISHING:
            yield from _fished(picture, craft, sea, track, began, leave.t if leave else None)
    if sea.keep_in:
        others = [other for other in picture.seas if other is not sea]
        for leave in ends:
            if not any(_around(other, leave, track) for other in others):
                back = next((c.t for c in crossed if c.inside and c.t > leave.t), None)
                yield _left(craft, sea, track, leave, back)


def _around(sea: Sea, crossing: Any, track: Track) -> bool:
    """Whether the next position after a crossing lies in a sea."""
    i = min(int(np.searchsorted(track["t"], crossing.after_t)), len(track) - 1)
    return bool(shapely.contains_xy(sea.shape, track["lon"][i], track["lat"][i]))


def _entry(
    picture: Picture, craft: Craft, sea: Sea, track: Track, began: float, entry: Any, leave: Any
) -> Finding:
    upper = picture.rules.row("waters_offshore_from")
    lower = picture.rules.row("waters_inshore_from")
    i = int(np.searchsorted(track["t"], began))
    point = entry or track[i]
    lon, lat = (entry.lon, entry.lat) if entry else (float(point["lon"]), float(point["lat"]))
    figures = [
        figure("Vào lúc", "Entered", iso(began), "", BETWEEN if entry else INSIDE_ALREADY),
    ]  # fmt: skip
    if entry:
        figures.append(
            figure(
                "Sai số điểm cắt",
                "Error of the crossing",
                entry.error_m,
                "m",
                REACH,
            )
        )
    if leave:
        figures.append(figure("Ra lúc", "Left", iso(leave.t), "", BETWEEN))
    return finding(
        craft, "zone_entry",
        Text(f"{craft.name}: vào {sea.name.vi}", f"{craft.name}: entered {sea.name.en}"), began,
        slot=f"zone_entry:{craft.id}:{sea.code}", ended_at=moment(leave.t) if leave else None,
        lon=lon, lat=lat, from_before=entry is None,
        severity="extreme" if sea.kind == "foreign" else "severe",
        evidence={"figures": figures, "positions": _around_positions(track, began),
                  "rules": told(upper, lower), "zone": sea.code},
    )  # fmt: skip


def _around_positions(track: Track, t: float, each_side: int = 2) -> list[dict[str, Any]]:
    i = int(np.searchsorted(track["t"], t))
    return [_told(row) for row in track[max(0, i - each_side) : i + each_side]]


def _told(row: Any) -> dict[str, Any]:
    speed = float(row["speed_kn"])
    return {"t": iso(float(row["t"])), "lon": round(float(row["lon"]), 6),
            "lat": round(float(row["lat"]), 6),
            "speed_kn": None if speed != speed else round(speed, 1)}  # fmt: skip


def _fished(
    picture: Picture, craft: Craft, sea: Sea, track: Track, began: float, left: float | None
) -> Iterator[Finding]:
    """Runs of fishing speed within a visit, as long as the threshold asks."""
    rules = picture.rules
    low, high, least = (
        rules.row(kind) for kind in ("fishing_speed_least", "fishing_speed_most", "fishing_time")
    )
    part = track[(track["t"] >= began) & (track["t"] <= (left or np.inf))]
    slow = (part["speed_kn"] >= low.value) & (part["speed_kn"] <= high.value)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], slow.astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        start, end = float(part["t"][first]), float(part["t"][last])
        if last == first or end - start < rules.seconds("fishing_time"):
            continue
        ongoing = last == len(part) - 1 and left is None
        row = part[first]
        yield finding(
            craft, "zone_entry",
            Text(f"{craft.name}: đánh bắt trong {sea.name.vi}",
                 f"{craft.name}: fishing in {sea.name.en}"), start,
            slot=f"zone_entry:{craft.id}:{sea.code}", ended_at=None if ongoing else moment(end),
            lon=float(row["lon"]), lat=float(row["lat"]), from_before=first == 0,
            evidence={
                "figures": [figure("Bắt đầu", "Began", iso(start), "",
                                   Text("vị trí đầu ở tốc độ đánh bắt trong vùng",
                                        "first of the positions at fishing speed in the zone")),
                            figure("Vùng được phép", "Waters of its class", craft.waters, "",
                                   Text("sổ đăng ký", "registry"))],
                "positions": [_told(row) for row in part[first : first + 4]],
                "rules": told(rules.row("waters_offshore_from"), low, high, least),
                "zone": sea.code,
            },
        )  # fmt: skip


def _left(craft: Craft, sea: Sea, track: Track, leave: Any, back: float | None) -> Finding:
    return finding(
        craft, "zone_exit",
        Text(f"{craft.name}: ra khỏi {sea.name.vi}", f"{craft.name}: left {sea.name.en}"), leave.t,
        slot=f"zone_exit:{craft.id}:{sea.code}", ended_at=moment(back) if back else None,
        lon=leave.lon, lat=leave.lat,
        evidence={
            "figures": [figure("Ra lúc", "Left", iso(leave.t), "", BETWEEN),
                        figure("Sai số điểm cắt", "Error of the crossing", leave.error_m, "m",
                               REACH)],
            "positions": _around_positions(track, leave.t), "rules": [],
            "zone": sea.code,
        },
    )  # fmt: skip


def near_lines(picture: Picture) -> Iterator[Finding]:
    """Vessels that reach a line they may not cross within the threshold's time, on this course."""
    row, ahead_s = picture.rules.row("near_line"), picture.rules.seconds("near_line")
    for craft in picture.crafts:
        moving = craft.on_duty and craft.speed_kn >= 1 and craft.course_deg == craft.course_deg
        age_s = picture.now - (craft.observed_at or 0.0)
        if not moving or craft.doubtful or age_s >= _fresh_s(craft):
            continue
        way = _ahead(craft, max(age_s, 0.0) + ahead_s)
        for sea in picture.seas:
            if sea.watched_for(craft.waters) != PRESENCE or sea.code in craft.zones:
                continue
            if not sea.shape.intersects(way):
                continue
            yield finding(
                craft, "near_line",
                Text(f"{craft.name}: sắp vào {sea.name.vi}",
                     f"{craft.name}: about to enter {sea.name.en}"), craft.observed_at or 0.0,
                slot=f"near_line:{craft.id}:{sea.code}", from_before=True,
                evidence={"figures": [figure("Trong vòng", "Within", row.value, row.unit,
                                             AHEAD)],
                          "positions": [], "rules": told(row), "zone": sea.code},
            )  # fmt: skip


def _fresh_s(craft: Craft) -> float:
    """How old a position may be to tell what is ahead: half an hour, or half of its interval."""
    interval_s = craft.beacon.interval_s if craft.beacon else 0.0
    return max(1_800.0, interval_s / 2)


def _ahead(craft: Craft, seconds: float) -> Any:
    way_m = craft.speed_kn * KN * seconds
    angle = np.radians(craft.course_deg)
    dx = way_m * np.sin(angle) / (111_320 * np.cos(np.radians(craft.lat)))
    dy = way_m * np.cos(angle) / 110_574
    return shapely.LineString([(craft.lon, craft.lat), (craft.lon + dx, craft.lat + dy)])
