"""What a person should look at before anybody else, and what must never be held."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache

from ioc.reports import spam
from ioc.reports.suggestion import forget_model
from tests.reports.factories import kept

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PERSON = SimpleNamespace(is_authenticated=True)
HONEST = "Ổ gà sâu giữa làn xe máy trước số 12 Lê Lợi, trời mưa không nhìn thấy, đã có người té."


@pytest.fixture(autouse=True)
def empty_cache(db):
    cache.clear()
    forget_model()


def score(words, address="10.0.0.1", user=None, took_s=60, **more):
    draft = SimpleNamespace(words=words, device_at=NOW - timedelta(seconds=took_s), sent_at=NOW)
    return spam.score(draft, address=address, user=user or AnonymousUser(), **more)


def codes(suspicion):
    return [sign.code for sign in suspicion.signs]


@pytest.mark.parametrize(
    "words",
    [
        HONEST, "", "Rác", "rac chat dong dau hem may hom nay roi", "Ngập 😡😡😡", "شارع مظلم",
        "Trụ điện nghiêng, gọi 0905123456 nếu cần chỉ đường", "GẤP! Cây đổ chắn đường",
        "street light broken near 5 Nguyen Hue", "Nghiêng nghiêng, nghẹt cống", "KHÓI ĐEN",
    ],
)  # fmt: skip
def test_honest_words_are_not_held(words):
    assert not score(words).held


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Vay tiền nhanh tại https://vay.example và www.vay.example", "links"),
        ("Bán thuốc giảm cân, liên hệ zalo 0905123456", "contact"),
        ("asdfgh jklqwe zxcvb sdfgh", "gibberish"),
        ("aaaaaaaaaaaaaaaa", "gibberish"),
        ("bcdfgk lmnpqrst", "gibberish"),
        ("ĐÂY LÀ NỘI DUNG VIẾT HOA TOÀN BỘ", "capitals"),
    ],
)
def test_each_sign_is_seen_with_its_reason(words, code):
    seen = score(words)
    assert code in codes(seen)
    assert 0 < seen.score <= 1
    assert all(sign.why.vi and sign.why.en for sign in seen.signs)
    assert seen.reasons()[0]["why"]["en"]


def test_the_field_that_people_do_not_see_and_haste():
    assert score(HONEST, trap="http://x").score == 1
    assert score(HONEST, trap="x", user=PERSON).held
    assert codes(score(HONEST + " 2", took_s=1)) == ["too-quick"]
    assert codes(score("Cống nghẹt trước nhà số 3", took_s=-50)) == []


def test_the_same_words_again_from_here_and_from_many_places():
    assert codes(score(HONEST)) == []
    assert codes(score(HONEST.upper().replace(",", " !!"))) != []
    third = score(HONEST)
    assert codes(third) == ["repeated"]
    assert third.held
    assert codes(score(HONEST, address="10.0.0.2")) == []
    for last in range(3, 6):
        many = score(HONEST, address=f"10.0.0.{last}")
    assert codes(many) == ["many-senders"]
    assert not many.held  # neighbours may well agree on words
    assert codes(score("Rác")) == codes(score("Rác")) == []


def test_somebody_known_is_doubted_less():
    words = "Xem tại https://example.com"
    assert score(words, user=PERSON).score < score(words, address="10.0.0.9").score


def test_the_cache_keeps_nothing_that_can_be_read():
    score(HONEST, address="203.0.113.77")
    held = kept()
    assert held and "203.0.113.77" not in held
    assert "Lợi" not in held and "loi" not in held
