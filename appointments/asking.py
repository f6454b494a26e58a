"""The questions of “What to bring”, as their page and their link hold them. All bound, by GET."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.forms import RefusableForm
from appointments.enums import Book, Circumstance, Need, ServiceClass
from appointments.requirements import Question

OLDEST = 120
NO_SUCH = _("There is no such answer. Choose one of these.")
ONE_OF = {"required": _("Choose one of these."), "invalid_choice": NO_SUCH}
# Whatever the case, people know whether they had a passport and what became of it.
HAD_PASSPORT = [
    (Need.NEW, _("No, this is the first one")),
    (Need.REPLACEMENT, _("Yes. It has expired, is about to, or is full")),
    (Need.LOST, _("Yes, but it is lost or stolen")),
    (Need.DAMAGED, _("Yes, but it is damaged")),
    (Need.CHANGED, _("Yes, but a name or other data have changed since")),
]


class QuestionForm(RefusableForm):
    kind = forms.ChoiceField(
        label=_("Has the person ever had an Indonesian passport?"),
        choices=HAD_PASSPORT,
        widget=forms.RadioSelect,
        error_messages=ONE_OF,
    )
    age = forms.IntegerField(
        label=_("How old is the person on the day of the visit?"),
        help_text=_("In whole years; 0 for a baby."),
        min_value=0,
        max_value=OLDEST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off"}),
        error_messages={
            "required": _("Type the age in years."),
            "invalid": _("Type the age as a number, for example 34."),
            "min_value": _("An age is 0 or more."),
            "max_value": _("An age is at most %(limit_value)s."),
        },
    )
    book = forms.ChoiceField(
        label=_("Which passport?"),
        choices=Book,
        widget=forms.RadioSelect,
        error_messages=ONE_OF,
    )
    service = forms.ChoiceField(
        label=_("How soon?"),
        choices=ServiceClass,
        widget=forms.RadioSelect,
        error_messages=ONE_OF,
    )
    circumstance = forms.MultipleChoiceField(
        label=_("Is one of these the case?"),
        required=False,
        choices=Circumstance,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": NO_SUCH},
    )

    def question(self) -> Question:
        return question_of(self.cleaned_data)


def question_of(answers: dict[str, Any]) -> Question:
    return Question(
        need=Need(answers["kind"]),
        age=answers["age"],
        book=Book(answers["book"]),
        service=ServiceClass(answers["service"]),
        circumstances=frozenset(map(Circumstance, answers["circumstance"])),
    )
