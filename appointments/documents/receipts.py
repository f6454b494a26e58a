"""“I have paid” with a picture of the receipt, which a treasurer looks at if the bank says no."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.documents import storing
from appointments.documents.models import ReceiptPicture
from appointments.documents.reading import Clean, cleaned
from appointments.notices import tell_receipt
from appointments.queries import members_of
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.claiming import claim_paid, close_claim
from payments.models import Bill, Claim


class NothingToShow(Refusal):
    code = "nothing-to-show"
    message = _("There is neither a number nor a picture of the receipt.")
    remedy = _("Type the NTPN that stands on the receipt, or choose a photo or PDF of it.")
    field = "ntpn"
    status = 422


class PicturesEnough(Refusal):
    code = "pictures-enough"
    message = _("For this bill you have sent %(number)s pictures already.")
    remedy = _("The treasurer looks at those. With the NTPN alone you can ask the bank again.")
    field = "file"
    status = 422


def claim_with_receipt(
    *,
    bill: Bill,
    ntpn: str,
    ntb: str = "",
    file: "UploadedFile[Any] | None" = None,
    by: trail.By,
    at: datetime,
) -> Claim:
    """As `claim_paid`, with what the workshop made of the picture.

    Raises NothingToShow, PicturesEnough, FileRefused, and what claim_paid raises.
    """
    said: dict[str, Any] = {"bill_code": bill.code, "ntpn": ntpn, "ntb": ntb}
    if file is None:
        if not ntpn.strip():
            raise NothingToShow
        return claim_paid(**said, by=by, at=at)
    _refuse_more(bill)
    with cleaned(file) as clean:
        name = storing.put(clean.path)
        try:
            return _claim(said, clean, name, by=by, at=at)
        except BaseException:
            storing.drop(name)
            raise


@transaction.atomic
def _claim(
    said: Mapping[str, Any], clean: Clean, name: str, *, by: trail.By, at: datetime
) -> Claim:
    claim = claim_paid(**said, has_picture=True, by=by, at=at)
    _refuse_more(claim.bill)  # again, now that the bill is locked
    ReceiptPicture.objects.filter(claim=claim).delete()
    ReceiptPicture.objects.create(
        claim=claim,
        media=clean.media,
        pages=clean.pages,
        length=clean.length,
        sha256=clean.sha256,
        file=name,
        uploaded_at=at,
    )
    return claim


def _refuse_more(bill: Bill) -> None:
    if ReceiptPicture.objects.filter(claim__bill=bill).count() >= settings.CLAIM_PICTURES:
        raise PicturesEnough(number=settings.CLAIM_PICTURES)


@transaction.atomic
def say_what_was_found(
    *, picture: ReceiptPicture, finding: str, by: AbstractBaseUser, at: datetime
) -> None:
    """The treasurer's words, on the page of the bill and in a notice.

    Raises LookedAtAlready, FindingMissing.
    """
    claim = close_claim(claim=picture.claim, finding=finding, by=by, at=at)
    for appointment in members_of(claim.bill)[:1]:
        tell_receipt(picture.code, claim.finding, appointment, at=at)
