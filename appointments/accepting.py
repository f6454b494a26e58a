"""A seat offered by the waiting list becomes the seat of an appointment."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.models import Person
from appointments.booking import hold_seats
from appointments.earlier import move_to_offer
from appointments.enums import LIVE_APPOINTMENT, ApplicationStatus, ServiceClass
from appointments.models import Application, Appointment
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.waiting_list.answering import end_accepted, locked_offer, refuse_if_over
from quota.waiting_list.enums import OfferStatus
from quota.waiting_list.models import Offer, Wish


class DraftMissing(Refusal):
    code = "draft-missing"
    message = _("%(name)s has no application for this service yet.")
    remedy = _("Make it first: until the time shown the seat waits for you.")


@dataclass(frozen=True)
class Seated:
    """A person a seat is offered to, and the draft it would be for."""

    person: Person
    draft: Application | None


@transaction.atomic
def accept_offer(*, offer: Offer, by: trail.By, at: datetime) -> list[Appointment]:
    """Holds the offered seats for the drafts of everybody in the wish: all of them, or none.

    They are then held and billed together, as by any other choice; who only comes earlier has paid
    and is moved there. Repeatable: again gives the same. Locks the wish first, then as hold_seats.
    Raises OfferOver, DraftMissing and what hold_seats or move_to_offer raises.
    """
    current = locked_offer(offer)
    if current.status == OfferStatus.ACCEPTED:
        return seats_from(current)
    refuse_if_over(current, at=at)
    if current.wish.is_earlier:
        moved = move_to_offer(current, persons_of_wish(current.wish), by=by, at=at)
        end_accepted(current, by=by, at=at)
        return moved
    drafts = _drafts(current)
    held = hold_seats(
        applications=drafts,
        slot_code=current.slot.code,
        by=by,
        at=at,
        offered=current.holders[: len(drafts)],
    )
    end_accepted(current, by=by, at=at)
    return held


def party_of(offer: Offer) -> list[Seated]:
    """In the order of the identities. The draft must be for the service of the session."""
    persons = persons_of_wish(offer.wish)
    drafts = Application.objects.filter(
        person__in=persons,
        status=ApplicationStatus.DRAFT,
        service=ServiceClass.of_seats(offer.slot.service),
    )
    by_person = {draft.person_id: draft for draft in drafts}
    return [Seated(person, by_person.get(person.pk)) for person in persons]


def persons_of_wish(wish: Wish) -> list[Person]:
    """The account's persons for whom it waits, or waited."""
    members = wish.members.all() if wish.is_over else wish.members.filter(live=True)
    rows = Person.objects.filter(account=wish.account_id).select_related("identity")
    codes = members.values_list("identity", flat=True)
    return list(rows.filter(identity__code__in=list(codes)).order_by("identity_id"))


def seats_from(offer: Offer) -> list[Appointment]:
    """What an accepted offer became and still is."""
    rows = Appointment.objects.filter(
        slot=offer.slot,
        application__account=offer.wish.account_id,
        application__person__in=persons_of_wish(offer.wish),
        status__in=LIVE_APPOINTMENT,
    )
    return list(rows.select_related("application").order_by("identity_id"))


def _drafts(offer: Offer) -> list[Application]:
    drafts = []
    for seated in party_of(offer):
        if seated.draft is None:
            raise DraftMissing(name=seated.person.name)
        drafts.append(seated.draft)
    return drafts
