from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns for the blind index of a NIK, each value with the id of its key in front."""

    dependencies = [("applicants", "0002_family")]

    operations = [
        migrations.RenameField("identity", "nik_index", "nik_index_odd"),
        migrations.AlterField(
            "identity", "nik_index_odd", models.BinaryField(null=True, unique=True)
        ),
        migrations.AddField(
            "identity", "nik_index_even", models.BinaryField(null=True, unique=True)
        ),
        migrations.RunSQL(
            r"UPDATE applicants_identity SET nik_index_odd = '\x01'::bytea || nik_index_odd",
            "UPDATE applicants_identity SET nik_index_odd = substring(nik_index_odd FROM 2)",
        ),
        migrations.AddConstraint(
            "identity",
            models.CheckConstraint(
                condition=models.Q(nik_index_odd__isnull=False)
                | models.Q(nik_index_even__isnull=False),
                name="identity_is_indexed",
            ),
        ),
    ]
