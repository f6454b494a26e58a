"""An officer says what the civil registry did not: after many tries or days without an answer."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.enums import FINAL_VERDICTS, Detail, RegistryVerdict
from applicants.models import REASON_LENGTH, Verification
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal


class NotForAnOfficer(Refusal):
    code = "not-for-an-officer"
    message = _("The registry has answered meanwhile, or is still being asked.")
    remedy = _("Go back to the list: it shows what is left to decide.")


class VerdictMissing(Refusal):
    code = "verdict-missing"
    message = _("Choose one of the verdicts.")
    field = "verdict"
    status = 422


class DetailsMissing(Refusal):
    code = "details-missing"
    message = _("Name what differs from the registry, and name it only where something differs.")
    field = "mismatches"
    status = 422


class WordsMissing(Refusal):
    code = "words-missing"
    message = _(
        "Say how you know it, in at most %(most)s signs: for example whom you asked and when."
    )
    field = "reason"
    status = 422


@transaction.atomic
def decide_verification(
    *,
    verification: Verification,
    verdict: str,
    mismatches: Collection[str],
    reason: str,
    by: trail.By,
    at: datetime,
) -> Verification:
    """The officer's verdict stands until the person is asked about anew.

    Raises NotForAnOfficer, VerdictMissing, DetailsMissing, WordsMissing.
    """
    _refuse_unsound(verdict, mismatches, reason)
    waiting = Verification.objects.for_an_officer(at).filter(pk=verification.pk)
    row = waiting.select_for_update().first()
    if row is None:
        raise NotForAnOfficer
    row.verdict, row.mismatches = RegistryVerdict(verdict), list(mismatches)
    row.reason, row.next_at = reason.strip(), None
    row.save()
    subject = f"person:{row.person.code}"
    trail.record("decide_verification", subject=subject, by=by, at=at, verdict=verdict)
    return row


def may_decide(verification: Verification, *, at: datetime) -> bool:
    return Verification.objects.for_an_officer(at).filter(pk=verification.pk).exists()


def _refuse_unsound(verdict: str, mismatches: Collection[str], reason: str) -> None:
    if verdict not in FINAL_VERDICTS:
        raise VerdictMissing
    known = set(Detail.values)
    if (verdict == RegistryVerdict.MISMATCH) != bool(mismatches) or not known.issuperset(
        mismatches
    ):
        raise DetailsMissing
    if not 0 < len(reason.strip()) <= REASON_LENGTH:
        raise WordsMissing(most=REASON_LENGTH)
