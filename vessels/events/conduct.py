"""What vessels do for hours, told by their tracks. Nothing is read or written here.

Loitering, encounters and fishing without papers are alerts; port visits, stops and likely fishing
are lines of the vessel's file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geo.text import Text
from vessels.alerts import Finding
from vessels.events.picture import Craft, Picture, figure, finding, moment
from vessels.science import encounters, fishing, loitering, stops
from vessels.science.cadence import cadence_s
from vessels.science.tracks import HOUR_S, Track, distance_m, extent_m, runs, speeds_kn
from vessels.thresholds import told

KINDS = ("loitering", "encounter", "fishing_no_permit")
DRIFTS = ("cargo", "tanker", "other", "unknown")
"""Kinds that have no work to do where they lie still; a fishing boat that drifts is at its nets."""
MEAN = Text("trung bình các vị trí của sự kiện", "mean of the event's positions")
FROM_TRACK = Text("theo vết của tàu, các mốc ghi ở quy định", "from the track, by the rules below")


@dataclass(slots=True)
class Deed:
    """A line of a vessel's file: epoch seconds (`end` None while it lasts), degrees."""

    vessel_id: int
    kind: str
    start: float
    end: float | None
    lon: float
    lat: float
    details: dict[str, Any] = field(default_factory=dict)


def away(picture: Picture, lon: Any, lat: Any, least_m: float) -> Any:
    """Which positions lie farther than that from every port."""
    far = np.ones(len(lon), bool)
    for port in picture.ports:
        far &= distance_m(lon, lat, port.lon, port.lat) > least_m
    return far


def _open(picture: Picture, track: Track, end: float) -> bool:
    """Whether what lasted until `end` may still go on: nothing was heard since."""
    missed = picture.rules.value("missed_intervals")
    silent_s = max(HOUR_S, missed * np.nan_to_num(cadence_s(track["t"])))
    return bool(end >= track["t"][-1] and picture.now - end <= silent_s)


def loiterings(picture: Picture) -> Iterator[Finding]:
    """Ships that hang about far from ports."""
    rules = picture.rules
    slow, least, port, wide = (
        rules.row(k) for k in ("loitering_speed", "loitering_time", "away_from_port",
                               "loitering_extent")
    )  # fmt: skip
    for craft in picture.crafts:
        track = picture.tracks.get(craft.id)
        if track is None or craft.kind not in DRIFTS or craft.registered:
            continue
        far = away(picture, track["lon"], track["lat"], port.value * 1000)
        for event in loitering.find(
            track, away=far, slow_kn=slow.value, least_s=rules.seconds("loitering_time"),
            bridge=rules.value("missed_intervals"),
        ):  # fmt: skip
            if event.extent_m < wide.value:
                continue  # at anchor
            figures = [
                figure("Thời gian", "Time", (event.end - event.start) / 3600, "h", FROM_TRACK),
                figure("Tốc độ trung bình", "Mean speed", event.mean_kn, "kn",
                       Text("quãng đường chia thời gian", "way made good by time")),
                figure("Phạm vi", "Extent", event.extent_m, "m",
                       Text("đường chéo khung quanh các vị trí", "across the positions' box")),
            ]  # fmt: skip
            ongoing = _open(picture, track, event.end)
            yield finding(
                craft, "loitering",
                Text(f"{craft.name}: lảng vảng", f"{craft.name}: loitering"), event.start,
                slot=f"loitering:{craft.id}", ended_at=None if ongoing else moment(event.end),
                lon=event.lon, lat=event.lat, from_before=_from_before(picture, event.start),
                evidence={"figures": figures, "positions": _some(track, event.start, event.end),
                          "rules": told(slow, least, port, wide, rules.row("missed_intervals"))},
            )  # fmt: skip


def _from_before(picture: Picture, start: float) -> bool:
    return start <= picture.since + HOUR_S


def _some(track: Track, start: float, end: float, most: int = 6) -> list[dict[str, Any]]:
    """A few positions of a stretch, its first and last among them."""
    rows = track[(track["t"] >= start) & (track["t"] <= end)]
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, most).astype(int))] if len(rows) else rows
    return [
        {"t": moment(float(r["t"])).isoformat().replace("+00:00", "Z"),
         "lon": round(float(r["lon"]), 6), "lat": round(float(r["lat"]), 6),
         "speed_kn": None if r["speed_kn"] != r["speed_kn"] else round(float(r["speed_kn"]), 1)}
        for r in rows
    ]  # fmt: skip


def meetings(picture: Picture) -> Iterator[Finding]:
    """Two vessels side by side for hours far from ports, one of them a fishing boat."""
    rules = picture.rules
    near, long, slow, port = (
        rules.row(k) for k in ("encounter_distance", "encounter_time", "encounter_speed",
                               "away_from_port")
    )  # fmt: skip
    params = encounters.Params(
        within_m=near.value, publish_s=rules.seconds("encounter_time"), slow_kn=slow.value,
        bridge=rules.value("missed_intervals"),
    )  # fmt: skip
    crafts = {c.id: c for c in picture.crafts}
    tracks = {pk: track for pk, track in picture.tracks.items() if pk in crafts}

    def far(lon: Any, lat: Any) -> Any:
        return away(picture, lon, lat, port.value * 1000)

    for event in encounters.find(tracks, params, away=far):
        a, b = sorted((crafts[event.a], crafts[event.b]), key=lambda c: (c.kind != "fishing", c.id))
        if a.kind != "fishing" or b.kind == "official":
            continue
        low, high = sorted((a.id, b.id))
        ends = (tracks[a.id], tracks[b.id])
        ongoing = all(
            _open(picture, track, min(event.end + 1200, track["t"][-1])) for track in ends
        )
        figures = [
            figure("Thời gian bên nhau", "Time together", event.duration_s / 3600, "h",
                   Text("hai vết nội suy mỗi 10 phút, cộng nửa khoảng cách ở hai đầu",
                        "both tracks every 10 min, and half of the intervals at both ends")),
            figure("Gần nhất", "Nearest", event.nearest_m, "m",
                   Text("giữa hai vị trí nội suy", "between the interpolated positions")),
            figure("Tốc độ trung vị", "Median speed", event.median_kn, "kn",
                   Text("của cả hai tàu", "of both vessels")),
        ]  # fmt: skip
        yield finding(
            a, "encounter",
            Text(f"{a.name} – {b.name}: gặp nhau trên biển",
                 f"{a.name} – {b.name}: encounter at sea"),
            event.start, slot=f"encounter:{low}:{high}",
            ended_at=None if ongoing else moment(event.end), lon=event.lon, lat=event.lat,
            from_before=_from_before(picture, event.start),
            evidence={"figures": figures, "vessels": [low, high],
                      "positions": [*_some(ends[0], event.start, event.end, 3),
                                    *_some(ends[1], event.start, event.end, 3)],
                      "rules": told(near, long, slow, port, rules.row("missed_intervals"))},
        )  # fmt: skip


def fishings(picture: Picture) -> list[Deed]:
    """Likely fishing of fishing boats, by speed."""
    rules = picture.rules
    params = fishing.Params(
        least_kn=rules.value("fishing_speed_least"), most_kn=rules.value("fishing_speed_most"),
        at_sea_s=rules.seconds("fishing_at_sea"), longer_s=rules.seconds("fishing_event_time"),
        wider_m=rules.value("fishing_event_extent"), missed=rules.value("missed_intervals"),
    )  # fmt: skip
    port_m = rules.value("port_enter") * 1000
    found = []
    for craft in picture.crafts:
        track = picture.tracks.get(craft.id)
        if track is None or craft.kind != "fishing":
            continue
        out = away(picture, track["lon"], track["lat"], port_m)
        for event in fishing.find(track, params, at_sea=out):
            end = None if _open(picture, track, event.end) else event.end
            found.append(Deed(craft.id, "fishing", event.start, end, event.lon, event.lat, {
                "mean_kn": round(event.mean_kn, 1), "extent_m": round(event.extent_m),
                "positions": event.positions,
            }))  # fmt: skip
    return found


def without_papers(picture: Picture, deeds: list[Deed]) -> Iterator[Finding]:
    """Likely fishing in our waters by boats that no registry knows or whose permits are over.

    Only where a registry is kept at all, for boats of the same world (real or simulated).
    """
    rules = picture.rules
    used = [rules.row(k) for k in ("fishing_speed_least", "fishing_speed_most",
                                   "fishing_event_time", "fishing_event_extent")]  # fmt: skip
    crafts = {c.id: c for c in picture.crafts}
    kept = {c.synthetic for c in picture.crafts if c.registered}
    ours = [sea for sea in picture.seas if sea.kind in ("coastal", "inshore", "offshore")]
    for deed in deeds:
        craft = crafts[deed.vessel_id]
        why = _lacks(picture, craft, deed.start) if craft.synthetic in kept else None
        if why is None or not any(_holds(sea, deed) for sea in ours):
            continue
        hours = ((deed.end or picture.now) - deed.start) / 3600 if deed.end else None
        figures = [
            figure("Giấy tờ", "Papers", why.en, "",
                   Text(f"{why.vi}, theo sổ đăng ký", "by the registry")),
            figure("Thời gian", "Time", hours, "h", FROM_TRACK),
            figure("Tốc độ trung bình", "Mean speed", deed.details["mean_kn"], "kn", MEAN),
        ]  # fmt: skip
        track = picture.tracks[craft.id]
        yield finding(
            craft, "fishing_no_permit",
            Text(f"{craft.name}: có thể đánh bắt, {why.vi}",
                 f"{craft.name}: likely fishing, {why.en}"), deed.start,
            slot=f"fishing_no_permit:{craft.id}", ended_at=moment(deed.end) if deed.end else None,
            lon=deed.lon, lat=deed.lat, from_before=_from_before(picture, deed.start),
            evidence={"figures": figures, "rules": told(*used),
                      "positions": _some(track, deed.start, deed.end or picture.now)},
        )  # fmt: skip


def _lacks(picture: Picture, craft: Craft, at: float) -> Text | None:
    if not craft.registered:
        return Text("không có trong sổ đăng ký", "not in the registry")
    until = picture.permits.get(craft.id)
    if until is not None and until < at:
        return Text("giấy phép hết hạn", "permit expired")
    return None


def _holds(sea: Any, deed: Deed) -> bool:
    return bool(shapely.contains_xy(sea.shape, deed.lon, deed.lat))


def visits(picture: Picture) -> list[Deed]:
    """Port visits of all vessels."""
    rules = picture.rules
    params = stops.Params(
        enter_m=rules.value("port_enter") * 1000, leave_m=rules.value("port_leave") * 1000,
        stop_kn=rules.value("stop_speed"), go_kn=rules.value("go_speed"),
    )  # fmt: skip
    found = []
    for pk, track in picture.tracks.items():
        near = [p for p in picture.ports if _reaches(track, p.lon, p.lat, params.leave_m)]
        for visit in stops.visits(track, near, params, now=picture.now) if near else ():
            row = track[np.searchsorted(track["t"], visit.start)]
            end = None if visit.end is None else visit.last
            found.append(Deed(pk, "port_visit", visit.start, end, float(row["lon"]),
                              float(row["lat"]), {"port": visit.port}))  # fmt: skip
    return found


def _reaches(track: Track, lon: float, lat: float, within_m: float) -> bool:
    pad = within_m / 100_000
    lons, lats = track["lon"], track["lat"]
    return bool(
        lons.min() - pad <= lon <= lons.max() + pad and lats.min() - pad <= lat <= lats.max() + pad
    )


def stopped(picture: Picture) -> list[Deed]:
    """Stops of all vessels outside ports, of at least the threshold's time and two intervals."""
    rules = picture.rules
    stop, go = rules.value("stop_speed"), rules.value("go_speed")
    least_s, missed = rules.seconds("stop_time"), rules.value("missed_intervals")
    port_m = rules.value("port_enter") * 1000
    found = []
    for pk, track in picture.tracks.items():
        if len(track) < 2:
            continue
        cadence = float(np.nan_to_num(cadence_s(track["t"])))
        speed = speeds_kn(track, longest_s=max(4 * HOUR_S, 3 * cadence))
        still = stops.held(speed <= stop, speed > go)
        still &= away(picture, track["lon"], track["lat"], port_m)
        gap_s = max(HOUR_S, missed * cadence)
        for first, last in runs(still):
            part = track[first : last + 1]
            for piece in np.split(part, np.flatnonzero(np.diff(part["t"]) > gap_s) + 1):
                start, end = float(piece["t"][0]), float(piece["t"][-1])
                if len(piece) < 2 or end - start < max(least_s, cadence):
                    continue
                found.append(Deed(pk, "stopped", start, None if _open(picture, track, end) else end,
                                  float(piece["lon"].mean()), float(piece["lat"].mean()),
                                  {"extent_m": round(extent_m(piece))}))  # fmt: skip
    return found
