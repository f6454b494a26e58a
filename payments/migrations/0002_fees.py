from django.db import migrations

from payments.fees import FEES, IN_FORCE


def load(apps, schema_editor):
    tariffs = apps.get_model("payments", "Tariff").objects
    for code, name, amount, until in FEES:
        facts = {"name": name, "amount": amount, "in_force_until": until}
        tariffs.get_or_create(code=code, in_force_from=IN_FORCE, defaults=facts)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
