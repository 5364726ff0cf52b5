"""Density clusters: scikit-learn's labels exactly, and the definition in space and time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analytics import ParameterError
from geo.analytics.clusters import (
    Dbscan,
    Hdbscan,
    SpaceTimeDbscan,
    dbscan,
    hdbscan,
    space_time_dbscan,
)


def blobs(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 10_000, (12, 2))
    return np.r_[
        centres[rng.integers(0, 12, n // 2)] + rng.normal(0, 150, (n // 2, 2)),
        rng.uniform(0, 10_000, (n - n // 2, 2)),
    ][rng.permutation(n)]


@pytest.mark.parametrize("eps, least", [(60, 5), (100, 12), (200, 30), (15, 2), (3000, 900)])
def test_labels_equal_scikit_learn(eps, least):
    from sklearn.cluster import DBSCAN  # heavy, and every process collects this file

    where = blobs(3000, seed=least)
    peer = DBSCAN(eps=eps, min_samples=least).fit(where)
    found = dbscan(where, Dbscan(eps_m=eps, least=least))
    assert (found.labels == peer.labels_).all()
    assert np.flatnonzero(found.core).tolist() == peer.core_sample_indices_.tolist()
    assert found.sizes.tolist() == np.bincount(peer.labels_[peer.labels_ >= 0]).tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60),
    st.sampled_from([1, 2, 5**0.5, 3]),
    st.integers(2, 6),
)
def test_points_on_a_lattice_where_many_are_exactly_at_reach(where, eps, least):
    where = np.array(where, float).reshape(-1, 2)
    found = dbscan(where, Dbscan(eps_m=eps, least=least))
    apart = ((where[:, None] - where[None]) ** 2).sum(axis=2)
    assert found.labels.tolist() == by_definition(apart <= eps**2, least)
    timed = space_time_dbscan(where, where[:, 0], SpaceTimeDbscan(eps_m=eps, eps_s=1, least=least))
    near = (apart <= eps**2) & (np.abs(where[:, None, 0] - where[None, :, 0]) <= 1)
    assert timed.labels.tolist() == by_definition(near, least)


def by_definition(near: np.ndarray, least: int) -> list[int]:
    """Labels of DBSCAN from the full table of neighbours, clusters grown one after another."""
    core, labels, count = near.sum(axis=1) >= least, [-1] * len(near), 0
    for start in range(len(near)):
        if not core[start] or labels[start] >= 0:
            continue
        waiting = [start]
        while waiting:
            at = waiting.pop()
            if labels[at] >= 0:
                continue
            labels[at] = count
            if core[at]:
                waiting += np.flatnonzero(near[at]).tolist()
        count += 1
    return labels


def test_a_burst_is_found_only_with_time():
    rng = np.random.default_rng(8)
    where = rng.uniform(0, 1000, (400, 2))
    seconds = rng.uniform(0, 1e6, 400)
    where[:12], seconds[:12] = (500, 500) + rng.normal(0, 20, (12, 2)), 5e5 + np.arange(12)
    found = space_time_dbscan(where, seconds, SpaceTimeDbscan(eps_m=100, eps_s=3600, least=8))
    assert (found.labels[:12] == 0).all() and found.sizes.tolist() == [12]


def test_hdbscan_finds_dense_and_sparse():
    rng = np.random.default_rng(9)
    where = np.r_[rng.normal(0, 10, (100, 2)), rng.normal(5000, 400, (100, 2))]
    found = hdbscan(where, Hdbscan(smallest=30))
    assert len(found.sizes) == 2 and found.labels[0] != found.labels[-1]
    assert len(hdbscan(where[:4]).sizes) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: Dbscan(eps_m=0),
        lambda: Dbscan(eps_m=5, least=1),
        lambda: dbscan([(0, 0), (1e12, 1e12)], Dbscan(eps_m=0.01)),
        lambda: hdbscan(np.zeros((50_001, 2))),
        lambda: space_time_dbscan([(0, 0)], [], SpaceTimeDbscan(eps_m=5, eps_s=5)),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ParameterError):
        call()
