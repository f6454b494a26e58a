"""A person looked into a difference and says what it was."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.cases import ReasonMissing
from payments.reconciliation.models import Difference

REASON = 200


class DifferenceCleared(Refusal):
    code = "difference-cleared"
    message = _("This difference is cleared already.")
    remedy = _("Look at the list again: somebody else, or a later file, was quicker.")


@transaction.atomic
def clear_difference(
    *, difference: Difference, reason: str, by: AbstractBaseUser, at: datetime
) -> None:
    """Raises DifferenceCleared, ReasonMissing."""
    row = Difference.objects.select_for_update().get(pk=difference.pk)
    if row.cleared_at is not None:
        raise DifferenceCleared
    if not reason.strip():
        raise ReasonMissing
    row.cleared_at, row.cleared_by_id, row.reason = at, by.pk, reason.strip()[:REASON]
    row.save(update_fields=["cleared_at", "cleared_by", "reason"])
    facts = {"kind": row.kind, "reason": row.reason}
    subject = f"reconciliation:{row.day}"
    trail.record("difference.clear", subject=subject, by=by, at=at, **facts)
