"""Colours of results, drawn over the ground, stay apart for people with colour blindness.

Source: Machado, Oliveira, Fernandes (2009), IEEE TVCG 15, 1291–1298, severity 1.0; Sharma, Wu,
Dalal (2005), Color Research & Application 30, 21–30.
"""

import json
import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from ioc.ops.paths import ROOT
from ioc.planning import layers, palettes, report_words
from layers import registry

APART = 7.0  # CIEDE2000; side by side about 2 is seen, a legend needs more
SCREEN = json.loads((ROOT / "frontend/src/plan/palettes.json").read_text())
TOKENS = (ROOT / "frontend/src/common/tokens.css").read_text()
LAND = dict(zip(("dark", "light"), re.findall(r"--map-land: (#\w{6});", TOKENS), strict=False))
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


def drawn(color, theme):
    """Parts of a colour from 0 to 1 over the theme's land."""
    own, land = (np.array([int(c[n : n + 2], 16) for n in (1, 3, 5)]) / 255
                 for c in (color, LAND[theme]))  # fmt: skip
    return own * SCREEN["opacity"] + land * (1 - SCREEN["opacity"])


def lab(rgb, vision):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(VISIONS[vision] @ linear, 0, 1) @ TO_XYZ.T / (0.95047, 1, 1.08883)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def distance(one, two):
    """CIEDE2000 of two colours in CIELAB."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grow = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    c1, c2 = np.hypot(a1 * grow, b1), np.hypot(a2 * grow, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * grow)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0
    low, mean = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + turn / 2 if c1 * c2 else h1 + h2
    t = 1 + sum(k * np.cos(np.radians(m * hue + at)) for k, m, at in
                ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63)))  # fmt: skip
    light = (l2 - l1) / (1 + 0.015 * (low - 50) ** 2 / np.sqrt(20 + (low - 50) ** 2))
    strong = (c2 - c1) / (1 + 0.045 * mean)
    other = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * mean * t)
    rotated = np.sin(np.radians(60 * np.exp(-(((hue % 360 - 275) / 25) ** 2))))
    rotated *= -2 * np.sqrt(mean**7 / (mean**7 + 25**7))
    return np.sqrt(light**2 + strong**2 + other**2 + rotated * strong * other)


def test_the_distance_is_that_of_its_authors():
    assert distance((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert distance((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514)) == pytest.approx(
        0.9082, abs=1e-4
    )
    assert distance((50, -1, 2), (50, 0, 0)) == pytest.approx(2.3669, abs=1e-4)


def ramps(theme):
    """(name, colours, pairs that must not be taken for one another) of every scale of a theme."""
    for many in range(2, 8):
        scale = [palettes.sampled(SCREEN["sequential"][theme], n, many) for n in range(1, many + 1)]
        yield f"sequential {many}", pairwise(scale)
    yield "heat", pairwise(SCREEN["heat"][theme])
    for side in (2, 3, 4):
        grid = {
            (a, b): palettes.between(a / (side - 1), b / (side - 1), SCREEN["corners"][theme])
            for a in range(side) for b in range(side)
        }  # fmt: skip
        yield f"bivariate {side}", combinations(grid.values(), 2)
    emerging = [color for pair in SCREEN["emerging"][theme].values() for color in pair]
    yield "emerging", combinations([*emerging, LAND[theme]], 2)
    kinds = SCREEN["kinds"]
    for told in ("hot cold", "rose fell", "high-high low-low high-low low-high"):
        yield told, combinations([kinds[kind] for kind in told.split()], 2)
    yield "groups", pairwise(SCREEN["groups"])
    yield "wall: classes", pairwise(palettes.RAMP)
    yield "wall: bands", pairwise(palettes.HEAT)
    wall = [color for pair in palettes.EMERGING.values() for color in pair]
    yield "wall: pairs", combinations([one.color for one in layers.PAIRS], 2)
    yield "wall: emerging", combinations([*wall, LAND[theme]], 2)


@pytest.mark.parametrize("theme", LAND)
def test_classes_are_told_apart_by_every_eye(theme):
    near = []
    for name, pairs in ramps(theme):
        for one, two in pairs:
            shown = drawn(one, theme), drawn(two, theme)
            for vision in VISIONS:
                apart = distance(*(lab(rgb, vision) for rgb in shown))
                if apart < APART:
                    near.append((name, one, two, vision, round(float(apart), 1)))
    assert near == []


def test_paper_has_the_colours_of_the_screen_by_day():
    assert list(palettes.RAMP) == SCREEN["sequential"]["light"]
    assert list(palettes.HEAT) == SCREEN["heat"]["light"]
    assert list(palettes.CORNERS) == SCREEN["corners"]["light"]
    assert palettes.sampled(palettes.RAMP, 1, 5) == palettes.RAMP[0]
    assert palettes.sampled(palettes.RAMP, 5, 5) == palettes.RAMP[-1]
    assert palettes.sampled(palettes.RAMP, 1, 1) == palettes.RAMP[3]


def test_whatever_an_analysis_finds_has_words_and_a_colour_of_its_own_on_the_wall():
    """What the layer does not know is drawn in its one colour, which is that of what is hot."""
    wall = registry.get("hotspots")
    kind = next(field for field in wall.fields if field.name == "kind")
    known = {choice.value: choice.color for choice in kind.choices}
    paired = {f"pair-{a}-{b}" for a in range(1, 5) for b in range(1, 5)}
    made = {*SCREEN["kinds"], *report_words.KNOWN, *paired, "class-7", "band-5", "ring", "cluster"}
    assert made <= set(known) and all(known.values())
    quiet = ("same", "too-few", "empty", "spared")
    assert not {known[one] for one in quiet} & {known["hot"], known["rose"], wall.style.color}
