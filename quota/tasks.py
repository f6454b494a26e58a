from celery import shared_task

from mpaspor.core import clock
from quota.leftovers import offer_leftovers as offer_due_leftovers
from quota.release import close_ended_releases, open_due_releases
from quota.reserves import end_reserves as end_due_reserves
from quota.returning import return_seats as return_due_seats
from quota.waiting_list import answering, wishing
from quota.waiting_room.calling import run_rooms as run_due_rooms


@shared_task(name="quota.open_releases")
def open_releases() -> None:
    open_due_releases(at=clock.now())


@shared_task(name="quota.return_seats")
def return_seats() -> None:
    while return_due_seats(at=clock.now()):
        pass


@shared_task(name="quota.lapse_offers")
def lapse_offers() -> None:
    while answering.lapse_offers(at=clock.now()):
        pass


@shared_task(name="quota.expire_wishes")
def expire_wishes() -> None:
    while wishing.expire_wishes(at=clock.now()):
        pass


@shared_task(name="quota.end_reserves")
def end_reserves() -> None:
    end_due_reserves(at=clock.now())


@shared_task(name="quota.run_rooms")
def run_rooms() -> None:
    run_due_rooms(at=clock.now())


@shared_task(name="quota.close_releases")
def close_releases() -> None:
    close_ended_releases(at=clock.now())


@shared_task(name="quota.offer_leftovers")
def offer_leftovers() -> None:
    offer_due_leftovers(at=clock.now())
