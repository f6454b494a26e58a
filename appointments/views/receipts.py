"""Pictures of receipts that treasurers look at, because the bank knew no such payment."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.counter import look
from appointments.documents.access import picture_at, pictures
from appointments.forms import FindingForm
from appointments.history import events_about
from appointments.queries import members_of
from appointments.views.money import LINES, for_money, is_done, show
from mpaspor.core import clock
from payments.claiming import claims_to_look_at


@for_money
def receipts_page(request: SignedInRequest) -> HttpResponse:
    waiting = pictures().filter(claim__in=claims_to_look_at().values("pk"))
    page = Paginator(waiting.order_by("claim__look_by", "pk"), LINES)
    return show(
        request,
        "receipts",
        _("Receipts to look at"),
        page=page.get_page(request.GET.get("page")),
        at=clock.now(),
    )


@for_money
def receipt_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Whoever opens it sees whose money it is, and leaves a line with them."""
    picture = picture_at(request.user, code)
    form = FindingForm(request.POST or None)
    if is_done(request, form, picture):
        return redirect("admin:money_receipt_picture", picture.code)
    picture = picture_at(request.user, code)
    bill = picture.claim.bill
    members = members_of(bill)
    look(members, by=request.user, at=clock.now(), through="page")
    return show(
        request,
        "receipt",
        _("Receipt for the bill %(code)s") % {"code": bill},
        status=form.status,
        picture=picture,
        claim=picture.claim,
        waits=claims_to_look_at().filter(pk=picture.claim_id).exists(),
        bill=bill,
        form=form,
        members=members,
        events=events_about([f"bill:{bill.code}"]),
    )
