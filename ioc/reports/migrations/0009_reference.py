from django.db import migrations

from geo.reference import Watch


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0008_open_cases"), ("geo", "0004_reference"), ("accounts", "0004_reference"),
    ]  # fmt: skip

    operations = [
        Watch("reports_category"),
        Watch("reports_serviceplan"),
        Watch("reports_workcalendar"),
        Watch("reports_calendarday"),
        Watch("reports_routingrule"),
        Watch("reports_webhook"),
    ]
