from django.db import models
from django.utils.translation import gettext_lazy as _


class OfficeKind(models.TextChoices):
    KANIM = "kanim", _("Immigration office")
    UKK = "ukk", _("Immigration work unit (UKK)")
    ULP = "ulp", _("Passport service unit (ULP)")
    MPP = "mpp", _("Public service mall (MPP)")


class Zone(models.TextChoices):
    WIB = "Asia/Jakarta", "WIB"
    WITA = "Asia/Makassar", "WITA"
    WIT = "Asia/Jayapura", "WIT"


class Service(models.TextChoices):
    """The class of a seat. What may sit on it is decided where it is booked."""

    REGULAR = "regular", _("Regular")
    ACCELERATED = "accelerated", _("Accelerated (same day)")
    PRIORITY = "priority", _("Priority")


class Reserve(models.TextChoices):
    """What a seat is kept for; it is not offered to everybody."""

    RESTORATION = "restoration", _("For people whose payment was seen late")
    ASSISTED = "assisted", _("For people an officer helps to book")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Role(models.TextChoices):
    HEAD = "head", _("Head of office")
    PLANNER = "planner", _("Quota planner")
    COUNTER = "counter", _("Counter")
    CENTRE = "centre", _("Centre (all offices)")
    TREASURER = "treasurer", _("Treasurer")
    AUDITOR = "auditor", _("Auditor (reads money and audit)")


# Whoever serves as one of these serves no office; every other role needs one.
OF_NO_OFFICE = (Role.CENTRE, Role.TREASURER, Role.AUDITOR)


class ReleaseStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


WAITING = [ReleaseStatus.DRAFT, ReleaseStatus.REVIEWED, ReleaseStatus.SCHEDULED]
APPROVED = [ReleaseStatus.REVIEWED, ReleaseStatus.SCHEDULED]

RELEASE_MOVES: list[tuple[str, str]] = [
    (ReleaseStatus.DRAFT, ReleaseStatus.REVIEWED),
    (ReleaseStatus.REVIEWED, ReleaseStatus.SCHEDULED),
    (ReleaseStatus.REVIEWED, ReleaseStatus.DRAFT),
    (ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN),
    (ReleaseStatus.OPEN, ReleaseStatus.CLOSED),
    (ReleaseStatus.DRAFT, ReleaseStatus.WITHDRAWN),
    (ReleaseStatus.REVIEWED, ReleaseStatus.WITHDRAWN),
    (ReleaseStatus.SCHEDULED, ReleaseStatus.WITHDRAWN),
]
