"""The office closes a session or a day, and everybody in it is given another seat."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.enums import TO_COME
from appointments.models import Appointment
from appointments.reseating.enums import Answer, Place
from appointments.reseating.models import Reseated, Reseating
from appointments.reseating.planning import groups_in, sessions_to_empty
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from quota.closing import close_to_empty
from quota.models import Slot

RESEAT = "appointments.reseat"


class NobodyToMove(Refusal):
    code = "nobody-to-move"
    message = _("Nobody has a seat there.")
    remedy = _("Just close the session or the day.")


@transaction.atomic
def begin(
    *, slot: Slot, whole_day: bool, reason: str, by: AbstractBaseUser, at: datetime
) -> Reseating:
    """Closes the session, or its day, and puts down everybody in it to be moved by a worker.

    Repeatable, also by another officer: who is down already stays so, and for people without a
    seat it is looked again. Raises ChangeReasonMissing, NobodyToMove.
    """
    wanted = sessions_to_empty(slot, whole_day=whole_day, at=at)
    slots = close_to_empty(slots=wanted, reason=reason, by=by, at=at)
    known = Reseated.objects.filter(old_slot__in=slots)
    down = set(unsettled(known).values_list("appointment_id", "old_slot_id"))
    people = [one for group in groups_in(slots) for one in group.members]
    new = [one for one in people if (one.pk, one.slot_id) not in down]
    _look_again(known, at=at)
    if new:
        act = Reseating.objects.create(
            office_id=slot.office_id,
            day=slot.date,
            reason=reason.strip(),
            begun_by_id=by.pk,
            begun_at=at,
        )
        put_down(act, new, at=at)
        facts = {"day": slot.date.isoformat(), "sessions": len(slots), "people": len(new)}
        trail.record("reseating.begin", subject=f"reseating:{act.code}", by=by, at=at, **facts)
        return act
    latest = known.select_related("reseating").order_by("-pk").first()
    if latest is None:
        raise NobodyToMove
    return latest.reseating


def put_down(act: Reseating, people: Sequence[Appointment], *, at: datetime) -> None:
    """In their order, which the worker keeps."""
    Reseated.objects.bulk_create(
        Reseated(
            reseating=act,
            appointment=one,
            old_slot_id=one.slot_id,
            next_at=at + timedelta(microseconds=place),
        )
        for place, one in enumerate(people)
    )
    nudge(RESEAT)


@transaction.atomic
def look_again(*, act: Reseating, by: AbstractBaseUser, at: datetime) -> int:
    """Seats may be free by now for who found none; returns for how many it is looked."""
    people = _look_again(act.people.all(), at=at)
    if people:
        subject = f"reseating:{act.code}"
        trail.record("reseating.again", subject=subject, by=by, at=at, people=people)
    return people


def _look_again(rows: "QuerySet[Reseated]", *, at: datetime) -> int:
    """For people who still have no other seat and have not answered."""
    seatless = rows.filter(place=Place.SEATLESS, answer="", appointment__status__in=TO_COME)
    keys = [row.pk for row in seatless.select_related("appointment") if _is_there(row)]
    nudge(RESEAT)
    return Reseated.objects.filter(pk__in=keys, place=Place.SEATLESS, answer="").update(
        place=Place.WAITING, next_at=at
    )


def _is_there(row: Reseated) -> bool:
    return row.appointment.slot_id == row.old_slot_id


def unsettled(rows: "QuerySet[Reseated]") -> "QuerySet[Reseated]":
    return rows.filter(place__in=(Place.WAITING, Place.SEATLESS), answer=Answer.NONE)


def latecomers(slots: Iterable[int]) -> "QuerySet[Appointment]":
    """Whose seat in a closed session was in somebody's hands when the others were put down."""
    down = unsettled(Reseated.objects.filter(old_slot__in=slots)).values("appointment_id")
    there = Appointment.objects.filter(slot__in=slots, status__in=TO_COME)
    return there.exclude(pk__in=down).order_by("pk")
