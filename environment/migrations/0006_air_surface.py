"""The air surface."""

import django.contrib.gis.db.models.fields as gis
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("environment", "0005_hours")]

    operations = [
        migrations.CreateModel(
            name="AirBand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("band", models.CharField(max_length=10, unique=True, verbose_name="class")),
                ("at", models.DateTimeField(verbose_name="observed")),
                ("stations", models.PositiveIntegerField(verbose_name="stations")),
                ("error", models.FloatField(verbose_name="error, leaving out each station")),
                ("flat_error", models.FloatField(verbose_name="error of one value for all")),
                (
                    "reach_km",
                    models.FloatField(verbose_name="drawn up to this far from a station, km"),
                ),
                ("method_vi", models.TextField(verbose_name="method (vi)")),
                ("method_en", models.TextField(verbose_name="method (en)")),
                ("synthetic", models.BooleanField(default=False, verbose_name="synthetic")),
                ("geom", gis.MultiPolygonField(srid=4326, verbose_name="area")),
            ],
            options={
                "verbose_name": "class of the air surface",
                "verbose_name_plural": "classes of the air surface",
                "ordering": ["pk"],
            },
        ),
    ]
