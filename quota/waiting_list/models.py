from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import new_code
from quota.enums import Service
from quota.waiting_list.enums import (
    OFFER_MOVES,
    WISH_MOVES,
    Hours,
    OfferStatus,
    WishStatus,
)


class Wish(models.Model):
    """A place on the waiting list: seats for a party, all in one session that fits.

    Its row is the lock of everything that is done with it and with its offers.
    """

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # Keys of offices. On the row itself, so that who waited for its lock sees what holds now.
    offices = ArrayField(models.BigIntegerField(), verbose_name=_("offices"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    hours = models.CharField(_("hours"), max_length=10, choices=Hours, default=Hours.ANY)
    service = models.CharField(_("service"), max_length=12, choices=Service)
    size = models.PositiveSmallIntegerField(_("people"))
    status = models.CharField(
        _("status"), max_length=10, choices=WishStatus, default=WishStatus.WAITING
    )
    # They have a later seat and only go to an earlier one; who has none is asked first.
    is_earlier = models.BooleanField(_("to come earlier"), default=False, db_default=False)
    lapsed = models.PositiveSmallIntegerField(_("offers not answered"), default=0)
    placed_at = models.DateTimeField(_("on the list since"))

    class Meta:
        verbose_name = _("wish on the waiting list")
        verbose_name_plural = _("waiting list")
        ordering = ("placed_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="wish_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(offices__len__gte=1, offices__len__lte=5), name="wish_has_offices"
            ),
            models.CheckConstraint(
                condition=~Q(status=WishStatus.WAITING) | Q(size__gte=1), name="wish_has_people"
            ),
        )
        indexes = (
            models.Index(
                fields=["placed_at"], name="wish_waiting", condition=Q(status=WishStatus.WAITING)
            ),
            models.Index(fields=["account", "-placed_at"], name="wish_of_account"),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="wish_moves", field="status", transitions=WISH_MOVES),
            pgtrigger.ReadOnly(
                name="wish_bound", fields=["code", "account", "placed_at", "is_earlier"]
            ),
            # So that an ended wish keeps nobody from making a new one, whoever ended it.
            pgtrigger.Trigger(
                name="ended_wish_lets_go",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.status <> 'waiting'"),
                func="""
                UPDATE quota_wishmember SET live = FALSE WHERE wish_id = NEW.id;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_over(self) -> bool:
        return self.status != WishStatus.WAITING


class WishMember(models.Model):
    """One person of a wish, by the opaque code of the identity; this app knows no NIK."""

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="members")
    identity = models.CharField(max_length=10)
    live = models.BooleanField(default=True)
    # Accepted a seat, did not pay for it, and has had the old place once more.
    was_given_back = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["identity"], condition=Q(live=True), name="one_live_wish"
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="wisher_bound", fields=["wish", "identity"]),
        ]

    def __str__(self) -> str:
        return f"{self.wish_id}/{self.identity}"


class Offer(models.Model):
    """Seats kept for a wish until a moment; while it is open it owns exactly its seats."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    wish = models.ForeignKey(Wish, on_delete=models.PROTECT, related_name="offers")
    slot = models.ForeignKey("quota.Slot", on_delete=models.PROTECT, related_name="+")
    # What Seat.holder says while the offer is open: a code for each seat.
    holders = ArrayField(models.CharField(max_length=10))
    status = models.CharField(max_length=10, choices=OfferStatus, default=OfferStatus.OPEN)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["wish"], condition=Q(status=OfferStatus.OPEN), name="one_open_offer"
            ),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.OPEN, ended_at=None)
                | (~Q(status=OfferStatus.OPEN) & Q(ended_at__isnull=False)),
                name="offer_ended_when",
            ),
        )
        indexes = (
            models.Index(fields=["until"], name="offer_due", condition=Q(status=OfferStatus.OPEN)),
            models.Index(fields=["wish", "slot"], name="offer_of_slot"),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="offer_moves", field="status", transitions=OFFER_MOVES),
            pgtrigger.ReadOnly(
                name="offer_bound",
                fields=["code", "wish", "slot", "holders", "made_at", "until"],
            ),
            pgtrigger.Trigger(
                name="open_offer_owns_its_seats",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                declare=[("open", "boolean"), ("owned", "integer")],
                func="""
                SELECT status = 'open' INTO open FROM quota_offer WHERE id = NEW.id;
                SELECT count(*) INTO owned FROM quota_seat
                 WHERE holder = ANY(NEW.holders) AND slot_id = NEW.slot_id;
                IF open AND owned <> cardinality(NEW.holders)
                THEN RAISE EXCEPTION 'open offer % does not own its seats', NEW.code;
                END IF;
                IF NOT open AND owned > 0
                THEN RAISE EXCEPTION 'ended offer % still owns a seat', NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code
