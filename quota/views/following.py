"""Following an office: the button, the list, and the link in each message."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mpaspor.core import clock
from quota.access import acting
from quota.followers import following as deeds
from quota.followers.models import Following
from quota.followers.queries import followings_of, is_followed
from quota.forms import FollowForm
from quota.queries import offices


@never_cache
@login_required
def followed(request: HttpRequest) -> HttpResponse:
    context = {"followings": followings_of(request.user)}
    return render(request, "quota/followed.html", context)


@never_cache
@login_required
def follow(request: HttpRequest, code: str) -> HttpResponse:
    office = get_object_or_404(offices(), code=code)
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        deeds.follow(
            account=acting(request),
            office=office,
            remind=form.cleaned_data["remind"],
            by=acting(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved. We tell you of new dates of %s.") % office.name)
        return redirect("followed")
    if is_followed(office, request.user):
        return redirect("followed")
    return render(request, "quota/follow.html", {"form": form, "office": office})


@require_POST
@login_required
def unfollow(request: HttpRequest, code: str) -> HttpResponse:
    following = followings_of(request.user).filter(office__code=code).first()
    if following:
        deeds.unfollow(following=following, by=acting(request), at=clock.now())
        office = following.office.name
        messages.success(request, _("Stopped. We no longer tell you of new dates of %s.") % office)
    return redirect("followed")


@never_cache
def unfollow_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """From a message: nobody need sign in to be left in peace, and no mail scanner stops it."""
    following = _following(token)
    if following and request.method == "POST":
        deeds.unfollow(following=following, by="unfollow-link", at=clock.now())
        following = None
    return render(request, "quota/unfollow.html", {"following": following})


def _following(token: str) -> Following | None:
    try:
        return deeds.following_of(token)
    except BadSignature as torn:
        raise Http404 from torn
