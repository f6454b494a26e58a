"""The officers' site: who comes in and by which door, and the pages that belong to no table."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, register_converter, reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from applicants import proofs
from appointments.views import money, receipts, reconciling
from appointments.views.calling import (
    counter_page,
    counters_page,
    number_slip_page,
    walk_in_page,
)
from appointments.views.checking import letter_check_page, letter_check_worker
from appointments.views.correcting import correct_page
from appointments.views.deciding import document_decide_page
from appointments.views.moving import give_day_page
from appointments.views.officers import second_factor_page
from appointments.views.processing import passport_page
from appointments.views.receiving import check_in_page, roster_page
from appointments.views.reseating import reseat_page, reseating_page
from quota.access import serves
from quota.converters import DayConverter

register_converter(DayConverter, "banking_day")

View = Callable[..., HttpResponseBase]


def with_odd_lookups_left_out(view: View) -> View:
    """A list asked for by what PostgreSQL or the calendar does not know (`at__year=0`) is shown
    whole, as Django does with lookups that it finds wrong by itself."""

    @wraps(view)
    def shown(request: HttpRequest, *places: Any, **named: Any) -> HttpResponseBase:
        if request.method != "GET" or not any("__" in name for name in request.GET):
            return view(request, *places, **named)
        try:
            with transaction.atomic():
                return view(request, *places, **named)
        except (DataError, OverflowError, ValueError):
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    return shown


class OfficersSite(UnfoldAdminSite):
    index_title = _("Today")

    def has_permission(self, request: HttpRequest) -> bool:
        """Officers, in a session that has shown the second factor."""
        return serves(request.user) and proofs.has_passed(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one way to sign in, with its own limits on guessing: that of everybody.

        An officer who came in by the password alone is led to the second step, and from there to
        setting it up where there is none.
        """
        onward = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated or self.has_permission(request):
            return redirect_to_login(onward)
        if not serves(request.user):
            raise PermissionDenied
        return redirect_to_login(onward, reverse("account_second_step"))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        guarded: View = super().admin_view(with_odd_lookups_left_out(view), cacheable)
        return guarded

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Looks for names of tables only: the sidebar has them all."""
        raise Http404

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("roster/", self.admin_view(roster_page), name="roster"),
            path(
                "documents/<slug:code>/",
                self.admin_view(document_decide_page),
                name="document_decide",
            ),
            path("appointments/<slug:code>/move/", self.admin_view(give_day_page), name="give_day"),
            path("sessions/<slug:code>/empty/", self.admin_view(reseat_page), name="reseat"),
            path("moved/<slug:code>/", self.admin_view(reseating_page), name="reseating"),
            path(
                "passports/<slug:code>/",
                self.admin_view(passport_page),
                name="passport_decide",
            ),
            path(
                "appointments/<slug:code>/correct/", self.admin_view(correct_page), name="correct"
            ),
            path("check-in/", self.admin_view(check_in_page), name="check_in"),
            path("letter-check/", self.admin_view(letter_check_page), name="letter_check"),
            path(
                "letter-check/worker.js",
                self.admin_view(letter_check_worker),
                name="letter_check_worker",
            ),
            path("walk-in/", self.admin_view(walk_in_page), name="walk_in"),
            path("counters/", self.admin_view(counters_page), name="counters"),
            path("counters/<int:pk>/", self.admin_view(counter_page), name="counter"),
            path("numbers/<int:pk>/", self.admin_view(number_slip_page), name="number_slip"),
            path(
                "second-factor/<slug:code>/",
                self.admin_view(second_factor_page),
                name="second_factor_reset",
            ),
            *self.money_urls(),
        ]

    def money_urls(self) -> list[URLPattern]:
        pages = [
            ("money/", money.desk_page, "money"),
            ("money/cases.csv", money.cases_file, "money_cases_file"),
            ("money/cases.xlsx", money.cases_workbook, "money_cases_workbook"),
            ("money/cases/<slug:code>/", money.case_page, "money_case"),
            ("money/receipts/", receipts.receipts_page, "money_receipts"),
            ("money/receipts/<slug:code>/", receipts.receipt_page, "money_receipt_picture"),
            ("money/undecided/", money.undecided_page, "money_undecided"),
            ("money/bills/<slug:code>/", money.bill_page, "money_bill"),
            ("money/bills/<slug:code>/receipt/", money.receipt_page, "money_receipt"),
            ("reconciliation/", reconciling.days_page, "reconciliations"),
            ("reconciliation/<banking_day:day>/", reconciling.day_page, "reconciliation"),
            ("reconciliation/<banking_day:day>.csv", reconciling.day_file, "reconciliation_file"),
            (
                "reconciliation/<banking_day:day>.xlsx",
                reconciling.day_workbook,
                "reconciliation_workbook",
            ),
            ("reconciliation/differences/", reconciling.differences_page, "differences"),
            ("reconciliation/differences/<int:pk>/", reconciling.difference_page, "difference"),
        ]
        return [path(address, self.admin_view(page), name=name) for address, page, name in pages]
