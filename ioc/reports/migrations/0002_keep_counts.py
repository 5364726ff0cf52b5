from django.db import migrations

from layers.grid import keep_counts


class Migration(migrations.Migration):
    """Counts per cell and state, of exact places for staff and of the grid for the public."""

    dependencies = [("reports", "0001_initial"), ("layers", "0003_grid_functions")]

    operations = [
        keep_counts(
            layer="reports",
            table="reports_report",
            geom="geom",
            group="state",
            public_geom="geom_public",
            public_where="true",
        )
    ]
