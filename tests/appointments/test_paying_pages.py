"""Review and bill: what is to be paid, until when, and what is going on while one waits."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.confirming import confirm, expire, follow_paid
from appointments.models import Appointment
from appointments.steps import current_step
from mpaspor.core import clock
from payments.gateway.port import GatewayUnknown, Issued, Order
from payments.issuing import issue_requested
from payments.models import Bill
from payments.moments import end_of
from payments.settlement import settle
from tests.appointments.browsing import said, signed_in, text_of
from tests.database import sql
from tests.factories.appointments import (
    PromptGateway,
    make_application,
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.bills import CASES
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db

STOP_POLLING = 286


class AwayGateway(PromptGateway):
    def create(self, order: Order) -> Issued:
        raise GatewayUnknown("ConnectionError")


def client_of(appointment: Appointment) -> Client:
    return signed_in(appointment.application.account)


def page(name: str, appointment: Appointment) -> str:
    return reverse(name, args=[appointment.application.code])


def lapse(appointment: Appointment) -> None:
    past = clock.now() - timedelta(seconds=1)
    Appointment.objects.filter(pk=appointment.pk).update(hold_until=past)


def run_out(appointment: Appointment) -> None:
    assert appointment.bill is not None
    Bill.objects.filter(code=appointment.bill.code).update(status="expired", closed_at=clock.now())
    expire(bill_code=appointment.bill.code, at=clock.now())


def test_review_shows_what_is_held_until_when_and_what_it_costs() -> None:
    held = make_held()
    text = text_of(client_of(held).get(page("review", held)))
    wanted = [
        "Budi Santoso",
        held.application.person.identity.masked_nik,
        held.slot.office.name,
        "10:00–11:00 WIB",
        "Rp650.000",
        "Your seat is held until",
    ]
    assert [fact for fact in wanted if fact not in text] == []


def test_review_posted_asks_for_the_bill_and_leads_to_it_also_twice() -> None:
    held = make_held()
    client = client_of(held)
    locations = [client.post(page("review", held))["Location"] for _ in range(3)]
    assert locations == [page("bill", held)] * 3
    assert Bill.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_review_of_a_hold_that_lapsed_says_so_and_leads_to_the_offices(method: str) -> None:
    held = make_held()
    lapse(held)
    response = getattr(client_of(held), method)(page("review", held), follow=True)
    assert response.redirect_chain[-1][0] == page("choose_office", held)
    assert "has been given back. Nothing you typed is lost." in text_of(response)
    assert Bill.objects.count() == 0


def test_review_without_a_seat_leads_to_the_tasks() -> None:
    draft = make_application()
    client = signed_in(draft.account)
    for method in (client.get, client.post):
        response = method(reverse("review", args=[draft.code]), follow=True)
        assert response.redirect_chain[-1][0] == reverse("tasks", args=[draft.code])
        assert said(response) == []


def test_review_after_the_service_was_changed_says_so_and_bills_nothing() -> None:
    held = make_held()
    make_application(person=held.application.person, service="accelerated")
    response = client_of(held).post(page("review", held))
    assert response.status_code == 200
    assert "This session is for another service than the one you chose." in text_of(response)
    assert Bill.objects.count() == 0


def test_review_without_a_fee_is_a_page_that_says_nothing_was_billed() -> None:
    held = make_held()
    sql("DELETE FROM payments_tariff")
    for method in (client_of(held).get, client_of(held).post):
        response = method(page("review", held))
        assert response.status_code == 503
        assert "No fee is set" in text_of(response)
    assert Bill.objects.count() == 0


def test_bill_while_its_code_is_asked_for_says_so() -> None:
    awaiting = make_awaiting(issued=False)
    text = text_of(client_of(awaiting).get(page("bill", awaiting)))
    assert "Your billing code is on its way" in text
    assert "The payment gateway is slow or away" not in text


def test_bill_while_the_gateway_is_away_says_what_is_going_on() -> None:
    awaiting = make_awaiting(issued=False)
    issue_requested(gateway=AwayGateway(), at=clock.now())
    text = text_of(client_of(awaiting).get(page("bill", awaiting)))
    assert "The payment gateway is slow or away" in text
    assert "your time to pay only starts when the code is here" in text


def test_bill_shows_code_amount_and_deadline_in_the_offices_zone() -> None:
    awaiting = make_awaiting()
    bill = awaiting.bill
    assert bill is not None
    response = client_of(awaiting).get(page("bill", awaiting))
    text = text_of(response).replace(" ", "")
    assert (str(bill.billing_code) in text, "Rp650.000" in text) == (True, True)
    assert re.search(
        r"Paybefore(today|tomorrow),\w+,\d+\w+20\d\d,\d\d:\d\dWIB–(2h|1h59min)left", text
    )
    assert "no-store" in response["Cache-Control"]


def test_bill_that_is_paid_shows_the_way_to_the_letter() -> None:
    confirmed = make_confirmed()
    response = client_of(confirmed).get(page("bill", confirmed))
    assert "Your appointment is confirmed" in text_of(response)
    assert page("visit", confirmed) in response.content.decode()


def test_bill_that_expired_offers_to_start_again() -> None:
    awaiting = make_awaiting()
    run_out(awaiting)
    response = client_of(awaiting).get(page("bill", awaiting))
    assert "This billing code has expired" in text_of(response)
    assert page("again", awaiting) in response.content.decode()


def test_bill_whose_money_came_late_shows_the_case() -> None:
    awaiting = make_awaiting()
    run_out(awaiting)
    bill = Bill.objects.get()
    money = make_money(bill, at=end_of(bill) + timedelta(seconds=1))
    settle(bill_code=bill.code, money=money, by="test", at=clock.now())
    text = text_of(client_of(awaiting).get(page("bill", awaiting)))
    assert "A payment is with the treasurer" in text
    assert "this money came after the time to pay was over" in text
    assert "at the latest on" in text


def test_bill_that_was_paid_in_time_and_known_late_lets_choose_again_without_paying() -> None:
    awaiting = make_awaiting(slot=make_open_slot(seats=1))
    run_out(awaiting)
    expire(bill_code=Bill.objects.get().code, at=clock.now())
    make_awaiting(slot=awaiting.slot)
    bill = awaiting.bill
    assert bill is not None
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    assert status_of(awaiting, "expired.expired.well.0")[0] == 200

    follow_paid(bill_code=bill.code, at=clock.now())
    code, text = status_of(awaiting, "expired.paid.well.0")
    assert (code, "Paid. Please choose a session" in text) == (STOP_POLLING, True)

    slot = make_open_slot()
    path = [awaiting.application.code, slot.office.code, slot.date]
    url = reverse("choose_session", args=path)
    assert "there is nothing more to pay" in text_of(client_of(awaiting).get(url))
    response = client_of(awaiting).post(url, {"slot": slot.code})
    assert response["Location"] == page("visit", awaiting)
    awaiting.refresh_from_db()
    assert (awaiting.status, awaiting.slot) == ("confirmed", slot)


def test_bill_of_a_draft_leads_to_where_it_stands() -> None:
    held = make_held()
    response = client_of(held).get(page("bill", held), follow=True)
    assert response.redirect_chain[-1][0] == page("review", held)


def status_of(awaiting: Appointment, seen: str = "") -> tuple[int, str]:
    response = client_of(awaiting).get(page("bill_status", awaiting), {"seen": seen})
    return response.status_code, text_of(response)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_bill_says_in_each_case_what_is_going_on_and_what_has_happened(
    case: Callable[[], Appointment],
) -> None:
    appointment = case()
    text = text_of(client_of(appointment).get(page("bill", appointment)))
    assert CASES[case] in text
    assert "What has happened Billing code asked for" in text


def test_bill_status_is_told_when_the_time_to_pay_runs_out() -> None:
    awaiting = make_awaiting()
    seen = "awaiting_payment.issued.well.0.none"
    assert status_of(awaiting, seen) == (204, "")
    Bill.objects.update(pay_until=clock.now())
    code, text = status_of(awaiting, seen)
    assert (code, "The time to pay is over" in text) == (200, True)
    assert status_of(awaiting, f"{seen}.over")[0] == 204


def test_bill_of_somebody_else_is_no_page() -> None:
    awaiting, stranger = make_awaiting(), make_awaiting()
    for name in ("bill", "bill_status"):
        assert client_of(stranger).get(page(name, awaiting)).status_code == 404


def test_bill_status_tells_only_what_is_new_and_stops_at_the_end() -> None:
    awaiting = make_awaiting(issued=False)
    assert status_of(awaiting)[0] == 200
    assert status_of(awaiting, "awaiting_payment.requested.well.0.none") == (204, "")

    issue_requested(gateway=PromptGateway(), at=clock.now())
    code, text = status_of(awaiting, "awaiting_payment.requested.well.0.none")
    assert (code, "Pay to confirm your appointment" in text) == (200, True)

    bill = Bill.objects.get()
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    code, text = status_of(awaiting, "awaiting_payment.issued.well.0.none")
    assert (code, "We are confirming your appointment" in text) == (200, True)

    confirm(bill_code=bill.code, at=clock.now())
    code, text = status_of(awaiting, "awaiting_payment.paid.well.0.none")
    assert (code, "Your appointment is confirmed" in text) == (STOP_POLLING, True)


@pytest.mark.parametrize(
    ("planned", "becomes"),
    [
        pytest.param(120, 30, id="in the slower rhythm"),
        pytest.param(60, 60, id="in a worker's hands"),
        pytest.param(15, 15, id="the gateway is silent"),
    ],
)
def test_bill_status_of_an_open_page_has_the_bank_asked_every_half_minute(
    planned: int, becomes: int
) -> None:
    awaiting, asked = make_awaiting(), clock.now()
    Bill.objects.update(asked_at=asked, next_at=asked + timedelta(seconds=planned))
    status_of(awaiting)
    assert Bill.objects.get().next_at == asked + timedelta(seconds=becomes)


def test_bill_status_of_an_expired_bill_stops() -> None:
    awaiting = make_awaiting()
    run_out(awaiting)
    code, text = status_of(awaiting)
    assert (code, "This billing code has expired" in text) == (STOP_POLLING, True)


def test_bill_status_of_a_draft_stops() -> None:
    held = make_held()
    assert status_of(held) == (STOP_POLLING, "")


@pytest.mark.parametrize("seen", ["x" * 5000, "<script>", "', 1"])
def test_bill_status_with_an_odd_memory_is_answered(seen: str) -> None:
    assert status_of(make_awaiting(), seen)[0] == 200


def test_current_step_leads_each_state_to_its_page() -> None:
    at = clock.now()
    held, awaiting, confirmed = make_held(), make_awaiting(), make_confirmed()
    ended = make_awaiting()
    run_out(ended)
    ended.application.refresh_from_db()
    steps = [
        current_step(make_application(), None, at=at),
        current_step(held.application, held, at=held.hold_until - timedelta(seconds=1)),
        current_step(held.application, held, at=held.hold_until),
        current_step(awaiting.application, awaiting, at=at),
        current_step(confirmed.application, confirmed, at=at),
        current_step(ended.application, ended, at=at),
    ]
    assert steps == ["tasks", "review", "tasks", "bill", "visit", "bill"]


@pytest.mark.parametrize(("name", "leads_to"), [("claim", "bill"), ("answers", "application")])
def test_page_that_has_nothing_to_ask_any_more_leads_on(name: str, leads_to: str) -> None:
    paid = make_confirmed()
    response = client_of(paid).get(page(name, paid))
    assert (response.status_code, response["Location"]) == (302, page(leads_to, paid))


def test_tasks_of_what_is_to_be_paid_lead_to_the_payment() -> None:
    billed = make_awaiting()
    text = client_of(billed).get(page("tasks", billed)).text
    assert f'class="button" href="{page("bill", billed)}"' in text
