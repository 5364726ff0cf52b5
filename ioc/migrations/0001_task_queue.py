from django.db import migrations
from pgmq.install import get_embedded_install_sql

QUEUES = ("fast", "slow")


def install(apps, schema_editor):
    """The queue's own SQL, run as the plain owner of the database; no extension is needed."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('pgmq')")
        if cursor.fetchone()[0] is None:
            cursor.execute(get_embedded_install_sql())
        for queue in QUEUES:
            cursor.execute("SELECT pgmq.create(%s)", [queue])


def remove(apps, schema_editor):
    schema_editor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")


class Migration(migrations.Migration):
    """The task queue's tables and functions, and its two queues."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunPython(install, remove)]
