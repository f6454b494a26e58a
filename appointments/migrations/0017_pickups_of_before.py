"""Passports that were ready before pick-ups were rows: kept as many days from now as others are."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations
from django.utils import timezone

HOUR = time(9)


def plan_pickups(apps, schema_editor):
    applications = apps.get_model('appointments', 'Application').objects
    for application in applications.filter(status='ready', pickup=None).iterator():
        visit = application.appointments.filter(status='checked_in').order_by('-pk').first()
        if visit is not None:
            plan_pickup(apps, application, visit.slot.office)


def plan_pickup(apps, application, office):
    now, zone = timezone.now(), ZoneInfo(office.zone)
    today = now.astimezone(zone).date()
    last = today + timedelta(days=days_kept(apps, office, today))
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    days = [last - timedelta(days=before) for before in settings.COLLECT_REMINDERS]
    moments = [datetime.combine(day, HOUR, zone) for day in days]
    apps.get_model('appointments', 'Pickup').objects.create(
        application=application,
        until=until,
        next_at=min(moment for moment in [*moments, until] if moment > now),
    )


def days_kept(apps, office, today):
    """The office's own terms in force, else those of all offices."""
    terms = apps.get_model('quota', 'Terms').objects.filter(in_force_from__lte=today)
    newest = terms.order_by('-in_force_from')
    own = newest.filter(office=office).first() or newest.filter(office=None).first()
    return own.collect_days if own else 30


class Migration(migrations.Migration):

    dependencies = [
        ('appointments', '0016_queue'),
        ('quota', '0018_queue'),
    ]

    operations = [
        migrations.RunPython(plan_pickups, migrations.RunPython.noop),
    ]
