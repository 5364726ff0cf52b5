"""Shapes that are drawn badly, or so that to mend them would take minutes."""

import math

import numpy as np
import pytest
import shapely

from geo.errors import Refused
from layers.questions import mending, shapes
from layers.questions.crossings import crossings


def polygon(xy):
    return {"type": "Polygon", "coordinates": [[*xy, xy[0]]]}


def tangled(count):
    """A ring through places taken by chance: each edge crosses a quarter of the others."""
    return np.random.default_rng(1).uniform((107, 16), (108, 17), (count, 2)).tolist()


def wavy(count, wide=0.02):
    """A round shape whose border trembles."""
    turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
    far = 1 + wide * np.random.default_rng(2).normal(size=count)
    return shapely.Polygon(np.c_[far * np.cos(turn), far * np.sin(turn)])


@pytest.mark.parametrize("count", [250, 20_000])
def test_a_shape_that_crosses_itself_all_over_is_refused_unmended(count, monkeypatch):
    monkeypatch.setattr(shapely, "make_valid", lambda *given, **named: pytest.fail("mended"))
    with pytest.raises(Refused) as refused:
        shapes.area_of(polygon(tangled(count)))
    assert refused.value.code == "too-tangled"


def test_crossings_are_counted_and_of_very_many_estimated():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert crossings(bow) == 1
    assert crossings(wavy(3000)) == crossings(shapely.Point(1, 1)) == 0
    rings = shapely.buffer(shapely.points(np.mgrid[0:40, 0:40].reshape(2, -1).T), 0.4, quad_segs=4)
    assert crossings(shapely.MultiPolygon(list(rings))) == 0
    assert crossings(shapely.MultiPolygon([*rings, rings[0].buffer(0.01)])) == 0
    many = shapely.Polygon(tangled(1000))
    assert crossings(many) == pytest.approx(1000**2 * 0.115, rel=0.05)


def test_what_lies_in_two_parts_of_a_shape_lies_in_it():
    """Two stations' circles that overlap, sent as one shape; and a ring drawn twice round."""
    both = {"type": "MultiPolygon", "coordinates": [
        polygon([(0, 0), (2, 0), (2, 2), (0, 2)])["coordinates"],
        polygon([(1, 0), (3, 0), (3, 2), (1, 2)])["coordinates"],
    ]}  # fmt: skip
    assert shapely.from_wkb(shapes.area_of(both).ewkb).area == pytest.approx(6)
    twice = [(0, 0), (1, 0), (1, 1), (0, 1)] * 2
    assert shapely.from_wkb(shapes.area_of(polygon(twice)).ewkb).area == pytest.approx(1)


@pytest.mark.parametrize("distance", [0.02, 0.5])
@pytest.mark.parametrize(
    "shape",
    [
        wavy(120), wavy(120).exterior, shapely.MultiPoint(wavy(60).exterior.coords),
        wavy(100).difference(shapely.box(-0.5, -0.5, 0.5, 0.5)),
    ],
)  # fmt: skip
def test_grown_in_pieces_is_grown_at_once(shape, distance):
    found, truth = mending.grown(shape, distance), shapely.buffer(shape, distance, quad_segs=40)
    assert found.is_valid
    assert shapely.symmetric_difference(found, truth).area < 0.01 * truth.area


def test_a_trembling_border_is_grown_in_pieces(monkeypatch):
    """All of it at once takes a quarter of a minute: the outlines of its edges all cross."""
    largest, real = [], shapely.buffer

    def watched(parts, *given, **named):
        largest.append(max(shapely.get_num_coordinates(parts)))
        return real(parts, *given, **named)

    monkeypatch.setattr(shapely, "buffer", watched)
    assert math.pi * 1.1**2 < mending.grown(wavy(2000), 0.1).area < math.pi * 1.2**2
    assert max(largest) <= mending.CHUNK + 1
