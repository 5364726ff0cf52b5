"""A raw batch keeps the clock it was read by, so that a replay gives the same times."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vessels", "0004_storage")]

    operations = [
        migrations.AddField(
            "rawbatch",
            "clock",
            models.FloatField(null=True, verbose_name="time of lines that tell none (epoch s)"),
        ),
        migrations.AddField(
            "rawbatch", "live", models.BooleanField(default=False, verbose_name="heard live")
        ),
    ]
