"""A station whose newest values no test believes."""

from django.db import migrations, models

STATES = [
    ("good", "normal"),
    ("minor", "minor"),
    ("moderate", "moderate"),
    ("severe", "severe"),
    ("extreme", "extreme"),
    ("stale", "silent"),
    ("unknown", "not classified"),
    ("suspect", "suspect"),
]


class Migration(migrations.Migration):
    dependencies = [("environment", "0006_air_surface")]

    operations = [
        migrations.AlterField(
            model_name="sensor",
            name="state",
            field=models.CharField(
                choices=STATES,
                default="unknown",
                editable=False,
                max_length=10,
                verbose_name="state",
            ),
        ),
    ]
