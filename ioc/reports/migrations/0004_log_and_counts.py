from django.db import migrations

from layers.grid import trigger_sql

NUMBER = """
UPDATE reports_reportevent e SET seq = n.seq FROM (
    SELECT id, row_number() OVER (PARTITION BY report_id ORDER BY at, id) AS seq
    FROM reports_reportevent WHERE seq IS NULL
) n WHERE n.id = e.id;
UPDATE reports_reportevent SET kind = 'submit', by_kind = 'reporter'
WHERE kind = 'state' AND seq = 1 AND state = 'submitted';
UPDATE reports_report r SET version = e.seq, changed_at = e.at,
    closed_at = CASE WHEN r.state IN ('resolved', 'rejected', 'duplicate') THEN e.at END
FROM (
    SELECT report_id, max(seq) AS seq, max(at) AS at FROM reports_reportevent GROUP BY report_id
) e WHERE e.report_id = r.id AND r.version = 0;
"""

# The log only grows. What goes with its report (a test, an erased city) goes by cascade alone.
APPEND_ONLY = """
CREATE FUNCTION reports_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id'
        AND NEW.by_id IS NULL THEN
        RETURN NEW;  -- the account is gone; what was done stays
    END IF;
    IF TG_OP = 'DELETE' AND current_setting('ioc.erase_report', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'reports_reportevent only grows' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER reports_log_only_grows BEFORE UPDATE OR DELETE ON reports_reportevent
FOR EACH ROW EXECUTE FUNCTION reports_log_only_grows();
"""


def counted(public_where: str) -> str:
    """The triggers anew. What they counted so far stays: every report so far is on the map."""
    names = [f"layers_grid_reports_report_{event}" for event in ("insert", "delete", "update")]
    drops = "".join(f"DROP TRIGGER {name} ON reports_report;" for name in names)
    return drops + trigger_sql(
        layer="reports",
        table="reports_report",
        geom="geom",
        group="state",
        public_geom="geom_public",
        public_where=public_where,
    )


class Migration(migrations.Migration):
    """The log is numbered and guarded; the public's counts leave out what is not on its map."""

    dependencies = [("reports", "0003_cases")]

    operations = [
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER reports_log_only_grows ON reports_reportevent;"
            "DROP FUNCTION reports_log_only_grows();",
        ),
        migrations.RunSQL(counted("on_map"), counted("true")),
    ]
