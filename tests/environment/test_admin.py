import pytest
from django.test import Client
from django.urls import reverse

from environment import actions
from environment.models import Datastream, Sensor
from ioc.accounts.models import User
from layers.models import PendingChange
from tests.environment.factories import make_receipt, make_sensor, rising, row

pytestmark = pytest.mark.django_db
LISTS = (
    "sensor", "observedproperty", "datastream", "alarmcrossing", "latest", "receipt", "refusedrow",
)  # fmt: skip


@pytest.fixture
def admin():
    client = Client()
    client.force_login(User.objects.create_superuser("boss", role="administrator"))
    return client


def test_every_list_opens(admin):
    make_sensor()
    actions.record([*rising(0.5, 2.5), row("x")], receipt=make_receipt())
    for name in LISTS:
        page = admin.get(reverse(f"admin:environment_{name}_changelist"))
        assert page.status_code == 200, name
    stream = Datastream.objects.get()
    page = admin.get(reverse("admin:environment_datastream_change", args=[stream.pk]))
    assert b"<td>2.5</td>" in page.content


def post_level_one(admin, sensor, level_m):
    """The station's page sent back with another threshold I."""
    url = reverse("admin:environment_sensor_change", args=[sensor.pk])
    page = admin.get(url)
    assert b"leaflet" in page.content
    form = page.context["adminform"].form
    data = {k: v for k, v in form.initial.items() if v is not None and k in form.fields}
    data |= {"geom": sensor.geom.geojson, "aliases": ""}
    formset = page.context["inline_admin_formsets"][0].formset
    data |= {f"{formset.prefix}-{k}": v for k, v in formset.management_form.initial.items()}
    for sub in formset.forms:
        values = {k: sub.initial.get(k) or "" for k in sub.fields}
        values |= {"id": sub.instance.pk, "sensor": sensor.pk}
        if values["level"] == 1:
            values["value"] = level_m
        data |= {f"{sub.prefix}-{k}": v for k, v in values.items()}
    PendingChange.objects.all().delete()
    return admin.post(url, data)


def test_thresholds_out_of_order_are_refused_in_the_admin(admin):
    sensor = make_sensor()
    reply = post_level_one(admin, sensor, 2.5)
    assert reply.status_code == 200
    assert "level II (2) is not above level I (2.5)" in reply.content.decode()
    assert sensor.thresholds.get(level=1).value == 1.0


def test_thresholds_changed_in_the_admin_judge_the_station_anew(admin):
    sensor = make_sensor()
    actions.record(rising(0.5, 1.5), receipt=make_receipt())
    reply = post_level_one(admin, sensor, 1.8)
    assert reply.status_code == 302, reply.context["errors"]
    assert not Sensor.objects.get().crossings.exists()
    assert PendingChange.objects.exists()


def test_a_deleted_station_leaves_the_map(admin):
    sensor = make_sensor()
    url = reverse("admin:environment_sensor_delete", args=[sensor.pk])
    admin.post(url, {"post": "yes"})
    assert not Sensor.objects.exists()
    assert PendingChange.objects.filter(op="delete", feature_id=str(sensor.pk)).exists()
