"""A release (pembukaan kuota): drafted, reviewed by a second officer, scheduled, opened once."""

import logging
from datetime import date, datetime
from itertools import chain

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import APPROVED, WAITING, ReleaseStatus
from quota.followers.news import announce, move, take_back
from quota.making import make_slots_and_seats, plan_anew, refresh_statistics
from quota.models import Office, Plan, Release, Slot
from quota.planning import Key, sessions_of
from quota.waiting_room.announcing import announce_room, move_room
from quota.waiting_room.drawing import draw

log = logging.getLogger(__name__)


class PlanElsewhere(Refusal):
    code = "plan-of-another-office"
    message = _("The plan belongs to another office.")
    remedy = _("Choose a plan of the office of this release.")
    field = "plan"


class DaysBackwards(Refusal):
    code = "days-backwards"
    message = _("The last day is before the first day.")
    remedy = _("Choose a last day on or after the first day.")
    field = "last_day"


class ReleaseMovedOn(Refusal):
    code = "release-moved-on"
    message = _("This release is %(status)s: that is no longer possible.")
    remedy = _("Look at the release again and go on from there.")


class ReviewedByAuthor(Refusal):
    code = "reviewed-by-author"
    message = _("You drafted this release yourself.")
    remedy = _("Ask another officer to review it.")
    status = 403


class NothingToOpen(Refusal):
    code = "nothing-to-open"
    message = _("The plan has no session on any open day of this release.")
    remedy = _("Choose other days, or add sessions to the plan.")


class SessionsOverlap(Refusal):
    code = "sessions-overlap"
    message = _("Another release already has the session on %(day)s at %(starts)s.")
    remedy = _("Choose other days, or withdraw the other release if it is not open yet.")


class MomentPassed(Refusal):
    code = "moment-passed"
    message = _("The moment of opening has passed.")
    remedy = _("Choose a later moment.")
    field = "publish_at"


class OpensTooLate(Refusal):
    code = "opens-too-late"
    message = _("The release would open after its last day.")
    remedy = _("Choose an earlier moment of opening, or later days.")
    field = "publish_at"


class OpensEarlier(Refusal):
    code = "opens-earlier"
    message = _("The opening can only be moved to a later moment.")
    remedy = _("Who has planned for the announced moment must not come too late.")
    field = "publish_at"


class ReasonMissing(Refusal):
    code = "reason-missing"
    message = _("Say why the release is withdrawn.")
    field = "reason"


@transaction.atomic
def draft_release(
    *,
    office: Office,
    plan: Plan,
    first_day: date,
    last_day: date,
    publish_at: datetime,
    by: trail.By,
    at: datetime,
) -> Release:
    """Both days are included. Raises PlanElsewhere, DaysBackwards."""
    release = Release(
        office=office, plan=plan, first_day=first_day, last_day=last_day, publish_at=publish_at
    )
    return _save_draft(release, by, at)


@transaction.atomic
def redraft_release(*, release: Release, by: trail.By, at: datetime) -> Release:
    """Saves what was changed in a draft or reviewed release: a draft of `by`, to be reviewed anew.

    Raises ReleaseMovedOn, PlanElsewhere, DaysBackwards.
    """
    _locked(release, ReleaseStatus.DRAFT, ReleaseStatus.REVIEWED)
    release.status, release.reviewed_by_id = ReleaseStatus.DRAFT, None
    return _save_draft(release, by, at)


@transaction.atomic
def review_release(*, release: Release, by: AbstractBaseUser, at: datetime) -> Release:
    """A second officer agrees to what the release will make.

    Raises ReleaseMovedOn, ReviewedByAuthor, NothingToOpen, SessionsOverlap.
    """
    draft = _locked(release, ReleaseStatus.DRAFT)
    if draft.drafted_by_id == by.pk:
        raise ReviewedByAuthor
    # One review at a time in an office, so that two releases cannot both find the days free.
    Office.objects.select_for_update().get(pk=draft.office_id)
    Plan.objects.select_for_update().get(pk=draft.plan_id)
    sessions = sessions_of(draft)
    if not sessions:
        raise NothingToOpen
    _refuse_overlap(draft, {session.key for session in sessions})
    draft.reviewed_by_id = by.pk
    seats = sum(session.seats for session in sessions)
    return _move(draft, ReleaseStatus.REVIEWED, by, at, sessions=len(sessions), seats=seats)


@transaction.atomic
def schedule_release(*, release: Release, by: trail.By, at: datetime) -> Release:
    """From now on everybody may read when it opens, and followers of the office are told; early
    enough, it has a waiting room.

    Raises ReleaseMovedOn, MomentPassed, OpensTooLate.
    """
    reviewed = _locked(release, ReleaseStatus.REVIEWED)
    if reviewed.publish_at < at:
        raise MomentPassed
    _refuse_late_opening(reviewed)
    announce_room(release=reviewed, by=by, at=at)
    announce(reviewed, at=at)
    return _move(reviewed, ReleaseStatus.SCHEDULED, by, at)


@transaction.atomic
def move_opening(*, release: Release, publish_at: datetime, by: trail.By, at: datetime) -> Release:
    """An announced release opens later, and its waiting room; followers are told.

    Raises ReleaseMovedOn, OpensEarlier, OpensTooLate.
    """
    announced = _locked(release, ReleaseStatus.SCHEDULED)
    if publish_at <= max(announced.publish_at, at):
        raise OpensEarlier
    announced.publish_at = publish_at
    _refuse_late_opening(announced)
    announced.save(update_fields=["publish_at"])
    move_room(release=announced)
    move(announced, at=at)
    _record("moved", announced, by, at, publish_at=publish_at.isoformat())
    return announced


@transaction.atomic
def withdraw_release(*, release: Release, by: trail.By, at: datetime, reason: str) -> Release:
    """Before it opens only: afterwards people have seats in it. Raises ReleaseMovedOn."""
    if not reason.strip():
        raise ReasonMissing
    current = _locked(release, *WAITING)
    take_back(current, at=at)
    return _move(current, ReleaseStatus.WITHDRAWN, by, at, reason=reason.strip())


def open_release(*, release: Release, at: datetime, by: trail.By = "timetable") -> bool:
    """Makes the slots and seats of a release whose moment has come and draws the order of its
    waiting room; whether this call did.

    Exactly once, however many try at the same time: the others wait and find it open.
    """
    due = _due(at).filter(pk=release.pk).first()
    return due is not None and _open(due, at, by)


def open_due_releases(*, at: datetime) -> int:
    """Opens each in a transaction of its own; one that fails is tried again by the next run.

    Returns how many were opened.
    """
    due = list(_due(at).order_by("publish_at").prefetch_related("plan__lines"))
    if not due:
        return 0
    plan_anew()
    opened = sum(_opened(release, at) for release in due)
    if opened:
        refresh_statistics()
    return opened


@transaction.atomic
def close_ended_releases(*, at: datetime) -> int:
    """Closes the releases whose last session is over; returns how many."""
    running = Release.objects.filter(status=ReleaseStatus.OPEN)
    sessions_left = Slot.objects.filter(release=OuterRef("pk"), ends_at__gt=at)
    ended = list(running.exclude(Exists(sessions_left)).select_for_update(skip_locked=True))
    for release in ended:
        _move(release, ReleaseStatus.CLOSED, "timetable", at)
    return len(ended)


def _due(at: datetime) -> "QuerySet[Release]":
    due = Release.objects.filter(status=ReleaseStatus.SCHEDULED, publish_at__lte=at)
    return due.select_related("office", "plan", "room")


@transaction.atomic
def _open(release: Release, at: datetime, by: trail.By) -> bool:
    """As it was read: what a second officer agreed to stays until it is withdrawn or opens."""
    due = Release.objects.filter(
        pk=release.pk, status=ReleaseStatus.SCHEDULED, publish_at=release.publish_at
    )
    if not due.update(status=ReleaseStatus.OPEN, opened_at=at):
        return False
    release.status, release.opened_at = ReleaseStatus.OPEN, at
    slots, seats = make_slots_and_seats(release, sessions_of(release))
    _record("opened", release, by, at, slots=slots, seats=seats)
    draw(release=release, at=at)
    return True


def _opened(release: Release, at: datetime) -> bool:
    try:
        return _open(release, at, "timetable")
    except Exception:  # whatever is wrong with one, the others must open
        log.exception("release %s did not open", release.code)
        return False


def _save_draft(release: Release, by: trail.By, at: datetime) -> Release:
    if release.plan.office_id != release.office_id:
        raise PlanElsewhere
    if release.last_day < release.first_day:
        raise DaysBackwards
    release.drafted_by_id = by.pk if isinstance(by, AbstractBaseUser) else None
    release.save()
    days = {"first_day": str(release.first_day), "last_day": str(release.last_day)}
    _record("drafted", release, by, at, plan=release.plan.name, **days)
    return release


def _locked(release: Release, *statuses: ReleaseStatus) -> Release:
    """As it stands now, kept from others until the commit; raises ReleaseMovedOn."""
    rows = Release.objects.select_related("office", "plan").select_for_update(of=("self",))
    current = rows.get(pk=release.pk)
    if current.status not in statuses:
        raise ReleaseMovedOn(status=current.get_status_display())
    return current


def _move(
    release: Release, status: ReleaseStatus, by: trail.By, at: datetime, **facts: object
) -> Release:
    release.status = status
    release.save(update_fields=["status", "reviewed_by"])
    _record(status.value, release, by, at, **facts)
    return release


def _record(done: str, release: Release, by: trail.By, at: datetime, **facts: object) -> None:
    trail.record(f"release.{done}", subject=f"release:{release.code}", by=by, at=at, **facts)


def _refuse_late_opening(release: Release) -> None:
    if release.office.local(release.publish_at).date() > release.last_day:
        raise OpensTooLate


def _refuse_overlap(release: Release, wanted: set[Key]) -> None:
    """The unique constraint of the slots would stop the opening: say so while it can be mended."""
    taken = wanted.intersection(chain(_made(release), _approved(release)))
    if taken:
        day, starts, _service = min(taken)
        raise SessionsOverlap(day=date_format(day, "j F Y"), starts=f"{starts:%H:%M}")


def _made(release: Release) -> list[Key]:
    days = (release.first_day, release.last_day)
    slots = Slot.objects.filter(office=release.office, date__range=days)
    return list(slots.values_list("date", "starts", "service"))


def _approved(release: Release) -> list[Key]:
    others = Release.objects.filter(
        office=release.office,
        status__in=APPROVED,
        first_day__lte=release.last_day,
        last_day__gte=release.first_day,
    ).exclude(pk=release.pk)
    return [session.key for other in others for session in sessions_of(other)]
