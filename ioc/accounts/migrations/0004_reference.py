from django.db import migrations

from geo.reference import Watch


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_find_people"), ("geo", "0004_reference")]

    operations = [Watch("accounts_agency")]
