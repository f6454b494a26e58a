"""A seat from the waiting list that was not paid for: the person gets the old place back, once."""

from datetime import datetime

from django.db import transaction

from mpaspor.audit import trail
from quota.models import Slot
from quota.waiting_list.enums import OfferStatus, WishStatus
from quota.waiting_list.models import Wish, WishMember
from quota.waiting_list.queries import today

ENDED_WELL = (WishStatus.SERVED, WishStatus.WAITING)


@transaction.atomic
def give_place_back(*, slot: Slot, identity: str, by: trail.By, at: datetime) -> bool:
    """For who accepted a seat of `slot` and lost it by time; whether this call did.

    Nothing happens the second time, when the days of the wish are over, or when somebody has put
    the person onto the list anew.
    """
    member = _served_by(slot, identity)
    if member is None or WishMember.objects.filter(identity=identity, live=True).exists():
        return False
    wish = Wish.objects.select_for_update().get(pk=member.wish_id)
    if wish.status not in ENDED_WELL or wish.last_day < today(at):
        return False
    wish.size = wish.size + 1 if wish.status == WishStatus.WAITING else 1
    wish.status = WishStatus.WAITING
    wish.save(update_fields=["size", "status"])
    WishMember.objects.filter(pk=member.pk).update(live=True, was_given_back=True)
    trail.record("wish.give_back", subject=f"wish:{wish.code}", by=by, at=at, people=wish.size)
    return True


def _served_by(slot: Slot, identity: str) -> WishMember | None:
    members = WishMember.objects.filter(identity=identity, live=False, was_given_back=False)
    accepted = members.filter(wish__offers__slot=slot, wish__offers__status=OfferStatus.ACCEPTED)
    return accepted.order_by("-pk").first()
