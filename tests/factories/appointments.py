"""Applications and appointments, made by the deeds that people's clicks call."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from applicants.models import Person, User
from appointments.applying import start_application
from appointments.arrival import check_in
from appointments.booking import hold_seat, hold_seats
from appointments.confirming import confirm
from appointments.enums import STEPS, ApplicationStatus, Book, Kind, ServiceClass
from appointments.models import Application, Appointment
from appointments.submitting import request_payment
from appointments.visits.enums import Collector
from appointments.visits.processing import go_on, hand_over
from mpaspor.core import clock
from payments.fees import load_fees
from payments.gateway.port import Issued, Money, Order
from payments.issuing import issue_requested
from payments.models import Bill
from payments.settlement import settle
from quota.models import Slot
from tests.factories.applicants import make_person, make_user
from tests.factories.quota import make_open_slot


class PromptGateway:
    """A gateway that gives every bill its code at once and has seen no money."""

    def create(self, order: Order) -> Issued:
        code = str(10**14 + secrets.randbelow(9 * 10**14))
        return Issued(code, expires_at=order.expires_at, issued_at=order.expires_at)

    def inquire(self, billing_codes: Any) -> dict[str, list[Money]]:
        return {code: [] for code in billing_codes}


def make_application(
    *, person: Person | None = None, at: datetime | None = None, **answers: Any
) -> Application:
    """A draft for `person`, who is new by default."""
    person = person or make_person()
    usual = {"kind": Kind.NEW, "book": Book.FIVE_YEARS, "service": ServiceClass.REGULAR}
    return start_application(
        account=person.account,
        person=person,
        **usual | answers,
        by=person.account,
        at=at or clock.now(),
    )


def make_held(
    *,
    slot: Slot | None = None,
    application: Application | None = None,
    person: Person | None = None,
    at: datetime | None = None,
) -> Appointment:
    """A seat held for a draft."""
    at = at or clock.now()
    slot = slot or make_open_slot()
    application = application or make_application(person=person, at=at)
    return hold_seat(application=application, slot_code=slot.code, by=application.account, at=at)


def make_party(
    *,
    people: int = 3,
    slot: Slot | None = None,
    account: User | None = None,
    at: datetime | None = None,
) -> list[Appointment]:
    """Seats held together, for new persons of one account."""
    at, account = at or clock.now(), account or make_user()
    persons = [make_person(account=account) for _one in range(people)]
    drafts = [make_application(person=person, at=at) for person in persons]
    slot = slot or make_open_slot()
    return hold_seats(applications=drafts, slot_code=slot.code, by=account, at=at)


def make_billed_party(**given: Any) -> list[Appointment]:
    """Waiting for one payment; the bill has its code."""
    load_fees()
    at = given.pop("at", None) or clock.now()
    party = make_party(at=at, **given)
    request_payment(appointment=party[0], by=party[0].application.account, at=at)
    issue_requested(gateway=PromptGateway(), at=at)
    for appointment in party:
        appointment.refresh_from_db()
    return party


def make_awaiting(*, issued: bool = True, at: datetime | None = None, **given: Any) -> Appointment:
    """Waiting for payment; its bill has its code unless `issued` is False."""
    load_fees()
    at = at or clock.now()
    held = make_held(at=at, **given)
    appointment = request_payment(appointment=held, by=held.application.account, at=at)
    if issued:
        issue_requested(gateway=PromptGateway(), at=at)
    appointment.refresh_from_db()
    return appointment


def make_confirmed(*, at: datetime | None = None, **given: Any) -> Appointment:
    """Paid and confirmed, also where nothing is ever committed."""
    at = at or clock.now()
    appointment = make_awaiting(at=at, **given)
    bill = appointment.bill
    assert bill is not None
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="simponi", at=at)
    confirm(bill_code=bill.code, at=at)
    return Appointment.objects.select_related(
        "application__person__identity", "application__account", "slot__office", "bill"
    ).get(pk=appointment.pk)


def make_arrived(appointment: Appointment | None = None) -> Appointment:
    """Checked in at the beginning of the session."""
    appointment = appointment or make_confirmed()
    slot = appointment.slot
    return check_in(appointment=appointment, office=slot.office, by="test", at=slot.starts_at)


def make_at_step(step: str, appointment: Appointment | None = None) -> Application:
    """The application of somebody who has come, so far on its way."""
    arrived = make_arrived(appointment)
    application, at = arrived.application, arrived.slot.starts_at
    for to in STEPS[1 : STEPS.index(ApplicationStatus(step)) + 1]:
        application = go_on(application=application, to=to, by="test", at=at)
    return application


def make_handed_over(appointment: Appointment | None = None, **facts: Any) -> Application:
    ready = make_at_step(ApplicationStatus.READY, appointment)
    who = {"collector": Collector.SELF} | facts
    return hand_over(application=ready, **who, by="test", at=clock.now())


def make_money(bill: Bill, *, at: datetime | None = None, **facts: Any) -> Money:
    """A payment of the whole bill, by default now."""
    whole = Money(
        ntpn=secrets.token_hex(8).upper(),
        ntb=str(secrets.randbelow(10**12)),
        amount=bill.amount,
        paid_at=at or clock.now(),
        channel="Bank Uji",
    )
    return replace(whole, **facts)
