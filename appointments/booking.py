"""From a chosen session to held seats: for one person, or for a party all or none."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from appointments.applying import NotADraft, refuse_if_active
from appointments.enums import TO_COME, ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.party import in_the_way, refuse_as_party, together_with
from appointments.priority import refuse_unfit
from appointments.thawing import give_holds_time_back, hold_ends
from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.core.errors import Refusal
from payments.stopping import current_incident
from quota.models import Slot
from quota.queries import slot_for_booking, terms_of_slot
from quota.seats import give_back, take_seat, take_seats
from quota.waiting_list.answering import hand_over
from quota.waiting_list.reopening import give_place_back
from quota.waiting_room.turns import is_gated, return_turn, use_turn

# As texts: each booking asks them, and to put them together takes longer than to answer them.
DRAFTS = """
    SELECT a.*, i.code AS identity_code
    FROM appointments_application a JOIN applicants_identity i ON i.id = a.identity_id
    WHERE a.id = ANY(%(applications)s) ORDER BY a.identity_id FOR NO KEY UPDATE OF i
"""
HELD = """
    SELECT * FROM appointments_appointment
    WHERE application_id = ANY(%(applications)s) AND status = %(held)s ORDER BY id FOR UPDATE
"""


class SeatElsewhere(Refusal):
    code = "seat-elsewhere"
    message = _("Another account is holding a seat for this NIK at this moment.")
    remedy = _(
        "Go on there, or wait: a seat that is not paid for is given back within a few hours."
    )
    field = "application"


def hold_seat(
    *,
    application: Application,
    slot_code: str,
    by: trail.By,
    at: datetime,
    offered: str = "",
) -> Appointment:
    """Holds one seat: a party of one. Raises as hold_seats."""
    [held] = hold_seats(
        applications=[application],
        slot_code=slot_code,
        by=by,
        at=at,
        offered=[offered] if offered else [],
    )
    return held


def hold_seats(
    *,
    applications: Sequence[Application],
    slot_code: str,
    by: trail.By,
    at: datetime,
    offered: Sequence[str] = (),
) -> list[Appointment]:
    """Holds a seat of the session for each, or for none, until the same moment (`hold_until`).

    In the order of their identities. The same session again gives the same holds; another session,
    or another party, moves them there, and the old seats are only given up when the new ones are
    sure. Where a waiting room is at work it spends everybody's turn; moving within its opening
    needs none, nor do seats that the waiting list `offered` by these codes. A refusal names whom it
    is about. Raises SlotGone, SlotFull, OtherService, PriorityOnly, NotADraft, AlreadyActive,
    SeatElsewhere, QueueFirst, TurnForOtherService, AllPromised, OfferOver and what
    party.refuse_as_party raises.
    """
    refuse_as_party(applications)
    try:
        return _hold(applications, slot_code, offered, by=by, at=at)
    except IntegrityError as clash:
        if "one_live_appointment" in str(clash):
            _refuse_seated(applications)
            raise SeatElsewhere from clash
        raise


def _refuse_seated(applications: Sequence[Application]) -> None:
    """Says who it is that has a seat in another account."""
    live = Appointment.objects.filter(status__in=TO_COME)
    for application in applications:
        elsewhere = live.exclude(application=application.pk)
        if elsewhere.filter(identity=application.identity_id).exists():
            with in_the_way(application, of=len(applications)):
                raise SeatElsewhere


@transaction.atomic
def _hold(
    applications: Sequence[Application],
    slot_code: str,
    offered: Sequence[str],
    *,
    by: trail.By,
    at: datetime,
) -> list[Appointment]:
    drafts = _drafts(applications)
    slot = slot_for_booking(code=slot_code, at=at)
    for draft in drafts:
        with in_the_way(draft, of=len(drafts)):
            refuse_unfit(draft, slot, drafts)
    held = _held(drafts)
    if _are_seated(held, drafts, slot, at):
        return held
    for old in held:
        _release(old, by=by, at=at)
    by_draft = {old.application_id: old for old in held}
    for draft in drafts:
        with in_the_way(draft, of=len(drafts)):
            refuse_if_active(draft.identity_id, account_id=draft.account_id)
            if not (offered or _moves_within(by_draft.get(draft.pk), slot, at)):
                _use_turn(draft, slot, at=at)
    return _take(drafts, slot, offered, by=by, at=at)


def _drafts(applications: Sequence[Application]) -> list[Application]:
    """With a lock on each person: tabs and accounts that hold for one NIK go one by one.

    Not on the application: everybody else locks that after the appointment.
    """
    chosen = {"applications": [application.pk for application in applications]}
    drafts = list(Application.objects.raw(DRAFTS, chosen))
    if len(drafts) < len(applications):
        raise NotADraft
    for draft in drafts:
        with in_the_way(draft, of=len(drafts)):
            if draft.status != ApplicationStatus.DRAFT:
                raise NotADraft
    refuse_as_party(drafts)
    return drafts


def _held(drafts: Sequence[Application]) -> list[Appointment]:
    theirs = {
        "applications": [draft.pk for draft in drafts],
        "held": AppointmentStatus.HELD.value,
    }
    return list(Appointment.objects.raw(HELD, theirs))


def _are_seated(
    held: Sequence[Appointment], drafts: Sequence[Application], slot: Slot, at: datetime
) -> bool:
    """These people and nobody else hold seats of this session together."""
    if len(held) < len(drafts) or any(
        one.slot_id != slot.pk or hold_ends(one) <= at for one in held
    ):
        return False
    party = together_with(held[0]).filter(status=AppointmentStatus.HELD)
    return {one.pk for one in party} == {one.pk for one in held}


def _use_turn(draft: Application, slot: Slot, *, at: datetime) -> None:
    if is_gated(slot):
        use_turn(slot=slot, identity=draft.identity_code, at=at)


def _moves_within(held: Appointment | None, slot: Slot, at: datetime) -> bool:
    """A seat of the same opening and service is given up for the new one."""
    if held is None or hold_ends(held) <= at:
        return False
    old = held.slot
    return (old.release_id, old.service) == (slot.release_id, slot.service)


def _take(
    drafts: Sequence[Application],
    slot: Slot,
    offered: Sequence[str],
    *,
    by: trail.By,
    at: datetime,
) -> list[Appointment]:
    terms = terms_of_slot(slot)
    until = at + timedelta(minutes=terms.hold_minutes)
    party = new_code() if len(drafts) > 1 else ""
    made = [_make(draft, slot, party, until, by=by, at=at) for draft in drafts]
    codes = [appointment.code for appointment in made]
    if offered:
        for code, seat in zip(codes, offered, strict=True):
            hand_over(slot=slot, holder=code, offered=seat)
    elif party:
        take_seats(slot=slot, holders=codes)
    else:
        take_seat(slot=slot, holder=codes[0])
    return made


def _make(
    draft: Application, slot: Slot, party: str, until: datetime, *, by: trail.By, at: datetime
) -> Appointment:
    appointment = Appointment.objects.create(
        application=draft,
        identity_id=draft.identity_id,
        slot=slot,
        party=party,
        held_at=at,
        hold_until=until,
    )
    subject = f"appointment:{appointment.code}"
    facts = {"slot": slot.code} | ({"party": party} if party else {})
    trail.record("appointment.hold", subject=subject, by=by, at=at, **facts)
    return appointment


@transaction.atomic
def release_hold(*, appointment: Appointment, by: trail.By, at: datetime) -> None:
    """Gives a held seat back with those of its party, and turns in the waiting room that still run.

    Repeatable. Raises NotADraft once a billing code was asked for.
    """
    rows = together_with(appointment).select_related("slot", "identity").order_by("pk")
    for held in rows.select_for_update(of=("self",)):
        _give_up(held, by=by, at=at)


@transaction.atomic
def release_one(*, appointment: Appointment, by: trail.By, at: datetime) -> None:
    """As release_hold, for one who leaves the party; the others stay seated."""
    rows = Appointment.objects.select_related("slot", "identity").select_for_update(of=("self",))
    _give_up(rows.get(pk=appointment.pk), by=by, at=at)


def _give_up(held: Appointment, *, by: trail.By, at: datetime) -> None:
    if held.status == AppointmentStatus.HELD:
        _release(held, by=by, at=at)
        return_turn(slot=held.slot, identity=held.identity.code, at=at)
    elif held.status != AppointmentStatus.RELEASED:
        raise NotADraft


def _release(held: Appointment, *, by: trail.By, at: datetime) -> None:
    held.status = AppointmentStatus.RELEASED
    held.save(update_fields=["status"])
    give_back(holder=held.code, at=at)
    trail.record("appointment.release", subject=f"appointment:{held.code}", by=by, at=at)


def lapse_holds(*, at: datetime, batch: int = 200) -> int:
    """Gives back the seats whose hold is over, and to who had waited for one the old place on the
    list; returns how many. None lapses while its clock stands still."""
    while give_holds_time_back(at=at):
        pass
    if current_incident():
        return 0
    with transaction.atomic():
        over = Appointment.objects.filter(status=AppointmentStatus.HELD, hold_until__lte=at)
        locking = over.select_for_update(of=("self",), skip_locked=True)
        due = list(locking.select_related("slot", "identity").order_by("hold_until")[:batch])
        held = [one for one in due if hold_ends(one) <= at]
        for appointment in held:
            _release(appointment, by="timetable", at=at)
            _line_up_again(appointment, at=at)
    return len(held)


def _line_up_again(lapsed: Appointment, *, at: datetime) -> None:
    identity = lapsed.identity.code
    give_place_back(slot=lapsed.slot, identity=identity, by="timetable", at=at)
