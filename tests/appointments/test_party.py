"""Several people of one account: seated, billed, confirmed and given back together, or not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, transaction

from applicants.models import Person
from appointments.applying import ActiveElsewhere, NotADraft
from appointments.booking import (
    SeatElsewhere,
    hold_seats,
    lapse_holds,
    release_hold,
)
from appointments.confirming import confirm, expire
from appointments.discarding import discard_drafts
from appointments.enums import ServiceClass
from appointments.invariants import broken
from appointments.models import Application, Appointment
from appointments.party import ChosenTwice, NobodyChosen, SeveralAccounts, SeveralServices
from appointments.priority import OtherService
from appointments.submitting import HoldLapsed, request_payment
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from payments.fees import load_fees
from payments.models import Bill
from payments.settlement import settle
from quota.enums import Service
from quota.models import Seat, Slot
from quota.seats import PartyTooLarge, TooFewSeats
from tests.database import check_deferred, sql
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_billed_party,
    make_held,
    make_money,
    make_party,
)
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def slot() -> Slot:
    return make_open_slot(seats=5)


def family(names: str = "Ayu Budi Cici", service: str = ServiceClass.REGULAR) -> list[Application]:
    """Drafts of one account, one for each name."""
    account = make_user(person_limit=6)
    persons = [make_person(account=account, name=name) for name in names.split()]
    return [make_application(person=person, service=service) for person in persons]


def hold(drafts: list[Application], slot: Slot, at: datetime) -> list[Appointment]:
    by = drafts[0].account
    return hold_seats(applications=drafts, slot_code=slot.code, by=by, at=at)


def statuses(party: list[Appointment]) -> list[str]:
    """With the seats of all, in the order of `party`."""
    check_deferred()
    now = Appointment.objects.in_bulk([appointment.pk for appointment in party])
    return [now[appointment.pk].status for appointment in party]


def seats_of(party: list[Appointment]) -> int:
    return Seat.objects.filter(holder__in=[appointment.code for appointment in party]).count()


def bill_of(appointment: Appointment) -> Bill:
    appointment.refresh_from_db()
    assert appointment.bill is not None
    return appointment.bill


def rows() -> tuple[int, int, int]:
    """Appointments, seats taken, bills: what a refusal leaves as it was."""
    taken = Seat.objects.exclude(holder=None).count()
    return Appointment.objects.count(), taken, Bill.objects.count()


def test_hold_seats_seats_everybody_of_the_party_until_the_same_moment(
    slot: Slot, at: datetime
) -> None:
    party = hold(family(), slot, at)
    check_deferred()
    assert [one.application.person.name for one in party] == ["Ayu", "Budi", "Cici"]
    assert len({(one.party, one.hold_until, one.slot_id) for one in party}) == 1
    assert (len(party[0].party), seats_of(party)) == (10, 3)
    assert statuses(party) == ["held"] * 3


def test_hold_seat_of_one_has_no_party(slot: Slot, at: datetime) -> None:
    alone = make_held(slot=slot, at=at)
    assert (alone.party, alone.payer) == ("", alone.code)


def test_hold_seats_again_gives_the_same_holds(slot: Slot, at: datetime) -> None:
    drafts = family()
    first = hold(drafts, slot, at)
    assert hold(drafts[::-1], slot, at + timedelta(minutes=1)) == first
    assert rows() == (3, 3, 0)


def test_hold_seats_elsewhere_moves_everybody(slot: Slot, at: datetime) -> None:
    drafts, other = family(), make_open_slot(seats=3)
    old, new = hold(drafts, slot, at), hold(drafts, other, at)
    assert (statuses(old), statuses(new)) == (["released"] * 3, ["held"] * 3)
    assert (seats_of(old), seats_of(new)) == (0, 3)


def test_hold_seats_elsewhere_with_too_few_seats_keeps_the_old_ones(
    slot: Slot, at: datetime
) -> None:
    drafts, other = family(), make_open_slot(seats=2)
    old = hold(drafts, slot, at)
    with pytest.raises(TooFewSeats):
        hold(drafts, other, at)
    assert (statuses(old), seats_of(old), rows()) == (["held"] * 3, 3, (3, 3, 0))


def test_hold_seats_takes_in_somebody_who_was_seated_alone(slot: Slot, at: datetime) -> None:
    drafts = family()
    alone = hold(drafts[:1], slot, at)
    party = hold(drafts, slot, at)
    assert (statuses(alone), statuses(party)) == (["released"], ["held"] * 3)


def test_hold_seat_of_one_leaves_the_others_of_the_party_seated(slot: Slot, at: datetime) -> None:
    drafts = family()
    party = hold(drafts, slot, at)
    own = hold(drafts[1:2], make_open_slot(), at)
    assert statuses(party) == ["held", "released", "held"]
    assert own[0].party == ""
    load_fees()
    request_payment(appointment=party[0], by="test", at=at)
    assert statuses(party) == ["awaiting_payment", "released", "awaiting_payment"]
    assert bill_of(party[0]).amount == 2 * 650_000


def namesake_of(person: Person) -> Person:
    """The same NIK in another account."""
    return make_person(nik=person.identity.nik, name=person.name)


def with_somebody_of_another_account() -> list[Application]:
    return [*family(), *family("Dedi")]


def with_somebody_twice() -> list[Application]:
    drafts = family()
    return [*drafts, drafts[1]]


def with_somebody_in_a_hurry() -> list[Application]:
    drafts = family()
    more = make_person(account=drafts[0].account, name="Dedi")
    return [*drafts, make_application(person=more, service=ServiceClass.ACCELERATED)]


def with_one_under_way_elsewhere() -> list[Application]:
    drafts = family()
    make_awaiting(person=namesake_of(drafts[1].person))
    return drafts


def with_one_seated_elsewhere() -> list[Application]:
    drafts = family()
    make_held(person=namesake_of(drafts[1].person))
    return drafts


def with_one_billed() -> list[Application]:
    drafts = family()
    make_awaiting(application=drafts[1])
    return drafts


def with_one_discarded() -> list[Application]:
    drafts = family()
    gone = Application.objects.filter(pk=drafts[1].pk)
    discard_drafts(gone, by="test", at=clock.now())
    return drafts


Drafts = Callable[[], list[Application]]
REFUSED: list[tuple[Drafts, type[Refusal]]] = [
    (list, NobodyChosen),
    (lambda: family("Ayu Budi Cici Dedi Eka Fani"), PartyTooLarge),
    (with_somebody_twice, ChosenTwice),
    (with_somebody_of_another_account, SeveralAccounts),
    (with_somebody_in_a_hurry, SeveralServices),
    (lambda: family(service=ServiceClass.ACCELERATED), OtherService),
    (with_one_under_way_elsewhere, ActiveElsewhere),
    (with_one_seated_elsewhere, SeatElsewhere),
    (with_one_billed, NotADraft),
    (with_one_discarded, NotADraft),
    (lambda: family("Ayu Budi Cici Dedi Eka"), TooFewSeats),
]


@pytest.mark.parametrize(("made", "refusal"), REFUSED)
def test_hold_seats_that_cannot_be_refuses_and_changes_nothing(
    made: Drafts, refusal: type[Refusal], at: datetime
) -> None:
    slot, drafts = make_open_slot(seats=4), made()
    before = rows()
    with pytest.raises(refusal) as no:
        hold_seats(applications=drafts, slot_code=slot.code, by="test", at=at)
    check_deferred()
    assert (type(no.value), rows()) == (refusal, before)


@pytest.mark.parametrize(
    "made", [with_one_under_way_elsewhere, with_one_seated_elsewhere, with_one_billed]
)
def test_hold_seats_refused_for_one_says_for_whom(made: Drafts, slot: Slot, at: datetime) -> None:
    drafts = made()
    with pytest.raises(Refusal, match=r"^Budi: "):
        hold(drafts, slot, at)


def test_release_hold_gives_the_seats_of_the_whole_party_back(slot: Slot, at: datetime) -> None:
    party = hold(family(), slot, at)
    for _again in range(2):
        release_hold(appointment=party[1], by="test", at=at)
    assert (statuses(party), seats_of(party)) == (["released"] * 3, 0)


def test_lapse_holds_gives_the_seats_of_the_whole_party_back(slot: Slot, at: datetime) -> None:
    party = hold(family(), slot, at)
    assert lapse_holds(at=party[0].hold_until) == 3
    assert (statuses(party), seats_of(party)) == (["released"] * 3, 0)


def test_discard_drafts_of_one_leaves_the_others_seated(slot: Slot, at: datetime) -> None:
    party = hold(family(), slot, at)
    discard_drafts(Application.objects.filter(pk=party[1].application_id), by="test", at=at)
    assert (statuses([party[0], party[2]]), seats_of(party)) == (["held"] * 2, 2)


def test_request_payment_makes_one_bill_with_everybodys_lines(slot: Slot, at: datetime) -> None:
    load_fees()
    party = hold(family(service=ServiceClass.REGULAR), slot, at)
    billed = [request_payment(appointment=one, by="test", at=at) for one in party]
    bill = bill_of(party[0])
    assert {bill_of(one) for one in party} == {bill}
    assert {one.bill for one in billed} == {bill}
    assert (bill.payer, bill.payer_name, bill.amount) == (party[0].party, "SITI RAHAYU", 1_950_000)
    lines = list(bill.lines.order_by("pk").values_list("for_code", "tariff", "amount"))
    assert lines == [(one.code, "EPASSPORT-5", 650_000) for one in party]
    assert statuses(party) == ["awaiting_payment"] * 3
    applications = Application.objects.filter(appointments__in=party)
    assert set(applications.values_list("status", flat=True)) == {"submitted"}


def test_request_payment_after_the_hold_refuses_for_all(slot: Slot, at: datetime) -> None:
    load_fees()
    party = hold(family(), slot, at)
    with pytest.raises(HoldLapsed):
        request_payment(appointment=party[0], by="test", at=party[0].hold_until)
    assert (statuses(party), rows()) == (["held"] * 3, (3, 3, 0))


def test_request_payment_with_one_whose_answers_changed_refuses_for_all(
    slot: Slot, at: datetime
) -> None:
    load_fees()
    party = hold(family(), slot, at)
    Application.objects.filter(pk=party[1].application_id).update(service=Service.ACCELERATED)
    with pytest.raises(OtherService, match=r"^Budi: "):
        request_payment(appointment=party[0], by="test", at=at)
    assert (statuses(party), rows()) == (["held"] * 3, (3, 3, 0))


def test_one_payment_confirms_everybody_and_tells_of_each(at: datetime) -> None:
    party = make_billed_party(at=at)
    bill = bill_of(party[0])
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    for _again in range(2):
        confirm(bill_code=bill.code, at=at)
    assert statuses(party) == ["confirmed"] * 3
    told = Notice.objects.filter(reference__startswith="confirmed:")
    assert list(told.order_by("pk").values_list("reference", flat=True)) == [
        f"confirmed:{one.code}" for one in party
    ]
    assert list(broken(at=at)) == []


def test_a_payment_of_one_share_only_confirms_nobody(at: datetime) -> None:
    party = make_billed_party(at=at)
    bill = bill_of(party[0])
    share = replace(make_money(bill, at=at), amount=650_000)
    settle(bill_code=bill.code, money=share, by="test", at=at)
    confirm(bill_code=bill.code, at=at)
    assert statuses(party) == ["awaiting_payment"] * 3


def test_a_bill_that_expires_frees_everybodys_seat(at: datetime) -> None:
    party = make_billed_party(at=at)
    bill = bill_of(party[0])
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=at)
    expire(bill_code=bill.code, at=at)
    assert (statuses(party), seats_of(party)) == (["expired"] * 3, 0)
    assert list(broken(at=at)) == []


def test_a_bill_for_others_is_refused_by_the_database(at: datetime) -> None:
    stranger, party = make_held(at=at), make_billed_party(at=at)
    with pytest.raises(InternalError, match="is for others"), transaction.atomic():
        Appointment.objects.filter(pk=stranger.pk).update(bill=bill_of(party[0]))


def test_a_party_cannot_be_joined_behind_the_deeds(at: datetime) -> None:
    stranger, party = make_held(at=at), make_party(at=at)
    with pytest.raises(InternalError, match="Cannot update rows"):
        sql(
            "UPDATE appointments_appointment SET party = %s WHERE id = %s",
            party[0].party,
            stranger.pk,
        )
