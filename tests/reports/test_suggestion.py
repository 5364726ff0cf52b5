"""The suggested category: shipped, honest about what it was trained on, silent when unsure."""

import io
import random
import subprocess
import sys
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command

from geo.crs import snap_to_grid
from ioc.reports import suggestion
from ioc.reports.management.commands import reports_train
from ioc.reports.models import Report, SuggestionModel
from ioc.reports.suggestion import NONE, shipped, suggest_with
from ioc.reports.training import Example, calibration_error, measure, train
from tests.reports.factories import HERE, make_category


@pytest.fixture(scope="module")
def model():
    return shipped()


def seed(part):
    return [
        one for which, one in reports_train.seed_rows() if (which == "held") == (part == "held")
    ]


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Rác chất đống ba ngày nay, bốc mùi hôi thối", "environment"),
        ("rac chat dong ko ai hot, hoi wa", "environment"),
        ("Ổ gà sâu giữa đường, xe máy dễ té", "traffic"),
        ("duong nhiu o ga wa, xe may de te", "traffic"),
        ("đèn đường bị hỏng, tối om", "urban"),
        ("nhà bên cạnh xây dựng không phép", "construction-order"),
        ("thanh niên đua xe, đánh nhau ban đêm", "security"),
        ("nhà hàng chặt chém du khách", "tourism"),
        ("cán bộ phường hách dịch, đòi tiền", "conduct"),
        ("The street light is broken", "urban"),
    ],
)
def test_plain_cases(model, words, category):
    said = suggest_with(model, words)
    assert said is not None
    assert said.category == category
    assert 0.5 <= said.confidence <= 1
    assert said.synthetic
    assert said.why and all(part.lower() in words.lower() for part in said.why)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "😀😀",
        "xyzzy plugh frobnicate",
        "Xin chào",
        "123 456",
        "漏水了",
        "test test",
        "?!.",
    ],
)
def test_silent_where_the_words_say_too_little(model, words):
    assert suggest_with(model, words) is None


def test_it_never_trained_on_what_it_is_measured_on(model):
    """The shipped facts are those of the shipped weights on sentences that training never saw."""
    trained = {suggestion.folded(one.words) for one in seed("train")}
    held = seed("held")
    assert not trained & {suggestion.folded(one.words) for one in held}
    assert not {one.phrase for one in seed("train")} & {one.phrase for one in held}
    fresh = measure(model, held)
    facts = model.facts
    assert facts["synthetic"] is True
    assert fresh["accuracy"] == pytest.approx(facts["held_back"]["accuracy"], abs=0.02)
    assert fresh["examples"] == facts["held_back"]["examples"] == 182
    assert fresh["accuracy"] >= 0.75
    assert fresh["calibration_error"] <= 0.12
    assert fresh["silent_about_nothing"] >= 0.9


def test_the_model_is_small_and_needs_no_pickle():
    assert suggestion.SHIPPED.stat().st_size < 3_000_000
    with np.load(suggestion.SHIPPED, allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_suggesting_imports_no_training_library():
    code = (
        "import sys, django; django.setup();"
        "from ioc.reports.suggestion import shipped, suggest_with;"
        "assert suggest_with(shipped(), 'rác thải bốc mùi hôi thối');"
        "print([m for m in ('sklearn', 'torch', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_calibration_error_of_known_cases():
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == 0
    assert calibration_error([(1.0, False)] * 4) == 1
    assert calibration_error([]) is None


def test_a_model_of_few_words_is_packed_and_read_alike():
    examples = [
        Example(f"{word} số {number}", category, f"{word} {number}")
        for word, category in (("rác", "dirt"), ("đèn", "lamp"), ("chào", NONE))
        for number in range(12)
    ]
    model = train(examples, [], synthetic=False)
    again = suggestion.unpack(suggestion.pack(model))
    assert again.digest == model.digest
    assert suggest_with(again, "rác số 4").category == "dirt"
    assert suggest_with(again, "chào số 4") is None
    wrong = suggestion.Model("", ("a",), np.zeros((1, 5)), np.zeros(1), 1, frozenset(), {})
    with pytest.raises(ValueError, match="shape"):
        suggestion.unpack(suggestion.pack(wrong))


@pytest.fixture
def own_reports(city):
    make_category("lamp")
    make_category("rare")
    chance = random.Random(1)
    texts = {"hygiene": ["rác", "hôi", "bẩn"], "lamp": ["đèn", "tối", "bóng"], "rare": ["lạ"]}
    rows = []
    order = ["hygiene"] * 200 + ["lamp"] * 200 + ["rare"] * 4
    chance.shuffle(order)
    for category in order:
        words = f"{chance.choice(texts[category])} ở {chance.choice('abcdefgh')}{chance.random()}"
        rows.append(Report(
            code=f"S{len(rows):07}", client_key=uuid4(), h3=0, category_id=category,
            geom=Point(*HERE, srid=4326), geom_public=Point(*snap_to_grid(*HERE), srid=4326),
            words=words, state="resolved",
        ))  # fmt: skip
    Report.objects.bulk_create(rows)


def test_the_command_learns_from_the_citys_own_reports(own_reports, monkeypatch):
    monkeypatch.setattr(reports_train, "seed_rows", lambda: [])
    out, err = io.StringIO(), io.StringIO()
    call_command("reports_train", stdout=out, stderr=err)
    assert "rare (4)" in err.getvalue()
    assert "accuracy" in out.getvalue() and "hygiene" in out.getvalue()
    row = SuggestionModel.objects.get()
    assert not row.synthetic
    assert row.facts["held_back"]["accuracy"] > 0.9
    suggestion.forget_model()
    said = suggestion.suggest("đèn tối", "vi")
    assert (said.category, said.model, said.synthetic) == ("lamp", row.digest, False)
    SuggestionModel.objects.all().delete()
    suggestion.forget_model()
    assert suggestion.suggest("đèn đường tối om", "vi").synthetic


def test_too_few_reports_train_nothing(city):
    with pytest.raises(CommandError, match="too few"):
        call_command("reports_train", stderr=io.StringIO())
    assert not SuggestionModel.objects.exists()
