"""A proof of work: right once, wrong in every other way, and off where the city says so."""

import time
from typing import Any

import pytest
from django.core.cache import cache

from geo.errors import Refused
from ioc.reports import proof
from tests.reports.factories import kept, solved


@pytest.fixture(autouse=True)
def empty_cache(settings: Any, db: None) -> None:
    cache.clear()
    settings.IOC_REPORTS_PROOF = 300


def code_of(payload: str, **holder: str) -> str:
    with pytest.raises(Refused) as refusal:
        proof.check(payload, **holder)
    assert refusal.value.status == 403
    return refusal.value.code


def test_a_solution_counts_once_and_again_only_for_its_own_draft() -> None:
    payload = solved(proof.challenge())
    proof.check(payload, holder="draft-1")
    proof.check(payload, holder="draft-1")
    assert code_of(payload, holder="draft-2") == "proof-spent"
    assert code_of(payload) == "proof-spent"
    again = solved(proof.challenge())
    proof.check(again)
    assert code_of(again) == "proof-spent"


def test_another_spelling_of_a_spent_solution_is_spent() -> None:
    given = proof.challenge()
    proof.check(solved(given))
    assert code_of(solved(given, salt=given["salt"].rstrip("&"))) == "proof-spent"


def test_old_challenges_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = solved(proof.challenge())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + proof.VALID_S + 1)
    assert code_of(payload) == "proof-wrong"


def test_no_key_but_ours_signs(settings: Any) -> None:
    payload = solved(proof.challenge())
    settings.SECRET_KEY = "another"
    assert code_of(payload) == "proof-wrong"


@pytest.mark.parametrize(
    "changes",
    [
        {"number": -1},
        {"number": "1"},
        {"number": True},
        {"number": 1.5},
        {"number": None},
        {"salt": "00?expires=99999999999&"},
        {"salt": 5},
        {"challenge": "0" * 64},
        {"signature": ""},
        {"signature": ["x"]},
        {"algorithm": "SHA-1"},
        {"algorithm": {"x": 1}},
    ],
)
def test_changed_solutions_are_wrong(changes: dict[str, Any]) -> None:
    assert code_of(solved(proof.challenge(), **changes)) == "proof-wrong"


@pytest.mark.parametrize(
    "payload",
    ["x", "é", "W10=", "MQ==", "bnVsbA==", "e30=", "A" * 5000, "[" * 900, "\x00", "=" * 8],
)
def test_nonsense_is_wrong(payload: str) -> None:
    assert code_of(payload) == "proof-wrong"


def test_nothing_is_needed_where_it_is_off(settings: Any) -> None:
    assert code_of("") == "proof-needed"
    settings.IOC_REPORTS_PROOF = 0
    assert proof.challenge() == {}
    proof.check("")


def test_the_cache_keeps_no_draft_key() -> None:
    proof.check(solved(proof.challenge()), holder="secret-draft-key")
    assert kept() and "secret" not in kept()
