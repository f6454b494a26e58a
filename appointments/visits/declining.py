"""“I cannot come”: a reminder's link, which gives up the visit it tells of and nothing else."""

from datetime import datetime

from django.core import signing
from django.db import transaction

from appointments.cancelling import cancel
from appointments.models import Appointment

SIGNER = signing.Signer(sep=".", salt="cannot-come")
LINK = "reminder-link"


def decline_token(appointment: Appointment) -> str:
    """Good for this session only: once moved, the link of before opens nothing."""
    return SIGNER.sign(f"{appointment.code}-{appointment.slot.starts_at:%Y%m%d%H%M}")


def visit_of(token: str) -> Appointment | None:
    """None when the visit was moved or is forgotten. Raises django.core.signing.BadSignature."""
    code, _dash, starts = SIGNER.unsign(token).partition("-")
    rows = Appointment.objects.select_related("slot__office", "application__person")
    found = rows.filter(code=code).first()
    return found if found and f"{found.slot.starts_at:%Y%m%d%H%M}" == starts else None


@transaction.atomic
def decline(*, token: str, at: datetime) -> bool:
    """Cancels for this person alone; repeatable. False: there is nothing to give up any more.

    Raises what `cancel` raises, and BadSignature.
    """
    found = visit_of(token)
    if found is None:
        return False
    cancel(appointment=found, alone=True, by=LINK, at=at)
    return True
