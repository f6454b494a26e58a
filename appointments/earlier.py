"""Coming earlier: who is booked waits on the list for an earlier day at the same office.

The new seat is sure before the old one goes back, and the person's own right to another day is not
spent. People who have no seat at all are asked first.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.models import Identity, Person
from appointments.enums import AppointmentStatus, MoveReason
from appointments.models import Appointment
from appointments.moving import move
from appointments.party import in_the_way, locked, locked_party
from appointments.priority import refuse_unfit
from appointments.rescheduling import NotMovable, together_in_session
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Slot
from quota.queries import slot_for_booking
from quota.waiting_list.enums import Hours
from quota.waiting_list.models import Offer, Wish, WishMember
from quota.waiting_list.wishing import place_wish


class NothingEarlier(Refusal):
    code = "nothing-earlier"
    message = _("There is no whole day left between today and your appointment.")
    remedy = _("Come on the day of the letter.")


class NotEarlier(Refusal):
    code = "not-earlier"
    message = _("This seat is not earlier than the one you have now.")
    remedy = _("Keep your day, and decline this seat so that others get it.")


@transaction.atomic
def ask_earlier(*, appointment: Appointment, by: trail.By, at: datetime) -> Wish:
    """Puts everybody with a seat beside it onto the list, for the days before it at its office.

    Raises NotMovable, NothingEarlier and what quota.waiting_list.wishing.place_wish raises.
    """
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    if mine.status != AppointmentStatus.CONFIRMED:
        raise NotMovable(status=mine.get_status_display())
    slot = mine.slot
    first, last = days_before(slot, at=at)
    if last < first:
        raise NothingEarlier
    going = [member.identity_id for member in together_in_session(mine, party)]
    identities = Identity.objects.filter(pk__in=going).values_list("code", flat=True)
    return place_wish(
        account=mine.application.account,
        identities=list(identities),
        offices=[slot.office.code],
        first_day=first,
        last_day=last,
        hours=Hours.ANY,
        service=Service(slot.service),
        is_earlier=True,
        by=by,
        at=at,
    )


def days_before(slot: Slot, *, at: datetime) -> tuple[date, date]:
    """From tomorrow until the day before the visit, by the office's clock."""
    one = timedelta(days=1)
    return slot.office.local(at).date() + one, slot.date - one


def wish_to_come_earlier(appointment: Appointment) -> Wish | None:
    members = WishMember.objects.filter(live=True, wish__is_earlier=True)
    own = members.filter(identity=appointment.identity.code).select_related("wish").first()
    return own.wish if own else None


def move_to_offer(
    offer: Offer, persons: Sequence[Person], *, by: trail.By, at: datetime
) -> list[Appointment]:
    """In the caller's transaction, which has the wish locked.

    Raises SlotGone, NotEarlier, OtherService, PriorityOnly, OfferOver.
    """
    slot = slot_for_booking(code=offer.slot.code, at=at)
    rows = Appointment.objects.filter(
        application__person__in=persons, status=AppointmentStatus.CONFIRMED
    )
    keys = list(rows.values_list("pk", flat=True))
    members = locked(Appointment.objects.filter(pk__in=keys))
    going = [member for member in members if _is_later(member, slot)]
    if not going:
        raise NotEarlier
    together = [member.application for member in going]
    for member in going:
        with in_the_way(member.application, of=len(going)):
            refuse_unfit(member.application, slot, together)
    seats = offer.holders[: len(going)]
    move(going, slot, why=MoveReason.EARLIER, by=by, at=at, offered=seats)
    return going


def _is_later(member: Appointment, slot: Slot) -> bool:
    is_booked = member.status == AppointmentStatus.CONFIRMED
    same = (member.slot.office_id, member.slot.service) == (slot.office_id, slot.service)
    return is_booked and same and member.slot.starts_at > slot.starts_at
