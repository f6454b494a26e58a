"""Names of people and places as documents have them: one word or many, dots, apostrophes."""

import re
import unicodedata

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

NAME_LENGTH = 100
PLACE_LENGTH = 60
# Longer than any number in a name or a place.
NUMBER = re.compile(r"\d{6}")
# Besides letters, their marks and digits. The back quote is a common apostrophe on identity cards.
PUNCTUATION = frozenset(" .,'’‘ʼ`´-–/()&")
# The wide Latin letters of East Asian keyboards and the plain ones they stand for.
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
# They turn the order of the signs on screen, so that a name reads as another one.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NameNotValid(Refusal):
    code = "name-not-valid"
    message = "%(reason)s"
    remedy = _("Type the full name in letters, as on the identity card.")
    field = "name"
    status = 422


class PlaceNotValid(Refusal):
    code = "birth-place-not-valid"
    message = "%(reason)s"
    remedy = _("Type the city or regency in letters, as on the identity card.")
    field = "birth_place"
    status = 422


def clean_name(text: str) -> str:
    """In Unicode's composed form, single blanks between the words; raises NameNotValid."""
    name = _tidy(text)
    if reason := _reason(name, limit=NAME_LENGTH):
        raise NameNotValid(reason=reason)
    return name


def clean_place(text: str) -> str:
    """As clean_name; raises PlaceNotValid."""
    place = _tidy(text)
    if reason := _reason(place, limit=PLACE_LENGTH):
        raise PlaceNotValid(reason=reason)
    return place


def shown(sign: str) -> str:
    """As it can be read in a message, even if it cannot be seen."""
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"


def _tidy(text: str) -> str:
    composed = unicodedata.normalize("NFC", text.translate(WIDE))
    seen = (sign for sign in composed if not _is_invisible(sign))
    return " ".join("".join(seen).split())


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf" and sign not in OVERRIDES


def _reason(name: str, *, limit: int) -> str | Promise | None:
    for sign in name:
        if not _is_allowed(sign):
            return format_lazy(_("The sign “{sign}” cannot stand here."), sign=shown(sign))
    if NUMBER.search(name):
        return _("There is a long number in it. A NIK or a phone number has a field of its own.")
    if not any(sign.isalpha() for sign in name):
        return _("There is no letter in it.")
    if len(name) > limit:
        return format_lazy(_("It is longer than {limit} signs."), limit=limit)
    return None


def _is_allowed(sign: str) -> bool:
    return sign in PUNCTUATION or unicodedata.category(sign)[0] in "LMN"
