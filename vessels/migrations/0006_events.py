"""Events beside alerts, forecast danger areas, land, stations; a second vessel under one MMSI.

Cost: the table of vessels is read once for its new constraint.
"""

from datetime import date
from importlib import import_module

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from geo.together import Together

FROM = date(2019, 4, 25)
GFW = "Practice of Global Fishing Watch: {}"
MONITORFISH = "Practice of MonitorFish (France): {}"
HOUSE = "House setting, not law: {}"
ROWS = [
    ("loitering_speed", 2, "kn", {}, FROM, GFW.format("loitering, hourly averages under 2 kn"),
     "Lảng vảng: tốc độ dưới", "Loitering: speed under"),
    ("loitering_time", 4, "h", {}, FROM, HOUSE.format("as long as four hourly averages"),
     "Lảng vảng: ít nhất", "Loitering: for at least"),
    ("away_from_port", 10, "km", {}, FROM, GFW.format("events within 10 km of a port do not count"),
     "Cách cảng ít nhất", "Away from ports by at least"),
    ("loitering_extent", 500, "m", {}, FROM, HOUSE.format("less is a vessel at anchor"),
     "Lảng vảng: phạm vi hơn", "Loitering: wider than"),
    ("encounter_distance", 500, "m", {}, FROM, GFW.format("encounters within 500 m"),
     "Gặp nhau trong vòng", "Encounter within"),
    ("encounter_time", 2, "h", {}, FROM, GFW.format("encounters of at least 2 h"),
     "Gặp nhau ít nhất", "Encounter for at least"),
    ("encounter_speed", 2, "kn", {}, FROM, GFW.format("median speed under 2 kn"),
     "Gặp nhau: tốc độ trung vị dưới", "Encounter: median speed under"),
    ("fishing_event_time", 20, "min", {}, FROM, GFW.format("fishing events over 20 min"),
     "Khả năng đánh bắt: hơn", "Likely fishing: over"),
    ("fishing_event_extent", 500, "m", {}, FROM, GFW.format("fishing events over 500 m across"),
     "Khả năng đánh bắt: phạm vi hơn", "Likely fishing: wider than"),
    ("fishing_at_sea", 60, "min", {}, FROM, MONITORFISH.format("60 min at sea"),
     "Khả năng đánh bắt: sau khi rời cảng", "Likely fishing: after leaving port for"),
    ("missed_intervals", 2.2, "times", {}, FROM,
     HOUSE.format("what lies between two positions counts up to so many of the vessel's own "
                  "intervals, so that a report every 2 or 3 h is no silence"),
     "Nối qua số chu kỳ của chính tàu", "Bridged over intervals of the vessel's own"),
    ("port_enter", 3, "km", {}, FROM, GFW.format("port visits, entry within 3 km"),
     "Vào cảng trong vòng", "Port entered within"),
    ("port_leave", 4, "km", {}, FROM, GFW.format("port visits, exit beyond 4 km"),
     "Rời cảng khi xa hơn", "Port left beyond"),
    ("stop_speed", 0.2, "kn", {}, FROM, GFW.format("a stop begins at 0.2 kn"),
     "Dừng khi tốc độ đến", "Stopped from a speed down to"),
    ("go_speed", 0.5, "kn", {}, FROM, GFW.format("a stop ends above 0.5 kn"),
     "Đi tiếp khi tốc độ hơn", "Under way again above"),
    ("stop_time", 60, "min", {}, FROM, HOUSE.format("shorter stops are not written down"),
     "Ghi lại khi dừng ít nhất", "Stops written down from"),
    ("storm_ahead", 12, "h", {}, FROM, HOUSE.format("time to reach shelter"),
     "Bão: tính trước hành trình", "Storm: the vessel's way ahead for"),
    ("storm_position_age", 12, "h", {}, FROM,
     HOUSE.format("an older position says nothing of where a vessel is now"),
     "Bão: vị trí không cũ hơn", "Storm: position no older than"),
]  # fmt: skip
LIVE = import_module("vessels.migrations.0004_storage")
ON_LAND = LIVE.SWAPPED.replace(
    "WHEN l.flags & 8 > 0", "WHEN l.flags & 32 > 0 THEN 'land' WHEN l.flags & 8 > 0"
)


def seed(apps, schema_editor):
    """The rows that are not there yet."""
    names = (
        "kind",
        "value",
        "unit",
        "applies_to",
        "in_force_from",
        "source",
        "title_vi",
        "title_en",
    )
    threshold = apps.get_model("vessels", "Threshold")
    known = set(threshold.objects.values_list("kind", flat=True))
    threshold.objects.bulk_create(
        threshold(**dict(zip(names, row, strict=True))) for row in ROWS if row[0] not in known
    )


class Migration(migrations.Migration):
    dependencies = [
        ("vessels", "0005_raw_clock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DangerArea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100, unique=True, verbose_name="key")),
                ("name_vi", models.CharField(max_length=200, verbose_name="name (vi)")),
                ("name_en", models.CharField(max_length=200, verbose_name="name (en)")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        srid=4326, verbose_name="area"
                    ),
                ),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("valid_to", models.DateTimeField(verbose_name="valid to")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "verbose_name": "forecast danger area",
                "verbose_name_plural": "forecast danger areas",
                "ordering": ["-valid_from", "key"],
            },
        ),
        migrations.CreateModel(
            name="Land",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        srid=4326, verbose_name="area"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "verbose_name": "land",
                "verbose_name_plural": "land",
            },
        ),
        migrations.CreateModel(
            name="Station",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mmsi", models.IntegerField(verbose_name="MMSI")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("base", "Base station"),
                            ("correction", "Correction station"),
                            ("aid", "Aid to navigation"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="name")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PointField(
                        null=True, srid=4326, verbose_name="position"
                    ),
                ),
                ("heard_at", models.DateTimeField(verbose_name="last heard")),
                ("messages", models.BigIntegerField(default=0, verbose_name="messages")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
            ],
            options={
                "verbose_name": "station",
                "verbose_name_plural": "stations",
            },
        ),
        migrations.CreateModel(
            name="VesselEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("port_visit", "Port visit"),
                            ("stopped", "Stopped"),
                            ("fishing", "Likely fishing"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PointField(
                        srid=4326, verbose_name="position"
                    ),
                ),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
            ],
            options={
                "verbose_name": "event of a vessel",
                "verbose_name_plural": "events of vessels",
            },
        ),
        migrations.RemoveConstraint(
            model_name="vessel",
            name="vessels_vessel_mmsi_once",
        ),
        Together(
            migrations.AddField(
                model_name="vessel",
                name="part",
                field=models.SmallIntegerField(
                    db_default=0,
                    default=0,
                    help_text="Several vessels under one MMSI: 0 is the ordinary one, 1, 2 … the others.",
                    verbose_name="part",
                ),
            ),
            migrations.AddField(
                model_name="vessel",
                name="told_at",
                field=models.DateTimeField(
                    blank=True, null=True, verbose_name="last told who it is"
                ),
            ),
            migrations.AddConstraint(
                model_name="vessel",
                constraint=models.UniqueConstraint(
                    fields=("mmsi", "synthetic", "part"), name="vessels_vessel_mmsi_once"
                ),
            ),
            migrations.AddConstraint(
                model_name="dangerarea",
                constraint=models.CheckConstraint(
                    condition=models.Q(("valid_to__gt", models.F("valid_from"))),
                    name="vessels_danger_lasts",
                ),
            ),
            migrations.AddConstraint(
                model_name="station",
                constraint=models.UniqueConstraint(
                    fields=("mmsi", "kind", "synthetic"), name="vessels_station_once"
                ),
            ),
            migrations.AddField(
                model_name="vesselevent",
                name="vessel",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="events",
                    to="vessels.vessel",
                    verbose_name="vessel",
                ),
            ),
            migrations.AddConstraint(
                model_name="vesselevent",
                constraint=models.UniqueConstraint(
                    fields=("vessel", "kind", "began_at"), name="vessels_event_once"
                ),
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(ON_LAND, LIVE.SWAPPED),
    ]
