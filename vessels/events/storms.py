"""Who is, or will be before long, where a storm is forecast. Nothing is read or written here."""

from collections.abc import Iterator

import numpy as np
import shapely

from geo.text import Text
from vessels.alerts import Finding
from vessels.events.picture import Craft, Danger, Picture, figure, finding, iso, moment, place
from vessels.science.tracks import KNOT_MPS, degree_m
from vessels.thresholds import told

STEP_S = 600.0
ROUND_S = 1_800.0  # how exactly a time of entry is told: dead reckoning knows no better
MOVING_KN = 0.5
PUSHED = Text(
    "đẩy vị trí cuối theo hướng và tốc độ, mỗi 10 phút, "
    "rồi đối chiếu với vùng trong thời gian hiệu lực",
    "last position pushed along its course at its speed, every 10 min, "
    "held against the area while it is valid",
)


def storms(picture: Picture) -> Iterator[Finding]:
    """Vessels at sea whose position or next hours' dead reckoning meets a forecast area."""
    rules = picture.rules
    if not picture.dangers:
        return
    oldest_s, ahead_s = rules.seconds("storm_position_age"), rules.seconds("storm_ahead")
    some = [
        c for c in picture.crafts
        if c.observed_at is not None and not c.doubtful and not c.in_port
        and picture.now - c.observed_at <= oldest_s
    ]  # fmt: skip
    if not some:
        return
    at = picture.now + np.arange(0.0, ahead_s + 1, STEP_S)
    lon, lat = _ways(some, at)
    for danger in picture.dangers:
        valid = (at >= danger.valid_from) & (at <= danger.valid_to)
        if not valid.any():
            continue
        inside = np.zeros(lon.shape, bool)
        inside[:, valid] = shapely.contains_xy(danger.shape, lon[:, valid], lat[:, valid])
        for i in np.flatnonzero(inside.any(axis=1)).tolist():
            yield _finding(picture, some[i], danger, float(at[int(inside[i].argmax())]))


def _ways(crafts: list[Craft], at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes, shape (crafts, times), of each pushed to each time."""
    lon, lat, speed, course, t = (
        np.array([getattr(c, name) for c in crafts], float)
        for name in ("lon", "lat", "speed_kn", "course_deg", "observed_at")
    )
    moves = (speed >= MOVING_KN) & np.isfinite(course)
    pace, angle = np.where(moves, speed, 0.0) * KNOT_MPS, np.radians(np.where(moves, course, 0.0))
    east_m, north_m = degree_m(lat)
    took = at[None, :] - t[:, None]
    east = (pace * np.sin(angle) / east_m)[:, None] * took
    return lon[:, None] + east, lat[:, None] + (pace * np.cos(angle) / north_m)[:, None] * took


def _finding(picture: Picture, craft: Craft, danger: Danger, enters: float) -> Finding:
    rules = picture.rules
    inside = enters <= picture.now
    due = picture.now if inside else enters // ROUND_S * ROUND_S
    if inside:
        title = Text(f"{craft.name}: trong {danger.name.vi}", f"{craft.name}: in {danger.name.en}")
    else:
        title = Text(
            f"{craft.name}: hướng vào {danger.name.vi}", f"{craft.name}: bound for {danger.name.en}"
        )
    known = Text("theo dự báo", "as the forecast says")
    figures = [
        figure("Vào vùng", "Enters", "now" if inside else iso(due), "", PUSHED),
        figure("Hiệu lực từ", "Valid from", iso(danger.valid_from), "", known),
        figure("Hiệu lực đến", "Valid to", iso(danger.valid_to), "", known),
        figure("Nguồn dự báo", "Source of the forecast", danger.source, "", known),
    ]
    return finding(
        craft, "storm", title, picture.now, slot=f"storm:{craft.id}:{danger.key}"[:120],
        from_before=True, due_at=None if inside else moment(due),
        evidence={
            "figures": figures, "positions": place(craft), "danger": danger.key,
            "rules": told(rules.row("storm_ahead"), rules.row("storm_position_age")),
        },
    )  # fmt: skip
