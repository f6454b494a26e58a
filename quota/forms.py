from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import typed_code
from quota.capacity import change_capacity
from quota.closing import close_day, close_session, reopen_session
from quota.enums import Service
from quota.followers.models import Following
from quota.models import Officer, PlanLine, Release, Slot
from quota.months import month_named
from quota.planning import seats_for
from quota.queries import offices
from quota.release import (
    PlanElsewhere,
    move_opening,
    review_release,
    schedule_release,
    withdraw_release,
)
from quota.seats import PartyTooLarge
from quota.waiting_room.pausing import pause_room, resume_room

DISTANCES = (50, 100, 200, 500)


class OfficeSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name of the office, city or province"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class ServiceForm(forms.Form):
    service = forms.ChoiceField(
        label=_("Service"),
        help_text=_(
            "Priority is for elderly people, small children, people with a disability and pregnant "
            "women. It costs nothing more."
        ),
        choices=Service,
        error_messages={"invalid_choice": _("There is no such service. Choose one of the list.")},
    )


class AvailabilityForm(ServiceForm):
    office = forms.ModelChoiceField(
        label=_("Office"),
        queryset=offices(),
        to_field_name="code",
        empty_label=_("Choose an office"),
        error_messages={
            "required": _("Choose an office."),
            "invalid_choice": _("There is no such office. Choose one of the list."),
        },
    )
    month = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("office", "service")

    def clean_month(self) -> str:
        month: str = self.cleaned_data["month"]
        if month and month_named(month) is None:
            raise forms.ValidationError(
                _("“%(month)s” is no month. Choose one in the calendar."),
                params={"month": month[:10]},
            )
        return month


class SearchForm(ServiceForm):
    """The earliest seat over all offices. All but the service may be left open."""

    near = forms.ModelChoiceField(
        label=_("Near"),
        required=False,
        queryset=offices().exclude(latitude=None),
        to_field_name="code",
        empty_label=_("Anywhere in the country"),
        error_messages={"invalid_choice": _("There is no such office. Choose one of the list.")},
    )
    within_km = forms.TypedChoiceField(
        label=_("How far"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Any distance")), *((km, f"{km} km") for km in DISTANCES)],
        error_messages={"invalid_choice": _("Choose one of the distances.")},
    )
    travel = forms.DateField(
        label=_("When do you travel?"),
        required=False,
        help_text=_("If you know it: then we show what is in time, with days to spare."),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        error_messages={"invalid": _("This is not a day. Write it like 31/12/2026.")},
        validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2099, 12, 31))],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    party = forms.IntegerField(
        label=_("How many people together?"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 3, "autocomplete": "off"}),
        error_messages={
            "invalid": _("Type a whole number."),
            "min_value": _("Type at least 1."),
        },
    )
    field_order = ("near", "within_km", "travel", "party", "service")

    def __init__(self, asked: dict[str, str], *, today: date) -> None:
        super().__init__({"service": Service.REGULAR, **asked})
        self.today = today

    def clean_travel(self) -> date | None:
        travel: date | None = self.cleaned_data["travel"]
        if travel and travel <= self.today:
            raise forms.ValidationError(_("This day is not in the future. Choose a later one."))
        return travel

    def clean_party(self) -> int:
        party: int = self.cleaned_data["party"] or 1
        if party > settings.PARTY_LIMIT:
            raise forms.ValidationError(str(PartyTooLarge(limit=settings.PARTY_LIMIT)))
        return party

    def clean(self) -> dict[str, Any]:
        wish: dict[str, Any] = super().clean() or self.cleaned_data
        if wish.get("within_km") and not wish.get("near") and "near" not in self.errors:
            self.add_error("near", _("Choose the place from which the distance counts."))
        return wish


class FollowForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Following
        fields = ("remind",)


class PlanLineForm(forms.ModelForm):  # type: ignore[type-arg]
    """Seats may be left to what the counters can serve."""

    class Meta:
        model = PlanLine
        fields = ("weekday", "starts", "ends", "service", "counters", "minutes", "seats")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seats"].required = False
        for name in ("starts", "ends"):
            self.fields[name].widget.format = "%H:%M"

    def clean(self) -> dict[str, Any]:
        line: dict[str, Any] = super().clean() or self.cleaned_data
        can = self._can_serve(line)
        if line.get("seats") is None and "seats" not in self.errors:
            if not can:
                self.add_error("seats", _("Type the seats, or counters and minutes a person."))
            line["seats"] = can
        elif can is not None and line.get("seats", 0) > can:
            said = _("%(counters)s counters serve %(can)s people in this time.")
            facts = {"counters": line["counters"], "can": can}
            self.add_error("seats", forms.ValidationError(said, params=facts))
        return line

    def _can_serve(self, line: dict[str, Any]) -> int | None:
        known = {name: line.get(name) for name in ("counters", "minutes", "starts", "ends")}
        if None in known.values() or line["ends"] <= line["starts"]:
            return None
        return seats_for(**{name: line[name] for name in known})


class TicketForm(forms.Form):
    ticket = forms.CharField(
        label=_("Number of the ticket"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"size": 14, "autocomplete": "off", "autocapitalize": "characters"}
        ),
        error_messages={"required": _("Type the number that stands on the waiting page.")},
    )

    def clean_ticket(self) -> str:
        code = typed_code(self.cleaned_data["ticket"])
        if not code:
            raise forms.ValidationError(_("Type the number that stands on the waiting page."))
        return code


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Release
        fields = ("office", "plan", "first_day", "last_day", "publish_at")
        help_texts = {"publish_at": _("In the time of the office.")}

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        office, plan = facts.get("office"), facts.get("plan")
        if office and plan and plan.office_id != office.pk:
            self.add_error("plan", str(PlanElsewhere()))
        return facts


class Decision(models.TextChoices):
    REVIEW = "review", _("Agree")
    SCHEDULE = "schedule", _("Announce")
    MOVE = "move", _("Open later")
    WITHDRAW = "withdraw", _("Withdraw")
    PAUSE = "pause", _("Pause the waiting room")
    RESUME = "resume", _("Let the waiting room go on")


class DecisionForm(forms.Form):
    """What becomes of a release."""

    decision = forms.ChoiceField(choices=Decision, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("It is kept with the release."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    publish_at = forms.DateTimeField(
        label=_("Opens at"),
        help_text=_("In the time of the office."),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        moves = said.get("decision") == Decision.MOVE
        if moves and "publish_at" in said and not said["publish_at"]:
            self.add_error("publish_at", _("Give a day and an hour."))
        return said

    def carry_out(self, release: Release, *, by: AbstractBaseUser, at: datetime) -> None:
        reason = self.cleaned_data["reason"]
        match self.cleaned_data["decision"]:
            case Decision.REVIEW:
                review_release(release=release, by=by, at=at)
            case Decision.SCHEDULE:
                schedule_release(release=release, by=by, at=at)
            case Decision.PAUSE:
                pause_room(release=release, by=by, at=at, reason=reason)
            case Decision.RESUME:
                resume_room(release=release, by=by, at=at, reason=reason)
            case Decision.MOVE:
                moment = self.cleaned_data["publish_at"]
                move_opening(release=release, publish_at=moment, by=by, at=at)
            case Decision.WITHDRAW:
                withdraw_release(release=release, by=by, at=at, reason=reason)


class Change(models.TextChoices):
    CAPACITY = "capacity", _("Change the seats")
    CLOSE = "close", _("Close this session")
    CLOSE_DAY = "close-day", _("Close the whole day")
    REOPEN = "reopen", _("Open it again")


class SessionForm(forms.Form):
    """What becomes of an open session."""

    change = forms.ChoiceField(choices=Change, widget=forms.HiddenInput)
    seats = forms.IntegerField(
        label=_("Seats"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 5, "autocomplete": "off"}),
        error_messages={"invalid": _("Type a whole number.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        needs_seats = facts.get("change") in (Change.CAPACITY, Change.REOPEN)
        if needs_seats and facts.get("seats") is None and "seats" not in self.errors:
            self.add_error("seats", _("Type how many seats the session has."))
        return facts

    def carry_out(self, slot: Slot, *, by: AbstractBaseUser, at: datetime) -> None:
        facts: dict[str, Any] = {"reason": self.cleaned_data["reason"], "by": by, "at": at}
        match self.cleaned_data["change"]:
            case Change.CAPACITY:
                change_capacity(slot=slot, seats=self.cleaned_data["seats"], **facts)
            case Change.REOPEN:
                reopen_session(slot=slot, seats=self.cleaned_data["seats"], **facts)
            case Change.CLOSE:
                close_session(slot=slot, **facts)
            case Change.CLOSE_DAY:
                close_day(office=slot.office, day=slot.date, **facts)


class OfficerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Names the account by its e-mail address: nobody needs a list of all accounts for that."""

    email = forms.EmailField(
        label=_("E-mail of the account"),
        help_text=_("The officer signs up first, like everybody, and then serves from here on."),
    )

    class Meta:
        model = Officer
        fields = ("email", "role", "office")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "email" in self.fields:
            self.initial["email"] = self.instance.user.email

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        user = get_user_model()._default_manager.filter(email=email).first()
        if user is None:
            raise forms.ValidationError(_("There is no account with this e-mail."))
        if Officer.objects.filter(user=user).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This account is an officer already. Change that one."))
        self.instance.user = user
        return email
