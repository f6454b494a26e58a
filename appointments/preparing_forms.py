"""The forms of the journey and of whom to call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.forms import KeepingForm, ReadField
from applicants.names import clean_name
from appointments.details import EmergencyContact, Journey
from appointments.enums import Tie, TravelPurpose
from appointments.forms import near_date
from appointments.models import Application
from appointments.preparing import read_number

ONE_OF = {
    "required": _("Choose one of these."),
    "invalid_choice": _("There is no such answer. Choose one of these."),
}


class JourneyForm(KeepingForm):
    purpose = forms.ChoiceField(
        label=_("What is the passport for?"),
        choices=TravelPurpose,
        widget=forms.RadioSelect,
        error_messages=ONE_OF,
    )
    departure = near_date(
        _("Day of departure"),
        help_text=_("If you know it: then we say by when a visit is safe."),
        required=False,
    )

    def journey(self) -> Journey:
        said = self.cleaned_data
        return Journey(TravelPurpose(said["purpose"]), said["departure"])


class ContactForm(KeepingForm):
    contact_name = ReadField(
        read=clean_name,
        label=_("Name of the person to be called"),
        help_text=_("Somebody who does not travel with you."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_relation = forms.ChoiceField(
        label=_("What is this person to the one the passport is for?"),
        choices=Tie,
        widget=forms.RadioSelect,
        error_messages=ONE_OF,
    )
    contact_phone = ReadField(
        read=read_number,
        label=_("Phone number to be called"),
        help_text=_("For example 0812-3456-7890 or 021-345-6789."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel", "size": 22}),
    )

    def contact(self) -> EmergencyContact:
        said = self.cleaned_data
        relation = Tie(said["contact_relation"])
        return EmergencyContact(said["contact_name"], relation, said["contact_phone"])


def said_of_journey(application: Application) -> dict[str, Any]:
    """As the form has it."""
    journey = application.journey
    return vars(journey) if journey else {}


def said_of_contact(application: Application) -> dict[str, Any]:
    contact = application.contact
    if contact is None:
        return {}
    return {
        "contact_name": contact.name,
        "contact_relation": contact.relation,
        "contact_phone": contact.spoken_phone,
    }
