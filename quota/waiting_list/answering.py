"""How an offer ends: accepted, declined or unanswered. Its seats go on to the next in line."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from quota.models import Seat, Slot
from quota.returning import RETURN
from quota.signals import wish_unanswered
from quota.waiting_list.enums import OfferStatus, WishStatus
from quota.waiting_list.models import Offer, Wish


class OfferOver(Refusal):
    code = "offer-over"
    message = _("This offer has ended: its time was over, or it was declined.")
    remedy = _("While your wish is on the waiting list, you are told of the next seat that fits.")


def locked_offer(offer: Offer) -> Offer:
    """As it stands now, with its wish and session; who answers the same offer waits."""
    Wish.objects.select_for_update().get(pk=offer.wish_id)
    return Offer.objects.select_related("wish", "slot__office").get(pk=offer.pk)


def refuse_if_over(offer: Offer, *, at: datetime) -> None:
    """Raises OfferOver."""
    if offer.status != OfferStatus.OPEN or offer.until <= at:
        raise OfferOver


def hand_over(*, slot: Slot, holder: str, offered: str) -> Seat:
    """The seat that was offered as `offered` is `holder`'s. Raises OfferOver."""
    seat = Seat.objects.filter(slot=slot, holder=offered).first()
    if seat is None:
        raise OfferOver
    seat.holder = holder
    seat.save(update_fields=["holder"])
    return seat


def end_accepted(offer: Offer, *, by: trail.By, at: datetime) -> None:
    """With the lock of `locked_offer`: what was not handed over goes on, the wish is served."""
    _end(offer, OfferStatus.ACCEPTED, by=by, at=at)
    offer.wish.status = WishStatus.SERVED
    offer.wish.save(update_fields=["status"])


@transaction.atomic
def decline_offer(*, offer: Offer, by: trail.By, at: datetime) -> None:
    """The wish keeps its place, and is not asked about this session again; repeatable.

    Raises OfferOver when it was accepted or has lapsed.
    """
    current = locked_offer(offer)
    if current.status == OfferStatus.DECLINED:
        return
    refuse_if_over(current, at=at)
    _end(current, OfferStatus.DECLINED, by=by, at=at)


def decline_open_offer(
    wish: Wish, *, by: trail.By, at: datetime, after: date | None = None
) -> None:
    """With the wish's lock: nobody wants the seats any more, or those `after` a day."""
    open_ = wish.offers.filter(status=OfferStatus.OPEN)
    for offer in open_.filter(slot__date__gt=after) if after else open_:
        _end(offer, OfferStatus.DECLINED, by=by, at=at)


def lapse_offers(*, at: datetime, batch: int = 200) -> int:
    """Ends the offers that were not answered in time; returns how many. By many at once."""
    with transaction.atomic():
        due = Wish.objects.filter(offers__status=OfferStatus.OPEN, offers__until__lte=at)
        wishes = list(due.select_for_update(of=("self",), skip_locked=True)[:batch])
        open_ = Offer.objects.filter(wish__in=wishes, status=OfferStatus.OPEN, until__lte=at)
        offers = list(open_.select_related("wish"))
        for offer in offers:
            _lapse(offer, at=at)
    return len(offers)


def _lapse(offer: Offer, *, at: datetime) -> None:
    _end(offer, OfferStatus.LAPSED, by="timetable", at=at)
    wish = offer.wish
    wish.lapsed += 1
    if wish.lapsed >= settings.OFFERS_UNANSWERED and wish.status == WishStatus.WAITING:
        wish.status = WishStatus.UNANSWERED
        wish_unanswered.send(sender=Wish, wish=wish, at=at)
    wish.save(update_fields=["lapsed", "status"])


def _end(offer: Offer, status: OfferStatus, *, by: trail.By, at: datetime) -> None:
    """Its seats come free at once, which means for the next in line first."""
    offer.status, offer.ended_at = status, at
    offer.save(update_fields=["status", "ended_at"])
    Seat.objects.filter(holder__in=offer.holders).update(holder=None, returns_at=at)
    trail.record(f"offer.{status}", subject=f"offer:{offer.code}", by=by, at=at)
    nudge(RETURN)
