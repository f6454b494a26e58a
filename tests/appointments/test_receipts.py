"""The receipt as whoever has to be shown it reads it."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from appointments.confirming import confirm
from appointments.models import Appointment
from appointments.receipts import NotPaid, bill_url, receipt
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.cases import approve, close, mark_sent, propose_refund
from payments.models import Bill, Case
from payments.settlement import settle
from quota.enums import Role
from tests.appointments.browsing import signed_in
from tests.factories.applicants import make_user
from tests.factories.appointments import (
    make_awaiting,
    make_billed_party,
    make_confirmed,
    make_money,
)
from tests.factories.bills import CASES, choose_again, party_paid
from tests.factories.quota import make_officer, make_open_slot

pytestmark = pytest.mark.django_db


def read(bill: Bill, language: str = "en") -> str:
    with translation.override(language):
        pdf = PdfReader(BytesIO(receipt(bill)), strict=True)
    assert len(pdf.pages) == 1
    return " ".join(pdf.pages[0].extract_text().split())


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return Bill.objects.get(pk=appointment.bill.pk)


@pytest.mark.parametrize(("language", "paid"), [("en", "Paid at"), ("id", "Dibayar pada")])
def test_receipt_has_what_proves_the_payment(language: str, paid: str) -> None:
    appointment = make_confirmed()
    bill = bill_of(appointment)
    payment = bill.paid_by
    assert payment is not None
    text = read(bill, language)
    wanted = [
        payment.ntpn,
        payment.ntb,
        str(bill.billing_code),
        "Rp650.000",
        "WIB",
        "Bank Uji",
        "Budi Santoso",
        appointment.code,
        appointment.slot.office.name,
        paid,
    ]
    assert [fact for fact in wanted if fact not in text] == []
    assert appointment.application.person.identity.nik not in text
    assert bill_url(appointment).endswith(reverse("bill", args=[appointment.application.code]))


def test_receipt_of_a_party_has_everybodys_fees_and_their_sum() -> None:
    text = read(bill_of(party_paid()))
    assert (text.count("Rp650.000"), text.count("Rp1.950.000")) == (3, 2)


def test_receipt_of_the_largest_party_with_the_longest_names_is_one_page() -> None:
    party = make_billed_party(people=5, slot=make_open_slot(seats=5))
    for appointment in party:
        appointment.application.person.name = "Wwwwwwwwww " * 9
        appointment.application.person.save()
    bill = bill_of(party[0])
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    confirm(bill_code=bill.code, at=clock.now())
    assert read(bill_of(party[0])).count("Rp650.000") == 5


def test_receipt_of_money_that_was_given_back_says_so() -> None:
    bill, at = bill_of(choose_again()), clock.now()
    case, one, other = Case.objects.get().code, make_officer(Role.TREASURER), make_user()
    propose_refund(case_code=case, by=one, at=at)
    approve(case_code=case, by=other, at=at)
    mark_sent(case_code=case, reference="SP2D-77", by=other, at=at)
    assert "SP2D-77" not in read(bill)
    close(case_code=case, by=other, at=at)
    assert "Given back SP2D-77" in read(bill)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_receipt_is_there_for_paid_bills_only(case: object) -> None:
    appointment = case()  # type: ignore[operator]
    client, code = signed_in(appointment.application.account), appointment.application.code
    answer, page = (client.get(reverse(name, args=[code])) for name in ("receipt", "bill"))
    is_paid = bill_of(appointment).status == "paid"
    assert answer.status_code == (200 if is_paid else 302)
    assert answer.content.startswith(b"%PDF") == is_paid
    assert (reverse("receipt", args=[code]) in page.content.decode()) == is_paid


def test_receipt_of_an_unpaid_bill_is_refused() -> None:
    with pytest.raises(NotPaid):
        receipt(bill_of(make_awaiting()))


def test_receipt_at_the_money_desk_leaves_a_look() -> None:
    appointment = make_confirmed()
    treasurer = make_officer(Role.TREASURER)
    url = reverse("admin:money_receipt", args=[bill_of(appointment).code])
    assert signed_in(treasurer).get(url).content.startswith(b"%PDF")
    look = trail.of(f"appointment:{appointment.code}")[-1]
    assert (look.deed, look.by_id) == ("person.look", treasurer.pk)
    unpaid = bill_of(make_awaiting())
    url = reverse("admin:money_receipt", args=[unpaid.code])
    assert signed_in(treasurer).get(url).status_code == 404
