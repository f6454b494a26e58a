from django.db import migrations, models

from applicants.retention import FIRST_DAY


def first_rule(apps, schema_editor):
    rules = apps.get_model('applicants', 'RetentionRule').objects
    rules.get_or_create(kind='numbers', in_force_from=FIRST_DAY, defaults={'days': 90})


class Migration(migrations.Migration):

    dependencies = [
        ('applicants', '0015_messages_kept'),
    ]

    operations = [
        migrations.RunPython(first_rule, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='retentionrule',
            name='kind',
            field=models.CharField(choices=[('drafts', 'Drafts of applications'), ('unpaid', 'Applications nobody paid for'), ('documents', 'Photos and PDFs of documents, after the day of the visit'), ('receipts', 'Pictures of receipts, after the money was looked after'), ('visits', 'From the visit until the passport is handed over'), ('numbers', 'Queue numbers and calls, after the day'), ('codes', 'Six-digit codes'), ('notices', 'Messages, and records of e-mails and SMS'), ('followings', 'News of offices, for who has not signed in any more'), ('requests', 'Answered requests about data'), ('payments', 'Bills and payments')], max_length=12, verbose_name='what is kept'),
        ),
    ]
