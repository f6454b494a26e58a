"""My contacts: adding, changing, confirming and removing one of my account."""

from functools import partial, wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants import changing_contacts
from applicants.codes import standing
from applicants.contacts import Contact
from applicants.enums import Purpose
from applicants.forms import CodeForm, OneContactForm
from applicants.queries import contacts_of
from applicants.requests import SignedInRequest
from applicants.views.resending import send_again
from applicants.views.stepping_up import View, fresh_code_to, proved_contact
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel

KINDS = {"email": Channel.EMAIL, "phone": Channel.SMS}


def of_my_contact(view: View) -> Any:
    """The view gets the channel that the address names."""

    @never_cache
    @login_required
    @wraps(view)
    def named(request: SignedInRequest, kind: str) -> HttpResponse:
        if kind not in KINDS:
            raise Http404
        return view(request, kind, KINDS[kind])

    return named


def the_other(request: SignedInRequest, _kind: str, channel: Channel) -> Contact:
    return changing_contacts.proof_needed(request.user, channel)


@of_my_contact
@fresh_code_to(the_other)
def change(request: SignedInRequest, kind: str, channel: Channel) -> HttpResponse:
    account, proof = request.user, proved_contact(request)
    form = OneContactForm(request.POST or None, channel=channel)
    if form.is_valid():
        contact, at = form.cleaned_data["contact"], clock.now()
        try:
            changing_contacts.want_contact(
                account=account, contact=contact, proof=proof, by=account, at=at
            )
        except Refusal as no:
            form.refuse(no)
        else:
            return redirect("contact_code", kind)
    line = next(line for line in contacts_of(account) if line.channel == channel)
    return render(request, "applicants/contact_change.html", {"form": form, "line": line})


@of_my_contact
def confirm(request: SignedInRequest, kind: str, channel: Channel) -> HttpResponse:
    account, form = request.user, CodeForm(request.POST or None)
    contact = changing_contacts.wanted_contact(account, channel)
    if form.is_valid():
        typed, at = form.cleaned_data["code"], clock.now()
        try:
            changing_contacts.confirm_wanted(
                account=account, channel=channel, typed=typed, by=account, at=at
            )
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, _("%(contact)s is confirmed now.") % {"contact": contact})
            return redirect("account")
    sent = standing(to=contact, purpose=Purpose.ADD, at=clock.now())
    facts = {"kind": kind, "contact": contact, "sent": sent}
    return render(request, "applicants/contact_code.html", {"form": form, **facts})


@require_POST
@of_my_contact
def resend(request: SignedInRequest, kind: str, channel: Channel) -> HttpResponse:
    account = request.user
    contact = changing_contacts.wanted_contact(account, channel)
    send = partial(
        changing_contacts.send_wanted_code,
        account=account,
        contact=contact,
        by=account,
        at=clock.now(),
    )
    send_again(request, send)
    return redirect("contact_code", kind)


@require_POST
@of_my_contact
def forget(request: SignedInRequest, kind: str, channel: Channel) -> HttpResponse:
    account = request.user
    changing_contacts.forget_wanted(account=account, channel=channel, by=account, at=clock.now())
    return redirect("account")


@of_my_contact
@fresh_code_to(the_other)
def remove(request: SignedInRequest, kind: str, channel: Channel) -> HttpResponse:
    account, proof = request.user, proved_contact(request)
    line = next(line for line in contacts_of(account) if line.channel == channel)
    if not line.removable:
        return redirect("account")
    if request.method == "POST":
        changing_contacts.remove_contact(
            account=account, channel=channel, proof=proof, by=account, at=clock.now()
        )
        messages.success(request, _("%(contact)s is removed.") % {"contact": line.contact})
        return redirect("account")
    return render(request, "applicants/contact_remove.html", {"line": line, "stays": proof})
