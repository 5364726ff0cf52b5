"""Positions move to narrower tables; `vessels_position` stays, as a view over hot and archive.

Cost: every stored position is copied once, about 100,000 rows a second.
"""

from django.db import migrations, models

FORWARD = """
ALTER TABLE vessels_position RENAME TO vessels_position_old;
CREATE TABLE vessels_hot (
    observed_at timestamptz NOT NULL,
    h3 bigint NOT NULL,
    vessel_id integer NOT NULL,
    lon_e7 integer NOT NULL,
    lat_e7 integer NOT NULL,
    speed_kn real NOT NULL,
    course_deg real NOT NULL,
    heading_deg smallint NOT NULL,
    status smallint NOT NULL,
    flags smallint NOT NULL,
    message_type smallint NOT NULL,
    feed_id smallint NOT NULL,
    PRIMARY KEY (vessel_id, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE INDEX vessels_hot_observed ON vessels_hot
    USING brin (observed_at timestamptz_minmax_multi_ops(values_per_range = 16))
    WITH (pages_per_range = 4, autosummarize = on);
CREATE TABLE vessels_archived (
    observed_at timestamptz NOT NULL,
    vessel_id integer NOT NULL,
    lon_e7 integer NOT NULL,
    lat_e7 integer NOT NULL,
    speed_dkn smallint NOT NULL,
    course_ddeg smallint NOT NULL,
    heading_deg smallint NOT NULL,
    code smallint NOT NULL,
    flags smallint NOT NULL,
    feed_id smallint NOT NULL
) PARTITION BY RANGE (observed_at);
CREATE INDEX vessels_archived_of ON vessels_archived
    USING brin (observed_at, vessel_id) WITH (pages_per_range = 8);
CREATE VIEW vessels_position AS
SELECT vessel_id, observed_at, h3, NULLIF(speed_kn, 'NaN'::real) AS speed_kn,
    NULLIF(course_deg, 'NaN'::real) AS course_deg,
    NULLIF(heading_deg, (-1)::smallint) AS heading_deg,
    NULLIF(status, (-1)::smallint) AS status, flags, message_type, feed_id,
    ST_Point(lon_e7 / 1e7::float8, lat_e7 / 1e7::float8, 4326) AS geom, lon_e7, lat_e7
FROM vessels_hot
UNION ALL
SELECT vessel_id, observed_at, NULL::bigint, (NULLIF(speed_dkn, -1) / 10.0::float8)::real,
    (NULLIF(course_ddeg, -1) / 10.0::float8)::real, NULLIF(heading_deg, (-1)::smallint),
    NULLIF(code % 32 - 1, -1)::smallint, flags, (code / 32)::smallint, feed_id,
    ST_Point(lon_e7 / 1e7::float8, lat_e7 / 1e7::float8, 4326), lon_e7, lat_e7
FROM vessels_archived;
CREATE FUNCTION vessels_position_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO vessels_hot (observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg,
            heading_deg, status, flags, message_type, feed_id)
        VALUES (NEW.observed_at, NEW.h3, NEW.vessel_id, round(ST_X(NEW.geom) * 1e7),
            round(ST_Y(NEW.geom) * 1e7), COALESCE(NEW.speed_kn, 'NaN'),
            COALESCE(NEW.course_deg, 'NaN'), COALESCE(NEW.heading_deg, -1),
            COALESCE(NEW.status, -1), COALESCE(NEW.flags, 0), NEW.message_type, NEW.feed_id);
        RETURN NEW;
    END IF;
    DELETE FROM vessels_hot h
    WHERE h.vessel_id = OLD.vessel_id AND h.observed_at = OLD.observed_at;
    DELETE FROM vessels_archived a
    WHERE a.vessel_id = OLD.vessel_id AND a.observed_at = OLD.observed_at;
    RETURN OLD;
END
$$;
CREATE TRIGGER vessels_position_write INSTEAD OF INSERT OR DELETE ON vessels_position
    FOR EACH ROW EXECUTE FUNCTION vessels_position_write();
DO $$
DECLARE stamp text;
BEGIN
    FOR stamp IN
        SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'vessels_position_old'::regclass ORDER BY 1
    LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF vessels_hot FOR VALUES FROM (%L) TO (%L)',
            'vessels_hot_' || stamp, to_date(stamp, 'YYYYMMDD') || ' 00:00:00+00',
            to_date(stamp, 'YYYYMMDD') + 1 || ' 00:00:00+00');
    END LOOP;
END
$$;
INSERT INTO vessels_hot (observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg,
    heading_deg, status, flags, message_type, feed_id)
SELECT observed_at, h3, vessel_id, round(ST_X(geom) * 1e7), round(ST_Y(geom) * 1e7),
    COALESCE(speed_kn, 'NaN'), COALESCE(course_deg, 'NaN'), COALESCE(heading_deg, -1),
    COALESCE(status, -1), flags, message_type, feed_id
FROM vessels_position_old;
DROP TABLE vessels_position_old;
"""
BACK = """
ALTER VIEW vessels_position RENAME TO vessels_position_new;
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
DO $$
DECLARE day date;
BEGIN
    FOR day IN
        SELECT DISTINCT (observed_at AT TIME ZONE 'UTC')::date FROM vessels_position_new ORDER BY 1
    LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF vessels_position FOR VALUES FROM (%L) TO (%L)',
            'vessels_position_' || to_char(day, 'YYYYMMDD'), day || ' 00:00:00+00',
            day + 1 || ' 00:00:00+00');
    END LOOP;
END
$$;
INSERT INTO vessels_position
SELECT vessel_id, observed_at, COALESCE(h3, 0), speed_kn, course_deg, heading_deg, status, flags,
    message_type, feed_id, geom
FROM vessels_position_new;
DROP VIEW vessels_position_new;
DROP FUNCTION vessels_position_write;
DROP TABLE vessels_hot, vessels_archived;
"""
DOUBTS = """
CREATE OR REPLACE VIEW vessels_live AS
SELECT v.id, v.mmsi,
    COALESCE(NULLIF(v.name, ''), NULLIF(v.plate, ''), v.mmsi::text, v.id::text)::varchar(60) AS name,
    v.callsign, v.plate, v.kind, v.length_m,
    CASE WHEN l.observed_at < now() - make_interval(secs => v.stale_after_s) THEN 'old'
         ELSE l.state END::varchar(9) AS state,
    round(l.speed_kn::numeric, 1)::float8 AS speed_kn,
    round(l.course_deg::numeric, 1)::float8 AS course_deg, l.heading_deg, l.status,
    CASE {swapped}WHEN l.flags & 1 > 0 THEN 'jump' WHEN l.flags & 2 > 0 THEN 'speed'
         WHEN l.flags & 4 > 0 THEN 'no-fix' WHEN l.flags & 8 > 0 THEN 'clock'
         ELSE 'none' END::varchar(12) AS doubt,
    l.observed_at, l.geom, l.h3, f.name AS source, v.synthetic
FROM vessels_latest l
JOIN vessels_vessel v ON v.id = l.vessel_id
JOIN vessels_feed f ON f.id = l.feed_id;
"""
SWAPPED = DOUBTS.replace("{swapped}", "WHEN l.flags & 16 > 0 THEN 'swapped' ")


class Migration(migrations.Migration):
    dependencies = [("vessels", "0003_seed_thresholds")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(FORWARD, BACK),
                migrations.RunSQL(SWAPPED, DOUBTS.replace("{swapped}", "")),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="ArchivedPosition",
                    fields=[
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
                        ("observed_at", models.DateTimeField(verbose_name="observed")),
                        ("vessel_id", models.IntegerField(verbose_name="vessel")),
                        ("lon_e7", models.IntegerField(verbose_name="longitude (10⁻⁷ °)")),
                        ("lat_e7", models.IntegerField(verbose_name="latitude (10⁻⁷ °)")),
                        ("speed_dkn", models.SmallIntegerField(verbose_name="speed (1/10 kn)")),
                        ("course_ddeg", models.SmallIntegerField(verbose_name="course (1/10 °)")),
                        ("heading_deg", models.SmallIntegerField(verbose_name="heading (°)")),
                        ("code", models.SmallIntegerField(verbose_name="message type and status")),
                        ("flags", models.SmallIntegerField(verbose_name="doubts")),
                        ("feed_id", models.SmallIntegerField(verbose_name="source")),
                    ],
                    options={
                        "verbose_name": "position (archived)",
                        "verbose_name_plural": "positions (archived)",
                        "db_table": "vessels_archived",
                    },
                ),
                migrations.CreateModel(
                    name="HotPosition",
                    fields=[
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
                        ("observed_at", models.DateTimeField(verbose_name="observed")),
                        ("h3", models.BigIntegerField(verbose_name="H3 cell, resolution 9")),
                        ("vessel_id", models.IntegerField(verbose_name="vessel")),
                        ("lon_e7", models.IntegerField(verbose_name="longitude (10⁻⁷ °)")),
                        ("lat_e7", models.IntegerField(verbose_name="latitude (10⁻⁷ °)")),
                        ("speed_kn", models.FloatField(verbose_name="speed (kn)")),
                        ("course_deg", models.FloatField(verbose_name="course (°)")),
                        ("heading_deg", models.SmallIntegerField(verbose_name="heading (°)")),
                        ("status", models.SmallIntegerField(verbose_name="navigational status")),
                        ("flags", models.SmallIntegerField(verbose_name="doubts")),
                        ("message_type", models.SmallIntegerField(verbose_name="AIS message type")),
                        ("feed_id", models.SmallIntegerField(verbose_name="source")),
                    ],
                    options={
                        "verbose_name": "position (hot)",
                        "verbose_name_plural": "positions (hot)",
                        "db_table": "vessels_hot",
                    },
                ),
            ],
        ),
    ]
