from itertools import pairwise

from django.db import models
from django.utils.translation import gettext_lazy as _

from quota.enums import Service


class Kind(models.TextChoices):
    NEW = "new", _("New passport")
    REPLACEMENT = "replacement", _("Replacement (expired or full)")


class Need(models.TextChoices):
    """Why somebody needs a passport. Only the first two are applied for online (`Kind`)."""

    NEW = "new", _("First passport")
    REPLACEMENT = "replacement", _("Passport expired, about to expire, or full")
    LOST = "lost", _("Passport lost or stolen")
    DAMAGED = "damaged", _("Passport damaged")
    CHANGED = "changed", _("Data in the passport changed")


class Circumstance(models.TextChoices):
    """What changes the list of documents. Asked for on the spot, never stored."""

    MARRIED = "married", _("Under 17 and married")
    BORN_ABROAD = "born_abroad", _("Born outside Indonesia")
    OLD_BOOK = "old_book", _("The old passport was issued abroad, or in 2009 or earlier")
    NAME_DIFFERS = "name_differs", _("The name is not the same on all documents")
    ONE_PARENT = "one_parent", _("A child whose other parent has died or is divorced")
    PARENT_ABROAD = "parent_abroad", _("A child with a parent abroad who cannot come")
    GUARDIAN = "guardian", _("A child with a guardian instead of parents")
    ADOPTED = "adopted", _("A child who is adopted")


class Visit(models.TextChoices):
    ONLINE = "online", _("Book the visit here")
    COUNTER = "counter", _("Go to the counter of an immigration office, without booking here")


class Book(models.TextChoices):
    FIVE_YEARS = "5", _("Electronic passport, 5 years")
    TEN_YEARS = "10", _("Electronic passport, 10 years")


class ServiceClass(models.TextChoices):
    REGULAR = "regular", _("Regular: ready in 3–4 working days")
    ACCELERATED = "accelerated", _("Accelerated: ready the same day")

    @classmethod
    def of_seats(cls, service: str) -> "ServiceClass":
        """What is applied for by who takes a seat of this class: priority is regular service."""
        return cls.REGULAR if service == Service.PRIORITY else cls(service)


class SpecialNeed(models.TextChoices):
    """Why somebody may take a priority seat."""

    NONE = "none", _("No")
    ELDERLY = "elderly", _("Elderly")
    SMALL_CHILD = "small_child", _("Small child")
    DISABILITY = "disability", _("Disability")
    PREGNANCY = "pregnancy", _("Pregnant")


# Age follows from the birth date and is never asked for; these people say themselves.
SAID = (SpecialNeed.NONE, SpecialNeed.DISABILITY, SpecialNeed.PREGNANCY)


class TravelPurpose(models.TextChoices):
    HOLIDAY = "holiday", _("Holiday")
    FAMILY = "family", _("Visiting family or friends")
    PILGRIMAGE = "pilgrimage", _("Umrah or hajj")
    STUDY = "study", _("Study")
    WORK = "work", _("Work")
    HEALTH = "health", _("Medical treatment")
    OTHER = "other", _("Something else, or not known yet")


class Tie(models.TextChoices):
    """What the one to be called in an emergency is to the person."""

    PARTNER = "partner", _("Husband or wife")
    PARENT = "parent", _("Mother or father")
    CHILD = "child", _("Son or daughter")
    SIBLING = "sibling", _("Brother or sister")
    RELATIVE = "relative", _("Another relative")
    FRIEND = "friend", _("Friend or neighbour")


class ApplicationStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for payment")
    # Paid in time, but no equal seat was left: they choose again, without paying.
    PAID = "paid", _("Paid: choose a session")
    SCHEDULED = "scheduled", _("Scheduled")
    ARRIVED = "arrived", _("Arrived")
    # What becomes of it at the office (appointments/visits/processing.py).
    INTERVIEWED = "interviewed", _("Interviewed")
    ENROLLED = "enrolled", _("Photo and fingerprints taken")
    ADJUDICATED = "adjudicated", _("Approved")
    PRINTED = "printed", _("Printed")
    CHECKED = "checked", _("Quality checked")
    READY = "ready", _("Ready to be collected")
    HANDED_OVER = "handed_over", _("Handed over")
    DEFERRED = "deferred", _("Stopped: something is missing")
    REFUSED = "refused", _("Refused")
    UNCOLLECTED = "uncollected", _("Not collected in time")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


# The steps at the office in their order; one press leads from each to the next.
STEPS = (
    ApplicationStatus.ARRIVED,
    ApplicationStatus.INTERVIEWED,
    ApplicationStatus.ENROLLED,
    ApplicationStatus.ADJUDICATED,
    ApplicationStatus.PRINTED,
    ApplicationStatus.CHECKED,
    ApplicationStatus.READY,
)
# Before the passport is printed an officer may find a reason to stop or to refuse.
STOPPABLE = STEPS[:4]
IN_THE_WORKS = (*STEPS, ApplicationStatus.DEFERRED)

# How it ends there.
ENDED_AT_OFFICE = (
    ApplicationStatus.HANDED_OVER,
    ApplicationStatus.REFUSED,
    ApplicationStatus.UNCOLLECTED,
)

ACTIVE_APPLICATION = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.PAID,
    ApplicationStatus.SCHEDULED,
    *IN_THE_WORKS,
)

APPLICATION_MOVES: list[tuple[str, str]] = [
    (ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED),
    (ApplicationStatus.DRAFT, ApplicationStatus.CANCELLED),
    (ApplicationStatus.SUBMITTED, ApplicationStatus.SCHEDULED),
    (ApplicationStatus.SUBMITTED, ApplicationStatus.EXPIRED),
    (ApplicationStatus.SUBMITTED, ApplicationStatus.CANCELLED),
    (ApplicationStatus.SCHEDULED, ApplicationStatus.CANCELLED),
    # Did not come.
    (ApplicationStatus.SCHEDULED, ApplicationStatus.EXPIRED),
    (ApplicationStatus.EXPIRED, ApplicationStatus.SCHEDULED),
    (ApplicationStatus.EXPIRED, ApplicationStatus.PAID),
    (ApplicationStatus.PAID, ApplicationStatus.SCHEDULED),
    (ApplicationStatus.PAID, ApplicationStatus.EXPIRED),
    (ApplicationStatus.SCHEDULED, ApplicationStatus.ARRIVED),
    *pairwise(STEPS),
    # The quality check found a fault: printed anew.
    (ApplicationStatus.PRINTED, ApplicationStatus.ADJUDICATED),
    (ApplicationStatus.READY, ApplicationStatus.HANDED_OVER),
    (ApplicationStatus.READY, ApplicationStatus.UNCOLLECTED),
    *((step, ApplicationStatus.DEFERRED) for step in STOPPABLE),
    *((ApplicationStatus.DEFERRED, step) for step in STOPPABLE),
    *((step, ApplicationStatus.REFUSED) for step in STOPPABLE),
    (ApplicationStatus.DEFERRED, ApplicationStatus.REFUSED),
]


class AppointmentStatus(models.TextChoices):
    HELD = "held", _("Seat held")
    AWAITING_PAYMENT = "awaiting_payment", _("Waiting for payment")
    CONFIRMED = "confirmed", _("Confirmed")
    CHECKED_IN = "checked_in", _("Checked in")
    RELEASED = "released", _("Given back")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not come")


# The office waits for these people or has received them.
EXPECTED = (AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN)

# A seat for somebody who is to come: a person has one at a time.
TO_COME = (
    AppointmentStatus.HELD,
    AppointmentStatus.AWAITING_PAYMENT,
    AppointmentStatus.CONFIRMED,
)
LIVE_APPOINTMENT = (*TO_COME, AppointmentStatus.CHECKED_IN)

APPOINTMENT_MOVES: list[tuple[str, str]] = [
    (AppointmentStatus.HELD, AppointmentStatus.AWAITING_PAYMENT),
    (AppointmentStatus.HELD, AppointmentStatus.RELEASED),
    (AppointmentStatus.AWAITING_PAYMENT, AppointmentStatus.CONFIRMED),
    (AppointmentStatus.AWAITING_PAYMENT, AppointmentStatus.EXPIRED),
    (AppointmentStatus.AWAITING_PAYMENT, AppointmentStatus.CANCELLED),
    (AppointmentStatus.CONFIRMED, AppointmentStatus.CANCELLED),
    (AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN),
    (AppointmentStatus.CONFIRMED, AppointmentStatus.NO_SHOW),
    # The office gives another day, for one of its reasons.
    (AppointmentStatus.NO_SHOW, AppointmentStatus.CONFIRMED),
    # Paid in time, and known to us after we gave the seat back.
    (AppointmentStatus.EXPIRED, AppointmentStatus.CONFIRMED),
]


class MoveReason(models.TextChoices):
    """Why an appointment was moved. Only the first one spends the person's right to it."""

    OWN = "own", _("The person chose another day")
    OFFICE = "office", _("The office was the cause")
    ILLNESS = "illness", _("Illness")
    HIGHER_POWER = "higher_power", _("Higher powers (force majeure)")
    EARLIER = "earlier", _("An earlier seat came free")
    # Everybody in it was moved (appointments/reseating); no officer picks this for one person.
    CLOSED = "closed", _("The office closed the session")


# What people asked for themselves.
WISHED = (MoveReason.OWN, MoveReason.EARLIER)

# What an officer may give as the reason.
BY_OFFICE = (MoveReason.OFFICE, MoveReason.ILLNESS, MoveReason.HIGHER_POWER)


class Shown(models.TextChoices):
    """What an officer may pick from a day's roster."""

    EXPECTED = "expected", _("Everybody expected")
    AWAITED = "awaited", _("Not yet arrived")
    ARRIVED = "arrived", _("Arrived")
    ALL = "all", _("Also unpaid and given back")


SHOWN = {
    Shown.EXPECTED: EXPECTED,
    Shown.AWAITED: (AppointmentStatus.CONFIRMED,),
    Shown.ARRIVED: (AppointmentStatus.CHECKED_IN,),
    Shown.ALL: tuple(AppointmentStatus),
}
