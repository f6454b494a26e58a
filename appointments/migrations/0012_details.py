from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('appointments', '0011_reseating'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='journey_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='contact_sealed',
            field=models.BinaryField(null=True),
        ),
    ]
