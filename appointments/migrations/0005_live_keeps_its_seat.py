"""The other side of `live_owns_a_seat`: no seat is taken from whoever has it.

The rows are of `quota`, which knows no appointment; so the rule lives here. It fires only where a
holder goes, never where a seat is taken.
"""

from django.db import migrations

MADE = """
CREATE FUNCTION appointments_live_keeps_its_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM appointments_appointment a
                WHERE a.code = OLD.holder
                  AND a.status IN ('held', 'awaiting_payment', 'confirmed', 'checked_in')
                  AND NOT EXISTS (SELECT 1 FROM quota_seat s
                                   WHERE s.holder = a.code AND s.slot_id = a.slot_id))
    THEN RAISE EXCEPTION 'live appointment % lost its seat', OLD.holder
         USING CONSTRAINT = 'live_keeps_its_seat';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER live_keeps_its_seat
    AFTER UPDATE OF holder ON quota_seat DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.holder IS NOT NULL AND OLD.holder IS DISTINCT FROM NEW.holder)
    EXECUTE FUNCTION appointments_live_keeps_its_seat();
"""
GONE = """
DROP TRIGGER live_keeps_its_seat ON quota_seat;
DROP FUNCTION appointments_live_keeps_its_seat();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0004_restored"),
        ("quota", "0012_walls"),
    ]
    operations = [migrations.RunSQL(MADE, GONE)]
