"""`bench fleet`: reads, tiles, segments, closest approaches, simplification, planted cases found.

gpsdio-segment is on no package index, so its figure is the published one, not measured here.
"""

import math
import random

import numpy as np

from ioc.bench import _planted
from ioc.ops.bench import Context, Figure

BOATS, POSITIONS, STEP_S = 20, 2_000, 60.0
GPSDIO_SEGMENT_PER_S = 18_800.0  # the upper end of 15.5 to 18.8 thousand
FLEET = 10_000
BEGAN = 1_760_000_000.0
TOLERANCE_M = 40.0


def run(ctx: Context) -> list[Figure]:
    """The figures, on a database that is gone afterwards."""
    from django.db import connection

    from ioc.bench import _screen, _tracks

    ctx.peer("playwright")
    with ctx.database():
        planted = _planted.figures()
        with connection.cursor() as cursor:  # the next fleet begins at sea alone
            cursor.execute("TRUNCATE vessels_vessel, vessels_hot RESTART IDENTITY CASCADE")
        stored = [*planted, *_tracks.figures(), *_screen.figures()]
    return [*stored, *_segments(ctx), *_approaches(ctx), _simplified(ctx)]


def _segments(ctx: Context) -> list[Figure]:
    from vessels.science.segments import Splitter

    alone = [_boat(number) for number in range(BOATS)]
    shared = [sorted(a + b) for a, b in zip(alone[::2], alone[1::2], strict=True)]
    late = [_late(messages) for messages in alone]
    total = BOATS * POSITIONS
    figures = []
    for label, fleets in (
        ("one boat an MMSI", alone), ("two boats an MMSI", shared), ("5 % an hour late", late)
    ):  # fmt: skip

        def work(fleets=fleets):
            for messages in fleets:
                splitter = Splitter()
                for number, message in enumerate(messages):
                    splitter.add(message)
                    if number % 500 == 499:
                        splitter.settle()
                splitter.settle()

        seconds, _ = ctx.timed(work)
        figures.append(
            Figure(f"segmentation, {label}", total / seconds, "positions/s",
                   "gpsdio-segment, published", GPSDIO_SEGMENT_PER_S, "≥ 15000")
        )  # fmt: skip
    return figures


def _boat(number: int) -> list:
    """Messages of a boat on a winding way, every minute."""
    from vessels.science.messages import Message

    rng, messages = random.Random(number), []
    lon, lat, course = 107 + rng.random() * 3, 15 + rng.random() * 3, rng.uniform(0, 360)
    for k in range(POSITIONS):
        course = (course + rng.gauss(0, 4)) % 360
        degrees = 8 * STEP_S / 3600 / 60
        lon += math.sin(math.radians(course)) * degrees / math.cos(math.radians(lat))
        lat += math.cos(math.radians(course)) * degrees
        t = BEGAN + k * STEP_S + rng.random()
        messages.append(Message(t, round(lon, 5), round(lat, 5), 8.0, round(course, 1), 1))
    return messages


def _late(messages: list) -> list:
    rng = random.Random(7)
    heard = [(m.t + (3600 if rng.random() < 0.05 else 0), m) for m in messages]
    return [message for _, message in sorted(heard, key=lambda pair: pair[0])]


def _approaches(ctx: Context) -> list[Figure]:
    from vessels.science import cpa

    figures = []
    for degrees in (1, 3):
        rng = np.random.default_rng(degrees)
        fleet = (
            rng.uniform(107, 107 + degrees, FLEET), rng.uniform(15, 15 + degrees, FLEET),
            rng.uniform(4, 12, FLEET), rng.uniform(0, 360, FLEET),
            BEGAN - rng.uniform(0, 300, FLEET),
        )  # fmt: skip
        seconds, found = ctx.timed(cpa.risks, *fleet, BEGAN, within_nm=0.5, horizon_s=1800.0)
        label = (
            f"CPA of {FLEET:,} moving in {degrees}° × {degrees}°: {np.asarray(found).size:,} pairs"
        )
        figures.append(Figure(label, seconds, "s", target="≤ 1"))
    return figures


def _simplified(ctx: Context) -> Figure:
    from vessels.science import simplify
    from vessels.science.tracks import track

    tracks = []
    for number in range(BOATS):
        t, lon, lat, speed, course = zip(*(m[:5] for m in _boat(number)), strict=True)
        tracks.append(track(t, lon, lat, speed, course))
    seconds, kept = ctx.timed(
        lambda: np.concatenate([simplify.time_ratio(rows, TOLERANCE_M) for rows in tracks])
    )
    total = BOATS * POSITIONS
    label = (
        f"time-ratio simplification, {TOLERANCE_M:.0f} m: keeps {np.asarray(kept).size / total:.0%}"
    )
    return Figure(label, total / seconds, "positions/s")
