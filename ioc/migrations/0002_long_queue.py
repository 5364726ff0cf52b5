from django.db import migrations


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.create('long')")


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.drop_queue('long')")


class Migration(migrations.Migration):
    """A queue for what somebody asked for and waits for: it holds up no watch over the fleet."""

    dependencies = [("ioc", "0001_task_queue")]
    operations = [migrations.RunPython(install, remove)]
