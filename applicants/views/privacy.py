"""What is known about people here, in plain words, and what they can ask for."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.access import consent_for, privacy_request_for
from applicants.consents import NEWEST, text_of, withdraw_consent
from applicants.enums import ConsentKind, PrivacyKind, PrivacyStatus
from applicants.erasing import refuse_unless_closable
from applicants.exporting import export_json, export_pdf
from applicants.forms import CorrectionForm, ErasureForm
from applicants.personal_data import looks_at
from applicants.privacy_requests import ask, take_back
from applicants.requests import SignedInRequest
from applicants.retention import DELETED, payment_years, rules_in_force
from applicants.views.stepping_up import fresh_code_required
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

FORMATS = {
    "json": (export_json, "application/json"),
    "pdf": (export_pdf, "application/pdf"),
}
NEWEST_LOOKS = 5


def public(request: HttpRequest) -> HttpResponse:
    """For everybody, signed in or not."""
    at = clock.now()
    context = {
        "rules": [rule for rule in rules_in_force(at=at) if rule.kind in DELETED],
        "payment_years": payment_years(at=at),
        "hours": settings.PRIVACY_ANSWER_HOURS,
    }
    return render(request, "applicants/privacy.html", context)


@never_cache
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    at, account = clock.now(), request.user
    looks = looks_at(account)
    context = {
        "requests": account.privacy_requests.order_by("-asked_at"),
        "at": at,
        "open": PrivacyStatus.OPEN,
        "consents": account.consents.select_related("person").order_by("-given_at"),
        "looks": looks[:NEWEST_LOOKS],
        "looks_in_all": len(looks),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "applicants/my_data.html", context)


@never_cache
@login_required
def looks(request: SignedInRequest) -> HttpResponse:
    context = {"looks": looks_at(request.user), "zone": settings.TIME_ZONE}
    return render(request, "applicants/looks.html", context)


@fresh_code_required
def export(request: SignedInRequest) -> HttpResponse:
    """Asks for the format, then hands the file out: made in memory, kept nowhere."""
    if request.method != "POST":
        return render(request, "applicants/export.html")
    form = request.POST.get("format", "")
    if form not in FORMATS:
        errors = [_("Choose one of the two files.")]
        return render(request, "applicants/export.html", {"errors": errors})
    make, kind = FORMATS[form]
    content = make(account=request.user, by=request.user, at=clock.now())
    name = f'attachment; filename="m-paspor-{request.user.code}.{form}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": name})


@never_cache
@login_required
def correction(request: SignedInRequest) -> HttpResponse:
    form = CorrectionForm(request.POST or None)
    if form.is_valid() and _asked(request, form, PrivacyKind.CORRECTION):
        return redirect("my_data")
    return render(request, "applicants/ask_correction.html", {"form": form})


@fresh_code_required
def erasure(request: SignedInRequest) -> HttpResponse:
    """Says first what would stand in the way, and what is kept even so."""
    form = ErasureForm(request.POST or None)
    if form.is_valid() and _asked(request, form, PrivacyKind.ERASURE):
        return redirect("my_data")
    obstacle = None
    try:
        refuse_unless_closable(request.user, at=clock.now())
    except Refusal as no:
        obstacle = no
    years = payment_years(at=clock.now())
    context = {"form": form, "obstacle": obstacle, "payment_years": years}
    return render(request, "applicants/ask_erasure.html", context)


@require_POST
@login_required
def request_take_back(request: SignedInRequest, code: str) -> HttpResponse:
    asked = privacy_request_for(request.user, code)
    try:
        take_back(request=asked, by=request.user, at=clock.now())
    except Refusal as no:
        messages.warning(request, str(no))
    else:
        messages.success(request, _("Your request is taken back."))
    return redirect("my_data")


@login_required
def consent_withdraw(request: SignedInRequest, kind: str, code: str) -> HttpResponse:
    """Asks first, and says what it means."""
    consent = consent_for(request.user, kind, code)
    if request.method == "POST":
        withdraw_consent(consent=consent, by=request.user, at=clock.now())
        messages.success(request, _("You do not agree any more, from now on."))
        return redirect("my_data")
    return render(request, "applicants/consent_withdraw.html", {"consent": consent})


def _asked(request: SignedInRequest, form: CorrectionForm | ErasureForm, kind: PrivacyKind) -> bool:
    words, user = form.cleaned_data["words"], request.user
    try:
        ask(account=user, kind=kind, words=words, by=user, at=clock.now())
    except Refusal as no:
        form.refuse(no)
        return False
    messages.success(request, _("We have your request. Below you see until when we answer."))
    return True


def consent_text(request: HttpRequest, kind: str, version: int | None = None) -> HttpResponse:
    """The newest text of a kind of consent, or an older one: what was agreed to stays readable."""
    if kind not in NEWEST:
        raise Http404
    newest = NEWEST[ConsentKind(kind)]
    number = newest if version is None else version
    if not 1 <= number <= newest:
        raise Http404
    context = {
        "kind": ConsentKind(kind),
        "version": number,
        "text": text_of(kind=ConsentKind(kind), version=number, language=get_language() or "id"),
    }
    return render(request, "applicants/consent_text.html", context)
