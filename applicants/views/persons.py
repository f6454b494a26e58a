from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from applicants.access import person_for
from applicants.forms import PersonForm
from applicants.persons import add_person, correct_person, refuse_if_full
from applicants.queries import known_elsewhere
from applicants.regions import region_name
from applicants.removing import remove_person
from applicants.requests import SignedInRequest
from applicants.verdicts import notes_on
from applicants.views.keeping import keeps_typed, with_kept
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

KNOWN_ELSEWHERE = _(
    "Another account knows this NIK, too. That is allowed. For each NIK there is one application "
    "at a time: if one is under way in the other account, go on there. You do not know which "
    "account that is? Ask with “Am I registered?” on the sign-in page."
)


@keeps_typed
@login_required
@sensitive_post_parameters("nik")
def add(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        refuse_if_full(request.user)
    at = clock.now()
    form = PersonForm(request.POST or None, account=request.user, at=at)
    if form.is_valid():
        try:
            person = add_person(account=request.user, **form.answers(), by=request.user, at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, _("The person is in your account now."))
            if known_elsewhere(person):
                messages.info(request, KNOWN_ELSEWHERE)
            for note in notes_on(form.cleaned_data["nik"]):
                messages.info(request, str(note))
            return _back(request)
    return render(request, "applicants/person.html", {"form": with_kept(request, form)})


@keeps_typed
@login_required
def edit(request: SignedInRequest, code: str) -> HttpResponse:
    person = person_for(request.user, code)
    at = clock.now()
    form = PersonForm(request.POST or None, account=request.user, at=at, person=person)
    if form.is_valid():
        try:
            correct_person(person=person, **form.answers(), by=request.user, at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, _("The changes are saved."))
            return _back(request)
    regency = region_name(person.identity.nik[:4])
    context = {"form": with_kept(request, form), "person": person, "regency": regency}
    return render(request, "applicants/person.html", context)


@login_required
def remove(request: SignedInRequest, code: str) -> HttpResponse:
    """Asks first; a person with an application is not taken out, and the page says why."""
    person = person_for(request.user, code)
    refusal = None
    if request.method == "POST":
        try:
            remove_person(person=person, by=request.user, at=clock.now())
        except Refusal as no:
            refusal = no
        else:
            messages.success(request, _("The person is not in your account any more."))
            return redirect("my_applications")
    context = {"person": person, "errors": [str(refusal)] if refusal else []}
    return render(request, "applicants/person_remove.html", context)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(get_next_redirect_url(request) or "my_applications")
