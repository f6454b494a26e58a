"""Priority seats: for people who need one on the day of the visit, and a grown-up beside each."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from applicants.enums import Retention
from applicants.models import Person
from applicants.retention import ended_before
from appointments.enums import LIVE_APPOINTMENT, ApplicationStatus, ServiceClass, SpecialNeed
from appointments.models import Application, Appointment, needs_by_age
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Slot
from quota.queries import terms_for

# How far ahead a person may come to the age for it: as far as days are shown.
AHEAD = timedelta(days=366)
NOTHING_SAID: dict[str, None] = {
    "need_sealed": None,
    "journey_sealed": None,
    "contact_sealed": None,
}


class OtherService(Refusal):
    code = "other-service"
    message = _("This session is for another service than the one you chose.")
    remedy = _("Choose a session of your service, or change the service first.")
    field = "slot"


class PriorityOnly(Refusal):
    code = "priority-only"
    message = _(
        "Priority seats are for people of %(old)s years or older, children up to %(young)s, people "
        "with a disability and pregnant women, and one grown-up who comes along."
    )
    remedy = _(
        "Choose a regular seat. If one of these is true for you, say so in your answers first; "
        "whoever comes along books after the person they accompany, in the same session."
    )
    field = "slot"

    def __init__(self) -> None:
        super().__init__(old=settings.PRIORITY_FROM_AGE, young=settings.PRIORITY_TO_AGE)


class PartyWithoutNeed(PriorityOnly):
    """The same, before anybody lines up or waits for such seats."""

    remedy = _(
        "Choose the regular service. A disability or a pregnancy is said in the application: begin "
        "it first, then come back here."
    )
    field = "service"


def refuse_unfit(
    application: Application, slot: Slot, together: Iterable[Application] = ()
) -> None:
    """Raises OtherService; for a priority seat PriorityOnly.

    A person with a need may take one, or a grown-up who comes along: as many as the office's terms
    say for each such person of the account who has a seat of the session or is in `together`.
    """
    if ServiceClass.of_seats(slot.service) != application.service:
        raise OtherService
    if slot.service != Service.PRIORITY or application.needs_on(slot.date):
        return
    if not _is_grown_up(application.person, slot.date) or not _has_room(
        _beside(application, slot, together), slot
    ):
        raise PriorityOnly


def refuse_party(
    persons: Sequence[Person], *, service: str, days: tuple[date, date], companions: int
) -> None:
    """Before people wait together for priority seats. Raises PartyWithoutNeed."""
    if service != Service.PRIORITY:
        return
    others = [person for person in persons if not _may_need(person, days)]
    grown_up = all(_is_grown_up(person, days[1]) for person in others)
    if not grown_up or len(others) > companions * (len(persons) - len(others)):
        raise PartyWithoutNeed


def is_concerned(application: Application, *, today: date) -> bool:
    """Whether priority seats are shown: now or within a year, for oneself or along with others."""
    if application.service != ServiceClass.REGULAR:
        return False
    accompanied = Appointment.objects.filter(
        application__account=application.account_id,
        slot__service=Service.PRIORITY,
        slot__date__gte=today,
        status__in=LIVE_APPOINTMENT,
    )
    ages = needs_by_age(application.person, today + AHEAD)
    return bool(application.needs_on(today) or ages) or accompanied.exists()


def forget_needs(*, at: datetime, dry_run: bool = False) -> int:
    """What was said of health, journey and friends goes when the visit and its time are over.

    How many applications.
    """
    rows = _over(ended_before(Retention.VISITS, at=at))
    return rows.count() if dry_run else rows.update(**NOTHING_SAID)


def _over(before: datetime) -> "QuerySet[Application]":
    own = Appointment.objects.filter(application=OuterRef("pk"))
    later = own.filter(status__in=LIVE_APPOINTMENT, slot__ends_at__gt=before)
    rows = Application.objects.exclude(**NOTHING_SAID).exclude(status=ApplicationStatus.DRAFT)
    return rows.filter(Exists(own)).exclude(Exists(later))


def _beside(
    application: Application, slot: Slot, together: Iterable[Application]
) -> list[Application]:
    """The others of the account in this session."""
    seated = Application.objects.filter(
        account=application.account_id,
        appointments__slot=slot,
        appointments__status__in=LIVE_APPOINTMENT,
    ).select_related("person")
    party = {each.pk: each for each in [*seated, *together] if each.pk != application.pk}
    return list(party.values())


def _has_room(party: Sequence[Application], slot: Slot) -> bool:
    """For one more who has no need."""
    with_need = sum(bool(each.needs_on(slot.date)) for each in party)
    companions = terms_for(slot.office, slot.date).companions
    return len(party) - with_need < companions * with_need


def _is_grown_up(person: Person, day: date) -> bool:
    return person.age_on(day) >= settings.ADULT_AGE


def _may_need(person: Person, days: tuple[date, date]) -> bool:
    """On one of the days, by age or by what a draft says."""
    if any(needs_by_age(person, day) for day in days):
        return True
    drafts = Application.objects.filter(person=person, status=ApplicationStatus.DRAFT)
    return any(draft.need != SpecialNeed.NONE for draft in drafts)
