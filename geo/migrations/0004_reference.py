from django.db import migrations

from geo.reference import Watch

NUMBER = """
CREATE SEQUENCE geo_reference_number;
CREATE TABLE geo_reference (number bigint NOT NULL);
INSERT INTO geo_reference VALUES (nextval('geo_reference_number'));
CREATE FUNCTION geo_reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE geo_reference SET number = nextval('geo_reference_number');
    RETURN NULL;
END $$;
"""
GONE = """
DROP FUNCTION geo_reference_changed();
DROP TABLE geo_reference;
DROP SEQUENCE geo_reference_number;
"""


class Migration(migrations.Migration):
    """A number that is new whenever what every process remembers was written (geo.reference)."""

    dependencies = [("geo", "0003_place_search")]

    operations = [migrations.RunSQL(NUMBER, GONE), Watch("geo_city")]
