"""The desk over HTTP: cameras by address, calibration, rules, pictures, reviews, counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.test import Client
from django.utils import timezone

from geo.models import District
from ioc.accounts.models import User
from tests.vision.factories import LINE, NOON, make_camera, make_finding
from vision import actions, conf, vault
from vision.models import AuditLine, Camera, CameraEvent, CameraHealth, Job

pytestmark = pytest.mark.django_db
HERE = {"lon": 107.59, "lat": 16.46}
POINTS = [
    {"x": x, "y": y, "lon": 107.59 + (x - 0.5) * 2e-4 / (y + 0.2), "lat": 16.46 + 3e-4 / (y + 0.2)}
    for x, y in ((0.1, 0.95), (0.9, 0.95), (0.2, 0.6), (0.8, 0.6), (0.3, 0.35), (0.7, 0.35),
                 (0.5, 0.5), (0.5, 0.8))
]  # fmt: skip


def sign_in(role="operator"):
    client = Client()
    user = User.objects.create_user(username=role, role=role)
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


def send(client, verb, path, body):
    return getattr(client, verb)(f"/api/v1/vision/{path}", body, content_type="application/json")


def add(client, **values):
    given = {"code": "c1", "name_vi": "Cầu", **HERE, **values}
    return send(client, "post", "cameras", {"values": given})


def test_a_login_in_an_address_is_sealed_and_never_told(caplog):
    client = sign_in()
    answer = add(client, address="rtsp://admin:s3cret%40x@cam.example/live")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["address"], told["has_login"]) == ("rtsp://cam.example/live", True)
    camera = Camera.objects.get()
    assert vault.unseal(camera.sealed_login) == "admin:s3cret%40x"
    everything = [answer.content.decode(), caplog.text]
    for path in (f"cameras/{camera.pk}", "cameras"):
        everything.append(client.get(f"/api/v1/vision/{path}").content.decode())
    everything.append(client.get(f"/api/v1/layers/cameras/features/{camera.pk}").content.decode())
    assert not any("s3cret" in text or camera.sealed_login in text for text in everything)
    assert "s3cret" not in str(Camera.objects.values().get())
    assert list(AuditLine.objects.values_list("act", flat=True)) == ["address", "login"]
    assert "s3cret" not in str(list(AuditLine.objects.values()))


def test_a_new_stream_is_waited_for_and_a_place_alone_is_not():
    client = sign_in()
    assert add(client, address="rtsp://cam.example/1").json()["state"] == "waiting"
    assert add(client, code="c2").json()["state"] == "off"


def test_a_password_does_not_follow_the_address_to_another_host():
    client = sign_in()
    camera = add(client, address="rtsp://u:p@cam.example/1").json()
    path = f"cameras/{camera['id']}"
    body = {"values": {"address": "rtsp://cam.example/2"}, "version": camera["version"]}
    same = send(client, "put", path, body).json()
    assert same["has_login"]
    body = {"values": {"address": "rtsp://evil.example/2"}, "version": same["version"]}
    other = send(client, "put", path, body).json()
    assert not other["has_login"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": "exec:ls"}, "address"), ({"address": "file:///etc/passwd"}, "address"),
        ({"address": "/etc/passwd"}, "address"), ({"fov_deg": 0}, "fov_deg"),
        ({"masks": [[[0, 0], [2, 2], [1, 0]]]}, "masks"), ({"keep_days": 0}, "keep_days"),
        ({"clear_days": 365}, "clear_days"), ({"detector": "none"}, "detector"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_by_field(values, field):
    answer = add(sign_in(), **values)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["error"]["fields"]
    assert not Camera.objects.exists()


def test_two_people_do_not_overwrite_each_other():
    client = sign_in()
    camera = add(client).json()
    path = f"cameras/{camera['id']}"
    saved = send(client, "put", path, {"values": {"owner": "A"}, "version": camera["version"]})
    assert saved.json()["owner"] == "A"
    late = send(client, "put", path, {"values": {"owner": "B"}, "version": camera["version"]})
    assert late.status_code == 409
    assert late.json()["error"]["version"] == saved.json()["version"]
    assert send(client, "post", "cameras", {"values": {"code": "c1", "name_vi": "x", **HERE}}
                ).status_code in (409, 422)  # fmt: skip


def test_an_address_is_judged_before_it_is_saved(settings):
    client = sign_in()
    for address in ("rtsp://127.0.0.1/x", "http://169.254.169.254/latest", "exec:ls"):
        answer = send(client, "post", "cameras/check-address", {"address": address})
        assert answer.status_code == 400, address
        assert send(client, "post", "probe", {"address": address}).status_code == 400
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    told = send(client, "post", "cameras/check-address", {"address": "rtsp://u:p@127.0.0.1/x"})
    assert told.json() == {
        "ok": True, "address": "rtsp://127.0.0.1/x", "login_taken_out": True, "is_file": False,
    }  # fmt: skip
    settings.IOC_VISION_HOSTS = ["*.hue.example"]
    settings.IOC_VISION_PRIVATE_NETWORKS = []
    answer = send(client, "post", "cameras/check-address", {"address": "rtsp://8.8.8.8/x"})
    assert answer.json()["error"]["code"] == "host-not-allowed"


def test_control_points_are_worth_what_is_said():
    client = sign_in()
    told = send(client, "post", "calibration", {"points": POINTS}).json()
    assert told["error_m"] < 0.5
    assert len(told["points"]) == len(POINTS)
    assert len(told["footprint"]) >= 3
    assert told["grid"]
    line = [{"x": n / 10, "y": n / 10, "lon": 107.59 + n / 1e4, "lat": 16.46} for n in range(8)]
    for wrong in (line, POINTS[:3], [{"x": 0.1}], [{**POINTS[0], "x": 7}, *POINTS[1:]]):
        answer = send(client, "post", "calibration", {"points": wrong})
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "bad-points"
        assert len(answer.json()["error"]["message"]) > 15


def test_a_calibrated_camera_shows_what_it_measures_on_the_map():
    client = sign_in()
    camera = add(client, bearing_deg=90).json()
    assert not camera["calibrated"]
    assert len(camera["view"]) > 10  # a wedge
    path = f"cameras/{camera['id']}/calibration"
    saved = send(client, "put", path, {"points": POINTS, "version": camera["version"]}).json()
    assert saved["calibrated"]
    row = Camera.objects.get()
    assert row.view.contains(row.view.centroid)
    assert row.view.distance(row.geom) < 0.001
    shown = client.get(f"/api/v1/layers/camera-views/features/{row.pk}").json()
    assert shown["properties"]["view_exact"] is True


def test_rules_are_checked_in_words_and_followed_when_saved():
    client = sign_in()
    camera = add(client).json()
    path = f"cameras/{camera['id']}/rules"
    wrong = [{"kind": "line", "name": "a", "line": [0, 0.5, 3, 0.5]}]
    told = send(client, "post", "rules/check", {"rules": wrong}).json()
    assert not told["ok"]
    assert told["problems"][0]["index"] == 0
    refused = send(client, "put", path, {"rules": wrong, "version": camera["version"]})
    assert refused.status_code == 422
    assert refused.json()["error"]["problems"]
    saved = send(client, "put", path, {"rules": [LINE], "version": camera["version"]})
    assert saved.json()["declared"] == [LINE]
    kinds = client.get("/api/v1/vision/rules/kinds").json()
    assert {"line", "red_light"} <= {kind["kind"] for kind in kinds}


def event_of(camera, key="k", **values):
    event = actions.record_event(
        camera=camera, finding=make_finding(key, kind="wrong_way", notable=True)
    )
    CameraEvent.objects.filter(pk=event.pk).update(**values)
    return CameraEvent.objects.get(pk=event.pk)


def test_reviews_have_a_version_a_log_and_a_way_back():
    client, camera = sign_in(), make_camera()
    events = [event_of(camera, f"k{n}") for n in range(3)]
    items = [{"id": e.pk, "version": e.version} for e in events]
    key = str(uuid4())
    told = send(client, "post", "reviews", {
        "items": items, "review": "accepted", "key": key}).json()  # fmt: skip
    assert [one["ok"] for one in told["results"]] == [True] * 3
    again = send(client, "post", "reviews", {"items": items, "review": "accepted", "key": key})
    assert [one["version"] for one in again.json()["results"]] == [1, 1, 1]  # said once
    late = {"items": items[:1], "review": "rejected", "reason": "a tree", "key": str(uuid4())}
    stale = send(client, "post", "reviews", late)
    assert (stale.status_code, stale.json()["error"]["version"]) == (409, 1)
    back = send(client, "post", "reviews/undo", {"key": key}).json()
    assert {one["review"] for one in back["results"]} == {"pending"}
    log = client.get(f"/api/v1/vision/events/{events[0].pk}").json()["log"]
    assert [(line["review"], line["undo"]) for line in log] == [
        ("accepted", False), ("pending", True),
    ]  # fmt: skip


def test_an_undo_takes_back_only_what_nobody_has_touched_since():
    client, camera = sign_in(), make_camera()
    event = event_of(camera)
    keys = [str(uuid4()), str(uuid4())]
    for key, review, version in ((keys[0], "accepted", 0), (keys[1], "rejected", 1)):
        send(client, "post", "reviews", {"items": [{"id": event.pk, "version": version}],
             "review": review, "reason": "a shadow", "key": key})  # fmt: skip
    told = send(client, "post", "reviews/undo", {"key": keys[0]}).json()["results"]
    assert told[0]["error"]["code"] == "stale"
    assert CameraEvent.objects.get().review == "rejected"


@pytest.mark.parametrize(
    "said", [{"review": "rejected"}, {"review": "wrong_class"}, {"review": "fine"},
             {"review": "wrong_class", "right_class": "dragon"},
             {"review": "accepted", "right_class": "car"}],
)  # fmt: skip
def test_a_review_must_say_what_it_needs(said):
    client, event = sign_in(), event_of(make_camera())
    body = {"items": [{"id": event.pk, "version": 0}], "key": str(uuid4()), **said}
    assert send(client, "post", "reviews", body).status_code == 422
    assert CameraEvent.objects.get().review == "pending"


def test_the_queue_pages_without_skipping_and_filters():
    client, camera = sign_in(), make_camera()
    made = [event_of(camera, f"k{n}").pk for n in range(5)]
    actions.record_event(camera=camera, finding=make_finding("count"))  # a count is no case
    got, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/api/v1/vision/events?limit=2&cursor={cursor}").json()
        got += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert got == sorted(made, reverse=True)
    none = client.get(f"/api/v1/vision/events?camera={camera.pk + 1}").json()
    assert none["items"] == []
    assert client.get("/api/v1/vision/events?kind=red_light").json()["items"] == []


def test_the_queue_takes_few_queries(django_assert_max_num_queries):
    client, camera = sign_in(), make_camera()
    for n in range(10):
        event_of(camera, f"k{n}")
    with django_assert_max_num_queries(4):
        client.get("/api/v1/vision/events")


def test_only_what_a_person_accepted_leaves_as_proven():
    client, camera = sign_in(), make_camera()
    states = ("pending", "accepted", "rejected")
    made = {state: event_of(camera, state, review=state) for state in states}
    lines = client.get("/api/v1/vision/events/proven.csv?review=all").content.decode().split()
    assert [line.split(",")[0] for line in lines[1:]] == [str(made["accepted"].pk)]


def test_precision_says_its_bounds_and_that_it_is_few():
    client, camera = sign_in(), make_camera()
    for n in range(10):
        event_of(camera, f"k{n}", review="accepted" if n < 8 else "rejected")
    (row,) = client.get("/api/v1/vision/precision").json()["rows"]
    # 8 of 10 by Wilson: 0.49 to 0.94 (Agresti & Coull 1998).
    assert row["precision"]["share"] == 0.8
    assert (round(row["precision"]["low"], 2), round(row["precision"]["high"], 2)) == (0.49, 0.94)
    assert (row["reviewed"], row["few"], row["pending"]) == (10, True, 0)


def test_counts_are_kept_when_events_are_gone():
    client = sign_in()
    ward = MultiPolygon(Polygon.from_bbox((107.5, 16.4, 107.7, 16.5)), srid=4326)
    District.objects.create(code="w1", name_vi="Phường", name_en="Ward", geom=ward, area_km2=1,
                            label_point=ward.centroid)  # fmt: skip
    camera = make_camera(road="Lê Lợi")
    for n in range(3):
        actions.record_event(camera=camera, finding=make_finding(f"k{n}"))
        actions.record_event(camera=camera, finding=make_finding(f"k{n}"))  # the same once more
    # Whoever runs a red light is told of beside the count of the lane, and counted once.
    actions.record_event(camera=camera, finding=make_finding("red", "red_light", notable=True))
    actions.purge_events(older_than_days=30, now=NOON + timedelta(days=40))
    assert not CameraEvent.objects.exists()
    start, end = (f"{NOON + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in (-1, 1))
    span = f"start={start}&end={end}"
    (row,) = client.get(f"/api/v1/vision/counts/series?{span}").json()["rows"]
    assert (row["count"], row["rule"], row["direction"], row["object_class"]) == (
        3, "gate", "down", "car",
    )  # fmt: skip
    (row,) = client.get(f"/api/v1/vision/counts/ward?{span}").json()["rows"]
    assert (row["code"], row["count"], row["cameras"]) == ("w1", 3, 1)
    (row,) = client.get(f"/api/v1/vision/counts/road?{span}").json()["rows"]
    assert row["title"]["vi"] == "Lê Lợi"
    long = f"start=2020-11-21T04:00:00Z&end={end}"
    assert client.get(f"/api/v1/vision/counts/series?{long}").status_code == 422


def test_a_lane_is_empty_only_while_its_camera_looked():
    client, camera, other = sign_in(), make_camera(), make_camera("other")
    for minute in (*range(5), *range(20, 23)):
        at = NOON + timedelta(minutes=minute)
        CameraHealth.objects.create(camera=camera, at=at, state="good")
        CameraHealth.objects.create(camera=other, at=at, state="stale")
    start, end = (f"{NOON + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in (-1, 1))
    told = client.get(f"/api/v1/vision/counts/series?start={start}&end={end}").json()["watched"]
    assert [
        (one["camera_id"], one["from"][14:16], one["to"][14:16]) for one in told
    ] == [
        (camera.pk, f"{NOON:%M}", f"{NOON + timedelta(minutes=4):%M}"),
        (camera.pk, f"{NOON + timedelta(minutes=20):%M}", f"{NOON + timedelta(minutes=22):%M}"),
    ]  # fmt: skip


def test_the_map_counts_by_ward_and_road():
    from layers import mvt, registry, tiles
    from vision import figures
    from vision.models import MinuteCount

    client = sign_in()
    ward = MultiPolygon(Polygon.from_bbox((107.5, 16.4, 107.7, 16.5)), srid=4326)
    District.objects.create(code="w1", name_vi="Phường", name_en="Ward", geom=ward, area_km2=1,
                            label_point=ward.centroid)  # fmt: skip
    cameras = [make_camera(code, road="Lê Lợi") for code in ("a", "b")]
    now = timezone.now().replace(second=0, microsecond=0)
    for camera in cameras:
        for rule in ("left", "right"):
            MinuteCount.objects.create(camera=camera, rule=rule, object_class="car", minute=now,
                                       count=30)  # fmt: skip
    user = User.objects.get(username="operator")
    (row,) = figures.by_ward(user)
    assert (row.count, row.cameras, row.per_min) == (120, 2, 2.0)
    assert [(row.count, row.place) for row in figures.by_road(user)] == [(60, "Lê Lợi")] * 2
    Camera.objects.filter(code="b").update(road="")  # a camera on no road is told by its name
    told = client.get("/api/v1/layers/camera-counts/features?bbox=107,16,108,17").json()
    assert {one["title"] for one in told["features"]} == {"Lê Lợi", "Cầu"}
    assert client.get("/api/v1/layers/camera-counts/snapshot").status_code == 200
    for slug in ("camera-counts", "camera-ward-counts", "camera-views"):
        at = mvt.Tile(0, 0, 0) if slug != "camera-views" else mvt.Tile(14, 13088, 7432)
        query = tiles.plan(registry.get(slug), "full", user, at, {})
        with connection.cursor() as cursor:
            cursor.execute(*query)
            assert cursor.fetchone()[0], slug


def test_every_look_at_a_clear_picture_is_written_down():
    client, camera = sign_in("administrator"), make_camera(clear_days=5)
    event = event_of(camera)
    name = "2026/11/21/k.sealed"
    path = conf.clear_dir() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vault.seal_bytes(b"\xff\xd8 clear"))
    CameraEvent.objects.update(clear=name)
    at = f"events/{event.pk}/clear"
    assert b"\xff\xd8" not in path.read_bytes()
    assert send(client, "post", at, {"reason": " x "}).status_code == 422
    assert not AuditLine.objects.exists()
    seen = send(client, "post", at, {"reason": "Vụ 12, theo yêu cầu của công an"})
    assert (seen.content, seen["Cache-Control"]) == (b"\xff\xd8 clear", "no-store")
    line = AuditLine.objects.get()
    assert (line.act, line.event_id, line.by_name) == ("clear_picture", event.pk, "administrator")
    assert "Vụ 12" in line.reason
    assert AuditLine.objects.count() == 1
    # The right of the centre's operators does not go so far.
    assert send(sign_in(), "post", at, {"reason": "curiosity"}).status_code == 403
    assert AuditLine.objects.count() == 1


def test_a_job_is_asked_for_seen_and_cancelled(django_capture_on_commit_callbacks, monkeypatch):
    begun = []
    monkeypatch.setattr("vision.tasks.run_jobs.delay", lambda: begun.append(1))
    client, camera = sign_in(), make_camera()
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, "post", f"cameras/{camera.pk}/probe", {})
    job = answer.json()
    assert (job["state"], job["kind"], begun) == ("queued", "probe", [1])
    told = send(client, "post", f"jobs/{job['id']}/cancel", {}).json()
    assert told["state"] == "cancelled"
    for _ in range(6):
        send(client, "post", f"cameras/{camera.pk}/probe", {})
    assert send(client, "post", f"cameras/{camera.pk}/probe", {}).status_code == 409


def test_recordings_are_the_files_of_the_media_folders(settings, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(b"x")
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (tmp_path / "in" / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    settings.IOC_VISION_MEDIA_ROOTS = [str(tmp_path / "in")]
    client, camera = sign_in(), make_camera()
    told = client.get("/api/v1/vision/recordings").json()
    assert told == [{"name": "a.mp4", "bytes": 1}]
    path = f"cameras/{camera.pk}/trials"
    for name in ("../secret.mp4", "/etc/passwd", "http://x.example/a.mp4", "link.mp4", ""):
        answer = send(client, "post", path, {"rules": [LINE], "recording": name})
        assert answer.status_code in (400, 422), name
    assert send(client, "post", path, {"rules": [LINE], "recording": "a.mp4"}).status_code == 200
    assert "a.mp4" not in Job.objects.get().sealed


def test_discovery_asks_only_where_the_administrator_allows(settings):
    settings.IOC_VISION_DISCOVERY = ["10.20.0.0/16"]
    client = sign_in("administrator")
    for network in ("10.21.0.0/24", "8.8.8.0/24", "10.20.0.0/12", "x", "2001:db8::/64"):
        answer = send(client, "post", "discovery", {"network": network})
        assert answer.status_code in (403, 422), network
    assert not AuditLine.objects.exists()
    assert send(client, "post", "discovery", {"network": "10.20.1.0/24"}).status_code == 200
    assert AuditLine.objects.get().act == "discovery"
