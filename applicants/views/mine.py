from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from applicants.notice_channels import reach
from applicants.queries import contacts_of, has_second_factor
from applicants.requests import SignedInRequest


@never_cache
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    context = {
        "contacts": contacts_of(request.user),
        "reached": reach(request.user),
        "has_second_factor": has_second_factor(request.user),
    }
    return render(request, "applicants/account.html", context)
