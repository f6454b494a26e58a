"""One row of a file as a form: the same fields, rules and words as on the page of that table."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from quota.enums import Service, Weekday
from quota.forms import PlanLineForm
from quota.models import Closure, SpecialDay

# As people in both languages write them; what a file is exported with comes first.
WEEKDAYS = {
    "monday": Weekday.MONDAY,
    "tuesday": Weekday.TUESDAY,
    "wednesday": Weekday.WEDNESDAY,
    "thursday": Weekday.THURSDAY,
    "friday": Weekday.FRIDAY,
    "saturday": Weekday.SATURDAY,
    "sunday": Weekday.SUNDAY,
    "senin": Weekday.MONDAY,
    "selasa": Weekday.TUESDAY,
    "rabu": Weekday.WEDNESDAY,
    "kamis": Weekday.THURSDAY,
    "jumat": Weekday.FRIDAY,
    "sabtu": Weekday.SATURDAY,
    "minggu": Weekday.SUNDAY,
}
WEEKDAY_NAMES = list(WEEKDAYS)[:7]


class WeekdayField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        """A name of the day, or the number that a stored row has."""
        if isinstance(value, int) or value in self.empty_values:
            return value
        day = WEEKDAYS.get(str(value).lower().replace("'", ""))
        if day is None:
            raise forms.ValidationError(_("This is no weekday. Write it like “monday” or “senin”."))
        return int(day)


def day_field() -> forms.DateField:
    return forms.DateField(
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"],
        error_messages={"invalid": _("This is not a day. Write it like 31/12/2026.")},
        validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2099, 12, 31))],
    )


def time_field() -> forms.TimeField:
    return forms.TimeField(
        input_formats=["%H:%M", "%H:%M:%S", "%H.%M"],
        error_messages={"invalid": _("This is not a time of day. Write it like 08:30.")},
    )


class ClosureRow(forms.ModelForm):  # type: ignore[type-arg]
    date = day_field()

    class Meta:
        model = Closure
        fields = ("date", "reason")


class SpecialDayRow(forms.ModelForm):  # type: ignore[type-arg]
    date = day_field()
    like = WeekdayField()

    class Meta:
        model = SpecialDay
        fields = ("date", "like", "reason")


class PlanLineRow(PlanLineForm):
    weekday = WeekdayField()
    starts = time_field()
    ends = time_field()
    service = forms.ChoiceField(
        choices=Service,
        error_messages={"invalid_choice": _("Write “regular” or “accelerated”.")},
    )
