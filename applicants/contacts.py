"""How an account is reached: an e-mail address or an Indonesian mobile phone."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel

EMAIL_LENGTH = 254
# Digits after the country code that E.164 allows.
PHONE_LENGTH = 13
MOBILE = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}


class ContactNotUnderstood(Refusal):
    code = "contact-not-understood"
    message = _("This is neither an e-mail address nor a mobile phone number.")
    remedy = _("Type for example budi@example.com or 0812-3456-7890.")
    field = "contact"
    status = 422


class EmailNotValid(ContactNotUnderstood):
    code = "email-not-valid"
    message = _("This e-mail address is not complete or has a sign that does not belong there.")
    remedy = _("Type it like budi@example.com.")


class PhoneNotIndonesian(ContactNotUnderstood):
    code = "phone-not-indonesian"
    message = _("This is not an Indonesian phone number.")
    remedy = _("Type an Indonesian mobile number like 0812-3456-7890, or use an e-mail address.")


class PhoneNotMobile(ContactNotUnderstood):
    code = "phone-not-mobile"
    message = _("This is not an Indonesian mobile number: a digit is missing or it is a landline.")
    remedy = _("Type a mobile number like 0812-3456-7890, or use an e-mail address.")


class PhoneNeeded(ContactNotUnderstood):
    code = "phone-needed"
    message = _("This is an e-mail address, and here a mobile phone number is needed.")
    remedy = _("Type it for example like 0812-3456-7890.")


class EmailNeeded(ContactNotUnderstood):
    code = "email-needed"
    message = _("This is a phone number, and here an e-mail address is needed.")
    remedy = _("Type it like budi@example.com.")


@dataclass(frozen=True)
class Contact:
    """`to` is an e-mail address in lower case or a phone number as +628…"""

    channel: Channel
    to: str

    def __str__(self) -> str:
        """As people write it: +62 812-3456-7890."""
        if self.channel == Channel.EMAIL:
            return self.to
        number = phonenumbers.parse(self.to)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    @property
    def masked(self) -> str:
        """Enough for its holder, too little for others: s***@gmail.com, +62 812-****-7890."""
        if self.channel == Channel.EMAIL:
            name, _at, domain = self.to.rpartition("@")
            return f"{name[0]}***@{domain}"
        return f"{self.to[:3]} {self.to[3:6]}-****-{self.to[-4:]}"


def read_contact(text: str) -> Contact:
    """What a person typed, in any usual writing; raises ContactNotUnderstood."""
    text = "".join(sign for sign in unicodedata.normalize("NFKC", text) if not _is_blank(sign))
    if "@" in text:
        return Contact(Channel.EMAIL, _email(text))
    digits = "".join(_digit(sign) for sign in text if not _is_phone_filler(sign))
    if re.fullmatch(r"\+?[0-9]+", digits):
        return Contact(Channel.SMS, _mobile(digits))
    raise ContactNotUnderstood


def read_phone(text: str) -> Contact:
    """As read_contact does, but no e-mail address."""
    contact = read_contact(text)
    if contact.channel != Channel.SMS:
        raise PhoneNeeded
    return contact


def read_email(text: str) -> Contact:
    """As read_contact does, but no phone number."""
    contact = read_contact(text)
    if contact.channel != Channel.EMAIL:
        raise EmailNeeded
    return contact


def confirmed_contacts(user: User) -> list[Contact]:
    """Those whose holder typed back a code: the e-mail address first."""
    contacts = []
    if user.email and user.email_verified:
        contacts.append(Contact(Channel.EMAIL, user.email))
    if user.phone and user.phone_verified:
        contacts.append(Contact(Channel.SMS, str(user.phone)))
    return contacts


def other_contact(user: User, than: Contact) -> Contact | None:
    """Another confirmed contact of the account: where a code can go that does not come."""
    others = (contact for contact in confirmed_contacts(user) if contact != than)
    return next(others, None)


def contacts_of(user: User) -> list[Contact]:
    """All of them, confirmed or not, and those that are wanted only."""
    email = [Contact(Channel.EMAIL, user.email)] if user.email else []
    phone = [Contact(Channel.SMS, str(user.phone))] if user.phone else []
    wanted = [Contact(Channel(one.channel), one.to) for one in user.pending_contacts.all()]
    return email + phone + wanted


def unconfirmed(user: User) -> Contact:
    """Where the code goes while no contact of the account is confirmed."""
    if user.email:
        return Contact(Channel.EMAIL, user.email)
    return Contact(Channel.SMS, str(user.phone))


def _is_blank(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) == "Cf"


def _is_phone_filler(sign: str) -> bool:
    return sign in ".()[]/" or unicodedata.category(sign) == "Pd"


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign, sign))


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as no:
        raise EmailNotValid from no
    if len(text) > EMAIL_LENGTH:
        raise EmailNotValid
    return text.lower()


def _mobile(digits: str) -> str:
    """E.164. People write 0812…, 62812…, +62 (0)812…, 0062812… and 812… for the same number."""
    national = re.sub(r"^(\+?62|0062)?0?(?=[1-9])", "", digits)
    if national.startswith(("+", "0")):
        raise PhoneNotIndonesian
    if len(national) > PHONE_LENGTH:
        raise PhoneNotMobile
    number = phonenumbers.PhoneNumber(country_code=62, national_number=int(national))
    if phonenumbers.number_type(number) not in MOBILE:
        raise PhoneNotMobile
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
