from django.db import migrations, models


class Migration(migrations.Migration):
    """When a message was claimed and when it was handed over: null for what was sent before."""

    dependencies = [("reports", "0010_open_places")]

    operations = [
        migrations.AddField(
            "message", "claimed_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            "message", "handed_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
    ]
