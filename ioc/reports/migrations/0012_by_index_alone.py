import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OPEN_ONLY = models.Q(("closed_at__isnull", True))
BY_CATEGORY = "reports_report_category_id_7a7857a8"


class Migration(migrations.Migration):
    """A queue's page and the public's newest in a box are found by an index alone.

    `reports_open_due` stands for `reports_due` and `reports_open`, `reports_category_received` for
    the foreign key's own two indexes: fewer to keep at every write than before.
    """

    atomic = False
    dependencies = [("reports", "0011_message_handed")]

    operations = [
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=OPEN_ONLY,
                fields=["next_due_at", "id"],
                include=[
                    "closed_at",
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
                name="reports_open_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("on_map", True)),
                fields=["id"],
                include=["geom_public", "category", "district", "state", "overdue", "received_at"],
                name="reports_newest",
            ),
        ),
        RemoveIndexConcurrently(model_name="report", name="reports_due"),
        RemoveIndexConcurrently(model_name="report", name="reports_open"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", reverse)
                for name, reverse in (
                    (BY_CATEGORY, f"CREATE INDEX {BY_CATEGORY} ON reports_report (category_id)"),
                    (
                        f"{BY_CATEGORY}_like",
                        f"CREATE INDEX {BY_CATEGORY}_like ON reports_report"
                        " (category_id varchar_pattern_ops)",
                    ),
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="report",
                    name="category",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="reports.category",
                    ),
                )
            ],
        ),
    ]
