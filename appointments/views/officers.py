"""Pages about the accounts of officers, for the centre."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.queries import second_factors_of
from applicants.requests import SignedInRequest
from applicants.second_factor import reset_factors
from appointments.access import account_to_reset
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


def second_factor_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Resets the second step of somebody who lost phone and recovery codes."""
    account = account_to_reset(request.user, code)
    errors = []
    if request.method == "POST":
        try:
            reset_factors(account=account, by=request.user, at=clock.now())
        except Refusal as no:
            errors = [str(no)]
        else:
            said = _(
                "The second step of %(name)s is reset. Every session of the account has ended."
            )
            messages.success(request, said % {"name": account})
            return redirect("admin:second_factor_reset", account.code)
    context = admin.site.each_context(request) | {
        "title": _("Second step"),
        "account": account,
        "factors": second_factors_of(account),
        "errors": errors,
    }
    return render(request, "admin/second_factor.html", context)
