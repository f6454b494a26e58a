from datetime import date, datetime
from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from applicants.models import Person, User
from applicants.personal_data import Look, Part
from applicants.signals import (
    account_closing,
    account_leaving,
    last_factor_going,
    looks_wanted,
    person_leaving,
    personal_data_wanted,
)
from appointments.closing import refuse_while_booked
from appointments.confirming import expire, follow_paid
from appointments.discarding import discard_drafts
from appointments.documents.models import Document, ReceiptPicture, Stored, UploadPart
from appointments.documents.storing import drop_after_commit
from appointments.leaving import leave, refuse_while_under_way
from appointments.looks import looks_at
from appointments.models import Application
from appointments.notices import tell_offer, tell_wish_closed
from appointments.officers import refuse_without_second_factor
from appointments.personal_data import parts_of
from appointments.telling import tell_cases
from appointments.wishing import leave_list
from mpaspor.audit import trail
from payments.signals import bill_expired, bill_paid, case_opened, days_off_wanted
from quota.models import Slot
from quota.queries import national_holidays
from quota.signals import day_closed, seats_offered, wish_unanswered
from quota.waiting_list.models import Offer, Wish


@receiver(bill_paid)
def on_bill_paid(bill_code: str, at: datetime, **_rest: Any) -> None:
    follow_paid(bill_code=bill_code, at=at)


@receiver(bill_expired)
def on_bill_expired(bill_code: str, at: datetime, **_rest: Any) -> None:
    expire(bill_code=bill_code, at=at)


@receiver(days_off_wanted)
def on_days_off_wanted(first: date, last: date, **_rest: Any) -> set[date]:
    return national_holidays(first, last)


@receiver(case_opened)
def on_case_opened(at: datetime, **_rest: Any) -> None:
    tell_cases(at=at)


@receiver(person_leaving)
def on_person_leaving(person: Person, by: trail.By, at: datetime, **_rest: Any) -> None:
    discard_drafts(Application.objects.filter(person=person), by=by, at=at)
    leave_list(person, by=by, at=at)


@receiver(day_closed)
def on_day_closed(slots: list[Slot], **_rest: Any) -> None:
    refuse_while_booked(slots)


@receiver(last_factor_going)
def on_last_factor_going(account: User, **_rest: Any) -> None:
    refuse_without_second_factor(account=account)


@receiver(account_closing)
def on_account_closing(account: User, at: datetime, **_rest: Any) -> None:
    refuse_while_under_way(account, at=at)


@receiver(account_leaving)
def on_account_leaving(account: User, by: trail.By, at: datetime, **_rest: Any) -> None:
    leave(account, by=by, at=at)


@receiver(personal_data_wanted)
def on_personal_data_wanted(account: User, **_rest: Any) -> list[Part]:
    return parts_of(account)


@receiver(looks_wanted)
def on_looks_wanted(account: User, **_rest: Any) -> list[Look]:
    return looks_at(account)


@receiver(seats_offered)
def on_seats_offered(offer: Offer, at: datetime, **_rest: Any) -> None:
    tell_offer(offer, at=at)


@receiver(wish_unanswered)
def on_wish_unanswered(wish: Wish, at: datetime, **_rest: Any) -> None:
    tell_wish_closed(wish, at=at)


@receiver(post_delete, sender=Document)
@receiver(post_delete, sender=ReceiptPicture)
@receiver(post_delete, sender=UploadPart)
def on_file_deleted(instance: Stored | UploadPart, **_rest: Any) -> None:
    """However a row goes, its file goes after it."""
    drop_after_commit(instance.file)
