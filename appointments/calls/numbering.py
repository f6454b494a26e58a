"""Numbers for people who have come: of their service's letter, one after the other on each day."""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from appointments.calls.enums import LETTERS, PRIORITY
from appointments.calls.models import QueueNumber
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Office
from quota.queries import terms_for

# Whoever asks next waits until this one is given for good, so that no number is left out.
NEXT = """
INSERT INTO appointments_line (office_id, day, letter, last) VALUES (%s, %s, %s, 1)
ON CONFLICT (office_id, day, letter) DO UPDATE SET last = appointments_line.last + 1
RETURNING last
"""


class WalkInsSpent(Refusal):
    code = "walk-ins-spent"
    message = _("All %(most)s numbers for people without an appointment are given for today.")
    remedy = _(
        "Help the person to book the earliest priority seat, or ask the head of the office to "
        "raise the number under “Terms”."
    )


def give_number(appointment: Appointment, *, at: datetime) -> QueueNumber:
    """To somebody who is checked in, in the same transaction."""
    slot = appointment.slot
    is_priority = slot.service == Service.PRIORITY or bool(appointment.needs)
    letter = PRIORITY if is_priority else LETTERS[Service(slot.service)]
    return _give(slot.office, letter, appointment=appointment, at=at)


@transaction.atomic
def give_walk_in_number(*, office: Office, by: trail.By, at: datetime) -> QueueNumber:
    """To somebody at the door who may not be kept waiting and has no appointment.

    As many a day as the office's terms say. Nothing is written down of the person.
    Raises WalkInsSpent, TermsMissing.
    """
    number = _give(office, PRIORITY, at=at)
    given = QueueNumber.objects.filter(office=office, day=number.day, appointment=None).count()
    most = terms_for(office, number.day).walk_ins
    if given > most:
        raise WalkInsSpent(most=most)
    subject = f"queue_number:{number.pk}"
    trail.record("queue_number.walk_in", subject=subject, by=by, at=at, number=str(number))
    return number


def _give(
    office: Office, letter: str, *, appointment: Appointment | None = None, at: datetime
) -> QueueNumber:
    day = office.local(at).date()
    return QueueNumber.objects.create(
        office=office,
        day=day,
        letter=letter,
        number=_next(office, day, letter),
        appointment=appointment,
        waits_since=at,
    )


def _next(office: Office, day: date, letter: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [office.pk, day, letter])
        (number,) = cursor.fetchone()
    return int(number)
