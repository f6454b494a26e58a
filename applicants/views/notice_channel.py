"""How messages come to me."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.forms import NoticeChannelForm
from applicants.notice_channels import choose_channel, offered, ways
from applicants.requests import SignedInRequest
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel


@never_cache
@login_required
def choose(request: SignedInRequest) -> HttpResponse:
    account = request.user
    form = NoticeChannelForm(request.POST or None, account=account)
    if form.is_valid():
        channel, at = form.cleaned_data["channel"], clock.now()
        try:
            choose_channel(account=account, channel=channel, by=account, at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            said = _("Saved. This is how messages come to you now: %(channel)s.")
            messages.success(request, said % {"channel": Channel(channel).label})
            return redirect("account")
    context = {
        "form": form,
        "ways": ways(account),
        "offers_whatsapp": Channel.WHATSAPP in offered(),
    }
    return render(request, "applicants/notice_channel.html", context)
