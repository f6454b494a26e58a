"""How far the emptying of a day has come, and who is left for a person to look after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from appointments.enums import TO_COME, AppointmentStatus
from appointments.models import Appointment
from appointments.reseating.enums import Answer, Place
from appointments.reseating.models import Reseated, Reseating
from quota.models import Slot


@dataclass(frozen=True)
class Progress:
    """In people. `seatless` are those who still have no other session and no other way out."""

    people: int
    waiting: int
    moved: int
    over: int
    accepted: int
    chosen: int
    declined: int
    seatless: list[Appointment]

    @property
    def done(self) -> int:
        return self.people - self.waiting


def progress_of(act: Reseating) -> Progress:
    rows = list(act.people.values_list("place", "answer"))
    places, answers = [place for place, _said in rows], [said for _place, said in rows]
    return Progress(
        people=len(rows),
        waiting=places.count(Place.WAITING),
        moved=places.count(Place.MOVED),
        over=places.count(Place.OVER),
        accepted=answers.count(Answer.ACCEPTED),
        chosen=answers.count(Answer.CHOSEN),
        declined=answers.count(Answer.DECLINED),
        seatless=list(_seatless(act)),
    )


def _seatless(act: Reseating) -> Iterable[Appointment]:
    """Until they are given a day, choose one, or give up."""
    there = Q(reseated__reseating=act, reseated__place=Place.SEATLESS, reseated__answer="")
    rows = Appointment.objects.filter(there, slot=F("reseated__old_slot"), status__in=TO_COME)
    people = rows.select_related("application__person", "slot__office")
    return people.order_by("slot__starts_at", "application__person__name")


def acts_of(slots: Iterable[Slot]) -> list[Reseating]:
    """Those that emptied one of these sessions, the newest first."""
    acts = Reseating.objects.filter(people__old_slot__in=list(slots)).distinct()
    return list(acts.order_by("-begun_at"))


def choice_of(appointment: Appointment, *, at: datetime) -> Reseated | None:
    """The move by the office that the person may still answer."""
    return choices_of([appointment], at=at).get(appointment.pk)


def choices_of(members: Iterable[Appointment], *, at: datetime) -> dict[int, Reseated]:
    """By appointment. Whoever answers has the appointments locked, which is all it takes."""
    by_key = {member.pk: member for member in members}
    rows = Reseated.objects.filter(appointment__in=by_key).exclude(
        place__in=(Place.WAITING, Place.OVER)
    )
    latest = {row.appointment_id: row for row in rows.order_by("pk").select_related("old_slot")}
    return {key: row for key, row in latest.items() if _is_open(row, by_key[key], at)}


def _is_open(row: Reseated, member: Appointment, at: datetime) -> bool:
    if row.answer or member.status != AppointmentStatus.CONFIRMED:
        return False
    if row.place == Place.SEATLESS:
        return member.slot_id == row.old_slot_id
    return member.slot_id == row.new_slot_id and member.slot.starts_at > at
