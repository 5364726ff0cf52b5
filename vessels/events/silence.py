"""Who is not heard, and whether it is their fault. Nothing is read or written here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from geo.text import Text
from vessels.alerts import Finding
from vessels.events.picture import Craft, Picture, clock, figure, finding, iso, moment, place
from vessels.science import gaps
from vessels.thresholds import told

KINDS = ("signal_lost", "signal_lost_long", "ais_on_vms_off", "declared_no_track")
DAY_S = 86_400


def outages(picture: Picture) -> Iterator[Finding]:
    """Providers of whose VMS beacons no more than the share was heard lately.

    Only beacons at sea count that were heard in the day before: a provider is not down because
    boats lie in port. Cadence counts: lately is the hour, or one and a half intervals.
    """
    rules = picture.rules
    share, window = rules.row("provider_up_share"), rules.row("provider_window")
    least = rules.row("provider_least_beacons")
    by: dict[str, list[Craft]] = defaultdict(list)
    for craft in picture.crafts:
        beacon = craft.beacon
        if beacon and beacon.kind == "vms" and beacon.last_at and not craft.in_port:
            start = min(picture.outages.get(beacon.provider, picture.now), picture.now)
            if beacon.last_at >= start - DAY_S:
                by[beacon.provider].append(craft)
    for provider, crafts in by.items():
        last = np.array([c.beacon.last_at for c in crafts if c.beacon])
        every = np.array([c.beacon.interval_s for c in crafts if c.beacon])
        if len(crafts) < least.value:
            continue
        within_s = rules.seconds("provider_window")
        if gaps.provider_up(last, every, picture.now, within_s=within_s, share=share.value):
            continue
        silent = np.sort(last)[: len(last) // 2 + 1]
        yield Finding(
            kind="provider_outage", slot=f"provider_outage:{provider}", vessel_id=None,
            title=Text(f"{provider}: gián đoạn, {len(crafts)} tàu trên biển",
                       f"{provider}: outage, {len(crafts)} vessels at sea"),
            opened_at=moment(picture.outages.get(provider, float(silent[-1]))),
            synthetic=all(c.synthetic for c in crafts), from_before=True,
            evidence={
                "figures": [
                    figure("Thiết bị trên biển", "Beacons at sea", len(crafts), "pcs",
                           Text("thiết bị VMS được tính của tàu không ở cảng, nghe được hôm trước",
                                "counted VMS devices of vessels not in port, "
                                "heard in the day before")),
                ],
                "positions": [], "rules": told(share, window, least),
                "vessels": sorted(c.id for c in crafts),
            },
        )  # fmt: skip


def silences(picture: Picture, down: Iterable[str]) -> Iterator[Finding]:
    """Vessels with a duty that were not heard: signal lost, AIS on while VMS is off, no track."""
    down = set(down)
    for craft in picture.crafts:
        if not craft.on_duty:
            continue
        found = _no_track(picture, craft) or _silence(picture, craft)
        if found is not None:
            beacon = craft.beacon
            if beacon and beacon.kind == "vms" and beacon.provider in down:
                found.held_by = f"provider_outage:{beacon.provider}"
            yield found


def _no_track(picture: Picture, craft: Craft) -> Finding | None:
    row = picture.rules.row("declared_no_track", craft.length_m)
    limit_s = picture.rules.seconds("declared_no_track", craft.length_m)
    if craft.left_at is None or (craft.observed_at or 0.0) >= craft.left_at:
        return None
    if picture.now - craft.left_at < limit_s:
        return None
    title = Text(
        f"{craft.name}: đã khai rời cảng, chưa có vị trí", f"{craft.name}: left port, no position"
    )
    return finding(
        craft, "declared_no_track", title, craft.left_at,
        evidence={
            "figures": [figure("Khai rời cảng lúc", "Declared departure", iso(craft.left_at), "",
                               Text("giờ khai báo", "time of the declaration")),
                        figure("Vị trí cuối", "Last position", iso(craft.observed_at), "",
                               Text("vị trí mới nhất của mọi nguồn",
                                    "newest position of any source"))],
            "positions": place(craft), "rules": told(row),
        },
    )  # fmt: skip


def _silence(picture: Picture, craft: Craft) -> Finding | None:
    """The counted device's silence; where it is VMS and AIS is heard, that instead."""
    beacon, rules, now = craft.beacon, picture.rules, picture.now
    vms = beacon is not None and beacon.kind == "vms"
    if vms and beacon is not None:
        last = beacon.last_at if beacon.last_at is not None else beacon.fitted_at
        interval = beacon.interval_s
    elif craft.observed_at is not None:
        last, interval = craft.observed_at, 0.0
    else:
        return None
    if craft.left_at is not None:
        last = max(last, craft.left_at)
    ais_on = craft.last_ais_at is not None and now - craft.last_ais_at <= rules.seconds("ais_heard")
    kind = "ais_on_vms_off" if vms and ais_on else "signal_lost"
    limit_s = max(rules.seconds(kind, craft.length_m), 1.5 * interval)
    if now - last < limit_s:
        return None
    row, long = rules.row(kind, craft.length_m), rules.row("signal_lost_long", craft.length_m)
    due = last + rules.seconds("signal_lost_long", craft.length_m)
    if kind == "signal_lost" and now >= due:
        kind = "signal_lost_long"
    words = {
        "ais_on_vms_off": Text("AIS bật, VMS tắt", "AIS on while VMS is off"),
        "signal_lost": Text("mất tín hiệu quá 6 giờ", "silent over 6 h"),
        "signal_lost_long": Text("mất tín hiệu quá 10 ngày", "silent over 10 days"),
    }[kind]
    device = beacon.kind.upper() if beacon else "AIS"
    figures = [
        figure("Tín hiệu cuối", "Last heard", iso(last), "",
               Text(f"vị trí mới nhất của {device}", f"newest position of the {device}")
               if beacon is None or beacon.last_at
               else Text("chưa từng nghe: ngày lắp", "never heard: the day it was fitted")),
        figure("Giới hạn", "Limit", limit_s / 3600, "h",
               Text("số giờ của quy định, hoặc 1,5 chu kỳ của thiết bị nếu dài hơn",
                    "the rule's hours, or 1.5 of the device's intervals if that is longer")),
    ]  # fmt: skip
    if kind == "ais_on_vms_off":  # that it is on is the finding; the minute would change each round
        how = Text("nghe được trong ngưỡng lúc đó", "heard within the threshold at the time")
        figures.append(figure("AIS", "AIS", "on", "", how))
    used = [row, long, *([rules.row("ais_heard")] if kind == "ais_on_vms_off" else [])]
    more: dict[str, Any] = {}
    if kind == "ais_on_vms_off":
        more["positions"] = []
    return finding(
        craft, kind, Text(f"{craft.name}: {words.vi}", f"{craft.name}: {words.en}"), last,
        due_at=moment(due),
        clock=clock("Phải đưa tàu về cảng", "Vessel to be in port", last, due, long),
        evidence={"figures": figures, "positions": place(craft), "rules": told(*used), **more},
    )  # fmt: skip
