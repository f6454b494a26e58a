"""What is free, when, and under which terms. Days and sessions are in the office's own zone."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal
from quota.enums import ReleaseStatus
from quota.models import Closure, Office, Release, Seat, Slot, SlotQuerySet, Terms

# Seconds a page for everybody may show an older number.
FRESH = 5
# Words of a search that count.
WORDS = 8


# As texts: each booking asks them, and to put them together takes longer than to answer them.
# What can be booked says SlotQuerySet.bookable, too; a test keeps the two alike.
SLOT_FOR_BOOKING = """
    SELECT s.* FROM quota_slot s JOIN quota_release r ON r.id = s.release_id
    WHERE s.code = %(code)s AND r.status = %(open)s AND s.starts_at > %(at)s AND s.closed_at IS NULL
"""
TERMS_IN_FORCE = """
    SELECT * FROM quota_terms
    WHERE (office_id = %(office)s OR office_id IS NULL) AND in_force_from <= %(day)s
    ORDER BY office_id NULLS LAST, in_force_from DESC LIMIT 1
"""


def national_holidays(first: date, last: date) -> set[date]:
    """Holidays and joint leave of the whole country, both ends included."""
    national = Closure.objects.filter(office=None, date__range=(first, last))
    return set(national.values_list("date", flat=True))


class SlotGone(Refusal):
    code = "slot-gone"
    message = _("This session can no longer be booked.")
    remedy = _("Choose another session or another day.")
    field = "slot"


class TermsMissing(Refusal):
    code = "terms-missing"
    message = _("No terms are in force for %(office)s on %(day)s.")
    remedy = _("The centre must enter the terms for all offices first.")
    status = 503


def offices(search: str = "") -> "QuerySet[Office]":
    """All offices, or those whose name, city or province holds every word of `search`."""
    found = Office.objects.all()
    # PostgreSQL keeps no NUL in texts.
    for word in search.replace("\0", " ").split()[:WORDS]:
        found = found.filter(
            Q(name__icontains=word) | Q(city__icontains=word) | Q(province__icontains=word)
        )
    return found


def office_names(keys: Iterable[int]) -> list[str]:
    return list(Office.objects.filter(pk__in=keys).values_list("name", flat=True))


def offices_with_free(*, search: str, service: str, at: datetime) -> list[Office]:
    """`offices(search)` with `free`, the seats of that service that can be booked; most first.

    The numbers are up to 5 seconds old: counting the whole country on each page would be felt on
    the day of a release.
    """
    key = f"free-by-office:{service}"
    free: dict[int, int] = cache.get_or_set(key, lambda: _free_by_office(service, at), FRESH) or {}
    found = list(offices(search).order_by("name"))
    for office in found:
        office.free = free.get(office.pk, 0)
    return sorted(found, key=lambda office: -office.free)


def _free_by_office(service: str, at: datetime) -> dict[int, int]:
    slots = Slot.objects.bookable(at).filter(service=service).joined_free().order_by()
    return dict(slots.values_list("office").annotate(all_free=Count("free_seats")))


def terms_for(office: Office, day: date) -> Terms:
    """The office's own terms in force on `day`, else those of all offices.

    Raises TermsMissing.
    """
    terms = _terms(office.pk, day)
    if terms is None:
        raise TermsMissing(office=office, day=day)
    return terms


def terms_of_slot(slot: Slot) -> Terms:
    """`terms_for` its office on its day."""
    return _terms(slot.office_id, slot.date) or terms_for(slot.office, slot.date)


def _terms(office_id: int, day: date) -> Terms | None:
    return next(iter(Terms.objects.raw(TERMS_IN_FORCE, {"office": office_id, "day": day})), None)


def slot_for_booking(code: str, at: datetime) -> Slot:
    """Raises SlotGone if it is unknown, not open, or begun."""
    # PostgreSQL keeps no NUL in texts.
    asked = {"code": code.replace("\0", ""), "at": at, "open": ReleaseStatus.OPEN.value}
    for slot in Slot.objects.raw(SLOT_FOR_BOOKING, asked):
        return slot
    raise SlotGone


def is_elsewhere(code: str, *, office: str, day: date) -> bool:
    """A session of another office or day than these."""
    return Slot.objects.filter(code=code).exclude(office__code=office, date=day).exists()


def free_dates(
    office: Office, first: date, last: date, service: str, at: datetime, party: int = 1
) -> dict[date, int]:
    """Free seats by day in sessions that have enough of them for the party, 0 where none has.

    Days without open sessions are absent.
    """
    sessions = (
        Slot.objects.bookable(at)
        .filter(office=office, service=service, date__range=(first, last))
        .joined_free()
        .order_by()
        .values_list("date", "pk")
        .annotate(free_in_it=Count("free_seats"))
    )
    days: dict[date, int] = defaultdict(int)
    for day, _slot, free in sessions:
        days[day] += free if free >= party else 0
    return dict(days)


def earliest_free(office: Office, service: str, at: datetime, party: int = 1) -> date | None:
    """The first day with a session that has a free seat for each of the party."""
    slots = Slot.objects.bookable(at).filter(office=office, service=service)
    free = Seat.objects.free().filter(slot=OuterRef("pk"))
    if party > 1:
        slots = slots.joined_free().annotate(fit=Count("free_seats")).filter(fit__gte=party)
    days = slots.filter(Exists(free)).order_by("date").values_list("date", flat=True)
    return days.first()


def free_sessions(office: Office, day: date, service: str, at: datetime) -> list[Slot]:
    """The day's sessions that can still be booked, with `free` (0 where all are taken)."""
    slots = Slot.objects.bookable(at).filter(office=office, date=day, service=service)
    return list(slots.with_free().select_related("office").order_by("starts"))


def sessions_with_room(office: Office, *, service: str, at: datetime) -> SlotQuerySet:
    """What the office itself can give away, the soonest first."""
    slots = Slot.objects.bookable(at).filter(office=office, service=service)
    return slots.with_room().order_by("starts_at")


def public_releases() -> "QuerySet[Release]":
    """Those that were announced to everybody, with office and waiting room."""
    announced = [ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN, ReleaseStatus.CLOSED]
    return Release.objects.filter(status__in=announced).select_related("office", "room", "plan")


def next_releases(at: datetime, limit: int, office: Office | None = None) -> list[Release]:
    """What opens next, soonest first, with its office."""
    scheduled = Release.objects.filter(status=ReleaseStatus.SCHEDULED, publish_at__gte=at)
    if office:
        scheduled = scheduled.filter(office=office)
    return list(scheduled.select_related("office").order_by("publish_at")[:limit])


def opened_releases() -> "QuerySet[Release]":
    """Those that are open or were."""
    return Release.objects.exclude(opened_at=None).select_related("office")


def last_opened(limit: int) -> list[Release]:
    """The newest first."""
    return list(opened_releases().order_by("-opened_at", "pk")[:limit])
