"""An alert's way through its stages: append-only, one at a time, with a cause at the end."""

import pytest
from django.db import DatabaseError, transaction

from geo.errors import Refused
from layers.models import PendingChange
from tests.vessels.factories import make_user
from tests.vessels.fleet_factories import NOW, hear, make_boat, make_sea
from vessels import alerts, sweep
from vessels.alert_kinds import KINDS, STAGES, moves_from
from vessels.models import Alert, AlertStep, FleetState

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(db):
    return make_user("fisheries_officer")


@pytest.fixture
def alert(db):
    make_sea()
    boat = make_boat(16, vms="vnpt")
    hear(boat, (7.0, 108.6, 16.5, 8.0, 90.0), vms=True)
    sweep.run(now=NOW)
    return Alert.objects.get()


def moved(alert, stage, by, version, **more):
    more.setdefault("key", f"k-{stage}")
    return alerts.move(alert_id=alert.pk, stage=stage, by=by, version=version, **more)


def test_from_new_to_closed_every_step_is_kept(alert, officer):
    for version, stage in enumerate(("seen", "called", "warned", "handed_over"), start=1):
        moved(alert, stage, officer, version, words=f"bước {stage}")
    done = moved(alert, "closed", officer, 5, cause="device_broken")
    assert (done.stage, done.cause, done.version, done.closed_at is not None) == (
        "closed", "device_broken", 6, True,
    )  # fmt: skip
    steps = AlertStep.objects.order_by("seq")
    assert [s.stage for s in steps] == ["seen", "called", "warned", "handed_over", "closed"]
    assert [s.seq for s in steps] == [1, 2, 3, 4, 5]
    assert {s.by for s in steps} == {officer}


def test_who_is_late_is_told_and_the_same_key_counts_once(alert, officer):
    moved(alert, "seen", officer, 1)
    again = moved(alert, "seen", officer, 1)
    assert (again.version, AlertStep.objects.count()) == (2, 1)
    with pytest.raises(Refused) as late:
        moved(alert, "called", officer, 1)
    assert (late.value.status, late.value.details) == (409, {"version": 2, "stage": "seen"})
    for stage in ("seen", "new"):
        with pytest.raises(Refused) as back:
            moved(alert, stage, officer, 2, key="other")
        assert back.value.status == 409


@pytest.mark.parametrize(
    ("stage", "cause"),
    [("closed", ""), ("closed", "because"), ("closed", "withdrawn"), ("called", "device_broken")],
)
def test_only_closing_takes_a_cause_and_only_one_of_the_list(alert, officer, stage, cause):
    with pytest.raises(Refused) as refused:
        moved(alert, stage, officer, 1, cause=cause)
    assert refused.value.status == 422
    assert not AlertStep.objects.exists()


def test_the_log_refuses_to_be_changed(alert, officer):
    moved(alert, "seen", officer, 1)
    for change in (
        lambda: AlertStep.objects.update(words="x"),
        lambda: AlertStep.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_what_people_closed_stays_closed_while_it_lasts(alert, officer):
    moved(alert, "closed", officer, 1, cause="in_port")
    before = Alert.objects.values().get()
    assert sweep.run(now=NOW)["opened"] == 0
    assert Alert.objects.values().get() == before
    assert FleetState.objects.get().need_rank is None


def test_a_handled_alert_gives_way_to_those_that_wait(alert, officer):
    assert FleetState.objects.get().need_rank == KINDS["signal_lost"].rank
    moved(alert, "handed_over", officer, 1)
    sweep.run(now=NOW)
    assert FleetState.objects.get().need_rank == KINDS["signal_lost"].rank + 50


def test_the_map_hears_of_an_alert_and_of_its_end(alert, officer):
    told = PendingChange.objects.filter(layer="vessel-alerts", feature_id=str(alert.pk))
    assert list(told.values_list("op", flat=True)) == ["upsert"]
    moved(alert, "closed", officer, 1, cause="provider")
    assert list(told.order_by("pk").values_list("op", flat=True)) == ["upsert", "delete"]


def test_stages_only_lead_on():
    assert moves_from("closed") == []
    for stage in STAGES:
        assert all(STAGES.index(to) > STAGES.index(stage) for to in moves_from(stage))


def test_every_kind_has_words_and_a_rank_of_its_own():
    assert len({kind.rank for kind in KINDS.values()}) == len(KINDS)
    assert all(kind.title.vi and kind.title.en for kind in KINDS.values())
