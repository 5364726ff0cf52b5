"""`ingest replay`: what is made again from the lines as received is what stood."""

import io
import random
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from tests.vessels.factories import NOON, ingest, said
from tests.vessels.test_shared import boat, latest, mixed, tracks
from vessels import sweep
from vessels.ais import encode
from vessels.ingest import rebuild
from vessels.models import Alert, Feed, IdentityChange, Position, RawBatch, Vessel, VesselEvent

pytestmark = pytest.mark.django_db
END = datetime.fromtimestamp(NOON + 4 * 3600, UTC)


@pytest.fixture
def lines():
    """Two boats under one MMSI, a ship that drifts, a boat that fishes, and who they are."""
    other = 574_000_777
    drift = [said(other, 108.6 + n / 900, 16.9, at=NOON - 21_600 + n * 600, speed_kn=1.0,
                  course_deg=90.0) for n in range(36)]  # fmt: skip
    name = encode.voyage(other, name="DRIFTER", callsign="D", ship_type=70, length_m=90, width_m=9)
    introduced = [encode.tagged(line, at_s=NOON, station="test") for line in name]
    return introduced, [*drift, *mixed(boat(107.8), boat(109.5, late_s=40))]


def everything():
    alerts = Alert.objects.order_by("kind").values_list(
        "kind", "vessel__mmsi", "opened_at", "ended_at", "evidence__figures"
    )
    deeds = VesselEvent.objects.order_by("vessel", "kind", "began_at").values_list(
        "vessel__mmsi", "vessel__part", "kind", "began_at", "ended_at"
    )
    changes = IdentityChange.objects.order_by("field", "now").values_list("field", "was", "now")
    return tracks(), latest(), list(alerts), list(deeds), list(changes)


def looked():
    sweep.run(now=END, deep=True)
    sweep.run_conduct(now=END)


def taken(tmp_path, lines, size=10_000):
    introduced, fixes = lines
    ingest(tmp_path, *introduced)
    for start in range(0, len(fixes), size):
        ingest(tmp_path, *fixes[start : start + size])
    looked()


def test_a_rebuild_gives_what_stood_and_a_second_one_too(tmp_path, lines, monkeypatch):
    monkeypatch.setattr(rebuild.timezone, "now", lambda: END)
    taken(tmp_path, lines, size=20)
    before = everything()
    assert {row[0] for row in before[2]} == {"shared_mmsi", "loitering"}
    batches, vessels = RawBatch.objects.count(), Vessel.objects.count()
    for source in ("all", "test"):
        out = io.StringIO()
        assert rebuild.run(source, stdout=out) == 0
        assert "96 positions forgotten" in out.getvalue()
        looked()
        assert everything() == before
    assert (RawBatch.objects.count(), Vessel.objects.count()) == (batches, vessels)


def test_one_vessel_alone_is_made_again_with_all_its_parts(tmp_path, lines, monkeypatch):
    monkeypatch.setattr(rebuild.timezone, "now", lambda: END)
    taken(tmp_path, lines)
    before = everything()
    second = Vessel.objects.get(part=1)
    out = io.StringIO()
    rebuild.run("all", stdout=out, vessel=second.pk, since="2026-01-01T00:00:00Z")
    assert "60 positions forgotten" in out.getvalue()
    looked()
    assert everything() == before


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_changes_neither_tracks_nor_events(tmp_path, lines, seed):
    taken(tmp_path, lines)
    expected = everything()
    Alert.objects.all().delete()
    for model in (Position, VesselEvent, IdentityChange, Vessel):
        model.objects.all().delete()
    random.Random(seed).shuffle(lines[1])
    taken(tmp_path, lines, size=24)
    assert everything() == expected
    taken(tmp_path, lines)
    assert everything() == expected


def test_the_command_names_what_is_wrong(tmp_path, lines):
    ingest(tmp_path, *lines[0])
    for more in (["nobody"], ["all", "--from", "soon"], ["all", "--from", "2026-01-01T00:00:00"],
                 ["all", "--vessel", "0"]):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("ingest", "replay", *more)
    Feed.objects.create(name="empty")
    with pytest.raises(SystemExit):
        call_command("ingest", "replay", "empty", stdout=io.StringIO())
