"""What is kept for some time only: the rules, and deleting by them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.enums import PrivacyStatus, Retention
from applicants.models import ContactCode, PrivacyRequest, RetentionRule
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Message, Notice

BATCH = 500


class RuleMissing(Refusal):
    code = "retention-rule-missing"
    message = _("There is no rule in force that says how long “%(what)s” are kept.")
    remedy = _("The centre enters it under “Rules for keeping data”.")
    status = 503


Due = Callable[[datetime], "QuerySet[Model]"]


# In force since the service began; the centre adds newer ones.
FIRST_DAY = date(2024, 1, 1)
FIRST_DAYS = {
    Retention.DRAFTS: 30,
    Retention.UNPAID: 90,
    # Not collected within a month, a passport is cancelled.
    Retention.VISITS: 30,
    # That month, and 90 days for what may be asked about it.
    Retention.DOCUMENTS: 120,
    Retention.RECEIPTS: 90,
    Retention.NUMBERS: 90,
    # They live minutes; their row only slows down who asks for many.
    Retention.CODES: 1,
    Retention.NOTICES: 90,
    Retention.FOLLOWINGS: 730,
    Retention.REQUESTS: 730,
    Retention.PAYMENTS: 3653,
}


# What goes by itself. The others say how long something must stay.
DELETED = frozenset(Retention) - {Retention.VISITS, Retention.PAYMENTS}


def load_rules() -> None:
    """The first rules. Repeatable."""
    for kind, days in FIRST_DAYS.items():
        RetentionRule.objects.get_or_create(
            kind=kind, in_force_from=FIRST_DAY, defaults={"days": days}
        )


def kept_for(kind: Retention, *, at: datetime) -> timedelta:
    """By the rule in force on that day in the capital. Raises RuleMissing."""
    rules = RetentionRule.objects.filter(kind=kind, in_force_from__lte=timezone.localdate(at))
    rule = rules.order_by("-in_force_from").first()
    if rule is None:
        raise RuleMissing(what=kind.label)
    return timedelta(days=rule.days)


def rules_in_force(*, at: datetime) -> list[RetentionRule]:
    """One for each kind, in the order of Retention."""
    rules = RetentionRule.objects.filter(in_force_from__lte=timezone.localdate(at))
    known = {rule.kind: rule for rule in rules.order_by("in_force_from")}
    return [known[kind] for kind in Retention.values if kind in known]


def payment_years(*, at: datetime) -> int:
    """How long records of state fees are kept, in whole years."""
    return kept_for(Retention.PAYMENTS, at=at).days // 365


def ended_before(kind: Retention, *, at: datetime) -> datetime:
    """What ended then or earlier is not kept any more."""
    return at - kept_for(kind, at=at)


def _codes(before: datetime) -> "QuerySet[Model]":
    return ContactCode.objects.filter(sent_at__lte=before)


def _notices(before: datetime) -> "QuerySet[Model]":
    return Notice.objects.filter(created_at__lte=before)


def _messages(before: datetime) -> "QuerySet[Model]":
    return Message.objects.filter(created_at__lte=before)


def _requests(before: datetime) -> "QuerySet[Model]":
    return PrivacyRequest.objects.exclude(status=PrivacyStatus.OPEN).filter(answered_at__lte=before)


DUE: tuple[tuple[Retention, Due], ...] = (
    (Retention.CODES, _codes),
    (Retention.NOTICES, _notices),
    (Retention.NOTICES, _messages),
    (Retention.REQUESTS, _requests),
)


def purge(*, at: datetime, batch: int = BATCH, dry_run: bool = False) -> dict[str, int]:
    """Deletes what no rule keeps any more, batch by batch; repeatable. How many, by kind.

    `dry_run` only counts.
    """
    counts: dict[str, int] = {}
    for kind, due in DUE:
        rows = due(ended_before(kind, at=at))
        gone = rows.count() if dry_run else delete_in_batches(rows, batch=batch)
        counts[str(kind)] = counts.get(str(kind), 0) + gone
    return counts


def delete_in_batches(rows: "QuerySet[Model]", *, batch: int) -> int:
    """A transaction for each batch: nobody waits for a long one."""
    done = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:batch]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        done += len(keys)
    return done
