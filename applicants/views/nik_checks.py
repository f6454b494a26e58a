from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from applicants.forms import NikForm, typed_nik
from applicants.nik_parts import parts_of
from applicants.persons import today
from applicants.verdicts import in_words, judge
from mpaspor.core import clock


@never_cache
@sensitive_post_parameters("nik")
def check(request: HttpRequest) -> HttpResponse:
    """Explains any NIK, to anybody. It is posted, and kept nowhere."""
    at = clock.now()
    form = NikForm(request.POST or None, at=at)
    verdict = judge(typed_nik(form), today=today(at))
    context = {"form": form, "verdict": verdict, "parts": parts_of(verdict, today=today(at))}
    if form.is_valid():
        context["words"] = in_words(form.cleaned_data["nik"], today=today(at))
    return render(request, "applicants/nik_check.html", context)
