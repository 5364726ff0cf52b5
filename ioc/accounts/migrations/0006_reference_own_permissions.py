from django.db import migrations

from geo.reference import Watch


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_find_by_email"), ("geo", "0004_reference")]

    operations = [Watch("accounts_user_groups"), Watch("accounts_user_user_permissions")]
