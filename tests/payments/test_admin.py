"""Fees and money in the admin."""

from datetime import date

import pytest
from django.test import Client

from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import CaseKind
from payments.fees import load_fees
from payments.models import Bill, Payment, Settlement, Tariff
from payments.settlement import settle
from quota.enums import Role
from tests.factories.appointments import make_awaiting, make_confirmed, make_money
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

TARIFFS, BILLS = "/admin/payments/tariff/", "/admin/payments/bill/"
PAYMENTS, SETTLEMENTS = "/admin/payments/payment/", "/admin/payments/settlement/"


@pytest.fixture
def centre() -> User:
    officer = make_officer(Role.CENTRE)
    assert isinstance(officer, User)
    return officer


@pytest.fixture
def desk(client: Client, centre: User) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(centre)
    return client


def tariff(**facts: str) -> dict[str, str]:
    """What is typed into the form of a fee."""
    usual = {
        "code": "EPASSPORT-5",
        "name": "Electronic passport, up to 5 years",
        "amount": "700000",
        "in_force_from": "2027-01-01",
        "in_force_until": "",
    }
    return usual | facts


@pytest.mark.parametrize("odd", ["at__year=0", "subject__regex=(", "at__lt=x", "id__gt=1e99"])
def test_list_asked_for_by_an_impossible_lookup_is_shown_whole(desk: Client, odd: str) -> None:
    answer = desk.get(f"/admin/audit/entry/?{odd}", follow=True)
    assert (answer.status_code, answer.request["QUERY_STRING"]) == (200, "e=1")


def test_fees_are_named_in_the_language_of_the_officer(desk: Client) -> None:
    load_fees()
    for language, name in (
        ("en", "Charge for a lost passport"),
        ("id", "Biaya beban paspor hilang"),
    ):
        desk.cookies["django_language"] = language
        assert name in desk.get(TARIFFS).text


def bill_of(kind: str) -> Bill:
    appointment = make_confirmed() if kind == "paid" else make_awaiting()
    assert appointment.bill is not None
    return appointment.bill


def rows(client: Client, address: str, **wish: str) -> list[object]:
    response = client.get(address, wish)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("650000", 650_000),
        ("650.000", 650_000),
        ("1.000.000", 1_000_000),
        ("650,000", 650_000),
        ("650 000", 650_000),
        ("Rp650.000", 650_000),
        ("Rp. 1.350.000", 1_350_000),
        (" rp 5 ", 5),
    ],
)
def test_tariff_added_in_any_usual_writing_is_whole_rupiah(
    desk: Client, typed: str, amount: int
) -> None:
    desk.post(f"{TARIFFS}add/", tariff(amount=typed))

    assert Tariff.objects.get(in_force_from=date(2027, 1, 1)).amount == amount


@pytest.mark.parametrize(
    "typed",
    ["", "650.00", "650.5", "650,50", "65.0000", "-650000", "gratis", "6e5", "½", "9" * 12],
)
def test_tariff_with_an_unclear_amount_is_not_saved_and_kept_as_typed(
    desk: Client, typed: str
) -> None:
    response = desk.post(f"{TARIFFS}add/", tariff(amount=typed))

    form = response.context["adminform"].form
    assert response.status_code == 200
    assert list(form.errors) == ["amount"]
    assert form["amount"].value() == typed
    assert not Tariff.objects.filter(in_force_from=date(2027, 1, 1)).exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"in_force_from": "someday"}, "in_force_from"),
        ({"in_force_until": "2026-12-31"}, "in_force_until"),
        ({"code": ""}, "code"),
        ({"code": "X" * 21}, "code"),
        ({"name": "A\x00B"}, "name"),
    ],
)
def test_tariff_with_a_bad_fact_names_the_field(
    desk: Client, facts: dict[str, str], field: str
) -> None:
    response = desk.post(f"{TARIFFS}add/", tariff(**facts))

    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]


def test_tariff_twice_for_one_day_is_refused(desk: Client) -> None:
    desk.post(f"{TARIFFS}add/", tariff())

    response = desk.post(f"{TARIFFS}add/", tariff(amount="800000"))

    assert response.status_code == 200
    assert [each.amount for each in Tariff.objects.filter(in_force_from=date(2027, 1, 1))] == [
        700_000
    ]


def test_tariff_changed_leaves_a_line_with_what_changed(desk: Client, centre: User) -> None:
    desk.post(f"{TARIFFS}add/", tariff())
    row = Tariff.objects.get(in_force_from=date(2027, 1, 1))

    desk.post(f"{TARIFFS}{row.pk}/change/", tariff(amount="725.000"))

    newest = trail.of("tariff:EPASSPORT-5")[-1]
    assert (newest.deed, newest.by_id, newest.facts) == (
        "tariff.set",
        centre.pk,
        {"amount": "725000"},
    )


def test_tariff_cannot_be_deleted(desk: Client) -> None:
    desk.post(f"{TARIFFS}add/", tariff())
    row = Tariff.objects.get(in_force_from=date(2027, 1, 1))

    assert desk.post(f"{TARIFFS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Tariff.objects.filter(pk=row.pk).exists()


def test_bill_is_found_by_billing_code_ntpn_and_appointment(desk: Client) -> None:
    paid, other = bill_of("paid"), bill_of("open")
    words = [
        str(paid.billing_code),
        paid.payments.get().ntpn.lower(),
        paid.payer.lower(),
        paid.code,
    ]

    assert [rows(desk, BILLS, q=word) for word in words] == [[paid]] * 4
    assert rows(desk, BILLS, status__exact="issued") == [other]


def test_bill_detail_shows_fees_and_payments_in_rupiah(desk: Client) -> None:
    paid = bill_of("paid")

    page = desk.get(f"{BILLS}{paid.pk}/change/").content.decode()

    assert [
        fact for fact in ("EPASSPORT-5", "Rp650.000", "Paid the bill", "WIB") if fact not in page
    ] == []


@pytest.mark.parametrize("ending", ["change", "delete"])
def test_money_posted_to_changes_nothing(desk: Client, ending: str) -> None:
    paid = bill_of("paid")
    payment = paid.payments.get()
    addresses = [
        f"{BILLS}{paid.pk}/{ending}/",
        f"{PAYMENTS}{payment.pk}/{ending}/",
        f"{SETTLEMENTS}{payment.settlement.pk}/{ending}/",
    ]

    answers = [desk.post(address, {"amount": "1", "post": "yes"}) for address in addresses]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert Payment.objects.get().amount == 650_000


def test_settlements_with_cases_come_first(desk: Client) -> None:
    twice = bill_of("paid")
    settle(bill_code=twice.code, money=make_money(twice), by="simponi", at=clock.now())
    bill_of("paid")

    listed = rows(desk, SETTLEMENTS)

    assert len(listed) == 3
    assert [each.case for each in listed if isinstance(each, Settlement)] == [
        CaseKind.DUPLICATE,
        "",
        "",
    ]


@pytest.mark.parametrize("address", [TARIFFS, BILLS, PAYMENTS, SETTLEMENTS])
def test_money_is_not_open_to_an_office(client: Client, address: str) -> None:
    appointment = make_confirmed()
    client.force_login(make_officer(Role.HEAD, appointment.slot.office))

    assert client.get(address).status_code == 403
