from django.db import migrations

COLUMNS = {"reports_open_place": "geom", "reports_open_grid": "geom_public"}


class Migration(migrations.Migration):
    """The spatial indexes of open cases hold open cases alone.

    GeoDjango leaves the condition of a GiST index on a geometry away, so they held all.
    """

    atomic = False
    dependencies = [("reports", "0009_reference")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for name, column in COLUMNS.items()
        for sql in (
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            f"CREATE INDEX CONCURRENTLY {name} ON reports_report USING gist ({column}) "
            "WHERE closed_at IS NULL",
        )
    ]
