"""Who may be on the waiting list, and how an offered seat becomes that of an appointment."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from applicants.models import Person
from applicants.removing import remove_person
from appointments.accepting import DraftMissing, accept_offer
from appointments.applying import ActiveElsewhere, AlreadyActive
from appointments.booking import SeatElsewhere, release_hold
from appointments.enums import AppointmentStatus, ServiceClass
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.wishing import end_served_wishes
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import opened
from quota.models import Seat, Slot
from quota.queries import SlotGone
from quota.returning import return_seats
from quota.seats import PartyTooLarge
from quota.waiting_list.answering import OfferOver, decline_offer, lapse_offers
from quota.waiting_list.enums import OfferStatus, WishStatus
from quota.waiting_list.models import Offer, Wish, WishMember
from quota.waiting_list.wishing import (
    AlreadyListed,
    NoSuchOffice,
    RangeBackwards,
    RangePast,
    WishOver,
    expire_wishes,
    withdraw_wish,
)
from tests.database import check_deferred, sql
from tests.factories.applicants import make_person, make_user, valid_nik
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_confirmed,
    make_held,
)
from tests.factories.quota import make_office, make_open_slot
from tests.factories.waiting_list import come_free, full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


# Getting onto the list


def test_wish_for_several_persons_is_one_wish_of_their_number(at: datetime) -> None:
    wish = make_wish(full_slot(), people=5, at=at)

    assert (wish.size, wish.members.count(), wish.status) == (5, 5, WishStatus.WAITING)
    assert [entry.deed for entry in trail.of(f"wish:{wish.code}")] == ["wish.place"]


def test_wish_for_somebody_with_an_active_application_is_refused(at: datetime) -> None:
    awaiting = make_awaiting(at=at)

    with pytest.raises(AlreadyActive) as no:
        make_wish(awaiting.slot, awaiting.application.person)

    assert str(no.value).startswith("There is already an application under way for this NIK.")
    assert not Wish.objects.exists()


def test_wish_for_somebody_with_an_active_application_elsewhere_is_refused() -> None:
    nik = valid_nik()
    awaiting = make_awaiting(person=make_person(nik=nik))

    with pytest.raises(ActiveElsewhere):
        make_wish(awaiting.slot, make_person(nik=nik))


def test_wish_for_somebody_on_the_list_is_refused_in_any_account() -> None:
    nik, slot = valid_nik(), full_slot()
    make_wish(slot, make_person(nik=nik))

    with pytest.raises(AlreadyListed) as no:
        make_wish(slot, make_person(nik=nik))

    assert str(no.value) == (
        "One of these people is already on the waiting list. "
        "Change that wish under “My applications”, or withdraw it where it was made."
    )


def test_wish_again_after_the_first_was_withdrawn_is_at_the_end_of_the_list(at: datetime) -> None:
    slot, person = full_slot(), make_person()
    first = make_wish(slot, person, at=at - timedelta(hours=1))
    withdraw_wish(wish=first, by="test", at=at)

    assert make_wish(slot, person, at=at).placed_at == at


def test_second_live_wish_of_one_identity_is_stopped_by_the_database() -> None:
    slot = full_slot()
    one, other = make_wish(slot), make_wish(slot)
    identity = one.members.get().identity

    with pytest.raises(IntegrityError, match="one_live_wish"), transaction.atomic():
        WishMember.objects.create(wish=other, identity=identity)


def test_wish_for_a_party_of_six_is_refused() -> None:
    account = make_user(person_limit=6)
    party = [make_person(account) for _six in range(6)]

    with pytest.raises(PartyTooLarge):
        make_wish(full_slot(), *party)


@pytest.mark.parametrize("offices", [["nowhere"], []])
def test_wish_at_no_such_office_is_refused(offices: list[str]) -> None:
    with pytest.raises(NoSuchOffice):
        make_wish(full_slot(), offices=offices)


def test_wish_at_six_offices_is_refused() -> None:
    with pytest.raises(NoSuchOffice):
        make_wish(full_slot(), offices=[make_office().code for _six in range(6)])


def test_wish_for_days_that_are_over_is_refused(at: datetime) -> None:
    with pytest.raises(RangePast):
        make_wish(full_slot(), first_day=at.date(), last_day=at.date() - timedelta(days=2))


def test_wish_that_ends_before_it_begins_is_refused(at: datetime) -> None:
    day = at.date() + timedelta(days=5)
    with pytest.raises(RangeBackwards):
        make_wish(full_slot(), first_day=day, last_day=day - timedelta(days=1))


# Off the list by itself


def test_expire_wishes_ends_a_wish_on_the_day_after_its_last(at: datetime) -> None:
    slot = full_slot()
    wish = make_wish(slot, at=at)
    midnight = slot.office.local(slot.starts_at).replace(hour=0)
    over = midnight + (wish.last_day - slot.date) + timedelta(days=1)

    assert expire_wishes(at=over - timedelta(seconds=1)) == 0
    assert expire_wishes(at=over) == 1

    wish.refresh_from_db()
    assert wish.status == WishStatus.EXPIRED


def test_end_served_wishes_takes_off_who_has_a_confirmed_appointment(at: datetime) -> None:
    slot, person, other = full_slot(), make_person(), make_person()
    wish, waiting = make_wish(slot, person, at=at), make_wish(slot, other, at=at)
    make_held(person=other)
    make_confirmed(person=person)

    assert [end_served_wishes(at=at), end_served_wishes(at=at)] == [1, 0]

    wish.refresh_from_db()
    waiting.refresh_from_db()
    assert (wish.status, waiting.status) == (WishStatus.SERVED, WishStatus.WAITING)


def test_remove_person_takes_the_person_off_the_list(at: datetime) -> None:
    person = make_person()
    wish = make_wish(full_slot(), person, at=at)

    remove_person(person=person, by=person.account, at=at)

    wish.refresh_from_db()
    assert wish.status == WishStatus.WITHDRAWN


# Being told


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("contact", ["ani@example.test", "0812-3456-7890"])
def test_offer_is_told_once_with_its_link(at: datetime, contact: str, language: str) -> None:
    person = make_person(make_user(contact, language=language))
    slot = full_slot()

    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)
    return_seats(at=at)

    notice = Notice.objects.get(template="notices/appointments/seat_offered")
    to, facts = opened(notice)
    assert notice.reference == f"seat_offered:{offer.code}"
    assert (notice.channel == Channel.SMS, to) == (to.startswith("+"), to)
    assert (facts["code"], facts["seats"]) == (offer.code, 1)


@transaction.atomic
def killed_before_the_commit(at: datetime) -> None:
    return_seats(at=at)
    raise KeyboardInterrupt


def test_offer_and_its_notice_are_committed_together_or_not_at_all(at: datetime) -> None:
    """As when the worker is killed between the two: the next run does both, and once."""
    slot = full_slot()
    make_wish(slot, at=at)
    come_free(slot, at=at)

    with pytest.raises(KeyboardInterrupt):
        killed_before_the_commit(at)
    told = Notice.objects.filter(template="notices/appointments/seat_offered")
    assert (Offer.objects.count(), told.count()) == (0, 0)

    return_seats(at=at)
    return_seats(at=at)
    assert (Offer.objects.count(), told.count()) == (1, 1)


def test_wish_closed_after_two_unanswered_offers_is_told(at: datetime) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)
    Wish.objects.update(lapsed=1)

    lapse_offers(at=offer.until)

    notice = Notice.objects.get(template="notices/appointments/wish_closed")
    assert opened(notice)[1]["offices"] == slot.office.name


# Accepting


def ready(at: datetime, *, people: int = 1) -> Offer:
    """An offer to people who have their drafts."""
    slot = full_slot(seats=people)
    wish = make_wish(slot, people=people, at=at)
    for person in persons(wish):
        make_application(person=person, at=at)
    return make_offer(slot, wish, at=at)


def persons(wish: Wish) -> list[Person]:
    codes = wish.members.values_list("identity", flat=True)
    return list(Person.objects.filter(identity__code__in=list(codes)))


def accept(offer: Offer, at: datetime) -> list[Appointment]:
    return accept_offer(offer=offer, by=offer.wish.account, at=at)


def test_accept_offer_holds_the_seat_as_any_other(at: datetime) -> None:
    offer = ready(at)

    [held] = accept(offer, at)

    check_deferred()
    offer.refresh_from_db()
    assert (held.status, held.slot_id) == (AppointmentStatus.HELD, offer.slot_id)
    assert held.hold_until == at + timedelta(minutes=15)
    assert Seat.objects.get(slot=offer.slot).holder == held.code
    assert (offer.status, offer.wish.status) == (OfferStatus.ACCEPTED, WishStatus.SERVED)
    assert list(broken(at=at)) == []


def test_accept_offer_twice_is_once(at: datetime) -> None:
    offer = ready(at)

    assert accept(offer, at) == accept(offer, at) == list(Appointment.objects.all())


def test_accept_offer_of_a_party_holds_a_seat_for_each(at: datetime) -> None:
    offer = ready(at, people=3)

    held = accept(offer, at)

    check_deferred()
    holders = set(offer.slot.seats.values_list("holder", flat=True))
    assert {appointment.code for appointment in held} == holders
    assert len(held) == 3


def test_accept_offer_of_a_party_with_one_draft_missing_holds_none(at: datetime) -> None:
    slot = full_slot(seats=2)
    wish = make_wish(slot, people=2, at=at)
    one, other = persons(wish)
    make_application(person=one, at=at)
    make_application(person=other, at=at, service=ServiceClass.ACCELERATED)
    offer = make_offer(slot, wish, at=at)

    with pytest.raises(DraftMissing) as no:
        accept(offer, at)

    assert str(no.value) == (
        f"{other.name} has no application for this service yet. "
        "Make it first: until the time shown the seat waits for you."
    )
    assert not Appointment.objects.exists()
    assert list(broken(at=at)) == []


def test_accept_offer_until_the_last_moment_and_not_a_moment_later(at: datetime) -> None:
    late, in_time = ready(at), ready(at)

    with pytest.raises(OfferOver) as no:
        accept(late, late.until)
    accept(in_time, in_time.until - timedelta(microseconds=1))

    assert str(no.value) == (
        "This offer has ended: its time was over, or it was declined. "
        "While your wish is on the waiting list, you are told of the next seat that fits."
    )
    assert Appointment.objects.get().slot == in_time.slot


def test_accept_offer_after_it_lapsed_or_was_declined_is_refused(at: datetime) -> None:
    lapsed = ready(at)
    lapse_offers(at=lapsed.until)
    declined = ready(at)
    decline_offer(offer=declined, by="test", at=at)

    for offer in (lapsed, declined):
        with pytest.raises(OfferOver):
            accept(offer, at)
    assert not Appointment.objects.exists()


def test_decline_offer_after_it_was_accepted_is_refused(at: datetime) -> None:
    offer = ready(at)
    accept(offer, at)

    with pytest.raises(OfferOver):
        decline_offer(offer=offer, by="test", at=at)
    with pytest.raises(WishOver):
        withdraw_wish(wish=offer.wish, by="test", at=at)


def test_accept_offer_moves_a_hold_elsewhere_and_gives_its_seat_back(at: datetime) -> None:
    offer = ready(at)
    other = make_open_slot(seats=1)
    draft = make_application(person=persons(offer.wish)[0], at=at)
    make_held(slot=other, application=draft, at=at)

    accept(offer, at)

    check_deferred()
    assert other.seats.get().holder is None
    assert list(broken(at=at)) == []


def test_accept_offer_by_who_holds_a_seat_of_that_session_gives_the_offered_one_on(
    at: datetime,
) -> None:
    offer = ready(at)
    Slot.objects.filter(pk=offer.slot_id).update(capacity=2)
    Seat.objects.create(slot=offer.slot, number=2)
    draft = make_application(person=persons(offer.wish)[0], at=at)
    held = make_held(slot=offer.slot, application=draft, at=at)

    assert accept(offer, at) == [held]

    check_deferred()
    return_seats(at=at)
    assert Slot.objects.with_free().get(pk=offer.slot_id).free == 1


def test_accept_offer_of_a_closed_session_is_refused_and_changes_nothing(at: datetime) -> None:
    offer = ready(at)
    Slot.objects.filter(pk=offer.slot_id).update(closed_at=at)

    with pytest.raises(SlotGone):
        accept(offer, at)
    assert list(broken(at=at)) == []


def test_accept_offer_while_another_account_holds_a_seat_for_the_nik_is_refused(
    at: datetime,
) -> None:
    nik, slot = valid_nik(), full_slot()
    person = make_person(nik=nik)
    make_application(person=person)
    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)
    make_held(person=make_person(nik=nik))

    with pytest.raises(SeatElsewhere):
        accept(offer, at)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN


def test_accepted_seat_that_is_released_goes_the_way_of_all_seats(at: datetime) -> None:
    offer = ready(at)
    [held] = accept(offer, at)

    release_hold(appointment=held, by="test", at=at)

    check_deferred()
    assert list(broken(at=at)) == []


# The rules that constraints cannot say


def slyly(statement: str) -> None:
    check_deferred()
    sql("SET LOCAL session_replication_role = replica")
    sql(statement)
    sql("SET LOCAL session_replication_role = origin")


def test_broken_while_a_seat_is_offered_says_nothing(at: datetime) -> None:
    make_offer(at=at)
    assert list(broken(at=at)) == []


def test_broken_names_the_seat_of_an_offer_that_has_ended(at: datetime) -> None:
    offer = make_offer(at=at)
    slyly("UPDATE quota_offer SET status = 'lapsed', ended_at = until")
    assert list(broken(at=at)) == [
        f"seat held by a dead or unknown appointment: {offer.holders[0]}"
    ]


def test_broken_names_an_open_offer_without_its_seat(at: datetime) -> None:
    offer = make_offer(at=at)
    slyly("UPDATE quota_seat SET holder = NULL")
    assert list(broken(at=at)) == [f"open offer without its seats: {offer.code}"]


@pytest.mark.parametrize(("seconds", "said"), [(600, False), (601, True)])
def test_broken_names_an_offer_that_nobody_ended(at: datetime, seconds: int, said: bool) -> None:
    offer = make_offer(at=at)
    Notice.objects.all().delete()
    lines = list(broken(at=offer.until + timedelta(seconds=seconds)))
    assert lines == ([f"offer open ten minutes after its end: {offer.code}"] if said else [])


def test_broken_names_a_wish_of_another_size_than_its_party(at: datetime) -> None:
    wish = make_wish(full_slot(), at=at)
    slyly("UPDATE quota_wish SET size = 2")
    Seat.objects.update(holder=None)
    assert list(broken(at=at)) == [f"wish of another size than its party: {wish.code}"]
