from datetime import date

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from geo.together import Together

STANDARD = "QCVN 05:2023/BTNMT"
SINCE = date(2023, 9, 12)  # Circular 01/2023/TT-BTNMT of 13 March 2023
# pollutant, averaged over, µg/m³, in force from, to
ROWS = (
    ("so2", "1h", 350, SINCE, None), ("so2", "24h", 125, SINCE, None),
    ("so2", "year", 50, SINCE, None), ("co", "1h", 30000, SINCE, None),
    ("co", "8h", 10000, SINCE, None), ("no2", "1h", 200, SINCE, None),
    ("no2", "24h", 100, SINCE, None), ("no2", "year", 40, SINCE, None),
    ("o3", "1h", 200, SINCE, None), ("o3", "8h", 120, SINCE, None),
    ("pm10", "24h", 100, SINCE, None), ("pm10", "year", 50, SINCE, None),
    ("pm25", "24h", 50, SINCE, date(2025, 12, 31)), ("pm25", "24h", 45, date(2026, 1, 1), None),
    ("pm25", "year", 25, SINCE, None),
)  # fmt: skip
PLACES = """
INSERT INTO environment_place (sensor_id, geom, since_at, name, description, properties)
SELECT id, geom, created_at, name_vi, '', '{}' FROM environment_sensor
"""


def seed(apps, schema_editor):
    standard = apps.get_model("environment", "AirStandard")
    names = ("pollutant", "averaging", "value", "valid_from", "valid_to")
    standard.objects.bulk_create(
        standard(**dict(zip(names, row, strict=True)), source=STANDARD) for row in ROWS
    )


class Migration(migrations.Migration):
    """SensorThings, providers' feeds, people's word on values, limits of air quality by date."""

    dependencies = [
        ("environment", "0002_partitions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Instrument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=160, unique=True, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "encoding_type",
                    models.CharField(default="text/html", max_length=120, verbose_name="encoding"),
                ),
                ("metadata", models.TextField(blank=True, verbose_name="metadata")),
                (
                    "properties",
                    models.JSONField(blank=True, default=dict, verbose_name="properties"),
                ),
            ],
            options={
                "verbose_name": "instrument",
                "verbose_name_plural": "instruments",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                (
                    "mapping",
                    models.JSONField(
                        default=dict,
                        help_text="station, time, columns or parameter and value, zone, decimal, stations.",
                        verbose_name="mapping",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "provider",
                "verbose_name_plural": "providers",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "filter",
                    models.CharField(max_length=200, unique=True, verbose_name="topic filter"),
                ),
                (
                    "station",
                    models.CharField(
                        blank=True,
                        help_text="Code; or {n}: the n-th part of the topic, from 1. Empty: told in each row.",
                        max_length=80,
                        verbose_name="station",
                    ),
                ),
                (
                    "parameter",
                    models.CharField(blank=True, max_length=40, verbose_name="parameter"),
                ),
                ("unit", models.CharField(blank=True, max_length=16, verbose_name="unit")),
                (
                    "value_path",
                    models.CharField(default="value", max_length=80, verbose_name="value at"),
                ),
                (
                    "time_path",
                    models.CharField(default="time", max_length=80, verbose_name="time at"),
                ),
                ("zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "MQTT topic",
                "verbose_name_plural": "MQTT topics",
                "ordering": ["filter"],
            },
        ),
        Together(
            migrations.AddField(
                model_name="datastream",
                name="checks",
                field=models.JSONField(
                    blank=True, default=dict, verbose_name="thresholds of the quality tests"
                ),
            ),
            migrations.AddField(
                model_name="datastream",
                name="description",
                field=models.TextField(blank=True, verbose_name="description"),
            ),
            migrations.AddField(
                model_name="datastream",
                name="name",
                field=models.CharField(blank=True, max_length=200, verbose_name="name"),
            ),
            migrations.AddField(
                model_name="datastream",
                name="properties",
                field=models.JSONField(blank=True, default=dict, verbose_name="properties"),
            ),
            migrations.AddField(
                model_name="datastream",
                name="sent_unit",
                field=models.CharField(blank=True, max_length=16, verbose_name="unit as sent"),
            ),
            migrations.AddField(
                model_name="observedproperty",
                name="description",
                field=models.TextField(blank=True, verbose_name="description"),
            ),
            migrations.AddField(
                model_name="observedproperty",
                name="properties",
                field=models.JSONField(blank=True, default=dict, verbose_name="properties"),
            ),
            migrations.AddField(
                model_name="sensor",
                name="description",
                field=models.TextField(blank=True, verbose_name="description"),
            ),
            migrations.AddField(
                model_name="sensor",
                name="properties",
                field=models.JSONField(blank=True, default=dict, verbose_name="properties"),
            ),
        ),
        migrations.AlterField(
            model_name="datastream",
            name="observed_property",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="datastreams",
                to="environment.observedproperty",
            ),
        ),
        migrations.AlterField(
            model_name="receipt",
            name="via",
            field=models.CharField(
                choices=[
                    ("file", "file"),
                    ("http", "HTTP"),
                    ("sta", "SensorThings"),
                    ("mqtt", "MQTT"),
                ],
                max_length=8,
                verbose_name="way in",
            ),
        ),
        migrations.CreateModel(
            name="AirStandard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pollutant", models.CharField(max_length=10, verbose_name="pollutant")),
                (
                    "averaging",
                    models.CharField(
                        choices=[
                            ("1h", "1 hour"),
                            ("8h", "8 hours"),
                            ("24h", "24 hours"),
                            ("year", "year"),
                        ],
                        max_length=4,
                        verbose_name="averaged over",
                    ),
                ),
                ("value", models.FloatField(verbose_name="value")),
                ("valid_from", models.DateField(verbose_name="in force from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="in force to")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "limit of air quality",
                "verbose_name_plural": "limits of air quality",
                "ordering": ["pollutant", "averaging", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pollutant", "averaging", "valid_from"),
                        name="environment_airstandard_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="datastream",
            name="instrument",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="datastreams",
                to="environment.instrument",
            ),
        ),
        migrations.CreateModel(
            name="Overrule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("t", models.DateTimeField(verbose_name="observed")),
                (
                    "flag",
                    models.SmallIntegerField(
                        choices=[(1, "good"), (2, "not evaluated"), (3, "suspect"), (4, "bad")],
                        verbose_name="quality",
                    ),
                ),
                ("before", models.SmallIntegerField(verbose_name="quality before")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="overruled")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "datastream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrules",
                        to="environment.datastream",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "overruling",
                "verbose_name_plural": "overrulings",
                "ordering": ["-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("datastream", "t"),
                        name="environment_overrule_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PointField(
                        srid=4326, verbose_name="position"
                    ),
                ),
                ("since_at", models.DateTimeField(verbose_name="since")),
                ("name", models.CharField(blank=True, max_length=160, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "properties",
                    models.JSONField(blank=True, default=dict, verbose_name="properties"),
                ),
                (
                    "sensor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="environment.sensor",
                    ),
                ),
            ],
            options={
                "verbose_name": "place",
                "verbose_name_plural": "places",
                "ordering": ["sensor_id", "-since_at", "-id"],
                "indexes": [
                    models.Index(fields=["sensor", "-since_at"], name="environment_place_newest")
                ],
            },
        ),
        migrations.AlterField(
            model_name="sensor",
            name="kind",
            field=models.CharField(
                choices=[
                    ("river", "river gauge"),
                    ("rain", "rain gauge"),
                    ("air", "air quality"),
                    ("tide", "tide gauge"),
                    ("reservoir", "reservoir"),
                    ("other", "other station"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(PLACES, migrations.RunSQL.noop),
    ]
