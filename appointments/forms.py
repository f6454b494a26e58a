from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from applicants.forms import KeepingForm, RefusableForm
from applicants.models import Person
from appointments.asking import HAD_PASSPORT
from appointments.correcting import Answers
from appointments.corrections.enums import Cause
from appointments.documents.enums import Reason
from appointments.documents.receipts import say_what_was_found
from appointments.enums import BY_OFFICE, Book, Kind, ServiceClass, Shown, SpecialNeed
from appointments.models import Application
from appointments.submitting import ACCELERATED, TARIFF_OF_BOOK
from appointments.visits import processing
from appointments.visits.enums import FOR_GOOD, FOR_NOW, Collector, StopReason
from mpaspor.core.money import rupiah
from mpaspor.core.templatetags.words import clock as hour
from mpaspor.core.templatetags.words import day
from payments.forms import DeedForm
from payments.inquiring import inquire_now
from quota.enums import Service
from quota.models import Office, Slot
from quota.queries import offices
from quota.waiting_list.enums import Hours
from quota.waiting_list.models import Wish
from quota.waiting_list.wishing import OFFICES


class PersonsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, person: Person) -> str:
        return f"{person.name}\n{_('NIK')} {person.identity.masked_nik}"


def near_date(label: Any, **options: Any) -> forms.DateField:
    """A day somebody picks from a calendar."""
    return forms.DateField(
        label=label,
        **options,
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2099, 12, 31))],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("This is not a day. Write it like 2026-12-31.")},
    )


class AnswersForm(KeepingForm):
    """What is applied for. Cases that belong to the counter are refused by the deed."""

    kind = forms.ChoiceField(
        label=_("Has the person ever had an Indonesian passport?"),
        choices=HAD_PASSPORT,
        widget=forms.RadioSelect,
    )
    book = forms.ChoiceField(label=_("Which passport?"), choices=Book, widget=forms.RadioSelect)
    service = forms.ChoiceField(
        label=_("How soon?"), choices=ServiceClass, widget=forms.RadioSelect
    )
    need = forms.ChoiceField(
        label=_("Does the person the passport is for need help?"),
        help_text=_(
            "Then priority seats can be chosen, too. Nobody has to prove anything here, and it "
            "costs nothing more. Only you and the officers of your office see the answer. For "
            "elderly people and small children there is nothing to say: we know it from the date "
            "of birth."
        ),
        choices=[
            (SpecialNeed.NONE, _("No")),
            (SpecialNeed.DISABILITY, _("Yes, because of a disability")),
            (SpecialNeed.PREGNANCY, _("Yes, she is pregnant")),
        ],
        widget=forms.RadioSelect,
        required=False,
        initial=SpecialNeed.NONE,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )

    def __init__(self, *args: Any, fees: dict[str, int], **kwargs: Any) -> None:
        """`fees` in Rupiah by tariff, to be shown with what they are for."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("Choose one of these.")
        books = {book.value: fees.get(code) for book, code in TARIFF_OF_BOOK.items()}
        self._offer("book", priced(Book.choices, books))
        services = {ServiceClass.ACCELERATED.value: fees.get(ACCELERATED)}
        self._offer("service", priced(ServiceClass.choices, services, sign="+ "))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_need(self) -> SpecialNeed:
        return SpecialNeed(self.cleaned_data["need"] or SpecialNeed.NONE)


class ApplicationForm(AnswersForm):
    person = forms.ModelChoiceField(
        label=_("Who is the passport for?"),
        queryset=Person.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    field_order = ("person", "kind", "book", "service", "need")

    def __init__(self, *args: Any, persons: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = persons


def priced(
    choices: Iterable[tuple[str, Any]], prices: Mapping[str, int | None], sign: str = ""
) -> list[tuple[str, str]]:
    """The price in Rupiah below the name of what has one."""
    return [
        (value, f"{label}\n{sign}{rupiah(price)}" if (price := prices.get(value)) else str(label))
        for value, label in choices
    ]


def seat_choices() -> list[tuple[str, str | Promise]]:
    """The classes of seats as people choose among them: how soon, or for whom."""
    priority = format_lazy(
        "{}\n{}",
        Service.PRIORITY.label,
        _("For elderly people, small children, people with a disability and pregnant women."),
    )
    return [
        (ServiceClass.REGULAR, ServiceClass.REGULAR.label),
        (Service.PRIORITY, priority),
        (ServiceClass.ACCELERATED, ServiceClass.ACCELERATED.label),
    ]


def answers_of(application: Application) -> dict[str, str]:
    return {
        "kind": application.kind,
        "book": application.book,
        "service": application.service,
        "need": application.need,
    }


class DraftsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, draft: Application) -> str:
        return f"{draft.person.name}\n{draft.get_book_display()}, {draft.get_service_display()}"


class TogetherForm(RefusableForm):
    applications = DraftsField(
        label=_("Who goes together?"),
        help_text=_(
            "Everybody gets a seat in the same session, or nobody does. There is one bill for all."
        ),
        queryset=Application.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one person."),
            "invalid_choice": _("This is no draft of yours any more. Choose from the list."),
        },
    )

    def __init__(self, *args: Any, drafts: "QuerySet[Application]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["applications"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = drafts
        if len({draft.service for draft in drafts}) == 1:
            field.initial = [draft.code for draft in drafts]


class JoinForm(KeepingForm):
    """Who stands in line together, and for which service."""

    persons = PersonsField(
        label=_("Who needs a seat?"),
        help_text=_("Together you have one place, and everybody gets a seat of their own."),
        queryset=Person.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose who needs a seat."),
            "invalid_choice": _("This is nobody of your account. Choose from the list."),
            "invalid_pk_value": _("This is nobody of your account. Choose from the list."),
        },
    )
    service = forms.ChoiceField(
        label=_("How soon?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of these."),
            "invalid_choice": _("There is no such service. Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, persons: Any, services: Iterable[str], **kwargs: Any) -> None:
        """`services`: those the opening has seats for; with one there is nothing to ask."""
        super().__init__(*args, **kwargs)
        people, service = self.fields["persons"], self.fields["service"]
        assert isinstance(people, forms.ModelMultipleChoiceField)
        assert isinstance(service, forms.ChoiceField)
        people.queryset = persons
        people.initial = persons if len(persons) == 1 else None
        offered = list(services)
        service.choices = [choice for choice in seat_choices() if choice[0] in offered]
        service.initial = offered[0] if offered else None
        if len(offered) == 1:
            service.widget = forms.HiddenInput()


class WishTermsForm(KeepingForm):
    """What a seat must be like to be offered: at one of the offices, in these days and hours."""

    first_day = near_date(_("From"))
    last_day = near_date(_("Until"))
    hours = forms.ChoiceField(
        label=_("At what time?"), choices=Hours, widget=forms.RadioSelect, initial=Hours.ANY
    )
    service = forms.ChoiceField(
        label=_("How soon?"),
        choices=seat_choices,
        widget=forms.RadioSelect,
        initial=ServiceClass.REGULAR,
    )
    field_order = ("persons", "office", "office2", "office3", "office4", "office5")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in office_fields():
            self.fields[name] = forms.ModelChoiceField(
                label=_("Office") if name == "office" else _("Another office"),
                required=name == "office",
                queryset=offices().order_by("name"),
                to_field_name="code",
                empty_label=_("Choose") if name == "office" else _("None"),
            )
        self.order_fields(self.field_order)

    def office_codes(self) -> list[str]:
        chosen = (self.cleaned_data.get(name) for name in office_fields())
        return list(dict.fromkeys(office.code for office in chosen if office))


class WishForm(WishTermsForm):
    persons = PersonsField(
        label=_("Who needs a seat?"),
        help_text=_("Several people are offered seats in the same session, or none."),
        queryset=Person.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person.")},
    )

    def __init__(self, *args: Any, persons: "QuerySet[Person]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["persons"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = persons
        if len(persons) == 1:
            field.initial = [persons[0].code]


def office_fields() -> list[str]:
    return ["office", *(f"office{number}" for number in range(2, OFFICES + 1))]


def wishes_of_wish(wish: Wish) -> dict[str, Any]:
    """What stands on the list, as the form has it."""
    codes = dict(offices().filter(pk__in=wish.offices).values_list("pk", "code"))
    chosen = [codes[key] for key in wish.offices if key in codes]
    return {
        **dict(zip(office_fields(), chosen, strict=False)),
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "hours": wish.hours,
        "service": wish.service,
    }


class ClaimForm(KeepingForm):
    ntpn = forms.CharField(
        label=_("NTPN"),
        help_text=_("16 letters and digits on the receipt of the bank, shop or wallet."),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    ntb = forms.CharField(
        label=_("NTB or NTP"),
        help_text=_("The bank's or the post office's own number on the same receipt."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Picture of the receipt"),
        help_text=_(
            "A photo or PDF, at most 10 MB. If the bank does not know your payment, our treasurer "
            "looks at it."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )


class FindingForm(DeedForm):
    """What a treasurer does with the picture of a receipt."""

    finding = forms.CharField(
        label=_("What you found"),
        help_text=_("The person reads it: what the receipt shows, and what to do now."),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    deeds = {
        "inquire": lambda _form, picture, by, at: inquire_now(
            bill_code=picture.claim.bill.code, by=by, at=at
        ),
        "close": lambda form, picture, by, at: say_what_was_found(
            picture=picture, finding=form.cleaned_data["finding"], by=by, at=at
        ),
    }


class RosterForm(forms.Form):
    """Which people of which day an officer wants to see. Always bound: what is absent is today."""

    office = forms.ModelChoiceField(
        label=_("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        empty_label=None,
        error_messages={"invalid_choice": _("This is not your office. Choose one from the list.")},
    )
    day = near_date(_("Day"))
    show = forms.ChoiceField(label=_("Show"), choices=Shown)
    q = forms.CharField(
        label=_("Name or code"),
        required=False,
        min_length=3,
        max_length=100,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, wish: QueryDict, *, offices: "QuerySet[Office]", at: datetime) -> None:
        choices = {office.code: office for office in offices}
        office = choices.get(wish.get("office", "")) or next(iter(choices.values()))
        usual = {"office": office.code, "day": office.local(at).date(), "show": Shown.EXPECTED}
        super().__init__(usual | {name: value for name, value in wish.items() if value})
        field = self.fields["office"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offices


class VerdictForm(RefusableForm):
    """What an officer says of a document."""

    COMPLETE, AGAIN = "complete", "again"
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[
            ("", _("Choose a verdict")),
            (COMPLETE, _("Complete and readable")),
            (AGAIN, _("To be sent again")),
        ],
        error_messages={"required": _("Choose one of these.")},
    )
    reason = forms.ChoiceField(
        label=_("Reason, if it is to be sent again"),
        required=False,
        choices=[("", _("Choose a reason")), *Reason.choices],
    )
    note = forms.CharField(
        label=_("Message to the person"),
        help_text=_("They read these words as you write them."),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _reasons(reasons: Iterable[StopReason]) -> list[tuple[str, Any]]:
    return [(each.value, each.label) for each in reasons if each != StopReason.OTHER]


class PassportForm(DeedForm):
    """What an officer does with an application after the arrival."""

    to = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[
            ("", _("Choose a reason")),
            (_("Stops until the person has done something"), [*_reasons(FOR_NOW)]),
            (_("Refused for good"), [*_reasons(FOR_GOOD)]),
            (StopReason.OTHER, StopReason.OTHER.label),
        ],
        error_messages={"invalid_choice": _("Choose a reason of the list.")},
    )
    note = forms.CharField(
        label=_("Message to the person"),
        help_text=_("They read these words as you write them."),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    collector = forms.ChoiceField(
        label=_("Who takes it"),
        required=False,
        choices=Collector.choices,
        initial=Collector.SELF,
        error_messages={"invalid_choice": _("Choose who takes it.")},
    )
    name = forms.CharField(
        label=_("Name, if it is somebody else"),
        help_text=_("As on the identity card."),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    authority = forms.CharField(
        label=_("Power of attorney"),
        help_text=_("Its number, or its date and who signed it."),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    deeds = {
        "go_on": lambda form, application, by, at: processing.go_on(
            application=application, to=form.cleaned_data["to"], by=by, at=at
        ),
        "again": lambda _form, application, by, at: processing.print_again(
            application=application, by=by, at=at
        ),
        "take_up": lambda _form, application, by, at: processing.take_up(
            application=application, by=by, at=at
        ),
        "defer": lambda form, application, by, at: processing.defer(
            application=application, **form.why(), by=by, at=at
        ),
        "refuse": lambda form, application, by, at: processing.refuse(
            application=application, **form.why(), by=by, at=at
        ),
        "hand_over": lambda form, application, by, at: processing.hand_over(
            application=application,
            collector=form.cleaned_data["collector"] or Collector.SELF,
            name=form.cleaned_data["name"],
            authority=form.cleaned_data["authority"],
            by=by,
            at=at,
        ),
    }

    def why(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("reason", "note")}


class LetterForm(forms.Form):
    code = forms.RegexField(
        # At least one sign of a code, and no path of an address.
        regex=r"^[^/]*\w[^/]*$|/verify/[^/?#\s]+",
        label=_("Code of the appointment"),
        help_text=_("Ten letters and digits below the title. Small letters and gaps are fine."),
        max_length=500,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Type the code that stands on the letter."),
            "invalid": _("Type the code that stands on the letter."),
        },
    )


class GiveDayForm(RefusableForm):
    """Another day that the office gives: which session, why, and whether to one of a party."""

    ALL, ONE = "all", "one"
    slot = forms.ChoiceField(
        label=_("Session"),
        help_text=_("With the seats that are free or kept back there."),
        error_messages={
            "required": _("Choose a session."),
            "invalid_choice": _("This session has no seat left. Choose another one."),
        },
    )
    why = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *((why.value, why.label) for why in BY_OFFICE)],
        error_messages={"required": _("Choose a reason.")},
    )
    who = forms.ChoiceField(
        label=_("For whom?"), error_messages={"invalid_choice": _("Choose one of the list.")}
    )

    def __init__(
        self, *args: Any, sessions: "QuerySet[Slot]", others: Sequence[str], **kwargs: Any
    ) -> None:
        """`others`: who is in the same session together with this person."""
        super().__init__(*args, **kwargs)
        slot, who = self.fields["slot"], self.fields["who"]
        assert isinstance(slot, forms.ChoiceField)
        assert isinstance(who, forms.ChoiceField)
        slot.choices = [("", _("Choose a session")), *map(_session_choice, sessions)]
        together = format_lazy(_("Also for {others}"), others=", ".join(others))
        who.choices = [(self.ALL, together), (self.ONE, _("Only for this person"))]
        if not others:
            del self.fields["who"]

    @property
    def alone(self) -> bool:
        return self.cleaned_data.get("who") == self.ONE


class ReseatForm(RefusableForm):
    """Why a session or a day is emptied: people read it in their notice."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everybody who is moved reads it, and it goes into the public record."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why: people read it.")},
    )


class CorrectForm(RefusableForm):
    """What an officer may put right in an application that is paid for."""

    kind = forms.ChoiceField(label=_("Kind of application"), choices=Kind)
    book = forms.ChoiceField(label=_("Passport book"), choices=Book)

    def answers(self) -> Answers:
        said = self.cleaned_data
        return Answers(Kind(said["kind"]), Book(said["book"]))


class AskToCorrectForm(CorrectForm):
    """The same, asked of the office by the person."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=[("", _("Choose a reason")), *Cause.choices],
        error_messages={
            "required": _("Choose a reason."),
            "invalid_choice": _("Choose a reason of the list."),
        },
    )

    @property
    def cause(self) -> Cause:
        return Cause(self.cleaned_data["reason"])


def _session_choice(slot: Slot) -> tuple[str, str]:
    return slot.code, f"{day(slot.date)}, {hour(slot.starts)}–{hour(slot.ends)} ({slot.room})"


class CheckInForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the appointment"),
        help_text=_("Type it, or scan the square on the letter. Small letters and gaps are fine."),
        max_length=500,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Type or scan the code that stands on the letter.")},
    )
