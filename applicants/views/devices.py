from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.devices import devices_of, sign_out_device, sign_out_others
from applicants.requests import SignedInRequest
from mpaspor.core import clock


@never_cache
@login_required
def devices(request: SignedInRequest) -> HttpResponse:
    found = devices_of(request.user, this=request.session.session_key, at=clock.now())
    return render(request, "applicants/devices.html", {"devices": found})


@require_POST
@login_required
def sign_out(request: SignedInRequest) -> HttpResponse:
    """One device by its `code`, or without one all but this."""
    user, at = request.user, clock.now()
    if code := request.POST.get("code"):
        sign_out_device(account=user, code=code, by=user, at=at)
        messages.success(request, _("That device is signed out."))
    else:
        sign_out_others(account=user, this=request.session.session_key, by=user, at=at)
        messages.success(request, _("All other devices are signed out."))
    return redirect("account_devices")
