from django.db import migrations

from geo.reference import Watch


class Migration(migrations.Migration):
    """Wards are looked up in memory, under the reference's number."""

    dependencies = [("geo", "0004_reference")]

    operations = [Watch("geo_district")]
