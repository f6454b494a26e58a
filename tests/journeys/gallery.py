"""Every component on one page, for the browser's eye; the pages of the service beside it."""

import calendar
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils import timezone

from mpaspor.urls import urlpatterns as service

MONTH = date(2026, 12, 1)
STATES = ("free", "few", "full", "none", "free", "closed", "closed")


class Answers(forms.Form):
    name = forms.CharField(label="Full name", help_text="As on your identity card.")
    birth = forms.DateField(label="Birth date", widget=forms.SelectDateWidget)
    departure = forms.DateField(
        label="Departure", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    kind = forms.ChoiceField(
        label="Which passport?",
        widget=forms.RadioSelect,
        choices=[("new", "New\nYour first one."), ("replacement", "Replacement")],
    )
    needs = forms.MultipleChoiceField(
        label="Needs",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("chair", "Wheelchair"), ("child", "With a small child")],
    )
    office = forms.ChoiceField(label="Office", choices=[("", "–"), ("bali", "Denpasar")])
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label="All of this is true")


def weeks() -> list[list[SimpleNamespace]]:
    return [
        [
            SimpleNamespace(date=day, state=state, count=12, url=f"?day={day}" * (state[0] == "f"))
            for day, state in zip(week, STATES, strict=True)
        ]
        for week in calendar.Calendar().monthdatescalendar(MONTH.year, MONTH.month)
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Saved.")
    messages.error(request, "Not saved.")
    context: dict[str, Any] = {
        "form": Answers(request.POST or None),
        "month": MONTH,
        "weeks": weeks(),
        "chosen": date(2026, 12, 7),
        "until": timezone.now() + timedelta(minutes=12),
        "DEMO": True,
    }
    page = engines["django"].from_string(Path(__file__).with_suffix(".html").read_text())
    return HttpResponse(page.render(context, request))


urlpatterns = [path("gallery/", gallery), *service]
