"""Every deadline of the service in one table: to the second, by the clocks of three offices.

The moment of each row is put together from the day and the hour with the zone's offset alone, so
that no library's idea of a zone proves itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from applicants.guardians import is_child
from appointments.accepting import accept_offer, persons_of_wish
from appointments.advising import advice_for
from appointments.arrival import check_in
from appointments.booking import lapse_holds
from appointments.calls.numbering import give_walk_in_number
from appointments.cancelling import cancel
from appointments.details import Journey
from appointments.documents.deadlines import mend_by
from appointments.documents.uploading import begin_upload, uploads_of
from appointments.enums import TravelPurpose
from appointments.models import Appointment
from appointments.no_shows import mark_no_shows
from appointments.preparing import refuse_departure
from appointments.rescheduling import reschedule
from appointments.submitting import request_payment
from appointments.visits.checking import check_letter
from appointments.visits.collecting import follow_pickups
from appointments.visits.declining import decline, decline_token
from appointments.visits.reminding import plan_reminders, remind
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from payments.fees import load_fees
from payments.models import Bill, Settlement
from payments.polling import ask_due
from payments.settlement import settle
from quota.enums import Reserve, Service, Zone
from quota.followers.quiet_hours import after_quiet_hours
from quota.models import Office, Seat, Slot
from quota.queries import SlotGone, slot_for_booking
from quota.release import close_ended_releases, open_due_releases
from quota.reserves import end_reserves
from quota.waiting_list.answering import lapse_offers
from quota.waiting_list.wishing import expire_wishes
from quota.waiting_room.joining import join
from tests.factories.appointments import (
    PromptGateway,
    make_application,
    make_at_step,
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.queue import make_announced
from tests.factories.quota import make_office, make_open_slot, make_plan, make_terms
from tests.factories.waiting_list import full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
OFFSETS = {Zone.WIB: 7, Zone.WITA: 8, Zone.WIT: 9}
CAPITAL = OFFSETS[Zone.WIB]
# A second before, at the moment, a second after: does it (still, already) hold?
UNTIL, UP_TO, FROM, AFTER = "YES no no", "YES YES no", "no YES YES", "no no YES"


@dataclass(frozen=True)
class Place:
    """An office with its zone, and a day in ten days there."""

    office: Office
    offset: int
    day: date

    def at(self, hour: float, *, days: int = 0, offset: int | None = None) -> datetime:
        """That hour of the day, or of so many days later, by a clock on the office's wall."""
        offset = self.offset if offset is None else offset
        midnight = datetime.combine(self.day + days * DAY, time(), UTC)
        return midnight + timedelta(hours=hour - offset)

    def slot(self, **facts: Any) -> Slot:
        return make_open_slot(office=self.office, starts_at=self.at(10), **facts)

    def visit(self) -> Appointment:
        """From ten to eleven."""
        return make_confirmed(slot=self.slot())


Asks = tuple[datetime, Callable[[datetime], object]]


def done(deed: Callable[..., object], **facts: Any) -> bool:
    """Whether it is not refused."""
    try:
        deed(**facts)
    except Refusal:
        return False
    return True


def door_opens(place: Place) -> Asks:
    visit = place.visit()
    return place.at(9), lambda at: come(visit, at)


def door_closes(place: Place) -> Asks:
    visit = place.visit()
    return place.at(11.5), lambda at: come(visit, at)


def come(visit: Appointment, at: datetime) -> bool:
    return done(check_in, appointment=visit, office=visit.slot.office, by="test", at=at)


def no_show(place: Place) -> Asks:
    place.visit()
    return place.at(11.5), lambda at: mark_no_shows(at=at)


def queue_number_of_the_day(place: Place) -> Asks:
    """Whether the next number is the day's first one again."""
    give_walk_in_number(office=place.office, by="test", at=place.at(12, days=-1))

    def is_first(at: datetime) -> bool:
        return str(give_walk_in_number(office=place.office, by="test", at=at)) == "P001"

    return place.at(0), is_first


def session_can_be_booked(place: Place) -> Asks:
    slot = place.slot()

    def is_there(at: datetime) -> bool:
        try:
            return bool(slot_for_booking(code=slot.code, at=at))
        except SlotGone:
            return False

    return place.at(10), is_there


def hold_can_be_billed(place: Place) -> Asks:
    load_fees()
    held = make_held(slot=place.slot(), at=place.at(8, days=-1))
    ends = place.at(8, days=-1) + 15 * MINUTE
    return ends, lambda at: done(request_payment, appointment=held, by="test", at=at)


def hold_lapses(place: Place) -> Asks:
    make_held(slot=place.slot(), at=place.at(8, days=-1))
    return place.at(8.25, days=-1), lambda at: lapse_holds(at=at)


def bill_of(visit: Appointment) -> Bill:
    assert visit.bill is not None
    return visit.bill


def money_is_in_time(place: Place) -> Asks:
    """Two hours, and the banks' grace; by the bank's clock, whenever we hear of it."""
    bill = bill_of(make_awaiting(slot=place.slot(), at=place.at(8, days=-1)))

    def pays(at: datetime) -> bool:
        money = make_money(bill, at=at)
        settle(bill_code=bill.code, money=money, by="test", at=at + DAY)
        return Settlement.objects.get(payment__ntpn=money.ntpn).outcome == "bill_paid"

    return place.at(10.25, days=-1), pays


def bill_expires(place: Place) -> Asks:
    bill = bill_of(make_awaiting(slot=place.slot(), at=place.at(8, days=-1)))

    def expires(at: datetime) -> bool:
        Bill.objects.filter(pk=bill.pk).update(next_at=at)
        ask_due(gateway=PromptGateway(), at=at)
        return Bill.objects.get(pk=bill.pk).status == "expired"

    return place.at(10.25, days=-1), expires


def bill_ends_with_the_session(place: Place) -> Asks:
    """Asked for in its last hour: to be paid until the session begins."""
    bill = bill_of(make_awaiting(slot=place.slot(), at=place.at(9)))
    return place.at(10), lambda at: bill.pay_until is not None and at < bill.pay_until


def cancelling(place: Place) -> Asks:
    visit = place.visit()
    return place.at(10), lambda at: done(cancel, appointment=visit, by="test", at=at)


def cannot_come(place: Place) -> Asks:
    token = decline_token(place.visit())
    return place.at(10), lambda at: done(decline, token=token, at=at)


def another_day(days: int) -> Callable[[Place], Asks]:
    """So many days before is the last one for it."""

    def rule(place: Place) -> Asks:
        make_terms(office=place.office, reschedule_days=days)
        visit = place.visit()
        new = make_open_slot(office=place.office, starts_at=place.at(10, days=4))
        facts = {"appointment": visit, "slot_code": new.code, "by": "test"}
        return place.at(0, days=1 - days), lambda at: done(reschedule, **facts, at=at)

    return rule


def reminder(days: int, hour: float) -> Callable[[Place], Asks]:
    def rule(place: Place) -> Asks:
        place.visit()
        for earlier in range(3, -days, -2):
            tell(place.at(10, days=-earlier))
        already = tell(place.at(0, days=-4))
        return place.at(hour, days=days), lambda at: tell(at) - already

    return rule


def tell(at: datetime) -> int:
    while plan_reminders(at=at):
        pass
    while remind(at=at):
        pass
    return Notice.objects.filter(reference__startswith="reminder:").count()


def night(hour: float) -> Callable[[Place], Asks]:
    """Whether nobody's phone may ring."""

    def rule(place: Place) -> Asks:
        late = place.at(0, days=30)
        told = partial(after_quiet_hours, office=place.office, before=late)
        return place.at(hour), lambda at: told(at) != at

    return rule


def document_may_be_mended(place: Place) -> Asks:
    """To the end of the second day before."""
    visit = place.visit()
    return place.at(0, days=-1), lambda at: mend_by(visit, at=at)


def upload_goes_on(place: Place) -> Asks:
    draft = make_application()
    facts: dict[str, Any] = {"kind": "ktp", "length": 9, "sha256": "a" * 64}
    begin_upload(application=draft, **facts, at=place.at(8))
    return place.at(8, days=1), lambda at: uploads_of(draft, at=at)


def passport_is_kept(place: Place) -> Asks:
    """To the end of the thirtieth day after it was ready, which is the day of the visit here."""
    make_terms(office=place.office, collect_days=30)
    application = make_at_step("ready", place.visit())
    ready = application.steps.latest("pk").at + timedelta(hours=place.offset)
    days = (ready.astimezone(UTC).date() - place.day).days

    def is_kept(at: datetime) -> bool:
        while follow_pickups(at=at):
            pass
        application.refresh_from_db()
        return application.status == "ready"

    return place.at(0, days=31 + days), is_kept


def letter_is_good_long_after(place: Place) -> Asks:
    """It ends by a deed, never by itself: who is late is told so at the counter."""
    visit = place.visit()
    return place.at(10), lambda at: check_letter(visit.code).state == "valid"


def release_opens(place: Place) -> Asks:
    plan = make_plan(place.office, weekdays=[0], hours=[8], seats=1)
    make_announced(opens=place.at(9), plan=plan)
    return place.at(9), lambda at: open_due_releases(at=at)


def release_closes(place: Place) -> Asks:
    """When its last session is over."""
    place.slot()
    return place.at(11), lambda at: close_ended_releases(at=at)


def waiting_room_lets_in(place: Place) -> Asks:
    make_terms(office=place.office, queue_join_minutes=60)
    plan = make_plan(place.office, weekdays=[0], hours=[8], seats=1)
    release = make_announced(opens=place.at(9), plan=plan)
    facts: dict[str, Any] = {"identities": ["A" * 10], "service": Service.REGULAR, "holder": "B"}
    return place.at(8), lambda at: done(join, release=release, **facts, by="test", at=at)


def offer_can_be_taken(place: Place) -> Asks:
    slot = full_slot(office=place.office, starts_at=place.at(10))
    offer = make_offer(slot, at=place.at(8, days=-2))
    [person] = persons_of_wish(offer.wish)
    make_application(person=person)
    return place.at(10, days=-2), lambda at: done(accept_offer, offer=offer, by="test", at=at)


def offer_lapses(place: Place) -> Asks:
    slot = full_slot(office=place.office, starts_at=place.at(10))
    make_offer(slot, at=place.at(8, days=-2))
    return place.at(10, days=-2), lambda at: lapse_offers(at=at)


def wish_is_over(place: Place) -> Asks:
    """When its last day is over everywhere in the country, and so in the capital's zone."""
    slot = full_slot(office=place.office, starts_at=place.at(10))
    make_wish(slot, first_day=place.day, last_day=place.day)
    return place.at(0, days=1, offset=CAPITAL), lambda at: expire_wishes(at=at)


def reserve_is_offered(place: Place) -> Asks:
    slot = place.slot(seats=1)
    Seat.objects.filter(slot=slot).update(reserve=Reserve.RESTORATION)
    return place.at(10, days=-1), lambda at: end_reserves(at=at)


def departure_can_be_named(place: Place) -> Asks:
    """After today, by the capital's calendar: a journey has no office."""
    return place.at(0, offset=CAPITAL), lambda at: done(
        refuse_departure, departure=place.day, at=at
    )


def advice_about_the_journey(place: Place) -> Asks:
    draft = make_application(at=place.at(8, days=-5))
    draft.journey = Journey(TravelPurpose.WORK, place.day)
    return place.at(0, offset=CAPITAL), lambda at: advice_for(draft, None, at=at)


def child_is_grown_up(place: Place) -> Asks:
    """From the seventeenth birthday on, by the capital's calendar."""
    born, grown_up = date(2010, 6, 15), datetime(2027, 6, 14, 24 - CAPITAL, tzinfo=UTC)
    return grown_up, lambda at: not is_child(born, at=at)


RULES: list[tuple[str, Callable[[Place], Asks], str]] = [
    ("the door of the office opens", door_opens, FROM),
    ("the door of the office closes", door_closes, UP_TO),
    ("who has not come is not expected any more", no_show, AFTER),
    ("queue numbers begin anew", queue_number_of_the_day, FROM),
    ("a session can be booked", session_can_be_booked, UNTIL),
    ("a held seat can be billed", hold_can_be_billed, UNTIL),
    ("a hold lapses", hold_lapses, FROM),
    ("money is in time", money_is_in_time, UP_TO),
    ("an unpaid bill ends", bill_expires, AFTER),
    ("a bill ends with its session", bill_ends_with_the_session, UNTIL),
    ("an appointment can be cancelled", cancelling, UNTIL),
    ("“I cannot come” is taken", cannot_come, UNTIL),
    ("another day, until the end of the day itself", another_day(0), UNTIL),
    ("another day, until the end of the day before", another_day(1), UNTIL),
    ("another day, until two days before", another_day(2), UNTIL),
    ("the reminder three days before", reminder(-3, 10), FROM),
    ("the reminder of the day before", reminder(-1, 10), FROM),
    ("the reminder in the morning", reminder(0, 7), FROM),
    ("the night begins", night(21), FROM),
    ("the night ends", night(7), UNTIL),
    ("a document may be sent again", document_may_be_mended, UNTIL),
    ("an upload can be gone on with", upload_goes_on, UNTIL),
    ("a passport is kept", passport_is_kept, UNTIL),
    ("a letter is good", letter_is_good_long_after, "YES YES YES"),
    ("a release opens", release_opens, FROM),
    ("a release closes", release_closes, FROM),
    ("the waiting room lets people in", waiting_room_lets_in, FROM),
    ("an offer can be taken", offer_can_be_taken, UNTIL),
    ("an offer lapses", offer_lapses, FROM),
    ("a wish is over", wish_is_over, FROM),
    ("a reserve is offered to everybody", reserve_is_offered, FROM),
    ("a day of departure can be named", departure_can_be_named, UNTIL),
    ("advice about the journey is given", advice_about_the_journey, UNTIL),
    ("a child is grown up", child_is_grown_up, FROM),
]


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize(
    ("rule", "expected"), [row[1:] for row in RULES], ids=[r[0] for r in RULES]
)
def test_deadline_is_kept_to_the_second(
    rule: Callable[[Place], Asks], expected: str, zone: Zone
) -> None:
    offset = OFFSETS[zone]
    today = (clock.now() + timedelta(hours=offset)).astimezone(UTC).date()
    moment, holds = rule(Place(make_office(zone=zone), offset, today + 10 * DAY))
    answers = [asked(holds, moment + second * SECOND) for second in (-1, 0, 1)]
    assert " ".join("YES" if answer else "no" for answer in answers) == expected


def asked(holds: Callable[[datetime], object], at: datetime) -> bool:
    """The answer at that moment, and nothing done by asking."""
    mark = transaction.savepoint()
    answer = bool(holds(at))
    transaction.savepoint_rollback(mark)
    return answer
