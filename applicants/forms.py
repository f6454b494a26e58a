"""What people type, read by the readers of the deeds, so that every mistake is told at once."""

import unicodedata
from collections.abc import Callable, Container
from datetime import date, datetime
from functools import partial
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape, linebreaks
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from applicants.accounts import NoAccount
from applicants.consents import in_force, newest_text
from applicants.contacts import Contact, read_contact, read_email, read_phone
from applicants.drafts import Kept
from applicants.enums import FINAL_VERDICTS, ConsentKind, Detail, Relation, Sex
from applicants.guardians import ConsentNeeded, GuardianNeeded, RelationNotValid, is_child
from applicants.guessing import TooManyGuesses
from applicants.lookups import told
from applicants.mail_domains import likely_meant
from applicants.models import REASON_LENGTH, Person, User
from applicants.names import clean_name, clean_place
from applicants.nik import Nik
from applicants.nik_problems import texts_of
from applicants.notice_channels import ChannelNotOffered, reach, ways
from applicants.passkeys import NoPasskey, read_answer
from applicants.persons import (
    DiffersFromNik,
    NikNotValid,
    known_nik,
    possible_birth_date,
    today,
)
from applicants.privacy_requests import WORDS_LENGTH
from applicants.queries import account_of, grown_ups_of
from applicants.verdicts import in_words, judge, notes_on
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel

PASSWORD_LENGTH = 128
TYPED_LENGTH = 300
# A passkey's answer with the certificates of its maker.
ANSWER_LENGTH = 20_000


class ReadField(forms.CharField):
    """A text that `read` understands or refuses; its value is what `read` gives."""

    default_error_messages = {
        "max_length": _(
            "This has %(show_value)d signs; there is room for %(limit_value)d. Type it again."
        ),
        "null_characters_not_allowed": _(
            "There is a sign in it that cannot be seen. Delete everything here and type it again."
        ),
    }

    def __init__(self, *, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**{"max_length": TYPED_LENGTH, **options})
        self.read = read

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without maxlength: a browser would cut what is pasted, and nobody would be told."""
        return {}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self.read(text) if text else text
        except Refusal as no:
            raise ValidationError(str(no), code=no.code) from no


class RefusableForm(forms.Form):
    refusal: Refusal | None = None

    def refuse(self, no: Refusal) -> None:
        """Shows a deed's refusal at the field it names."""
        self.refusal = no
        self.add_error(no.field if no.field in self.fields else None, str(no))


class KeepingForm(RefusableForm):
    """What is typed into it is kept (applicants.views.keeping)."""

    # The code of the account whose page it is, "" for nobody's; None: nothing is kept.
    typed_by: str | None = None
    kept_at: datetime | None = None

    def start_with(self, kept: Kept, *, unless: Container[str]) -> None:
        """Shows what was kept, but for the fields that the address of the page fills."""
        self.kept_at = kept.at
        typed = MultiValueDict[str, str]()
        for name, value in kept.typed:
            typed.appendlist(name, value)
        for name, field in self.fields.items():
            if name in typed and name not in unless:
                value = field.widget.value_from_datadict(typed, MultiValueDict(), name)
                self.initial[name] = value


def did_you_mean(meant: Contact) -> str:
    return gettext("Did you mean %(contact)s?") % {"contact": meant}


def contact_field() -> ReadField:
    return ReadField(
        read=read_contact,
        label=_("E-mail or mobile phone"),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


def email_field() -> ReadField:
    return ReadField(
        read=read_email,
        label=_("Your e-mail address"),
        help_text=_("For example budi@example.com."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def phone_field() -> ReadField:
    return ReadField(
        read=read_phone,
        label=_("Your mobile phone"),
        help_text=_("For example 0812-3456-7890."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "size": 22}),
    )


def nik_field(*, at: datetime) -> ReadField:
    def read(text: str) -> Nik:
        try:
            return known_nik(text, at=at)
        except NikNotValid as no:
            texts = texts_of(no.facts["problems"])
            raise ValidationError([ValidationError(text, no.code) for text in texts]) from no

    return ReadField(
        read=read,
        label=_("NIK"),
        help_text=_("The 16 digits on the identity card (KTP-el) or the family card (KK)."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 22}),
    )


def typed_nik(form: forms.Form) -> str:
    """As much of it as is worth a judgement."""
    return (form["nik"].value() or "")[:TYPED_LENGTH]


def password_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        help_text=_("At least 8 signs, and nothing that many people use, like 12345678."),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        **options,
    )


def current_password_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        **options,
    )


class SignUpForm(KeepingForm):
    name = ReadField(
        read=clean_name,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = contact_field()
    password = password_field(label=_("Password"))


class ContactForm(RefusableForm):
    """A contact. One that looks mistyped is asked about: `meant` is what it may have been.

    It is taken as it was `typed` when it comes back as "kept".
    """

    contact = contact_field()
    typed: Contact | None = None
    meant: Contact | None = None

    def clean_contact(self) -> Contact:
        contact: Contact = self.cleaned_data["contact"]
        self.typed = contact
        if self.data.get("kept") != contact.to and not _is_in_use(contact):
            self.meant = likely_meant(contact)
        if self.meant:
            raise ValidationError(did_you_mean(self.meant), code="mail-domain")
        return contact


class PhoneForm(RefusableForm):
    phone = phone_field()


class OneContactForm(ContactForm):
    """A contact of one kind."""

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data)
        self.fields["contact"] = email_field() if channel == Channel.EMAIL else phone_field()


class NikForm(RefusableForm):
    nik = forms.CharField()

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        super().__init__(data)
        self.fields["nik"] = nik_field(at=at)


class NewPasswordForm(RefusableForm):
    password = password_field(label=_("Password"))


class ChangePasswordForm(RefusableForm):
    current = current_password_field(label=_("Current password"))
    password = password_field(label=_("New password"))


def digits(text: str) -> str:
    """The digits of a code, however they were grouped or in whatever script."""
    return "".join(str(unicodedata.decimal(sign, "")) for sign in text)


class NoticeChannelForm(RefusableForm):
    """Which way notices go. The deed says what is wrong with a way that is not among them."""

    channel = forms.CharField(
        label=_("Choose one"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how messages should come to you."),
            "null_characters_not_allowed": ChannelNotOffered.message,
        },
    )

    def __init__(self, data: Any = None, *, account: User) -> None:
        super().__init__(data)
        self.fields["channel"].widget.choices = [
            (channel.value, f"{channel.label}\n{contact}{_about(channel)}")
            for channel, contact in ways(account).items()
        ]
        now = reach(account)
        self.initial["channel"] = now.channel if now else None


def _about(channel: Channel) -> str:
    if channel != Channel.WHATSAPP:
        return ""
    instead = gettext("If this number is not on WhatsApp, an SMS comes instead.")
    meta = gettext("Meta, the company behind WhatsApp, gets your number and the messages.")
    return f"\n{instead} {meta}"


class CodeForm(RefusableForm):
    code = ReadField(
        read=digits,
        label=_("Six-digit code"),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 10}
        ),
    )


class RecoveryCodeForm(RefusableForm):
    code = ReadField(
        read=digits,
        label=_("Recovery code"),
        help_text=_("Eight digits from the list you kept."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 12}),
    )


class PasskeyForm(RefusableForm):
    """Filled by the browser (static/js/passkey.js), never by hand."""

    answer = ReadField(
        read=read_answer,
        max_length=ANSWER_LENGTH,
        widget=forms.HiddenInput,
        error_messages={"required": format_lazy("{} {}", NoPasskey.message, NoPasskey.remedy)},
    )


class SignInForm(LoginForm):
    """allauth's form, with one field that takes a phone in any usual writing."""

    # Too many wrong passwords: the way on is a code.
    stopped = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "login": contact_field(),
            "password": current_password_field(label=_("Password")),
        }

    def clean_login(self) -> str:
        contact = self.cleaned_data["login"]
        if account_of(contact) is None:
            no = told(NoAccount(contact=contact), contact=contact, at=clock.now())
            raise ValidationError(_with_question(no, contact), code=no.code)
        return str(contact.to)

    def clean(self) -> dict[str, Any]:
        try:
            super().clean()
        except ValidationError as wrong:
            self.add_error("password", wrong)
        except TooManyGuesses as no:
            self.stopped = True
            self.add_error("password", str(no))
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned


def _is_in_use(contact: Contact) -> bool:
    account = account_of(contact)
    return account is not None and account.confirmed


def _with_question(no: Refusal, contact: Contact) -> str:
    meant = likely_meant(contact)
    return f"{no} {did_you_mean(meant) if meant else ''}".strip()


class PersonForm(KeepingForm):
    """A person's data; `person` is the one to be corrected, whose NIK stays.

    What only some are asked (a child's guardian, a difference from the NIK) comes when it matters.
    `suggestion` is the NIK that was probably meant where letters were typed for digits; the button
    TAKE posts the form with it.
    """

    TAKE = "take_suggestion"
    CHILD = frozenset({"guardian", "relation", "consent"})
    suggestion = ""
    nik = forms.CharField()
    name = ReadField(
        read=clean_name,
        label=_("Full name"),
        help_text=_("As on the identity card. One word is enough if that is the whole name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_place = ReadField(
        read=clean_place,
        label=_("Place of birth"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = forms.CharField()
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=Sex.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose woman or man, as on the identity card.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        account: User,
        at: datetime,
        person: Person | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, initial=_initial(person), **options)
        grown_ups = [one for one in grown_ups_of(account, at=at) if one != person]
        self.grown_ups = {one.code: one for one in grown_ups}
        self.today = today(at)
        self.fields["nik"] = nik_field(at=at)
        self.fields["nik"].help_text = format_lazy(
            '{} <a href="{}">{}</a>',
            self.fields["nik"].help_text,
            reverse_lazy("nik_check"),
            _("What the digits mean"),
        )
        self.fields["birth_date"] = ReadField(
            read=partial(possible_birth_date, at=at),
            label=_("Date of birth"),
            help_text=_("Day, month and year, for example 31/12/1990."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "size": 22}),
        )
        if person:
            del self.fields["nik"]
        if "confirms_difference" in self.data:
            self._ask_to_confirm()
        if self.TAKE in self.data and not person:
            self._take_suggestion()
        child = self._is_child(person, at=at)
        if child or not self.CHILD.isdisjoint(self.data):
            self._ask_about_child(required=child)

    def start_with(self, kept: Kept, *, unless: Container[str]) -> None:
        if not self.CHILD.isdisjoint(dict(kept.typed)):
            self._ask_about_child(required=True)
        super().start_with(kept, unless=unless)

    @property
    def lacks_grown_up(self) -> bool:
        return "guardian" in self.fields and not self.grown_ups

    def clean(self) -> None:
        """Beside the NIK stands what it says, or the NIK that was probably meant."""
        if nik := self.cleaned_data.get("nik"):
            said = [f"{in_words(nik, today=self.today)}.", *map(str, notes_on(nik))]
            self["nik"].help_text = escape(" ".join(said))
        elif "nik" in self.errors:
            self.suggestion = self._suggestion()

    def refuse(self, no: Refusal) -> None:
        if isinstance(no, DiffersFromNik):
            self._ask_to_confirm()
            self.add_error(None, str(no))
        else:
            super().refuse(no)

    def answers(self) -> dict[str, Any]:
        """As add_person and correct_person take them."""
        answers = {"confirms_difference": False, **self.cleaned_data}
        if "nik" in answers:
            answers["nik"] = answers["nik"].digits
        if "guardian" in answers:
            answers["guardian"] = self.grown_ups.get(answers["guardian"])
            answers["consented_in"] = get_language() if answers.pop("consent") else ""
        return answers

    def _take_suggestion(self) -> None:
        if meant := self._suggestion():
            self.data = {**dict(self.data.items()), "nik": meant}

    def _suggestion(self) -> str:
        return judge(typed_nik(self), today=self.today).suggestion

    def _ask_to_confirm(self) -> None:
        self.fields["confirms_difference"] = forms.BooleanField(
            label=_("What I typed is as in my documents"),
            help_text=_("Only if the NIK and what you typed differ in your documents, too."),
            required=False,
        )

    def _is_child(self, person: Person | None, *, at: datetime) -> bool:
        """By the birth date as typed; before that by the one known."""
        if not self.is_bound:
            return person is not None and is_child(person.birth_date, at=at)
        try:
            birth_date = possible_birth_date(self.data.get("birth_date", ""), at=at)
        except Refusal:
            return False
        return is_child(birth_date, at=at)

    def _ask_about_child(self, *, required: bool) -> None:
        """Not required of a grown-up whose date of birth was mended."""
        nobody = str(GuardianNeeded(age=settings.ADULT_AGE))
        self.fields["guardian"] = forms.ChoiceField(
            label=_("The child's mother, father or guardian"),
            help_text=_("A grown-up of your account who comes to the office with the child."),
            choices=[(code, one.name) for code, one in self.grown_ups.items()],
            widget=forms.RadioSelect,
            required=required,
            error_messages={"required": nobody, "invalid_choice": nobody},
        )
        unknown = RelationNotValid.message
        self.fields["relation"] = forms.ChoiceField(
            label=_("This is the child's"),
            choices=Relation.choices,
            widget=forms.RadioSelect,
            required=required,
            error_messages={"required": unknown, "invalid_choice": unknown},
        )
        text = newest_text(ConsentKind.CHILD, language=get_language() or "id")
        self.fields["consent"] = forms.BooleanField(
            label=_("I agree to the text above"),
            help_text=linebreaks(text, autoescape=True),
            required=required,
            error_messages={"required": ConsentNeeded.message},
        )


def _initial(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {}
    return {
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": _written(person.birth_date),
        "sex": person.sex,
        "guardian": person.guardian.code if person.guardian else "",
        "relation": person.relation,
        "consent": in_force(person, ConsentKind.CHILD),
    }


def _written(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04}"


def words_field(**options: Any) -> forms.CharField:
    """The deed counts the signs and says what is wrong with them."""
    return forms.CharField(
        max_length=10 * WORDS_LENGTH, widget=forms.Textarea(attrs={"rows": 6}), **options
    )


class CorrectionForm(RefusableForm):
    words = words_field(
        label=_("What is to be put right?"),
        help_text=_("Whose data, what is wrong, and how it is right. At most 2,000 signs."),
    )


class ErasureForm(RefusableForm):
    words = words_field(label=_("Anything we should know?"), required=False)
    understood = forms.BooleanField(
        label=_("I understand that this cannot be undone"),
        error_messages={"required": _("Tick this box if you want your data to be deleted.")},
    )


class AnswerForm(RefusableForm):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant", _("Done as asked")), ("decline", _("Not possible"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    answer = words_field(
        label=_("Answer"),
        help_text=_("Plain words that the person reads. Without their NIK."),
    )


class DecisionForm(RefusableForm):
    """What an officer says in the civil registry's place."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[(verdict.value, verdict.label) for verdict in FINAL_VERDICTS],
        widget=forms.RadioSelect,
    )
    mismatches = forms.MultipleChoiceField(
        label=_("What differs"),
        help_text=_("Only where something differs from the registry."),
        choices=Detail.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("How you know it"),
        help_text=_("For example whom you asked and when. The officer at the counter reads it."),
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
