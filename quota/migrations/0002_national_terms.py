from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The country's terms, so that every office always has some; the defaults of the columns."""
    terms = apps.get_model("quota", "Terms")
    terms.objects.get_or_create(office=None, in_force_from=date(2024, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("quota", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
