"""What things cost: state fees by the day they are billed (PP 45/2024)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal
from payments.models import Tariff


class TariffMissing(Refusal):
    code = "tariff-missing"
    message = _("No fee is set for %(tariff)s on that day.")
    remedy = _("Nothing was billed. Please try again later; we have to mend this.")
    status = 503


@dataclass(frozen=True)
class Line:
    """One line of a bill; `amount` in whole Rupiah, `for_code` names whose it is of several."""

    tariff: str
    description: str
    amount: int
    for_code: str = ""


def in_force(on: date) -> "QuerySet[Tariff]":
    return Tariff.objects.filter(
        Q(in_force_until__isnull=True) | Q(in_force_until__gte=on),
        in_force_from__lte=on,
    )


def billing_day(at: datetime) -> date:
    """The day that counts for fees: the capital's, for every office."""
    return timezone.localdate(at)


def price(codes: Iterable[str], *, on: date) -> list[Line]:
    """The lines of a bill made on that day. Raises TariffMissing."""
    wanted = list(codes)
    rows = {row.code: row for row in in_force(on).filter(code__in=wanted).order_by("in_force_from")}
    for code in wanted:
        if code not in rows:
            raise TariffMissing(tariff=code)
    return [Line(code, rows[code].name, rows[code].amount) for code in wanted]
