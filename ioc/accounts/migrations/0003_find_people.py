from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    """People are found by name or address whatever their letters' case, among a million too."""

    atomic = False
    dependencies = [("accounts", "0002_agency_email")]

    operations = [
        AddIndexConcurrently(
            model_name="user", index=models.Index(Upper("username"), name="accounts_user_name_ci")
        ),
        AddIndexConcurrently(
            model_name="user", index=models.Index(Upper("email"), name="accounts_user_email_ci")
        ),
    ]
