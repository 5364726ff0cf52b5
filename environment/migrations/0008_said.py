"""What a provider says of a value beside its time and result; nothing for most of them.

Columns of the value's own row, not a table beside it: they come, answer and go with the value. New
empty columns rewrite no row, and a row that says nothing grows by 8 bytes. The index holds only
rows that say a resultTime, so that a question for it still passes over days that have none.
"""

from django.db import migrations, models

FORWARD = """
ALTER TABLE environment_observation
    ADD COLUMN IF NOT EXISTS result_time timestamptz,
    ADD COLUMN IF NOT EXISTS valid_from timestamptz,
    ADD COLUMN IF NOT EXISTS valid_to timestamptz,
    ADD COLUMN IF NOT EXISTS parameters jsonb,
    ADD COLUMN IF NOT EXISTS provider_quality jsonb;
"""
BACKWARD = """
ALTER TABLE environment_observation
    DROP COLUMN result_time, DROP COLUMN valid_from, DROP COLUMN valid_to,
    DROP COLUMN parameters, DROP COLUMN provider_quality;
"""
INDEX = "environment_observation_said"
OF = "(result_time) WHERE result_time IS NOT NULL"
UNINDEXED = f"""
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'environment_observation'::regclass AND NOT EXISTS (
    SELECT FROM pg_index x JOIN pg_inherits h ON h.inhrelid = x.indexrelid
    WHERE x.indrelid = c.oid AND h.inhparent = '{INDEX}'::regclass)
"""


def make_index(apps, schema_editor):
    """Day by day and beside running writes: no writer waits. Broken off, it can be run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON ONLY environment_observation {OF}")
        cursor.execute(UNINDEXED)
        for (day,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {day}_said")
            cursor.execute(f"CREATE INDEX CONCURRENTLY {day}_said ON {day} {OF}")
            cursor.execute(f"ALTER INDEX {INDEX} ATTACH PARTITION {day}_said")


def drop_index(apps, schema_editor):
    schema_editor.execute(f"DROP INDEX {INDEX}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("environment", "0007_suspect")]
    operations = [
        migrations.RunSQL(
            FORWARD,
            BACKWARD,
            state_operations=[
                migrations.AddField("observation", name, field)
                for name, field in (
                    ("result_time", models.DateTimeField(null=True)),
                    ("valid_from", models.DateTimeField(null=True)),
                    ("valid_to", models.DateTimeField(null=True)),
                    ("parameters", models.JSONField(null=True)),
                    ("provider_quality", models.JSONField(null=True)),
                )
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
