"""The NTPN: the state's number of a receipt, 16 letters and digits, read from paper by people."""

import re

from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

SIGNS = re.compile(r"[\s.\-_/]+")


class NtpnUnreadable(Refusal):
    code = "ntpn-unreadable"
    message = _("The NTPN has 16 letters and digits.")
    remedy = _("It stands on the receipt of the bank or shop. Gaps and dashes do not matter.")
    field = "ntpn"
    status = 422


def read_ntpn(text: str) -> str:
    """In capitals, without gaps. Raises NtpnUnreadable."""
    ntpn = SIGNS.sub("", text).upper()
    if not (len(ntpn) == 16 and ntpn.isascii() and ntpn.isalnum()):
        raise NtpnUnreadable
    return ntpn


def look_alike(ntpn: str) -> str:
    """The same for all NTPNs that people take for one another: O is read as 0, I as 1."""
    return ntpn.upper().replace("O", "0").replace("I", "1")


def looks_like(field: str) -> Replace:
    """As look_alike, of a column."""
    zeros = Replace(F(field), Value("O"), Value("0"))
    return Replace(zeros, Value("I"), Value("1"))
