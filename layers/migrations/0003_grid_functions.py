from django.db import migrations

from layers.grid import FUNCTIONS

BACK = "DROP FUNCTION layers_cell(geometry);"


class Migration(migrations.Migration):
    """The cell of a point on the Web Mercator grid, for the kept counts."""

    dependencies = [("layers", "0002_partitions"), ("geo", "0002_initial")]
    operations = [migrations.RunSQL(FUNCTIONS, BACK)]
