"""Titles and methods of zones and terrains in both languages; the air surface."""

from typing import Any

import django.contrib.gis.db.models.fields as gis
from django.db import migrations, models

METHOD_VI = (
    "Mực nước ở trạm được hiểu là độ dâng trên lòng sông, thay đổi đều giữa các trạm và ra tới "
    "biển; sông nhánh lấy nước dềnh nằm ngang. Nước dâng ngược đường thoát của từng ô, rồi tràn "
    "qua đường phân thủy với độ dốc 0,5 m mỗi km; chỉ nơi nối với sông hoặc biển mới ngập. Không "
    "tính thời gian, thể tích, mưa tại chỗ và cống thoát nước đường phố."
)
BUILT_VI = (
    "Sông được hạ thấp 20 m chỉ để tìm hướng chảy; chỗ trũng được lấp theo ưu tiên độ cao; vùng "
    "bằng phẳng giải theo Garbrecht và Martz; mỗi ô chảy về ô dốc nhất (D8); độ cao trên dòng "
    "thoát nước không bao giờ tăng về hạ lưu."
)


def name_anew(apps: Any, schema_editor: Any) -> None:
    """What stands was written in the first asker's language: say it in both."""
    zones = apps.get_model("environment", "FloodZone").objects
    for zone in zones.select_related("sensor").defer("geom", "exposure"):
        at = f"{zone.stage_m:.1f} m"
        vi = en = at
        if zone.tide_m is not None:
            vi, en = f"{at}, biển {zone.tide_m:.1f} m", f"{at}, sea at {zone.tide_m:.1f} m"
        zone.title_vi = f"{zone.sensor.name_vi}: {vi.replace('.', ',')}"[:200]
        zone.title_en = f"{zone.sensor.name_en or zone.sensor.name_vi}: {en}"[:200]
        zone.save(update_fields=["title_vi", "title_en"])
    zones.update(method_vi=METHOD_VI)
    built = apps.get_model("environment", "TerrainModel").objects.exclude(method_en="")
    built.update(method_vi=BUILT_VI)


class Migration(migrations.Migration):
    dependencies = [("environment", "0005_hours")]

    operations = [
        migrations.RenameField("floodzone", "title", "title_vi"),
        migrations.RenameField("floodzone", "method", "method_en"),
        migrations.RenameField("terrainmodel", "method", "method_en"),
        migrations.AlterField(
            "floodzone", "title_vi", models.CharField(max_length=200, verbose_name="title (vi)")
        ),
        migrations.AlterField(
            "floodzone", "method_en", models.TextField(verbose_name="method (en)")
        ),
        migrations.AlterField(
            "terrainmodel",
            "method_en",
            models.TextField(blank=True, verbose_name="method (en)"),
        ),
        migrations.AddField(
            "floodzone",
            "title_en",
            models.CharField(blank=True, default="", max_length=200, verbose_name="title (en)"),
            preserve_default=False,
        ),
        migrations.AddField(
            "floodzone",
            "method_vi",
            models.TextField(blank=True, default="", verbose_name="method (vi)"),
            preserve_default=False,
        ),
        migrations.AddField(
            "terrainmodel",
            "method_vi",
            models.TextField(blank=True, default="", verbose_name="method (vi)"),
            preserve_default=False,
        ),
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
        migrations.RunPython(name_anew, migrations.RunPython.noop),
    ]
