"""Tracks by day and hours of effort, and the trigger that marks what must be built anew.

Cost: one scan of the hot positions marks the days that are there.
"""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import vessels.models.derived

TABLES = """
CREATE TABLE vessels_trackmark (hour timestamptz NOT NULL, vessels integer[] NOT NULL);
CREATE TABLE vessels_trackdue (
    id bigserial PRIMARY KEY,
    vessel_id integer NOT NULL,
    day date NOT NULL,
    UNIQUE (day, vessel_id)
);
CREATE TABLE vessels_effortday (day date PRIMARY KEY, counted boolean NOT NULL DEFAULT false);
"""
MARK = """
CREATE FUNCTION vessels_mark_tracks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO vessels_trackmark (hour, vessels)
    SELECT date_trunc('hour', observed_at, 'UTC'), array_agg(DISTINCT vessel_id)
    FROM touched GROUP BY 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER vessels_mark_new AFTER INSERT ON vessels_hot
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION vessels_mark_tracks();
CREATE TRIGGER vessels_mark_was AFTER UPDATE ON vessels_hot
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION vessels_mark_tracks();
CREATE TRIGGER vessels_mark_is AFTER UPDATE ON vessels_hot
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION vessels_mark_tracks();
CREATE TRIGGER vessels_mark_gone AFTER DELETE ON vessels_hot
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION vessels_mark_tracks();
INSERT INTO vessels_trackmark (hour, vessels)
SELECT date_trunc('hour', observed_at, 'UTC'), array_agg(DISTINCT vessel_id)
FROM vessels_hot GROUP BY 1;
"""
UNMARK = """
DROP TRIGGER vessels_mark_new ON vessels_hot;
DROP TRIGGER vessels_mark_was ON vessels_hot;
DROP TRIGGER vessels_mark_is ON vessels_hot;
DROP TRIGGER vessels_mark_gone ON vessels_hot;
DROP FUNCTION vessels_mark_tracks;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vessels", "0005_raw_clock"),
    ]

    operations = [
        migrations.CreateModel(
            name="EffortPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cell", models.BigIntegerField(unique=True, verbose_name="H3 cell")),
                ("resolution", models.SmallIntegerField(verbose_name="H3 resolution")),
                ("area_km2", models.FloatField(verbose_name="area (km²)")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PolygonField(
                        srid=4326, verbose_name="outline"
                    ),
                ),
            ],
            options={
                "verbose_name": "cell of effort",
                "verbose_name_plural": "cells of effort",
            },
        ),
        migrations.CreateModel(
            name="EffortHours",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "place_id",
                        "kind",
                        "gear",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField(verbose_name="local day")),
                ("kind", models.CharField(max_length=12, verbose_name="kind")),
                ("gear", models.CharField(max_length=60, verbose_name="gear")),
                ("present_s", models.FloatField(verbose_name="presence (s)")),
                ("fishing_s", models.FloatField(verbose_name="likely fishing (s)")),
                ("vessels", models.IntegerField(verbose_name="vessels")),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="vessels.effortplace",
                    ),
                ),
            ],
            options={
                "verbose_name": "hours of effort",
                "verbose_name_plural": "hours of effort",
                "indexes": [models.Index(fields=["place", "day"], name="vessels_effort_of")],
            },
        ),
        migrations.CreateModel(
            name="DayTrack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="local day")),
                ("started_at", models.DateTimeField(verbose_name="first position")),
                ("ended_at", models.DateTimeField(verbose_name="last position")),
                (
                    "geom",
                    vessels.models.derived.TimedLinesField(
                        srid=4326, verbose_name="track, within 15 m"
                    ),
                ),
                (
                    "mercator_60m",
                    vessels.models.derived.TimedLinesField(
                        spatial_index=False, srid=3857, verbose_name="track, within 60 m"
                    ),
                ),
                (
                    "mercator_250m",
                    vessels.models.derived.TimedLinesField(
                        spatial_index=False, srid=3857, verbose_name="track, within 250 m"
                    ),
                ),
                (
                    "mercator_1000m",
                    vessels.models.derived.TimedLinesField(
                        spatial_index=False, srid=3857, verbose_name="track, within 1,000 m"
                    ),
                ),
                ("positions", models.IntegerField(verbose_name="positions")),
                ("silences", models.SmallIntegerField(verbose_name="silences")),
                ("distance_nm", models.FloatField(verbose_name="distance (nm)")),
                ("top_kn", models.FloatField(null=True, verbose_name="highest speed (kn)")),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        size=None,
                        verbose_name="H3 cells, resolution 7",
                    ),
                ),
                (
                    "present_s",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        size=None,
                        verbose_name="presence in each (s)",
                    ),
                ),
                (
                    "fishing_s",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        size=None,
                        verbose_name="likely fishing in each (s)",
                    ),
                ),
                (
                    "vessel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="vessels.vessel",
                    ),
                ),
            ],
            options={
                "verbose_name": "track of a day",
                "verbose_name_plural": "tracks by day",
                "indexes": [models.Index(fields=["vessel", "day"], name="vessels_daytrack_of")],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "vessel"), name="vessels_daytrack_once")
                ],
            },
        ),
        migrations.RunSQL(
            TABLES, "DROP TABLE vessels_trackmark, vessels_trackdue, vessels_effortday"
        ),
        migrations.RunSQL(MARK, UNMARK),
    ]
