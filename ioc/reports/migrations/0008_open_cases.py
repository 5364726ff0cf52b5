from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

OPEN_ONLY = models.Q(("closed_at__isnull", True))

# Counting reads an index alone where pages are known to be visible to all; by the usual share of
# a fifth, a table of a million rows would tell so once in five months.
VACUUM = """
ALTER TABLE reports_report SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01,
    autovacuum_analyze_scale_factor = 0.02)
"""


class Migration(migrations.Migration):
    """Open cases by themselves, for counting and by place; and words, for finding them."""

    atomic = False
    dependencies = [("reports", "0007_erase_notes")]

    operations = [
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=OPEN_ONLY,
                fields=["id"],
                include=[
                    "closed_at",
                    "next_due_at",
                    "next_warn_at",
                    "paused",
                    "overdue",
                    "state",
                    "moderation",
                    "agency",
                    "category",
                    "district",
                    "emergency",
                ],
                name="reports_open",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=GistIndex(condition=OPEN_ONLY, fields=["geom"], name="reports_open_place"),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=GistIndex(condition=OPEN_ONLY, fields=["geom_public"], name="reports_open_grid"),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="reports_words"),
        ),
        migrations.RunSQL(
            VACUUM,
            "ALTER TABLE reports_report RESET (autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)",
        ),
    ]
