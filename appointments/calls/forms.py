from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applicants.forms import RefusableForm
from appointments.calls import calling
from appointments.calls.models import Counter, QueueNumber
from payments.forms import DeedForm
from quota.enums import Service
from quota.models import Office


class CounterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A counter as the head of an office sets it up."""

    services = forms.MultipleChoiceField(
        label=_("Services"),
        help_text=_("Whose numbers are called here."),
        choices=Service,
        widget=forms.CheckboxSelectMultiple,
        initial=list(Service),
    )

    class Meta:
        model = Counter
        fields = ("office", "number", "name", "station", "services")


class CounterDeedForm(DeedForm):
    """What an officer does at a counter; `number` is what the page showed when it was pressed."""

    station = forms.CharField(max_length=12, required=False)

    deeds = {
        "open": lambda _form, counter, by, at: calling.open_counter(counter=counter, by=by, at=at),
        "close": lambda _form, counter, by, at: calling.close_counter(
            counter=counter, by=by, at=at
        ),
        "next": lambda _form, counter, by, at: calling.call_next_number(
            counter=counter, by=by, at=at
        ),
        "back": lambda form, counter, by, at: calling.call_set_aside(
            counter=counter, number=form.number, by=by, at=at
        ),
        "again": lambda form, counter, by, at: calling.call_again(
            counter=counter, number=form.number, by=by, at=at
        ),
        "absent": lambda form, counter, by, at: calling.set_aside(
            counter=counter, number=form.number, by=by, at=at
        ),
        "begin": lambda form, counter, by, at: calling.begin(
            counter=counter, number=form.number, by=by, at=at
        ),
        "send_on": lambda form, counter, by, at: calling.send_on(
            counter=counter,
            number=form.number,
            station=form.cleaned_data["station"],
            by=by,
            at=at,
        ),
        "finish": lambda form, counter, by, at: calling.finish(
            counter=counter, number=form.number, by=by, at=at
        ),
    }
    # Of which the number is asked for.
    ABOUT_A_NUMBER = ("back", "again", "absent", "begin", "send_on", "finish")

    def __init__(self, *args: Any, number: QueueNumber | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number

    def clean_deed(self) -> str:
        deed = super().clean_deed()
        if deed in self.ABOUT_A_NUMBER and self.number is None:
            raise forms.ValidationError(_("Press one of the buttons of the page."))
        return deed


class WalkInForm(RefusableForm):
    """At which office somebody without an appointment stands at the door."""

    office = forms.ModelChoiceField(
        label=_("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        empty_label=None,
        error_messages={"invalid_choice": _("This is not your office. Choose one from the list.")},
    )

    def __init__(self, *args: Any, offices: "QuerySet[Office]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offices
        if len(offices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = offices[0].code
