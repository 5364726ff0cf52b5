import numpy as np
import pytest

from geo.crs import DEFAULT_METRIC_SRID as SRID
from geo.crs import distance_m, to_lonlat, to_metric
from ioc.demo import street
from vision.ground import Homography, Wedge, left_out_errors_m, points_from


def truth(right, forward):
    """Picture fractions and lon/lat of a place of the demo street."""
    ((u, v),) = street.project(np.array([[right, forward, 0.0]]))
    east, north = to_metric(*street.POLE)
    turn = np.radians(street.BEARING_DEG)
    lonlat = to_lonlat(
        east + right * np.cos(turn) + forward * np.sin(turn),
        north - right * np.sin(turn) + forward * np.cos(turn),
    )
    return (u / street.WIDTH, v / street.HEIGHT), lonlat


@pytest.fixture
def homography():
    return Homography.through(*points_from(street.control_points()), SRID)


@pytest.mark.parametrize("place", [(-5.0, 20.0), (-2.0, 30.0), (-6.0, 45.0)])
def test_places_within_the_hull_are_found(homography, place):
    (x, y), lonlat = truth(*place)
    fix = homography.locate(x, y)
    assert distance_m((fix.lon, fix.lat), lonlat) < 0.2
    assert fix.error_m < 8


def test_error_grows_with_distance(homography):
    near, far = (homography.locate(*truth(-4.0, d)[0]) for d in (15.0, 55.0))
    assert far.error_m > 3 * near.error_m


def test_outside_the_hull_nothing_is_said(homography):
    assert homography.locate(0.5, 0.05) is None
    assert homography.locate(0.98, 0.5) is None


def test_a_point_clicked_wrong_shows_in_the_left_out_error():
    picture, lonlat = points_from(street.control_points())
    ground = np.array([to_metric(*pair) for pair in lonlat])
    assert left_out_errors_m(picture, ground).max() < 0.5
    ground[3] += (12, 0)
    assert left_out_errors_m(picture, ground).max() > 3


def test_bad_control_points_say_why():
    point = {"x": 0.5, "y": 0.5, "lon": 107.59, "lat": 16.46}
    with pytest.raises(ValueError, match="6 or more"):
        points_from([point] * 3)
    with pytest.raises(ValueError, match="one line"):
        points_from([point | {"x": n / 10, "lon": 107.59 + n / 1e4} for n in range(6)])
    with pytest.raises(ValueError, match="numbers"):
        points_from([{"x": 1}] * 6)
    with pytest.raises(ValueError, match="fractions"):
        points_from([point | {"x": 2 + n, "y": n * n} for n in range(6)])


def test_without_control_points_the_error_is_the_range():
    looking_east = Wedge(107.59, 16.46, 90.0, 60.0, 80.0, SRID)
    fix = looking_east.locate(0.5, 0.9)
    assert fix.lon > 107.59
    assert abs(fix.lat - 16.46) < 2e-5
    assert distance_m((fix.lon, fix.lat), (107.59, 16.46)) == pytest.approx(40, abs=0.5)
    assert fix.error_m == 80
    blind = Wedge(107.59, 16.46, None, 60.0, 80.0, SRID)
    assert blind.locate(0.1, 0.9) == (107.59, 16.46, 80.0)
