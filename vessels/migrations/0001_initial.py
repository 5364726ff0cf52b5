import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

from geo.together import Together

FORWARD = """
CREATE TABLE vessels_position (
    vessel_id integer NOT NULL,
    observed_at timestamptz NOT NULL,
    h3 bigint NOT NULL,
    speed_kn real,
    course_deg real,
    heading_deg smallint,
    status smallint,
    flags smallint NOT NULL DEFAULT 0,
    message_type smallint NOT NULL,
    feed_id smallint NOT NULL,
    geom geometry(Point, 4326) NOT NULL,
    PRIMARY KEY (vessel_id, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE INDEX vessels_position_observed ON vessels_position
    USING brin (observed_at) WITH (pages_per_range = 32);
CREATE TABLE vessels_latest (
    vessel_id integer PRIMARY KEY,
    observed_at timestamptz NOT NULL,
    h3 bigint NOT NULL,
    speed_kn real,
    course_deg real,
    heading_deg smallint,
    status smallint,
    flags smallint NOT NULL DEFAULT 0,
    feed_id smallint NOT NULL,
    state varchar(9) NOT NULL,
    geom geometry(Point, 4326) NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1);
ALTER TABLE vessels_rawbatch ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE VIEW vessels_live AS
SELECT v.id, v.mmsi,
    COALESCE(NULLIF(v.name, ''), NULLIF(v.plate, ''), v.mmsi::text, v.id::text)::varchar(60) AS name,
    v.callsign, v.plate, v.kind, v.length_m,
    CASE WHEN l.observed_at < now() - make_interval(secs => v.stale_after_s) THEN 'old'
         ELSE l.state END::varchar(9) AS state,
    round(l.speed_kn::numeric, 1)::float8 AS speed_kn,
    round(l.course_deg::numeric, 1)::float8 AS course_deg, l.heading_deg, l.status,
    CASE WHEN l.flags & 1 > 0 THEN 'jump' WHEN l.flags & 2 > 0 THEN 'speed'
         WHEN l.flags & 4 > 0 THEN 'no-fix' WHEN l.flags & 8 > 0 THEN 'clock'
         ELSE 'none' END::varchar(12) AS doubt,
    l.observed_at, l.geom, l.h3, f.name AS source, v.synthetic
FROM vessels_latest l
JOIN vessels_vessel v ON v.id = l.vessel_id
JOIN vessels_feed f ON f.id = l.feed_id;
"""
BACK = """
DROP VIEW vessels_live;
DROP TABLE vessels_latest;
DROP TABLE vessels_position;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("geo", "0001_extensions")]

    operations = [
        migrations.CreateModel(
            name="LiveVessel",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("mmsi", models.IntegerField(null=True, verbose_name="MMSI")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("callsign", models.CharField(max_length=20, verbose_name="call sign")),
                ("plate", models.CharField(max_length=20, verbose_name="number plate")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fishing", "Fishing"),
                            ("cargo", "Cargo"),
                            ("tanker", "Tanker"),
                            ("passenger", "Passenger"),
                            ("tug", "Tug"),
                            ("pleasure", "Pleasure"),
                            ("official", "Official"),
                            ("other", "Other"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("length_m", models.FloatField(null=True, verbose_name="length (m)")),
                ("state", models.CharField(max_length=9, verbose_name="state")),
                ("speed_kn", models.FloatField(null=True, verbose_name="speed (kn)")),
                ("course_deg", models.FloatField(null=True, verbose_name="course (°)")),
                ("heading_deg", models.SmallIntegerField(null=True, verbose_name="heading (°)")),
                ("status", models.SmallIntegerField(null=True, verbose_name="navigational status")),
                ("doubt", models.CharField(max_length=12, verbose_name="doubt")),
                ("observed_at", models.DateTimeField(verbose_name="observed")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PointField(
                        srid=4326, verbose_name="position"
                    ),
                ),
                ("h3", models.BigIntegerField()),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("synthetic", models.BooleanField(verbose_name="synthetic")),
            ],
            options={
                "verbose_name": "vessel on the map",
                "verbose_name_plural": "vessels on the map",
                "db_table": "vessels_live",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Vessel",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("mmsi", models.IntegerField(blank=True, null=True, verbose_name="MMSI")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("callsign", models.CharField(blank=True, max_length=20, verbose_name="call sign")),
                ("imo", models.IntegerField(blank=True, null=True, verbose_name="IMO number")),
                ("plate", models.CharField(blank=True, max_length=20, verbose_name="number plate")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fishing", "Fishing"),
                            ("cargo", "Cargo"),
                            ("tanker", "Tanker"),
                            ("passenger", "Passenger"),
                            ("tug", "Tug"),
                            ("pleasure", "Pleasure"),
                            ("official", "Official"),
                            ("other", "Other"),
                            ("unknown", "Unknown"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "ship_type",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="AIS type of ship"
                    ),
                ),
                ("length_m", models.FloatField(blank=True, null=True, verbose_name="length (m)")),
                ("width_m", models.FloatField(blank=True, null=True, verbose_name="width (m)")),
                (
                    "stale_after_s",
                    models.IntegerField(
                        default=1800,
                        help_text="Without a position for this long, it is old.",
                        verbose_name="old after (s)",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "verbose_name": "vessel",
                "verbose_name_plural": "vessels",
            },
        ),
        migrations.CreateModel(
            name="RawBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("digest", models.BinaryField(max_length=32, verbose_name="SHA-256 of the lines")),
                ("lines", models.IntegerField(verbose_name="lines")),
                ("sentences", models.IntegerField(verbose_name="sentences")),
                ("positions", models.IntegerField(verbose_name="positions")),
                ("rejected", models.IntegerField(verbose_name="set aside")),
                ("body", models.BinaryField(verbose_name="lines, zlib")),
            ],
            options={
                "verbose_name": "raw batch",
                "verbose_name_plural": "raw batches",
            },
        ),
        migrations.CreateModel(
            name="RejectedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=20, verbose_name="reason")),
                ("line", models.TextField(verbose_name="line")),
                ("digest", models.UUIDField(verbose_name="hash of reason and line")),
                ("rejected_at", models.DateTimeField(verbose_name="set aside at")),
            ],
            options={
                "verbose_name": "line set aside",
                "verbose_name_plural": "lines set aside",
            },
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first heard")),
            ],
            options={
                "verbose_name": "feed",
                "verbose_name_plural": "feeds",
                "constraints": [
                    models.UniqueConstraint(fields=("name", "synthetic"), name="vessels_feed_once")
                ],
            },
        ),
        Together(
            migrations.AddConstraint(
                model_name="vessel",
                constraint=models.UniqueConstraint(
                    fields=("mmsi", "synthetic"), name="vessels_vessel_mmsi_once"
                ),
            ),
            migrations.AddField(
                model_name="rawbatch",
                name="feed",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, to="vessels.feed"
                ),
            ),
            migrations.AddField(
                model_name="rejectedline",
                name="feed",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, to="vessels.feed"
                ),
            ),
            migrations.AddIndex(
                model_name="rawbatch",
                index=models.Index(fields=["received_at"], name="vessels_raw_received"),
            ),
            migrations.AddConstraint(
                model_name="rawbatch",
                constraint=models.UniqueConstraint(
                    fields=("feed", "digest"), name="vessels_rawbatch_once"
                ),
            ),
            migrations.AddIndex(
                model_name="rejectedline",
                index=models.Index(fields=["rejected_at"], name="vessels_rejected_at"),
            ),
            migrations.AddConstraint(
                model_name="rejectedline",
                constraint=models.UniqueConstraint(
                    fields=("feed", "digest"), name="vessels_rejected_once"
                ),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="Position",
                    fields=[
                        ("observed_at", models.DateTimeField(verbose_name="observed")),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.PointField(
                                spatial_index=False, srid=4326, verbose_name="position"
                            ),
                        ),
                        ("h3", models.BigIntegerField(verbose_name="H3 cell, resolution 9")),
                        ("speed_kn", models.FloatField(null=True, verbose_name="speed (kn)")),
                        ("course_deg", models.FloatField(null=True, verbose_name="course (°)")),
                        (
                            "heading_deg",
                            models.SmallIntegerField(null=True, verbose_name="heading (°)"),
                        ),
                        (
                            "status",
                            models.SmallIntegerField(null=True, verbose_name="navigational status"),
                        ),
                        ("flags", models.SmallIntegerField(default=0, verbose_name="doubts")),
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "vessel_id",
                                "observed_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "vessel",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="vessels.vessel",
                            ),
                        ),
                        (
                            "feed",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="vessels.feed",
                            ),
                        ),
                        ("message_type", models.SmallIntegerField(verbose_name="AIS message type")),
                    ],
                    options={
                        "verbose_name": "position",
                        "verbose_name_plural": "positions",
                    },
                ),
                migrations.CreateModel(
                    name="LatestPosition",
                    fields=[
                        ("observed_at", models.DateTimeField(verbose_name="observed")),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.PointField(
                                spatial_index=False, srid=4326, verbose_name="position"
                            ),
                        ),
                        ("h3", models.BigIntegerField(verbose_name="H3 cell, resolution 9")),
                        ("speed_kn", models.FloatField(null=True, verbose_name="speed (kn)")),
                        ("course_deg", models.FloatField(null=True, verbose_name="course (°)")),
                        (
                            "heading_deg",
                            models.SmallIntegerField(null=True, verbose_name="heading (°)"),
                        ),
                        (
                            "status",
                            models.SmallIntegerField(null=True, verbose_name="navigational status"),
                        ),
                        ("flags", models.SmallIntegerField(default=0, verbose_name="doubts")),
                        (
                            "vessel",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="latest",
                                serialize=False,
                                to="vessels.vessel",
                            ),
                        ),
                        (
                            "feed",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="vessels.feed",
                            ),
                        ),
                        ("state", models.CharField(max_length=9, verbose_name="state")),
                    ],
                    options={
                        "verbose_name": "latest position",
                        "verbose_name_plural": "latest positions",
                        "db_table": "vessels_latest",
                    },
                ),
            ],
        ),
    ]
