"""The treasurer's desk in the admin: money that a person has to look after."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.counter import look
from appointments.history import events_about
from appointments.money_files import Sheet, cases_sheet, note_export
from appointments.queries import bills_of_application, members_of
from appointments.receipts import receipt
from appointments.views.paying import pdf_file
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from payments.deciding import undecided
from payments.desk import all_cases, numbers, picked_cases, row_of
from payments.forms import BillForm, CaseForm, CasesForm, DeedForm
from payments.models import Bill
from payments.reconciliation.asking import BANKS
from quota.access import handles_money, reads_money

LINES = 50

Page = Callable[..., HttpResponse]


def for_money(page: Page) -> Page:
    """Behind the admin's own door: auditors read, treasurers decide."""

    @wraps(page)
    def guarded(request: SignedInRequest, **address: Any) -> HttpResponse:
        may = reads_money if request.method in ("GET", "HEAD") else handles_money
        if not may(request.user):
            raise PermissionDenied
        return page(request, **address)

    return guarded


def show(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    usual = {"title": title, "zone": str(BANKS), "may_act": handles_money(request.user)}
    context = admin.site.each_context(request) | usual | context
    return render(request, f"admin/money/{template}.html", context, status=status)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    return _taken(request, sheet, "csv", sheet.csv(), "text/csv; charset=utf-8")


def xlsx_file(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    return _taken(request, sheet, "xlsx", sheet.xlsx(), XLSX)


def _taken(
    request: SignedInRequest, sheet: Sheet, form: str, content: bytes, kind: str
) -> HttpResponse:
    note_export(sheet, form=form, by=request.user, at=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}.{form}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def is_done(request: SignedInRequest, form: DeedForm, about: Any) -> bool:
    """Whether a button was pressed and its deed is done; otherwise the form says why not."""
    if request.method != "POST" or not form.is_valid():
        return False
    if not form.carried_out(about, by=request.user, at=clock.now()):
        return False
    messages.success(request, _("Done."))
    return True


@for_money
def desk_page(request: SignedInRequest) -> HttpResponse:
    at = clock.now()
    form, cases = _wished(request)
    page = Paginator(cases, LINES).get_page(request.GET.get("page"))
    return show(
        request,
        "desk",
        _("Money desk"),
        numbers=numbers(at=at),
        form=form,
        page=page,
        rows=[row_of(case, at=at) for case in page],
        wish=_wish(request),
        at=at,
    )


@for_money
def cases_file(request: SignedInRequest) -> HttpResponse:
    """The cases that the desk lists, as a file."""
    _form, cases = _wished(request)
    return csv_file(request, cases_sheet(cases))


@for_money
def cases_workbook(request: SignedInRequest) -> HttpResponse:
    _form, cases = _wished(request)
    return xlsx_file(request, cases_sheet(cases))


def _wished(request: SignedInRequest) -> tuple[CasesForm, Any]:
    form = CasesForm(request.GET)
    form.is_valid()
    wish = form.cleaned_data
    words = wish.get("q", "")
    cases = picked_cases(
        kind=wish.get("kind", ""),
        status=wish.get("status", ""),
        words=words,
        bills=bills_of_application(words) if words else (),
    )
    return form, cases


def _wish(request: SignedInRequest) -> str:
    """The query of the address without the page."""
    wish = request.GET.copy()
    wish.pop("page", None)
    return wish.urlencode()


@for_money
def case_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Whoever opens it sees whose money it is, and leaves a line with them."""
    case = get_object_or_404(all_cases(), code=typed_code(code))
    form = CaseForm(request.POST or None)
    if is_done(request, form, case):
        return redirect("admin:money_case", case.code)
    case.refresh_from_db()
    at, bill = clock.now(), case.payment.bill
    members = members_of(bill)
    look(members, by=request.user, at=at, through="page")
    subjects = [f"case:{case.code}", f"payment:{case.payment.ntpn}"]
    return show(
        request,
        "case",
        _("Case %(code)s") % {"code": case.code},
        status=form.status,
        case=case,
        row=row_of(case, at=at),
        form=form,
        bill=bill,
        members=members,
        events=events_about([*subjects, f"bill:{bill.code}"] if bill else subjects),
        is_own_proposal=case.proposed_by_id == request.user.pk,
    )


@for_money
def undecided_page(request: SignedInRequest) -> HttpResponse:
    page = Paginator(undecided(), LINES).get_page(request.GET.get("page"))
    return show(request, "undecided", _("Bills without an answer"), page=page)


@for_money
def bill_page(request: SignedInRequest, code: str) -> HttpResponse:
    bill = get_object_or_404(Bill, code=typed_code(code))
    form = BillForm(request.POST or None)
    if is_done(request, form, bill):
        return redirect("admin:money_bill", bill.code)
    bill.refresh_from_db()
    members = members_of(bill)
    look(members, by=request.user, at=clock.now(), through="page")
    return show(
        request,
        "bill",
        _("Bill %(code)s") % {"code": bill},
        status=form.status,
        bill=bill,
        form=form,
        members=members,
        events=events_about([f"bill:{bill.code}"]),
    )


@for_money
def receipt_page(request: SignedInRequest, code: str) -> HttpResponse:
    bill = get_object_or_404(Bill, code=typed_code(code), paid_by__isnull=False)
    look(members_of(bill), by=request.user, at=clock.now(), through="page")
    return pdf_file(receipt(bill), f"m-paspor-{bill.code}")
