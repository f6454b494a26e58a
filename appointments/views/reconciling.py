"""Our books against the gateway's files, day by day."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.money_files import differences_sheet
from appointments.views.money import LINES, csv_file, for_money, is_done, show, xlsx_file
from mpaspor.core.templatetags import words
from payments.reconciliation.enums import RunStatus
from payments.reconciliation.forms import ClearForm, DayForm
from payments.reconciliation.queries import all_differences, differences_of, open_differences, runs

UNDER_WAY = (RunStatus.WAITING, RunStatus.READING)


@for_money
def days_page(request: SignedInRequest) -> HttpResponse:
    """While a file is read the page looks again by itself."""
    form = DayForm(request.POST or None)
    if is_done(request, form, None):
        return redirect("admin:reconciliations")
    page = Paginator(runs(), LINES).get_page(request.GET.get("page"))
    return show(
        request,
        "days",
        _("Reconciliation"),
        status=form.status,
        form=form,
        page=page,
        is_reading=any(run.status in UNDER_WAY for run in page),
    )


@for_money
def day_page(request: SignedInRequest, day: date) -> HttpResponse:
    run = get_object_or_404(runs(), day=day)
    page = Paginator(differences_of(day), LINES).get_page(request.GET.get("page"))
    return show(
        request,
        "day",
        words.day(day),
        run=run,
        page=page,
        is_reading=run.status in UNDER_WAY,
    )


@for_money
def day_file(request: SignedInRequest, day: date) -> HttpResponse:
    run = get_object_or_404(runs(), day=day)
    return csv_file(request, differences_sheet(differences_of(run.day), day=run.day))


@for_money
def day_workbook(request: SignedInRequest, day: date) -> HttpResponse:
    run = get_object_or_404(runs(), day=day)
    return xlsx_file(request, differences_sheet(differences_of(run.day), day=run.day))


@for_money
def differences_page(request: SignedInRequest) -> HttpResponse:
    page = Paginator(open_differences(), LINES).get_page(request.GET.get("page"))
    return show(request, "differences", _("Open differences"), page=page)


@for_money
def difference_page(request: SignedInRequest, pk: int) -> HttpResponse:
    difference = get_object_or_404(all_differences(), pk=pk)
    form = ClearForm(request.POST or None)
    if is_done(request, form, difference):
        return redirect("admin:reconciliation", difference.day)
    difference.refresh_from_db()
    return show(
        request,
        "difference",
        difference.get_kind_display(),
        status=form.status,
        difference=difference,
        form=form,
    )
