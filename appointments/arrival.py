"""The day itself: checking a person in."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.calls.numbering import give_number
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Appointment
from appointments.no_shows import closes
from appointments.visits.processing import note_arrival
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import moment
from quota.models import Office
from quota.queries import terms_of_slot


class NotConfirmed(Refusal):
    code = "not-confirmed"
    message = _("This appointment is not confirmed: %(status)s.")
    remedy = _("Ask the person to open “My applications” and see what is missing.")


class OtherOffice(Refusal):
    code = "other-office"
    message = _("This appointment is at another office: %(office)s.")
    remedy = _("Send the person there.")


class TooEarly(Refusal):
    code = "too-early"
    message = _("This appointment can be checked in from %(opens)s on.")
    remedy = _("Ask the person to come back then.")


class TooLate(Refusal):
    code = "too-late"
    message = _("This appointment could be checked in until %(closes)s.")
    remedy = _(
        "For one of its reasons the office can give another day, from the appointment's page."
    )


@transaction.atomic
def check_in(
    *, appointment: Appointment, office: Office, by: trail.By, at: datetime
) -> Appointment:
    """Notes that the person has come to `office` and gives a queue number; repeatable.

    The door opens and closes by the office's terms around the session, in the office's zone.
    Raises OtherOffice, NotConfirmed, TooEarly, TooLate.
    """
    # Locked first, read afterwards: it may be moved while we wait for the lock.
    Appointment.objects.select_for_update().values_list("pk").get(pk=appointment.pk)
    with_slot = Appointment.objects.select_related("application", "slot__office")
    expected = with_slot.get(pk=appointment.pk)
    if expected.slot.office_id != office.pk:
        raise OtherOffice(office=expected.slot.office.name)
    if expected.status == AppointmentStatus.CHECKED_IN:
        return expected
    if expected.status != AppointmentStatus.CONFIRMED:
        raise NotConfirmed(status=expected.get_status_display())
    _check_window(expected, at)
    expected.status, expected.checked_in_at = AppointmentStatus.CHECKED_IN, at
    expected.save(update_fields=["status", "checked_in_at"])
    expected.application.status = ApplicationStatus.ARRIVED
    expected.application.save(update_fields=["status"])
    note_arrival(expected.application, at=at)
    number = give_number(expected, at=at)
    subject = f"appointment:{expected.code}"
    trail.record("appointment.check_in", subject=subject, by=by, at=at, number=str(number))
    return expected


def _check_window(appointment: Appointment, at: datetime) -> None:
    slot = appointment.slot
    terms = terms_of_slot(slot)
    opens = slot.starts_at - timedelta(minutes=terms.early_minutes)
    if at < opens:
        raise TooEarly(opens=moment(opens, slot.office.zone))
    if at > (last := closes(slot)):
        raise TooLate(closes=moment(last, slot.office.zone))
