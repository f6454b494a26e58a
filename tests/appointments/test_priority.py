"""Priority seats: who may take one on the day of the visit, and who may come along."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.enums import Retention
from applicants.erasing import erase_account
from applicants.models import Person, User
from applicants.retention import kept_for
from appointments.accepting import accept_offer
from appointments.applying import NeedNotSaid, change_application, start_again
from appointments.booking import hold_seat, hold_seats
from appointments.enums import Book, Kind, ServiceClass, SpecialNeed
from appointments.models import Application, Appointment
from appointments.personal_data import parts_of
from appointments.priority import OtherService, PartyWithoutNeed, PriorityOnly, is_concerned
from appointments.queueing import get_in_line
from appointments.retention import purge
from appointments.submitting import request_payment
from appointments.wishing import change_wish_of
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Role, Service, Zone
from quota.models import Seat, Slot
from quota.waiting_list.enums import Hours
from tests.appointments.browsing import checked, errors_of, signed_in, text_of
from tests.factories.applicants import make_child, make_person, make_user
from tests.factories.appointments import make_application, make_confirmed
from tests.factories.queue import make_announced
from tests.factories.quota import make_office, make_officer, make_open_slot, make_terms
from tests.factories.waiting_list import full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def slot() -> Slot:
    return make_open_slot(service=Service.PRIORITY, seats=5)


def years_before(day: date, years: int) -> date:
    """The birth date of who has that birthday on `day`; no test runs on a leap day's visit."""
    return day.replace(year=day.year - years, day=min(day.day, 28))


def elderly(account: User | None = None) -> Person:
    return make_person(account, birth_date=date(1950, 3, 2))


def hold(application: Application, slot: Slot, **more: Any) -> Appointment:
    by, at = application.account, clock.now()
    return hold_seat(application=application, slot_code=slot.code, by=by, at=at, **more)


def holders(slot: Slot) -> list[str]:
    held = Seat.objects.filter(slot=slot).exclude(holder=None)
    return sorted(str(seat.holder) for seat in held)


def needs(appointment: Appointment) -> list[SpecialNeed]:
    return Appointment.objects.get(pk=appointment.pk).needs


# Who may


@pytest.mark.parametrize("need", [SpecialNeed.DISABILITY, SpecialNeed.PREGNANCY])
def test_hold_priority_seat_by_a_said_need_is_given(slot: Slot, need: SpecialNeed) -> None:
    held = hold(make_application(need=need), slot)
    assert (holders(slot), needs(held)) == ([held.code], [need])


def test_hold_priority_seat_without_a_need_is_refused_and_takes_nothing(slot: Slot) -> None:
    with pytest.raises(PriorityOnly):
        hold(make_application(), slot)
    assert (holders(slot), Appointment.objects.count()) == ([], 0)


@pytest.mark.parametrize("zone", list(Zone))
@pytest.mark.parametrize("hour", [0, 23])
@pytest.mark.parametrize(
    ("years", "days_after", "need"),
    [
        (60, 1, None),
        (60, 0, SpecialNeed.ELDERLY),
        (60, -1, SpecialNeed.ELDERLY),
        (6, 1, SpecialNeed.SMALL_CHILD),
        (6, 0, None),
        (6, -1, None),
    ],
)
def test_need_by_age_counts_on_the_day_of_the_visit_in_the_zone_of_the_office(
    zone: str, hour: int, years: int, days_after: int, need: SpecialNeed | None
) -> None:
    """A birthday on, before or after the day; at hours when another zone has another day."""
    office = make_office(zone=zone)
    soon = office.local(clock.now() + 40 * DAY).replace(day=15, hour=hour, minute=0)
    slot = make_open_slot(office=office, starts_at=soon, service=Service.PRIORITY)
    born = years_before(slot.date, years) + days_after * DAY
    person = make_child(birth_date=born) if years < 17 else make_person(birth_date=born)
    draft = make_application(person=person)
    assert draft.needs_on(slot.date) == ([need] if need else [])
    if need:
        held = hold(draft, slot)
        assert holders(slot) == [held.code]
    else:
        with pytest.raises(PriorityOnly):
            hold(draft, slot)


def test_a_person_with_a_need_may_take_a_regular_seat_too() -> None:
    regular = make_open_slot()
    held = hold(make_application(person=elderly()), regular)
    assert holders(regular) == [held.code]


def test_hold_priority_seat_for_the_accelerated_service_is_refused(slot: Slot) -> None:
    draft = make_application(person=elderly(), service=ServiceClass.ACCELERATED)
    with pytest.raises(OtherService):
        hold(draft, slot)


def test_age_and_a_said_need_are_both_shown(slot: Slot) -> None:
    held = hold(make_application(person=elderly(), need=SpecialNeed.DISABILITY), slot)
    assert needs(held) == [SpecialNeed.ELDERLY, SpecialNeed.DISABILITY]


def test_priority_seat_costs_what_a_regular_one_does(slot: Slot, at: datetime) -> None:
    confirmed = make_confirmed(slot=slot, application=make_application(person=elderly()))
    assert confirmed.bill is not None
    assert [line.tariff for line in confirmed.bill.lines.all()] == ["EPASSPORT-5"]


def test_request_payment_after_the_need_was_taken_back_is_refused(slot: Slot, at: datetime) -> None:
    draft = make_application(need=SpecialNeed.PREGNANCY)
    held = hold(draft, slot)
    change_application(
        application=draft,
        kind=Kind.NEW,
        book=Book.FIVE_YEARS,
        service=ServiceClass.REGULAR,
        by=draft.account,
        at=at,
    )
    with pytest.raises(PriorityOnly):
        request_payment(appointment=held, by=draft.account, at=at)


# Who comes along


def test_one_grown_up_of_the_account_may_come_along_and_a_second_not(slot: Slot) -> None:
    old = elderly()
    first, second = (make_application(person=make_person(old.account)) for _each in range(2))
    with pytest.raises(PriorityOnly):
        hold(first, slot)
    held = [hold(make_application(person=old), slot), hold(first, slot)]
    with pytest.raises(PriorityOnly):
        hold(second, slot)
    assert holders(slot) == sorted(each.code for each in held)


def test_two_may_come_along_where_the_office_says_so(slot: Slot) -> None:
    make_terms(office=slot.office, companions=2)
    old = elderly()
    drafts = [make_application(person=each) for each in (old, *family(old.account, 2))]
    held = [hold(draft, slot) for draft in drafts]
    assert holders(slot) == sorted(each.code for each in held)


def test_nobody_comes_along_to_another_session_or_from_another_account(slot: Slot) -> None:
    old = elderly()
    hold(make_application(person=old), slot)
    other = make_open_slot(service=Service.PRIORITY)
    with pytest.raises(PriorityOnly):
        hold(make_application(person=make_person(old.account)), other)
    with pytest.raises(PriorityOnly):
        hold(make_application(), slot)


def test_a_child_of_nine_is_no_companion(slot: Slot) -> None:
    old = elderly()
    hold(make_application(person=old), slot)
    with pytest.raises(PriorityOnly):
        hold(make_application(person=make_child(of=old)), slot)


def test_hold_seats_of_a_party_needs_one_with_a_need_for_each_companion(slot: Slot) -> None:
    son = make_person()
    party = [make_application(person=son), make_application(person=elderly(son.account))]
    by, at = son.account, clock.now()
    held = hold_seats(applications=party, slot_code=slot.code, by=by, at=at)
    assert holders(slot) == sorted(each.code for each in held)
    party.append(make_application(person=make_person(son.account)))
    with pytest.raises(PriorityOnly):
        hold_seats(applications=party, slot_code=slot.code, by=by, at=at)
    assert holders(slot) == sorted(each.code for each in held)


def family(account: User, people: int) -> list[Person]:
    return [make_person(account) for _each in range(people)]


# What is said


def test_start_application_seals_the_need_and_the_ledger_knows_only_that_it_was_said() -> None:
    draft = make_application(need=SpecialNeed.PREGNANCY)
    row = Application.objects.get(pk=draft.pk)
    entries = trail.of(f"application:{draft.code}")
    assert row.need == SpecialNeed.PREGNANCY
    assert b"pregnancy" not in bytes(row.need_sealed or b"")
    assert [entry.deed for entry in entries] == ["application.need", "application.start"]
    assert "pregnancy" not in str([entry.facts for entry in entries])


@pytest.mark.parametrize("need", [SpecialNeed.ELDERLY, SpecialNeed.SMALL_CHILD])
def test_start_application_with_an_age_said_is_refused(need: SpecialNeed) -> None:
    with pytest.raises(NeedNotSaid):
        make_application(need=need)
    assert Application.objects.count() == 0


def test_start_again_keeps_what_was_said(at: datetime) -> None:
    ended = make_application(need=SpecialNeed.DISABILITY)
    Application.objects.filter(pk=ended.pk).update(status="cancelled")
    assert start_again(application=ended, by=ended.account, at=at).need == SpecialNeed.DISABILITY


def test_the_need_is_in_the_file_of_the_account() -> None:
    draft = make_application(need=SpecialNeed.DISABILITY)
    part = next(part for part in parts_of(draft.account) if part.name == "applications")
    assert part.rows[0]["need"].value == "disability"


@pytest.mark.parametrize(("seconds", "left"), [(-1, SpecialNeed.DISABILITY), (0, SpecialNeed.NONE)])
def test_purge_forgets_the_need_when_the_time_after_the_visit_is_over(
    slot: Slot, seconds: int, left: SpecialNeed
) -> None:
    draft = make_application(need=SpecialNeed.DISABILITY)
    make_confirmed(slot=slot, application=draft)
    over = slot.ends_at + kept_for(Retention.VISITS, at=slot.ends_at)
    purge(by="timetable", at=over + timedelta(seconds=seconds))
    assert Application.objects.get(pk=draft.pk).need == left


def test_erasing_the_account_forgets_the_need(slot: Slot) -> None:
    draft = make_application(need=SpecialNeed.DISABILITY)
    make_confirmed(slot=slot, application=draft)
    erase_account(account=draft.account, by="test", at=slot.ends_at + 60 * DAY)
    assert Application.objects.get(pk=draft.pk).need_sealed is None


# Waiting together


def test_get_in_line_for_priority_asks_for_somebody_with_a_need(at: datetime) -> None:
    release = make_announced(opens=at + timedelta(minutes=30))
    account = make_user()
    party: dict[str, Any] = {"account": account, "release": release, "by": account, "at": at}
    old, (son, daughter) = elderly(account), family(account, 2)
    for persons in ([son], [old, son, daughter]):
        with pytest.raises(PartyWithoutNeed):
            get_in_line(persons=persons, service=Service.PRIORITY, **party)
    assert get_in_line(persons=[old, son], service=Service.PRIORITY, **party).size == 2
    make_application(person=daughter, need=SpecialNeed.PREGNANCY)
    assert get_in_line(persons=[daughter], service=Service.PRIORITY, **party).size == 1


def test_an_offered_priority_seat_becomes_the_seat_of_the_person_and_the_companion(
    at: datetime,
) -> None:
    slot = full_slot(seats=2, service=Service.PRIORITY)
    companion = make_person()
    old = elderly(companion.account)
    for person in (companion, old):
        make_application(person=person, at=at)
    offer = make_offer(slot, make_wish(slot, companion, old, at=at), at=at)
    held = accept_offer(offer=offer, by=companion.account, at=at)
    assert holders(slot) == sorted(each.code for each in held)
    assert len(held) == 2


def test_wish_for_priority_without_a_need_is_refused_and_not_by_a_change_either(
    at: datetime,
) -> None:
    with pytest.raises(PartyWithoutNeed):
        make_wish(full_slot(service=Service.PRIORITY), at=at)
    regular = full_slot()
    wish = make_wish(regular, at=at)
    with pytest.raises(PartyWithoutNeed):
        change_wish_of(
            wish=wish,
            offices=[regular.office.code],
            first_day=wish.first_day,
            last_day=wish.last_day,
            hours=Hours.ANY,
            service=Service.PRIORITY,
            by=wish.account,
            at=at,
        )


# Pages


def test_priority_seats_are_shown_to_whom_they_concern_only(slot: Slot, at: datetime) -> None:
    today = slot.office.local(at).date()
    by_age, by_word = (
        make_application(person=elderly()),
        make_application(need=SpecialNeed.DISABILITY),
    )
    fast = make_application(person=elderly(), service=ServiceClass.ACCELERATED)
    drafts = [by_age, by_word, fast, make_application()]
    shown = [is_concerned(draft, today=today) for draft in drafts]
    assert shown == [True, True, False, False]


def test_choose_session_shows_priority_seats_when_asked_for_and_holds_one(slot: Slot) -> None:
    draft = make_application(person=elderly())
    client = signed_in(draft.account)
    address = reverse("choose_session", args=[draft.code, slot.office.code, slot.date])
    assert "There are no open sessions" in text_of(client.get(address))
    assert "5 free seats" in text_of(client.get(address, {"seats": "priority"}))
    client.post(f"{address}?seats=priority", {"slot": slot.code})
    assert len(holders(slot)) == 1


@pytest.mark.parametrize("seats", ["priority", "accelerated", "x" * 500, "'"])
def test_choose_pages_show_no_priority_seats_to_others(slot: Slot, seats: str) -> None:
    draft = make_application()
    client = signed_in(draft.account)
    for address in (
        reverse("choose_office", args=[draft.code]),
        reverse("choose_day", args=[draft.code, slot.office.code]),
        reverse("choose_session", args=[draft.code, slot.office.code, slot.date]),
    ):
        page = client.get(address, {"seats": seats})
        assert (page.status_code, page.context["seats"].service) == (200, Service.REGULAR)


def test_choose_day_leads_on_to_priority_seats(slot: Slot) -> None:
    draft = make_application(need=SpecialNeed.PREGNANCY)
    client = signed_in(draft.account)
    address = reverse("choose_day", args=[draft.code, slot.office.code])
    assert "The first free one here is on" in text_of(client.get(address))
    page = client.get(address, {"seats": "priority", "month": f"{slot.date:%Y-%m}"})
    session = reverse("choose_session", args=[draft.code, slot.office.code, slot.date])
    assert f'href="{session}?seats=priority"' in page.content.decode()


@pytest.mark.parametrize("need", ["elderly", "maybe", "x" * 5000, "\x00"])
def test_application_form_with_an_odd_need_is_a_page_that_keeps_the_rest(need: str) -> None:
    person = make_person()
    answers = {"person": person.code, "kind": "new", "book": "5", "service": "regular"}
    page = signed_in(person.account).post(reverse("application_new"), answers | {"need": need})
    assert (page.status_code, set(errors_of(page))) == (200, {"need"})
    assert {"kind=new", "book=5", "service=regular"} <= checked(page)
    assert Application.objects.count() == 0


def test_public_month_explains_priority_seats(client: Client, slot: Slot) -> None:
    client.cookies["django_language"] = "en"
    asked = {"office": slot.office.code, "service": "priority"}
    page = text_of(client.get(reverse("availability"), asked))
    assert "People of 60 years or older and children up to 5" in page
    asked["service"] = "regular"
    assert "People of 60 years" not in text_of(client.get(reverse("availability"), asked))


def test_roster_shows_the_officer_who_needs_help(slot: Slot) -> None:
    make_confirmed(slot=slot, application=make_application(need=SpecialNeed.DISABILITY))
    client = signed_in(make_officer(Role.COUNTER, slot.office))
    asked = {"office": slot.office.code, "day": f"{slot.date:%Y-%m-%d}"}
    assert "Disability" in text_of(client.get("/admin/roster/", asked))
