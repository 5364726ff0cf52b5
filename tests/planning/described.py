"""A city of one thing of each kind, and what the description's parameters name of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from environment.flood import actions as floods
from geo import notices
from geo.text import Text
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.incidents import actions as incidents
from ioc.incidents.models import Incident
from ioc.planning import actions as planning
from ioc.planning import computing
from ioc.reports.models import SavedFilter
from ioc.reports.models.rules import RoutingRule
from tests.billboards.factories import make_billboard
from tests.environment.flood.factories import make_gauge
from tests.planning.factories import make_ground, make_reports
from tests.reports.factories import make_agency
from tests.vessels.fleet_factories import make_boat, make_sea
from tests.vision.factories import make_camera, make_finding
from vessels.models import Alert
from vision import actions as vision
from vision.models import Job


def make_world(tmp_path: Path, settings: Any) -> dict[str, Any]:
    """Everything made; what is there, by the beginning of an address and the parameter's name."""
    make_ground()
    reports = make_reports(20, 5)
    owner = User.objects.create_user("owner-of-all", role=Role.ADMINISTRATOR)
    gauge = make_gauge(tmp_path, settings)
    zone = floods.zone(gauge=gauge, stage_m=1.0)
    make_billboard()
    camera = make_camera(address="rtsp://cam.example/path")
    event = vision.record_event(camera=camera, finding=make_finding())
    job = Job.objects.create(kind="trial", camera=camera, by=owner, state="done")
    run = planning.ask(
        owner, method="classes", asked={"layer": "reports"}, parameters={"count": 2}, name="Shared"
    )
    computing.compute(str(run.pk))
    run.analysis.__class__.objects.update(shared=True)
    return _fleet() | {
        "layers.slug": "reports", "layers.feature_id": str(reports[0].pk),
        "incidents.incident_id": _incident(), "reports.code": reports[0].code,
        "reports/setup.code": "hygiene",
        "reports.rule_id": RoutingRule.objects.create(name="r", agency=make_agency()).pk,
        "reports.filter_id": SavedFilter.objects.create(user=owner, name="f", query={}).pk,
        "environment.code": "G1", "flood.terrain_id": gauge.terrain_id, "flood.zone_id": zone.pk,
        "flood.z": 14, "flood.x": 13085, "flood.y": 7434, "flood.ending": "gpkg",
        "cameras.camera_id": camera.pk, "cameras.event_id": event.pk,
        "vision.camera_id": camera.pk, "vision.event_id": event.pk, "vision.job_id": job.pk,
        "vision.by": "ward", "plan/analyses.number": str(run.analysis_id),
        "plan/runs.number": str(run.pk),
    }  # fmt: skip


def _fleet() -> dict[str, Any]:
    make_sea()
    boat, now = make_boat(), timezone.now()
    alert = Alert.objects.create(
        vessel=boat, kind="signal_lost", slot="s", severity="minor", title_vi="x", title_en="x",
        opened_at=now - timedelta(hours=3), updated_at=now,
    )  # fmt: skip
    return {"vessels.vessel_id": boat.pk, "vessels.alert_id": alert.pk}


def _incident() -> int:
    notices.publish(
        key="k", kind="river-alarm", severity="moderate", layer="sensors", feature_id="7",
        point=(107.56, 16.46), occurred_at=timezone.now(), title=Text("x", "x"),
    )  # fmt: skip
    incidents.sweep()
    return Incident.objects.get().pk
