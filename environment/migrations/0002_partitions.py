from django.db import migrations

FORWARD = """
CREATE TABLE environment_observation (
    datastream_id bigint NOT NULL,
    t timestamptz NOT NULL,
    value double precision,
    raw text NOT NULL,
    raw_unit text NOT NULL,
    flag smallint NOT NULL,
    note text NOT NULL,
    receipt_id bigint NOT NULL,
    PRIMARY KEY (datastream_id, t)
) PARTITION BY RANGE (t);
CREATE INDEX environment_observation_t ON environment_observation
    USING brin (t) WITH (pages_per_range = 32);
ALTER TABLE environment_latest SET (fillfactor = 50);
ALTER TABLE environment_sensor SET (fillfactor = 50);
"""


class Migration(migrations.Migration):
    """Observations, partitioned by day; the two tables of latest values keep room for HOT."""

    dependencies = [("environment", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE environment_observation")]
