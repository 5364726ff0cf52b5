from django.db import migrations

# As before, and internal notes may be emptied where the retention of a case says so.
GUARD = """
CREATE OR REPLACE FUNCTION reports_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id'
        AND NEW.by_id IS NULL THEN
        RETURN NEW;  -- the account is gone; what was done stays
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('ioc.erase_notes', true) = 'on'
        AND to_jsonb(NEW) - 'private_words' = to_jsonb(OLD) - 'private_words'
        AND NEW.private_words = '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'reports_reportevent only grows' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    """The log's guard lets an erased case's internal notes go."""

    dependencies = [("reports", "0006_figures")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
