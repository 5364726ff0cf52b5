from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Signing in asks for the address as it is stored, in lower case."""

    atomic = False
    dependencies = [("accounts", "0004_reference")]

    operations = [
        AddIndexConcurrently(
            model_name="user", index=models.Index("email", name="accounts_user_email")
        )
    ]
