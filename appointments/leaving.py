"""An account that is to be closed: what must be over first, and what ends with it."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.enums import Retention
from applicants.models import User
from applicants.retention import ended_before
from appointments.discarding import discard_drafts
from appointments.documents.models import Document, ReceiptPicture, Upload
from appointments.enums import ENDED_AT_OFFICE, ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.priority import NOTHING_SAID
from appointments.visits.models import HandOver
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.followers.models import Following
from quota.waiting_list.enums import WishStatus
from quota.waiting_list.models import Wish
from quota.waiting_list.wishing import withdraw_wish


class StillUnderWay(Refusal):
    code = "still-under-way"
    message = _("There is an application under way in this account.")
    remedy = _(
        "Your data can be deleted when it has ended: when the bill has expired, when the day of "
        "the visit is over, or, after a visit, when the passport is handed over."
    )


def refuse_while_under_way(account: User, *, at: datetime) -> None:
    """Raises StillUnderWay: a bill may be paid, a visit is to come, a passport is being made."""
    own = Appointment.objects.filter(application__account=account)
    visited = ended_before(Retention.VISITS, at=at)
    waiting = Q(status=AppointmentStatus.AWAITING_PAYMENT)
    to_come = Q(status=AppointmentStatus.CONFIRMED, slot__ends_at__gt=at)
    in_the_works = Q(status=AppointmentStatus.CHECKED_IN, checked_in_at__gt=visited)
    over = Q(application__status__in=ENDED_AT_OFFICE)
    if own.filter(waiting | to_come | in_the_works & ~over).exists():
        raise StillUnderWay


def leave(account: User, *, by: trail.By, at: datetime) -> None:
    """Drafts go with the seats they hold, wishes with the seats they are offered; news stop.

    What was said of anybody's health, journey and friends is forgotten. Of paid applications the
    documents go, and the pictures of receipts.
    """
    Application.objects.filter(account=account).update(**NOTHING_SAID)
    Document.objects.filter(application__account=account).delete()
    Upload.objects.filter(application__account=account).delete()
    bills = Appointment.objects.filter(application__account=account, bill__isnull=False)
    ReceiptPicture.objects.filter(claim__bill__in=bills.values("bill")).delete()
    HandOver.objects.filter(application__account=account).update(name="", authority="", erased=True)
    drafts = Application.objects.filter(account=account, status=ApplicationStatus.DRAFT)
    discard_drafts(drafts, by=by, at=at)
    for wish in Wish.objects.filter(account=account, status=WishStatus.WAITING):
        withdraw_wish(wish=wish, by=by, at=at)
    Following.objects.filter(account=account).delete()
