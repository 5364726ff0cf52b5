from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.utils import timezone

from ioc.shared_cache import SharedCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> SharedCache:
    made = SharedCache("ioc_cache", {})
    made.clear()
    return made


def lives_s(key: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM ioc_cache WHERE cache_key LIKE %s", [f"%{key}"])
        return (cursor.fetchone()[0] - timezone.now()).total_seconds()


def age(by: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ioc_cache SET expires = expires - %s", [by])


def test_the_shared_cache_of_the_settings_is_this_one():
    assert settings.CACHES["default"]["BACKEND"] == "ioc.shared_cache.SharedCache"
    assert isinstance(caches["default"], SharedCache)


@pytest.mark.parametrize("value", [0, -7, 2**62, True, None, "=1", "ổ gà", [1, {"a": 2}], 1.5])
def test_what_is_kept_comes_back(cache, value):
    cache.set("a", value)
    assert cache.get("a", "nothing") == value and type(cache.get("a")) is type(value)
    cache.set("a", 3)
    assert cache.get_many(["a", "b"]) == {"a": 3} and cache.get("b", 9) == 9


def test_a_key_is_added_once_until_it_ends(cache):
    assert cache.add("spent", "me", 600) and not cache.add("spent", "you", 600)
    assert cache.get("spent") == "me" and 590 < lives_s("spent") < 601
    age(timedelta(seconds=601))
    assert cache.get("spent") is None and cache.add("spent", "you", 600)


def test_counting_does_not_change_how_long_a_count_lives(cache):
    cache.add("hour", 1, 3600)
    assert [cache.incr("hour"), cache.incr("hour", 5), cache.decr("hour")] == [2, 7, 6]
    assert 3590 < lives_s("hour") < 3601
    age(timedelta(seconds=3601))
    for key in ("hour", "never"):
        with pytest.raises(ValueError, match="not found"):
            cache.incr(key)


def test_a_thousand_entries_stay(cache):
    for number in range(1000):
        cache.add(f"proof-{number}", "me", 600)
    assert len(cache.get_many([f"proof-{number}" for number in range(1000)])) == 1000


def test_each_call_is_one_statement(cache, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("ioc.shared_cache.SWEEP_ONE_IN", 10**9)
    with django_assert_num_queries(5):
        cache.add("a", 1)
        cache.incr("a")
        cache.get("a")
        cache.touch("a", 60)
        cache.set("a", 2)


def test_what_has_ended_is_swept(cache, monkeypatch):
    monkeypatch.setattr("ioc.shared_cache.SWEEP_ONE_IN", 1)
    cache.add("old", 1, 1)
    age(timedelta(seconds=5))
    cache.add("new", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ioc_cache")
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_many_count_at_once_and_none_is_lost(cache):
    cache.add("hour", 0, 600)

    def count(_number: int) -> tuple[int, bool]:
        try:
            return cache.incr("hour"), cache.add("once", "me", 600)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(count, range(80)))
    assert sorted(number for number, _ in said) == list(range(1, 81))
    assert sum(first for _, first in said) == 1
