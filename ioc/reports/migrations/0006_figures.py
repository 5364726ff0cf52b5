import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


def mark_all(apps, schema_editor):
    """Every day with reports is to be counted."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_dirtyday (day) SELECT DISTINCT"
            " (received_at AT TIME ZONE %s)::date FROM reports_report",
            [settings.TIME_ZONE],
        )


class Migration(migrations.Migration):
    """Figures by day are kept per ward, category and agency; marks of stale days only grow."""

    dependencies = [("reports", "0005_indexes")]

    operations = [
        migrations.DeleteModel(name="ReportDay"),
        migrations.DeleteModel(name="DirtyDay"),
        migrations.CreateModel(
            name="DirtyDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True)),
            ],
            options={
                "verbose_name": "day to count again",
                "verbose_name_plural": "days to count again",
            },
        ),
        migrations.CreateModel(
            name="ReportDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "by",
                    models.CharField(
                        choices=[("ward", "ward"), ("category", "category"), ("agency", "agency")],
                        max_length=10,
                    ),
                ),
                (
                    "key",
                    models.CharField(blank=True, help_text="Its code; empty: none", max_length=50),
                ),
                ("received", models.PositiveIntegerField()),
                ("closed", models.PositiveIntegerField()),
                (
                    "timed",
                    models.PositiveIntegerField(help_text="Closed, and there was a time to keep"),
                ),
                ("in_time", models.PositiveIntegerField()),
                ("rated", models.PositiveIntegerField()),
                ("satisfied", models.PositiveIntegerField()),
                (
                    "hours",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        help_text="How many were resolved within each of `statistics.LIMITS_H`",
                        size=None,
                    ),
                ),
            ],
            options={
                "verbose_name": "figures of a day",
                "verbose_name_plural": "figures of days",
                "constraints": [
                    models.UniqueConstraint(fields=("by", "day", "key"), name="reports_day_by")
                ],
            },
        ),
        migrations.RunPython(mark_all, migrations.RunPython.noop),
    ]
