from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from payments.forms import DeedForm, reason_field
from payments.reconciliation.asking import ask_reconciliation
from payments.reconciliation.clearing import clear_difference


class DayForm(DeedForm):
    day = forms.DateField(
        label=_("Banking day"),
        help_text=_("Yesterday or earlier."),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2099, 12, 31))],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("This is not a day. Write it like 2026-12-31.")},
    )

    deeds = {
        "read": lambda form, _about, by, at: ask_reconciliation(
            day=form.cleaned_data["day"], by=by, at=at
        )
    }


class ClearForm(DeedForm):
    reason = reason_field()

    deeds = {
        "clear": lambda form, difference, by, at: clear_difference(
            difference=difference, reason=form.cleaned_data["reason"], by=by, at=at
        )
    }
