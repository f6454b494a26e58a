"""Drafts that nobody goes on with, and the seats they held, leave without a trace of the person."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from applicants.models import Identity
from appointments.booking import release_one
from appointments.enums import ApplicationStatus
from appointments.models import Application
from mpaspor.audit import trail


@transaction.atomic
def discard_drafts(drafts: "QuerySet[Application]", *, by: trail.By, at: datetime) -> int:
    """Deletes those of `drafts` that are drafts still; a held seat goes back. Returns how many."""
    found = list(drafts.filter(status=ApplicationStatus.DRAFT).order_by("identity_id"))
    identities = Identity.objects.filter(pk__in=[draft.identity_id for draft in found])
    list(identities.order_by("pk").select_for_update(no_key=True))
    return sum(_discard(draft, by=by, at=at) for draft in found)


def _discard(draft: Application, *, by: trail.By, at: datetime) -> bool:
    """Not when it was submitted since it was found."""
    if not Application.objects.filter(pk=draft.pk, status=ApplicationStatus.DRAFT).exists():
        return False
    for appointment in draft.appointments.all():
        release_one(appointment=appointment, by=by, at=at)
    draft.appointments.all().delete()
    subject = f"application:{draft.code}"
    draft.delete()
    trail.record("application.discard", subject=subject, by=by, at=at)
    return True
