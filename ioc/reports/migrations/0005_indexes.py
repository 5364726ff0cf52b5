from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def unique_without_a_lock(name: str, columns: str, fields: list[str]) -> migrations.RunSQL:
    """A unique constraint whose index is built beside running writes."""
    return migrations.RunSQL(
        [
            f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON reports_reportevent ({columns})",
            f"ALTER TABLE reports_reportevent ADD CONSTRAINT {name} UNIQUE USING INDEX {name}",
        ],
        f"ALTER TABLE reports_reportevent DROP CONSTRAINT {name}",
        state_operations=[
            migrations.AddConstraint(
                model_name="reportevent",
                constraint=models.UniqueConstraint(fields=fields, name=name),
            )
        ],
    )


class Migration(migrations.Migration):
    """Indexes of the large tables, built while others read and write."""

    atomic = False
    dependencies = [("reports", "0004_log_and_counts")]

    operations = [
        unique_without_a_lock("reports_event_seq", "report_id, seq", ["report", "seq"]),
        unique_without_a_lock("reports_event_key", "report_id, key", ["report", "key"]),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["agency", "next_due_at", "id"],
                name="reports_queue",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["next_due_at", "id"],
                name="reports_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("officer__isnull", False)),
                fields=["officer", "next_due_at", "id"],
                name="reports_officer",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="reports_parent",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("duplicate_of__isnull", False)),
                fields=["duplicate_of"],
                name="reports_duplicate_of",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(fields=["changed_at"], name="reports_changed"),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("next_escalation_at__isnull", False)),
                fields=["next_escalation_at"],
                name="reports_escalation",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("overdue", False)),
                fields=["resolve_due_at"],
                name="reports_not_yet_overdue",
            ),
        ),
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("moderation", "clear"), _negated=True),
                fields=["moderation", "id"],
                name="reports_moderation",
            ),
        ),
    ]
