"""Who comes too close to whom. Nothing is read or written here."""

from collections.abc import Iterator

import numpy as np

from geo.text import Text
from vessels.alerts import Finding
from vessels.events.picture import Picture, figure, finding, iso, moment, place
from vessels.science import cpa
from vessels.thresholds import told

PUSHED = Text("đẩy cả hai đến cùng một lúc theo hướng và tốc độ",
              "both pushed to one time along course and speed")  # fmt: skip
SHIPS = ("cargo", "tanker", "passenger")


def collisions(picture: Picture) -> Iterator[Finding]:
    """Pairs, one of them a ship, that come too close before long. All pairs are looked at."""
    rules = picture.rules
    near, soon, ship = (rules.row(k) for k in ("cpa_distance", "cpa_time", "cpa_ship_length"))
    some = [c for c in picture.crafts if c.observed_at is not None and not c.doubtful]
    some = [c for c in some if not c.in_port or c.speed_kn >= 1]
    if len(some) < 2:
        return
    lon, lat, speed, course, t = (
        np.array([getattr(c, name) for c in some], float)
        for name in ("lon", "lat", "speed_kn", "course_deg", "observed_at")
    )
    pairs = cpa.risks(
        lon, lat, speed, course, t, picture.now,
        within_nm=near.value, horizon_s=rules.seconds("cpa_time"),
    )  # fmt: skip
    for i, j, cpa_m, tcpa_s in pairs.tolist():
        a, b = some[i], some[j]
        ships = [c for c in (a, b) if c.kind in SHIPS or (c.length_m or 0) >= ship.value]
        if not ships:
            continue
        craft = next((c for c in (a, b) if c.kind == "fishing"), a)
        other = b if craft is a else a
        low, high = sorted((a.id, b.id))
        yield finding(
            craft, "collision_risk",
            Text(f"{craft.name} – {other.name}: nguy cơ va chạm",
                 f"{craft.name} – {other.name}: risk of collision"),
            picture.now, slot=f"collision_risk:{low}:{high}", from_before=True,
            due_at=moment(picture.now + tcpa_s),
            evidence={
                "figures": [
                    figure("Gặp gần nhất", "Closest approach", float(cpa_m), "m",
                           PUSHED),
                    figure("Lúc", "At", iso(picture.now + tcpa_s), "", PUSHED),
                ],
                "positions": [*place(craft), *place(other)], "rules": told(near, soon, ship),
                "vessels": [low, high],
            },
        )  # fmt: skip
