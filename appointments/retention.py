"""Deleting what nobody went on with: drafts, and applications that nobody paid for."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from applicants import retention
from applicants.enums import Retention
from applicants.retention import BATCH, delete_in_batches, ended_before
from appointments.calls.models import Line, QueueNumber
from appointments.discarding import discard_drafts
from appointments.documents.models import Document, ReceiptPicture, Upload
from appointments.enums import ApplicationStatus
from appointments.models import Application, Appointment
from appointments.priority import forget_needs
from mpaspor.audit import trail
from payments.claiming import claims_to_look_at
from payments.models import Case
from payments.retention import forget_payer
from quota.followers.models import Following


def purge(
    *, by: trail.By, at: datetime, batch: int = BATCH, dry_run: bool = False
) -> dict[str, int]:
    """Everything in the service that no rule keeps any more; repeatable. How many, by kind.

    One audit line when something went. `dry_run` only counts.
    """
    counts = retention.purge(at=at, batch=batch, dry_run=dry_run)
    drafts = _drafts(ended_before(Retention.DRAFTS, at=at))
    unpaid = _unpaid(ended_before(Retention.UNPAID, at=at))
    documents = _documents(ended_before(Retention.DOCUMENTS, at=at))
    uploads = Upload.objects.filter(ends_at__lte=at)
    receipts = _receipts(ended_before(Retention.RECEIPTS, at=at))
    followings = _followings(ended_before(Retention.FOLLOWINGS, at=at))
    last_numbers = ended_before(Retention.NUMBERS, at=at)
    numbers = QueueNumber.objects.filter(_of_days_before(last_numbers))
    counts["needs"] = forget_needs(at=at, dry_run=dry_run)
    if dry_run:
        return counts | {
            str(Retention.DRAFTS): drafts.count(),
            str(Retention.UNPAID): unpaid.count(),
            str(Retention.DOCUMENTS): documents.count(),
            str(Retention.RECEIPTS): receipts.count(),
            str(Retention.FOLLOWINGS): followings.count(),
            str(Retention.NUMBERS): numbers.count(),
            "uploads": uploads.count(),
        }
    counts[str(Retention.DRAFTS)] = _discard_all(drafts, batch=batch, by=by, at=at)
    counts[str(Retention.UNPAID)] = _forget_all(unpaid, batch=batch, by=by, at=at)
    counts[str(Retention.DOCUMENTS)] = delete_in_batches(documents, batch=batch)
    counts[str(Retention.RECEIPTS)] = delete_in_batches(receipts, batch=batch)
    counts[str(Retention.FOLLOWINGS)] = delete_in_batches(followings, batch=batch)
    counts[str(Retention.NUMBERS)] = delete_in_batches(numbers, batch=batch)
    Line.objects.filter(_of_days_before(last_numbers)).delete()
    counts["uploads"] = delete_in_batches(uploads, batch=batch)
    if any(counts.values()):
        trail.record("purge", subject="retention", by=by, at=at, **counts)
    return counts


def _drafts(before: datetime) -> "QuerySet[Application]":
    """Begun before then, and no seat held for them since."""
    since = Appointment.objects.filter(application=OuterRef("pk"), held_at__gt=before)
    drafts = Application.objects.filter(status=ApplicationStatus.DRAFT, created_at__lte=before)
    return drafts.exclude(Exists(since)).order_by("pk")


def _unpaid(before: datetime) -> "QuerySet[Application]":
    """Ended before then without a payment, late ones included: those are records of the state."""
    own = Appointment.objects.filter(application=OuterRef("pk"))
    later = own.filter(bill__closed_at__gt=before)
    paid = own.filter(bill__payments__isnull=False)
    over = (ApplicationStatus.EXPIRED, ApplicationStatus.CANCELLED)
    ended = Application.objects.filter(status__in=over)
    known = own.filter(bill__closed_at__lte=before)
    return ended.filter(Exists(known)).exclude(Exists(later)).exclude(Exists(paid)).order_by("pk")


def _documents(before: datetime) -> "QuerySet[Document]":
    """Of visits whose day was before then. A draft's go with the draft."""
    own = Appointment.objects.filter(application=OuterRef("application"))
    over = Document.objects.exclude(application__status=ApplicationStatus.DRAFT)
    return over.filter(Exists(own)).exclude(Exists(own.filter(slot__ends_at__gt=before)))


def _receipts(before: datetime) -> "QuerySet[ReceiptPicture]":
    """Of bills that ended before then, once no treasurer has to look at anything about them."""
    over = ReceiptPicture.objects.filter(
        claim__claimed_at__lte=before, claim__bill__closed_at__lte=before
    )
    waiting = claims_to_look_at().values("pk")
    over = over.exclude(claim__in=waiting).exclude(claim__closed_at__gt=before)
    cases = Case.objects.filter(payment__bill=OuterRef("claim__bill"))
    kept = cases.filter(Q(closed_at=None) | Q(closed_at__gt=before))
    return over.exclude(Exists(kept))


def _followings(before: datetime) -> "QuerySet[Following]":
    """Begun before then by accounts that nobody has signed in to since."""
    away = Q(account__last_login=None) | Q(account__last_login__lte=before)
    return Following.objects.filter(away, since__lte=before)


def _of_days_before(moment: datetime) -> Q:
    """Days that were over then everywhere in the country, where none ends later than in UTC."""
    return Q(day__lt=moment.astimezone(UTC).date())


def _discard_all(drafts: "QuerySet[Application]", *, batch: int, by: trail.By, at: datetime) -> int:
    done = 0
    while keys := list(drafts.values_list("pk", flat=True)[:batch]):
        discarded = discard_drafts(Application.objects.filter(pk__in=keys), by=by, at=at)
        if not discarded:
            break
        done += discarded
    return done


def _forget_all(unpaid: "QuerySet[Application]", *, batch: int, by: trail.By, at: datetime) -> int:
    done = 0
    while keys := list(unpaid.values_list("pk", flat=True)[:batch]):
        with transaction.atomic():
            for key in keys:
                _forget(key, by=by, at=at)
        done += len(keys)
    return done


def _forget(key: int, *, by: trail.By, at: datetime) -> None:
    """The bill stays, without the name of who was to pay it."""
    appointments = Appointment.objects.filter(application_id=key)
    bills = list(appointments.filter(bill__isnull=False).values_list("bill__code", flat=True))
    application = Application.objects.get(pk=key)
    appointments.delete()
    application.delete()
    forget_payer(bill_codes=bills)
    trail.record("application.forget", subject=f"application:{application.code}", by=by, at=at)
