import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from payments import cases, deciding
from payments.codes import bills_with
from payments.desk import ALL, PROPOSED
from payments.enums import CaseKind, CaseStatus
from payments.inquiring import inquire_now
from payments.models import Incident, Tariff

GROUPED = re.compile(r"(?:rp\.?)?\s*(\d+|\d{1,3}(?:[., ]\d{3})+)", re.IGNORECASE)


class RupiahField(forms.IntegerField):
    """Whole Rupiah as people write them: 650000, 650.000, Rp 650.000."""

    default_error_messages = {"invalid": _("Write whole Rupiah, like 650.000.")}
    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return super().to_python(value)
        written = GROUPED.fullmatch(str(value).strip())
        if written is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(re.sub(r"[., ]", "", written[1]))


class TariffForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Tariff
        fields = ("code", "name", "amount", "in_force_from", "in_force_until")
        field_classes = {"amount": RupiahField}

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        first, last = facts.get("in_force_from"), facts.get("in_force_until")
        if first and last and last < first:
            self.add_error("in_force_until", _("The last day must not be before the first day."))
        return facts


class DeedForm(forms.Form):
    """What a button does; a refusal is shown at the field it names, over what was typed."""

    deeds: "dict[str, Callable[[Any, Any, AbstractBaseUser, datetime], object]]"
    refusal: Refusal | None = None

    deed = forms.CharField(max_length=10, widget=forms.HiddenInput)

    def clean_deed(self) -> str:
        deed: str = self.cleaned_data["deed"]
        if deed not in self.deeds:
            raise forms.ValidationError(_("Press one of the buttons of the page."))
        return deed

    def carried_out(self, about: Any, *, by: AbstractBaseUser, at: datetime) -> bool:
        try:
            self.deeds[self.cleaned_data["deed"]](self, about, by, at)
        except Refusal as no:
            self.refusal = no
            self.add_error(no.field if no.field in self.fields else None, str(no))
            return False
        return True

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        if self.refusal:
            return self.refusal.status
        return 422 if self.errors else 200


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), help_text=_("In a few words."), max_length=200, required=False
    )


class CaseForm(DeedForm):
    bill = forms.CharField(
        label=_("Bill that the money is for"),
        help_text=_("Its code, or its billing code of 15 digits."),
        max_length=20,
        required=False,
    )
    reference = forms.CharField(
        label=_("Reference of the transfer"),
        help_text=_("From the order of payment."),
        max_length=40,
        required=False,
    )
    reason = reason_field()

    deeds = {
        "inquire": lambda _form, case, by, at: inquire_now(
            bill_code=case.payment.bill.code if case.payment.bill else "", by=by, at=at
        ),
        "refund": lambda _form, case, by, at: cases.propose_refund(
            case_code=case.code, by=by, at=at
        ),
        "match": lambda form, case, by, at: cases.match_by_hand(
            ntpn=case.payment.ntpn, bill_code=form.bill_code(), by=by, at=at
        ),
        "approve": lambda _form, case, by, at: cases.approve(case_code=case.code, by=by, at=at),
        "send": lambda form, case, by, at: cases.mark_sent(
            case_code=case.code, reference=form.cleaned_data["reference"], by=by, at=at
        ),
        "close": lambda form, case, by, at: cases.close(
            case_code=case.code, reason=form.cleaned_data["reason"], by=by, at=at
        ),
    }

    def bill_code(self) -> str:
        """The bill's own code, also when its billing code was typed."""
        typed = typed_code(self.cleaned_data["bill"])
        bill = bills_with(typed).first()
        return bill.code if bill else typed


class BillForm(DeedForm):
    reason = reason_field()

    deeds = {
        "inquire": lambda _form, bill, by, at: inquire_now(bill_code=bill.code, by=by, at=at),
        "keep": lambda _form, bill, by, at: deciding.keep_asking(bill_code=bill.code, by=by, at=at),
        "expire": lambda form, bill, by, at: deciding.expire_by_hand(
            bill_code=bill.code, reason=form.cleaned_data["reason"], by=by, at=at
        ),
    }


class CasesForm(forms.Form):
    """Which cases the desk lists."""

    q = forms.CharField(label=_("NTPN or code"), max_length=40, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("All")), *CaseKind.choices], required=False
    )
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("Not closed")),
            (CaseStatus.OPEN, CaseStatus.OPEN.label),
            (PROPOSED, _("Waiting for a second person")),
            *CaseStatus.choices[1:],
            (ALL, _("All")),
        ],
        required=False,
    )


class IncidentForm(forms.ModelForm):  # type: ignore[type-arg]
    over = forms.BooleanField(
        label=_("It is over"),
        help_text=_("The clocks run again, and the time that was lost is given back to everybody."),
        required=False,
    )

    class Meta:
        model = Incident
        fields = ("what", "reason")

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        if Incident.objects.filter(what=what, ended_at=None).exists():
            raise forms.ValidationError(_("An outage of this kind is open already."))
        return what
