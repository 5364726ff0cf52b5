"""The timeline says to whom, why and until when, on the desk and on paper alike."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ioc.reports import casefile, dossier
from ioc.reports.actions import reporters
from ioc.reports.actions.log import Entry, append
from ioc.reports.models import Report
from ioc.reports.retold import retold
from tests.reports.factories import make_agency, make_category, make_report, make_staff, move
from tests.reports.test_dossier import case, step

pytestmark = pytest.mark.django_db


def told(report: Report) -> list[tuple[str, str]]:
    """Each line of the log with what is said about it, in English."""
    return [(one["kind"], one["about"]["en"]) for one in casefile.timeline_out(report)]


def test_a_step_says_what_it_set(city: Any) -> None:
    roads = make_agency("roads", name_vi="Sở Xây dựng", name_en="Construction")
    make_category("traffic", name_vi="Hạ tầng giao thông", name_en="Traffic")
    operator, officer = make_staff("operator"), make_staff("agency_officer", roads, name="mai")
    report = make_report()
    day = timezone.localdate() + timedelta(days=9)
    done = [
        move(operator, "triage", report, category="traffic", emergency=True),
        move(operator, "assign", report, agency="roads"),
        move(operator, "take", report, officer=officer.pk),
        move(officer, "ask_reporter", report, public_words="Ở đâu?"),
        move(officer, "plan", report, planned_for=str(day), public_words="Sẽ vá"),
        move(officer, "wait_third_party", report, until=str(day), public_words="Chờ đá"),
        move(officer, "resolve", report, public_words="Đã vá"),
    ]
    assert [one.error for one in done] == [None] * len(done)
    row = Report.objects.get(pk=report.pk)
    reporters.rate(row, key=uuid.uuid4(), verdict="accepts")
    reporters.rate(row, key=uuid.uuid4(), verdict="not_satisfied", reason="came-back")
    move(officer, "reject", report, reason="private", public_words="Không")
    late = {"step": "dwell-100", "clock": "dwell", "share": 1.0, "to": "agency"}
    append(Report.objects.get(pk=report.pk), Entry(kind="escalate", detail=late))
    week = timezone.localdate() + timedelta(days=7)
    assert told(report) == [
        ("submit", ""),
        ("triage", "Hygiene → Traffic, an emergency"),
        ("assign", "Construction"),
        ("take", "mai"),
        ("ask_reporter", f"answer by {week:%d/%m/%Y}"),
        ("plan", f"on {day:%d/%m/%Y}"),
        ("wait_third_party", f"until {day:%d/%m/%Y}"),
        ("resolve", ""),
        ("rate", "accepts the answer"),
        ("dispute", "It came back"),
        ("reject", "A private dispute"),
        ("escalate", "this step, 100 % of the time"),
    ]


def test_names_are_looked_up_once_however_long_the_log(
    city: Any, django_assert_max_num_queries: Any
) -> None:
    agencies = [make_agency(f"agency-{n}", name_en=f"Agency {n}") for n in range(4)]
    operator, report = make_staff("operator"), make_report()
    for agency in agencies:
        move(operator, "assign", report, agency=agency.code)
    events = list(report.events.order_by("seq"))
    with django_assert_max_num_queries(3):
        said = retold(events)
    assert [said[event.seq].en for event in events[1:]] == [f"Agency {n}" for n in range(4)]


def test_the_dossier_says_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    plain = dossier.Paragraph
    monkeypatch.setattr(
        dossier, "Paragraph", lambda text, *style: lines.append(text) or plain(text, *style)
    )
    about = {"vi": "Sở <Xây dựng>", "en": "Construction"}
    dossier.pdf(case(timeline=[step(1, about=about)]), "vi")
    assert any("Ghi chú: Sở &lt;Xây dựng&gt;" in line for line in lines)


def test_who_moderates_reads_why_a_report_is_held(city: Any, client: Any) -> None:
    operator, report = make_staff("operator"), make_report(trap="x")
    client.force_login(operator)
    address = f"/api/v1/reports/desk/cases/{report.code}"
    said = client.get(address).json()
    assert said["moderation"] == "held"
    assert [one["en"] for one in said["held_why"]] == ["Filled in a field that people do not see"]
    assert move(operator, "release", report).error is None
    assert client.get(address).json()["held_why"] == []
