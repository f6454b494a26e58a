from celery import shared_task

from appointments import (
    booking,
    confirming,
    invariants,
    no_shows,
    notices,
    retention,
    telling,
    telling_followers,
    wishing,
)
from appointments.documents import sweeping
from appointments.reseating import working
from appointments.visits import collecting, reminding
from mpaspor.core import clock


@shared_task(name="appointments.lapse_holds")
def lapse_holds() -> None:
    while booking.lapse_holds(at=clock.now()):
        pass


@shared_task(name="appointments.catch_up")
def catch_up() -> None:
    confirming.catch_up(at=clock.now())


@shared_task(name="appointments.remind_of_incidents")
def remind_of_incidents() -> None:
    telling.remind_of_incidents(at=clock.now())


@shared_task(name="appointments.mark_no_shows")
def mark_no_shows() -> None:
    no_shows.mark_no_shows(at=clock.now())


@shared_task(name="appointments.check_invariants")
def check_invariants() -> None:
    invariants.report(at=clock.now())


@shared_task(name="appointments.purge")
def purge() -> None:
    retention.purge(by="timetable", at=clock.now())


@shared_task(name="appointments.reseat")
def reseat() -> None:
    while working.reseat(at=clock.now()):
        pass


@shared_task(name="appointments.tell_turns")
def tell_turns() -> None:
    notices.tell_turns(at=clock.now())


@shared_task(name="appointments.end_served_wishes")
def end_served_wishes() -> None:
    wishing.end_served_wishes(at=clock.now())


@shared_task(name="appointments.tell_followers")
def tell_followers() -> None:
    while telling_followers.tell_followers(at=clock.now()):
        pass


@shared_task(name="appointments.remind")
def remind() -> None:
    while reminding.plan_reminders(at=clock.now()):
        pass
    while reminding.remind(at=clock.now()):
        pass


@shared_task(name="appointments.sweep_files")
def sweep_files() -> None:
    sweeping.sweep_files(by="timetable", at=clock.now())


@shared_task(name="appointments.follow_pickups")
def follow_pickups() -> None:
    while collecting.follow_pickups(at=clock.now()):
        pass
