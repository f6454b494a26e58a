"""The Celery app and everything that happens by itself, on one screen.

Every task is repeatable and finds its work in PostgreSQL, so a lost or doubled message is harmless.
Seconds between runs; a run that could not start in that time is dropped, the next one does it all.
"""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpaspor.settings")

app = Celery("mpaspor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_options: object) -> None:
    """Connected, so that Celery leaves our handlers in place: they scrub, its own would not."""


TIMETABLE = {
    "notifications.deliver": 5.0,
    "payments.request_bills": 5.0,
    "payments.ask": 2.0,
    "payments.watch": 30.0,
    "payments.renew_codes": 10.0,
    "payments.ask_strays": 60.0,
    "payments.match_orphans": 60.0,
    "payments.forget": 3600.0,
    "payments.reconcile": 300.0,
    "applicants.verify": 5.0,
    "quota.open_releases": 5.0,
    "quota.close_releases": 300.0,
    "quota.return_seats": 15.0,
    "quota.lapse_offers": 5.0,
    "quota.expire_wishes": 3600.0,
    "quota.end_reserves": 300.0,
    "quota.offer_leftovers": 300.0,
    "quota.run_rooms": 5.0,
    "appointments.tell_turns": 5.0,
    "appointments.tell_followers": 5.0,
    "appointments.remind": 30.0,
    "appointments.remind_of_incidents": 60.0,
    "appointments.follow_pickups": 300.0,
    "appointments.lapse_holds": 15.0,
    "appointments.catch_up": 15.0,
    "appointments.mark_no_shows": 60.0,
    "appointments.reseat": 5.0,
    "appointments.end_served_wishes": 60.0,
    "audit.link": 20.0,
    "audit.seal_day": 300.0,
    "appointments.check_invariants": 3600.0,
    "applicants.forget": 3600.0,
    "appointments.purge": 3600.0,
    "appointments.sweep_files": 21600.0,
    "core.forget": 3600.0,
}
app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in TIMETABLE.items()
}
