"""A family on the pages: chosen together, only led to what fits, told what is lost, one bill."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from appointments.confirming import confirm, expire
from appointments.enums import ServiceClass
from appointments.models import Application, Appointment
from mpaspor.core import clock
from payments.fees import load_fees
from payments.models import Bill
from payments.settlement import settle
from quota.models import Office, Slot
from quota.seats import take_seat
from tests.appointments.browsing import errors_of, said, signed_in, text_of
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import (
    make_application,
    make_billed_party,
    make_money,
    make_party,
)
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db

NAMES = ("Ayu", "Budi", "Cici")


@pytest.fixture
def drafts() -> list[Application]:
    account = make_user()
    persons = [make_person(account=account, name=name) for name in NAMES]
    return [make_application(person=person) for person in persons]


@pytest.fixture
def client(drafts: list[Application]) -> Client:
    return signed_in(drafts[0].account)


def joined(drafts: list[Application]) -> str:
    return "-".join(draft.code for draft in drafts)


def codes(drafts: list[Application]) -> dict[str, list[str]]:
    return {"applications": [draft.code for draft in drafts]}


def sessions_of(drafts: list[Application], slot: Slot) -> str:
    return reverse("choose_session", args=[joined(drafts), slot.office.code, slot.date])


def page_of(name: str, appointment: Appointment) -> str:
    return reverse(name, args=[appointment.application.code])


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return appointment.bill


def test_my_applications_leads_a_family_to_book_together(
    client: Client, drafts: list[Application]
) -> None:
    link = reverse("together")
    assert link in client.get(reverse("my_applications")).content.decode()
    alone = make_application()
    page = signed_in(alone.account).get(reverse("my_applications"))
    assert link not in page.content.decode()


def test_together_leads_on_with_everybody_who_was_chosen(
    client: Client, drafts: list[Application]
) -> None:
    answer = client.post(reverse("together"), codes(drafts[:2]))
    assert answer["Location"] == reverse("choose_office", args=[joined(drafts[:2])])


def test_together_with_two_services_says_what_to_do_and_keeps_the_choice(
    client: Client, drafts: list[Application]
) -> None:
    Application.objects.filter(pk=drafts[1].pk).update(service=ServiceClass.ACCELERATED)
    answer = client.post(reverse("together"), codes(drafts))
    [error] = errors_of(answer)["applications"]
    assert "did not all choose the same service" in error
    assert answer.content.decode().count("checked") == 3


@pytest.mark.parametrize("chosen", [[], ["AAAAAAAAAA"], [""], ["'"], ["\u0000"]])
def test_together_with_an_odd_choice_is_answered(client: Client, chosen: list[str]) -> None:
    answer = client.post(reverse("together"), {"applications": chosen, "sent": "1"})
    assert (answer.status_code, len(errors_of(answer)["applications"])) == (200, 1)


def test_together_of_another_account_is_not_found(drafts: list[Application]) -> None:
    stranger = signed_in(make_user())
    chosen = stranger.post(reverse("together"), codes(drafts))
    offices = stranger.get(reverse("choose_office", args=[joined(drafts)]))
    assert (chosen.status_code, offices.status_code) == (200, 404)
    assert len(errors_of(chosen)["applications"]) == 1


def fitting_and_not(drafts: list[Application]) -> tuple[Office, Slot, Slot]:
    """An office with one session for all and a fuller one the same day."""
    office = make_office(name="Kantor Cukup")
    wide = make_open_slot(office=office, seats=3)
    narrow = make_open_slot(office=office, seats=2, starts_at=wide.starts_at.replace(hour=6))
    return office, wide, narrow


def test_choose_office_has_nothing_free_where_no_session_takes_all(
    client: Client, drafts: list[Application]
) -> None:
    fitting_and_not(drafts)
    make_open_slot(office=make_office(name="Kantor Sempit"), seats=2)
    page = client.get(reverse("choose_office", args=[joined(drafts)]))
    free = {office.name: bool(office.free) for office in page.context["offices"]}
    assert free == {"Kantor Cukup": True, "Kantor Sempit": False}
    assert "Ayu, Budi, Cici" in text_of(page)


def test_choose_day_counts_only_sessions_that_take_all(
    client: Client, drafts: list[Application]
) -> None:
    office, wide, _narrow = fitting_and_not(drafts)
    days = reverse("choose_day", args=[joined(drafts), office.code])
    assert client.get(days).context["month"].free == 3
    take_seat(slot=wide, holder="SOMEBODY")
    assert client.get(days).context["month"].free == 0


def test_choose_session_offers_only_what_takes_all(
    client: Client, drafts: list[Application]
) -> None:
    _office, wide, narrow = fitting_and_not(drafts)
    page = client.get(sessions_of(drafts, wide)).content.decode()
    inputs = [part for part in page.split("<input") if 'name="slot"' in part]
    shut = {slot.code: "disabled" in part for slot in (wide, narrow) for part in inputs
            if slot.code in part.split(">")[0]}  # fmt: skip
    assert shut == {wide.code: False, narrow.code: True}


def test_choose_session_posted_holds_all_and_leads_to_their_review(
    client: Client, drafts: list[Application]
) -> None:
    slot = make_open_slot(seats=3)
    answer = client.post(sessions_of(drafts, slot), {"slot": slot.code})
    assert answer["Location"] == reverse("review", args=[drafts[0].code])
    assert Appointment.objects.filter(slot=slot, status="held").count() == 3


def test_choose_session_that_has_just_become_too_full_says_so_and_seats_nobody(
    client: Client, drafts: list[Application]
) -> None:
    slot = make_open_slot(seats=3)
    take_seat(slot=slot, holder="SOMEBODY")
    answer = client.post(sessions_of(drafts, slot), {"slot": slot.code})
    assert "no 3 free seats left" in said(answer)[0]
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("name", ["review", "bill"])
def test_pages_of_each_member_show_everybody_and_the_whole_sum(name: str) -> None:
    load_fees()
    party = make_party() if name == "review" else make_billed_party()
    client = signed_in(party[0].application.account)
    pages = [text_of(client.get(page_of(name, one))) for one in party]
    assert ["Rp1.950.000" in page for page in pages] == [True] * 3
    assert [page.count("Rp650.000") for page in pages] == [3] * 3


def test_review_says_what_is_lost_in_which_case() -> None:
    load_fees()
    party = make_party()
    page = text_of(signed_in(party[0].application.account).get(page_of("review", party[0])))
    cases = [
        "You do not pay in time: all the seats go back to others.",
        "Permenkumham 8/2014, article 21",
        "once you may choose another day at the same office here, no later than the day before",
        "Something was chosen wrongly:",
        "You come too late, or not at all:",
        "A document is missing:",
        "One of you cannot come:",
    ]
    assert [case for case in cases if case not in page] == []


def test_review_posted_makes_one_bill_for_all() -> None:
    load_fees()
    party = make_party()
    client = signed_in(party[0].application.account)
    for one in party:
        assert client.post(page_of("review", one))["Location"] == page_of("bill", one)
    assert (Bill.objects.count(), Bill.objects.get().amount) == (1, 1_950_000)


def test_other_session_gives_all_seats_back_and_lets_all_choose_again() -> None:
    party = make_party()
    client = signed_in(party[0].application.account)
    answer = client.post(page_of("other_session", party[1]))
    again = "-".join(one.application.code for one in party)
    assert answer["Location"] == reverse("choose_office", args=[again])
    assert Appointment.objects.filter(status="held").count() == 0


def test_bill_that_expired_starts_again_for_all() -> None:
    party = make_billed_party()
    client, bill = signed_in(party[0].application.account), bill_of(party[0])
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=clock.now())
    expire(bill_code=bill.code, at=clock.now())
    again = reverse("again", args=["-".join(one.application.code for one in party)])
    assert again in client.get(page_of("bill", party[0])).content.decode()
    client.post(again)
    assert Application.objects.filter(status="draft").count() == 3


def paid_party() -> tuple[Client, list[Appointment]]:
    party = make_billed_party()
    bill = bill_of(party[0])
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    confirm(bill_code=bill.code, at=clock.now())
    return signed_in(party[0].application.account), party


def test_bill_that_is_paid_leads_to_a_letter_for_each() -> None:
    client, party = paid_party()
    page = client.get(page_of("bill", party[0])).content.decode()
    assert [page_of("visit", one) in page for one in party] == [True] * 3


def test_visit_shows_what_was_paid_for_this_person() -> None:
    client, party = paid_party()
    pages: list[Any] = [client.get(page_of("visit", one)) for one in party]
    assert [page.context["paid"] for page in pages] == [650_000] * 3
