"""What applicants, and of outages officers, are told by the contact they confirmed."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation

from applicants.announcing import send
from applicants.models import User
from applicants.queries import accounts_by_code
from appointments.access import visit_made
from appointments.bringing import to_bring
from appointments.documents.enums import Reason
from appointments.documents.models import Document
from appointments.enums import WISHED, AppointmentStatus, MoveReason
from appointments.models import Application, Appointment
from appointments.papers import PAPERS
from appointments.visits.enums import REMEDIES, StopReason
from appointments.visits.models import Pickup
from mpaspor.core.templatetags.words import moment
from payments.models import Case, Incident
from quota.models import Office, Slot
from quota.queries import office_names
from quota.waiting_list.models import Offer, Wish
from quota.waiting_room.enums import TicketStatus
from quota.waiting_room.models import QueueTicket
from quota.waiting_room.queries import mark_told, to_be_told


def tell(appointment: Appointment, what: str, *, at: datetime) -> None:
    """One notice `notices/appointments/<what>`; told once, however often it is asked for."""
    slot = appointment.slot
    _tell(
        appointment.application.account,
        what,
        appointment.code,
        at=at,
        **_whose(appointment.application),
        **_session(slot),
    )


def tell_corrected(appointment: Appointment, *, at: datetime) -> None:
    """Each correction: what is applied for now, and that the letter is a new one."""
    application = appointment.application
    with translation.override(application.account.language):
        answers = f"{application.get_kind_display()}, {application.get_book_display()}"
    _tell(
        application.account,
        "corrected",
        appointment.code,
        at=at,
        once=f":{at.isoformat()}",
        **_whose(application),
        answers=answers,
    )


def tell_not_corrected(
    appointment: Appointment, request: str, answer: str, *, at: datetime
) -> None:
    """Each request once: why the office does not put it right."""
    application = appointment.application
    _tell(
        application.account,
        "not_corrected",
        appointment.code,
        at=at,
        once=f":{request}",
        **_whose(application),
        answer=answer,
    )


def tell_reminder(appointment: Appointment, kind: str, token: str, *, at: datetime) -> None:
    """That the visit comes near: when, where, what to bring. Once of a kind for each session."""
    application, slot = appointment.application, appointment.slot
    bring = to_bring(application, on=slot.date)
    _tell(
        application.account,
        "reminder",
        appointment.code,
        at=at,
        once=f":{kind}:{slot.starts_at:%Y%m%d%H%M}",
        **_whose(application),
        address=slot.office.address,
        **_session(slot),
        token=token,
        papers=[document.paper.name for document in bring.documents],
    )


def tell_moved(
    appointment: Appointment, old: Slot, why: MoveReason, *, note: str = "", at: datetime
) -> None:
    """Each move once: the old day and hour and the new ones, and what one can do."""
    slot = appointment.slot
    _tell(
        appointment.application.account,
        "reseated" if why == MoveReason.CLOSED else "moved",
        appointment.code,
        at=at,
        once=f":{appointment.moved}",
        **_whose(appointment.application),
        old_day=old.date.isoformat(),
        old_starts=old.starts.isoformat(),
        **_session(slot),
        is_own=why in WISHED,
        is_paid=appointment.status == AppointmentStatus.CONFIRMED,
        note=note,
    )


def tell_seatless(appointment: Appointment, note: str, *, at: datetime) -> None:
    """That the session is closed and no equal seat was found; once for each such session."""
    slot = appointment.slot
    _tell(
        appointment.application.account,
        "seatless",
        appointment.code,
        at=at,
        once=f":{slot.code}",
        **_whose(appointment.application),
        **_session(slot),
        is_paid=appointment.status == AppointmentStatus.CONFIRMED,
        note=note,
    )


def tell_step(
    application: Application, status: str, step: int, *, reason: str, note: str, at: datetime
) -> None:
    """That the passport is ready, or why it does not go on and what to do."""
    visit = visit_made(application)
    if visit is None:
        return
    pickup = Pickup.objects.filter(application=application).first()
    with translation.override(None):
        why = str(StopReason(reason).label) if reason else ""
        remedy = str(REMEDIES[StopReason(reason)]) if reason else ""
    _tell(
        application.account,
        f"step_{status}",
        visit.code,
        at=at,
        once=f":{step}",
        **_whose(application),
        office=visit.slot.office.name,
        address=visit.slot.office.address,
        reason=why,
        remedy=remedy,
        note=note,
        day=last_day(pickup.until, visit.slot.office).isoformat() if pickup else "",
    )


def tell_collect(visit: Appointment, until: datetime, *, at: datetime) -> None:
    """That the passport still waits, and until which day; once on each day."""
    application, office = visit.application, visit.slot.office
    _tell(
        application.account,
        "collect",
        visit.code,
        at=at,
        once=f":{office.local(at).date()}",
        **_whose(application),
        office=office.name,
        address=office.address,
        day=last_day(until, office).isoformat(),
    )


def last_day(until: datetime, office: Office) -> date:
    """Of the office, on which a passport that is kept until then can be collected."""
    return office.local(until - timedelta(seconds=1)).date()


def tell_case(case: Case, appointment: Appointment, *, at: datetime) -> None:
    """Which case it is, what happens and until when: to the account that the bill was made for."""
    _tell(
        appointment.application.account,
        "case",
        case.code,
        at=at,
        application=appointment.application.code,
        kind=case.kind,
        ntpn=case.payment.ntpn,
        amount=case.payment.amount,
        day=appointment.slot.office.local(case.due_at).date().isoformat(),
    )


def tell_receipt(code: str, finding: str, appointment: Appointment, *, at: datetime) -> None:
    """What the treasurer found on the picture of a receipt."""
    application = appointment.application
    facts = {"application": application.code, "finding": finding}
    _tell(application.account, "receipt", code, at=at, **facts)


def tell_incident_goes_on(incident: Incident, officer: User, *, at: datetime) -> None:
    """Nobody has ended it; meanwhile clocks stand still."""
    with translation.override(officer.language):
        fails, since = incident.get_what_display(), moment(incident.began_at, settings.TIME_ZONE)
    _tell(
        officer,
        "incident_goes_on",
        incident.code,
        at=at,
        once=f":{officer.code}:{incident.remind_at:%Y%m%d%H%M%S}",
        fails=fails,
        since=since,
        reason=incident.reason,
        incident=incident.pk,
    )


def tell_turns(*, at: datetime) -> int:
    """Tells who is called, and whose turn is soon; each once. Returns how many were due."""
    tickets = to_be_told(at=at)
    holders = [ticket.holder for ticket in tickets]
    accounts = {account.code: account for account in accounts_by_code(holders)}
    for ticket in tickets:
        with transaction.atomic():
            _tell_turn(ticket, accounts.get(ticket.holder), at=at)
            mark_told(ticket)
    return len(tickets)


def _tell_turn(ticket: QueueTicket, account: User | None, *, at: datetime) -> None:
    if account is None:
        return
    office = ticket.room.release.office
    is_called = ticket.status == TicketStatus.CALLED
    until = office.local(ticket.until) if is_called and ticket.until else None
    send(
        account,
        f"notices/appointments/turn_{'called' if is_called else 'soon'}",
        f"turn:{ticket.code}:{ticket.number}:{ticket.status}",
        at=at,
        release=ticket.room.release.code,
        office=office.name,
        zone=office.zone,
        until=f"{until:%H:%M}" if until else "",
    )


def tell_offer(offer: Offer, *, at: datetime) -> None:
    """That a seat is kept, until when, and where to press."""
    slot = offer.slot
    _tell(
        User.objects.get(pk=offer.wish.account_id),
        "seat_offered",
        offer.code,
        at=at,
        **_session(slot),
        seats=len(offer.holders),
        is_earlier=offer.wish.is_earlier,
        until=slot.office.local(offer.until).isoformat(),
    )


def tell_wish_closed(wish: Wish, *, at: datetime) -> None:
    account = User.objects.get(pk=wish.account_id)
    _tell(account, "wish_closed", wish.code, at=at, offices=", ".join(office_names(wish.offices)))


def tell_document_again(document: Document, *, until: date | None, at: datetime) -> None:
    """Which document is to be sent again, why, and until when; `until` None: or be brought."""
    application = document.application
    with translation.override(None):
        reason = str(Reason(document.reason).label)
    _tell(
        application.account,
        "document_again",
        document.code,
        at=at,
        **_whose(application),
        paper=PAPERS[document.kind].name,
        reason=reason,
        note=document.note,
        day=until.isoformat() if until else "",
    )


def _whose(application: Application) -> dict[str, str]:
    return {"application": application.code, "name": application.person.name}


def _session(slot: Slot) -> dict[str, str]:
    return {
        "office": slot.office.name,
        "zone": slot.office.zone,
        "day": slot.date.isoformat(),
        "starts": slot.starts.isoformat(),
        "ends": slot.ends.isoformat(),
    }


def _tell(
    account: User, what: str, code: str, *, at: datetime, once: str = "", **facts: object
) -> None:
    """`once`: what makes it another notice with the same name and code."""
    send(account, f"notices/appointments/{what}", f"{what}:{code}{once}", at=at, code=code, **facts)
