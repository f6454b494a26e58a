"""The page that says what is lost, and then cancels."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import User
from applicants.views.stepping_up import PROVED
from appointments.models import Appointment
from mpaspor.core import clock
from tests.appointments.browsing import said, signed_in, text_of
from tests.appointments.test_cancelling import paid_party, pay, states
from tests.factories.appointments import make_awaiting, make_billed_party, make_confirmed, make_held

pytestmark = pytest.mark.django_db


def page(appointment: Appointment) -> str:
    return reverse("cancel", args=[appointment.application.code])


def with_fresh_code(account: User) -> Client:
    client = signed_in(account)
    session = client.session
    session[PROVED] = clock.now().isoformat()
    session.save()
    return client


def browser(appointment: Appointment) -> Client:
    return with_fresh_code(appointment.application.account)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (make_awaiting, "You lose no money. The bill is withdrawn."),
        (make_confirmed, "The fee is lost. It stays with the state"),
    ],
)
def test_page_says_what_is_lost_before_the_press_without_any_code(make: Any, says: str) -> None:
    mine = make()
    answer = signed_in(mine.application.account).get(page(mine))
    assert answer.status_code == 200
    assert says in text_of(answer)
    assert states([mine]) == [mine.status]


def test_page_cancels_an_unpaid_one_at_once() -> None:
    party = make_billed_party()
    client = signed_in(party[0].application.account)

    answer = client.post(page(party[0]), follow=True)

    assert states(party) == ["cancelled"] * 3
    assert said(answer) == ["Cancelled. The seat goes back to others."]
    assert "This appointment is cancelled" in text_of(answer)
    assert "Do not pay with its code any more" in text_of(answer)


def test_page_asks_for_a_fresh_code_before_money_is_lost() -> None:
    mine = make_confirmed()
    answer = signed_in(mine.application.account).post(page(mine), {"who": "one"})
    assert 'name="carried-who"' in answer.content.decode()
    assert states([mine]) == ["confirmed"]


@pytest.mark.parametrize(
    ("who", "after"),
    [
        ("one", ["cancelled", "confirmed", "confirmed"]),
        ("all", ["cancelled", "cancelled", "cancelled"]),
        # Nothing readable was chosen: the least is done.
        ("nonsense", ["cancelled", "confirmed", "confirmed"]),
    ],
)
def test_page_cancels_for_one_of_a_party_or_all(who: str, after: list[str]) -> None:
    party = paid_party()
    answer = browser(party[0]).post(page(party[0]), {"who": who}, follow=True)
    assert states(party) == after
    assert "The fee stays with the state" in text_of(answer)


def test_page_after_the_payment_came_in_between_says_so() -> None:
    mine = make_awaiting()
    client = signed_in(mine.application.account)
    assert "You lose no money" in text_of(client.get(page(mine)))
    pay(mine)

    answer = client.post(page(mine))

    assert 'name="carried-csrfmiddlewaretoken"' not in answer.content.decode()
    assert states([mine]) == ["confirmed"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_page_of_what_cannot_be_cancelled_leads_to_where_it_stands(method: str) -> None:
    mine = make_held()
    answer = getattr(browser(mine), method)(page(mine))
    there = reverse("application", args=[mine.application.code])
    assert (answer.status_code, answer.url) == (302, there)


def test_letter_of_a_cancelled_appointment_is_no_longer_good() -> None:
    mine = make_confirmed()
    client = browser(mine)
    client.post(page(mine), {"who": "one"})
    assert client.get(reverse("letter", args=[mine.code])).status_code == 404
    assert client.get(reverse("visit_ics", args=[mine.code])).status_code == 404
    assert client.get(reverse("verify", args=[mine.code])).status_code == 410
    visit = client.get(reverse("visit", args=[mine.application.code]), follow=True)
    assert "This appointment is cancelled" in text_of(visit)
