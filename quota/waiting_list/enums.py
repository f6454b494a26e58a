from django.db import models
from django.utils.translation import gettext_lazy as _


class Hours(models.TextChoices):
    ANY = "any", _("Any hour")
    MORNING = "morning", _("Mornings: sessions that begin before noon")
    AFTERNOON = "afternoon", _("Afternoons: sessions that begin at noon or later")


class WishStatus(models.TextChoices):
    WAITING = "waiting", _("On the list")
    SERVED = "served", _("Got a seat")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("The days are over")
    UNANSWERED = "unanswered", _("Offers were not answered")


WISH_MOVES: list[tuple[str, str]] = [
    (WishStatus.WAITING, WishStatus.SERVED),
    # The seat was not paid for.
    (WishStatus.SERVED, WishStatus.WAITING),
    (WishStatus.WAITING, WishStatus.WITHDRAWN),
    (WishStatus.WAITING, WishStatus.EXPIRED),
    (WishStatus.WAITING, WishStatus.UNANSWERED),
]


class OfferStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Not answered in time")


OFFER_MOVES: list[tuple[str, str]] = [
    (OfferStatus.OPEN, OfferStatus.ACCEPTED),
    (OfferStatus.OPEN, OfferStatus.DECLINED),
    (OfferStatus.OPEN, OfferStatus.LAPSED),
]
