"""The dossier: every letter of both languages, whatever was written, as many pages as it takes."""

import re
from datetime import UTC, datetime

import pytest
from reportlab.pdfbase import pdfmetrics

from geo.errors import Refused
from ioc.reports import dossier
from tests.reports.factories import make_photo

AT = datetime(2026, 11, 21, 3, 5, tzinfo=UTC)
TONES = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
PHOTO = {"name": "one", "kind": "evidence", "published": False}


def title(vi: str, en: str) -> dict:
    return {"code": vi, "title": {"vi": vi, "en": en}}


def step(seq: int, **changes) -> dict:
    return {
        "seq": seq, "at": AT, "kind": "note", "title": {"vi": "Ghi chú", "en": "Note"},
        "by": {"name": "Trần Thị Mai", "agency": title("Đô thị", "Urban")}, "by_kind": "agency",
        "public_words": "", "private_words": "", "reporter_words": "", "photos": [],
        "undone": False,
    } | changes  # fmt: skip


def case(**changes) -> dict:
    clock = {"clock": "resolve", "state": "running", "due_at": AT, "stopped_at": None}
    return {
        "code": "HUE-2222-23", "category": title("Vệ sinh", "Hygiene"),
        "state": title("Đang xử lý", "In progress"), "emergency": True, "synthetic": True,
        "received_at": AT, "district": title("Thuận Hóa", "Thuan Hoa"), "accuracy_m": 12.0,
        "lon": 107.5909, "lat": 16.4637, "agency": None, "officer": None, "me_too": 2,
        "words": "Rác chưa thu gom", "words_public": "", "photos": [], "routed": None,
        "clocks": [clock | {"used": 1.2, "budget_h": 8.0}], "timeline": [step(1)],
    } | changes  # fmt: skip


def pages(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", data))


def test_every_letter_of_vietnamese_has_its_glyph() -> None:
    dossier.fonts_ready()
    for face in (dossier.PLAIN, dossier.BOLD):
        known = pdfmetrics.getFont(face).face.charToGlyph
        wanted = TONES + TONES.upper() + "·–“”±…"
        assert [letter for letter in wanted if ord(letter) not in known] == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_case_is_printed_with_its_photos_and_as_many_pages_as_it_needs(language: str) -> None:
    short = dossier.pdf(case(), language)
    assert short.startswith(b"%PDF-") and pages(short) == 1
    photo = make_photo((640, 480))
    many = case(photos=[PHOTO, PHOTO | {"name": "gone"}], timeline=[
        step(n, public_words="Đã hẹn đội duy tu. " * 12, photos=[PHOTO]) for n in range(20)
    ])  # fmt: skip
    long = dossier.pdf(many, language, pictures={"one": photo, "gone": b"no picture"})
    assert pages(long) > 3
    assert long.count(b"/Subtype /Image") == 1  # the same photo again is the same object
    answers = [{"question": {"vi": "Cỡ?", "en": "Size?"}, "answer": {"vi": "Nhỏ", "en": ""}}] * 60
    assert pages(dossier.pdf(case(answers=answers), language)) == 3
    assert pages(dossier.pdf(many, language)) >= 1  # without the files it says so, and goes on


def test_what_people_wrote_is_text_and_never_markup() -> None:
    hostile = '</para><b>&<font color="red"><img src="file:///etc/passwd"/> \x00 <a href="x">'
    words = {"public_words": hostile, "private_words": hostile, "reporter_words": hostile}
    by = {"name": hostile, "agency": title(hostile, hostile)}
    wild = case(
        words=hostile * 20, words_public=hostile, officer=hostile,
        answers=[{"code": "x", "question": {"vi": hostile}, "answer": {"vi": hostile}}],
        timeline=[step(1, by=by, title={"vi": hostile, "en": ""}, **words)],
        routed={"agency": None, "rule": None, "reason": {"vi": hostile, "en": hostile}},
    )  # fmt: skip
    data = dossier.pdf(wild, "vi", rings=[[(107.5, 16.4), (107.7, 16.4), (107.6, 16.5)]])
    assert pages(data) >= 1 and b"/Subtype /Link" not in data and b"/Subtype /Image" not in data


def test_without_fonts_it_says_what_to_do(settings, tmp_path) -> None:
    settings.FRONTEND_DIST = tmp_path
    dossier.fonts_ready.cache_clear()
    with pytest.raises(Refused, match="build the front end"):
        dossier.pdf(case(), "vi")
    dossier.fonts_ready.cache_clear()
