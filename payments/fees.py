"""The state fees of PP 45/2024, to begin with; afterwards they are rows that the centre edits."""

from datetime import date

from django.utils.translation import gettext_noop

from payments.models import Tariff

IN_FORCE = date(2024, 12, 17)
ISSUED_NO_MORE = date(2024, 12, 31)
FEES = [
    ("EPASSPORT-5", gettext_noop("Electronic passport, up to 5 years"), 650_000, None),
    ("EPASSPORT-10", gettext_noop("Electronic passport, up to 10 years"), 950_000, None),
    ("ACCELERATED", gettext_noop("Accelerated service, same day"), 1_000_000, None),
    ("LOST", gettext_noop("Charge for a lost passport"), 1_000_000, None),
    ("DAMAGED", gettext_noop("Charge for a damaged passport"), 500_000, None),
    ("ORDINARY-5", gettext_noop("Ordinary passport, up to 5 years"), 350_000, ISSUED_NO_MORE),
    ("ORDINARY-10", gettext_noop("Ordinary passport, up to 10 years"), 650_000, ISSUED_NO_MORE),
]


def load_fees() -> int:
    """Adds the fees that are missing, in Rupiah; leaves edited rows alone. Returns how many.

    Their names are translated where they are shown.
    """
    made = 0
    for code, name, amount, until in FEES:
        _row, is_new = Tariff.objects.get_or_create(
            code=code,
            in_force_from=IN_FORCE,
            defaults={"name": name, "amount": amount, "in_force_until": until},
        )
        made += is_new
    return made
