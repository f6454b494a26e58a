"""Getting in line for an opening, for people who have no passport under way yet."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from applicants.models import Person, User
from appointments.enums import ACTIVE_APPLICATION, TO_COME
from appointments.models import Application, Appointment
from appointments.priority import refuse_party
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.models import Release
from quota.queries import terms_for
from quota.waiting_room.joining import join
from quota.waiting_room.models import QueueTicket


class MemberBooked(Refusal):
    code = "member-booked"
    message = _("%(name)s already has a seat or an application under way.")
    remedy = _("Take that name out. The place in line is for people who need a seat.")
    field = "persons"


def get_in_line(
    *,
    account: User,
    persons: Sequence[Person],
    release: Release,
    service: str,
    by: trail.By,
    at: datetime,
) -> QueueTicket:
    """One place for persons of the account.

    Raises MemberBooked, PartyWithoutNeed, and what quota's `join` raises.
    """
    days = (release.first_day, release.last_day)
    companions = terms_for(release.office, release.first_day).companions
    refuse_party(persons, service=service, days=days, companions=companions)
    for person in persons:
        if _is_booked(person.identity_id):
            raise MemberBooked(name=person.name)
    return join(
        release=release,
        identities=[person.identity.code for person in persons],
        service=service,
        holder=account.code,
        by=by,
        at=at,
    )


def _is_booked(identity_id: int) -> bool:
    active = Application.objects.filter(identity_id=identity_id, status__in=ACTIVE_APPLICATION)
    live = Appointment.objects.filter(identity_id=identity_id, status__in=TO_COME)
    return active.exists() or live.exists()
