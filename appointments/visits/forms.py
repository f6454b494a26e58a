from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.forms import ReadField, RefusableForm
from applicants.persons import possible_birth_date


class SquareForm(forms.Form):
    """What a letter's square holds. Its name is that of the field for everybody (`LetterForm`)."""

    code = forms.CharField(
        label=_("Square on the letter"),
        help_text=_("Scan it, or paste the address in it."),
        max_length=500,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class TrackForm(RefusableForm):
    """What somebody without an account knows of an application."""

    code = forms.RegexField(
        regex=r"\w",
        label=_("Code of the appointment or the application"),
        help_text=_("Ten letters and digits, as on the letter. Small letters and gaps are fine."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Type the code that stands on the letter."),
            "invalid": _("Type the code that stands on the letter."),
        },
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth_date"] = ReadField(
            read=partial(possible_birth_date, at=at),
            label=_("Date of birth of the person the passport is for"),
            help_text=_("Day, month and year, for example 31/12/1990."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "size": 22}),
        )
