from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mpaspor.core import clock
from payments.claiming import AlreadyPaid, NothingToClaim, NtbTooLong, claim_paid
from payments.enums import BillStatus
from payments.gateway.port import GatewayUnknown, Money
from payments.models import Bill, Claim
from payments.ntpn import NtpnUnreadable, look_alike, read_ntpn
from payments.polling import ask_due
from payments.settlement import settle_by_code
from tests.appointments.browsing import signed_in, text_of
from tests.factories.appointments import make_awaiting, make_money
from tests.payments.making import Gateway, make_issued, make_requested

pytestmark = pytest.mark.django_db

NTPN = "9K2V7Q0XW4TB61MD"


@pytest.mark.parametrize(
    "typed", [NTPN, NTPN.lower(), "9K2V 7Q0X W4TB 61MD", " 9k2v-7q0x.w4tb_61md/ "]
)
def test_read_ntpn_in_any_usual_writing(typed: str) -> None:
    assert read_ntpn(typed) == NTPN


@pytest.mark.parametrize(
    "typed", ["", " ", NTPN[:-1], NTPN + "X", "9K2V7Q0XW4TB61MÉ", "9K2V7Q0XW4TB61M\0", "-" * 16]
)
def test_read_ntpn_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(NtpnUnreadable):
        read_ntpn(typed)


def test_look_alike_forgives_o_and_i_only() -> None:
    assert look_alike("OI01BS8ZQ2") == look_alike("0101BS8ZQ2")
    assert look_alike("B8") != look_alike("88")


def claimed(bill: Bill, ntpn: str = NTPN, **facts: Any) -> Claim:
    return claim_paid(bill_code=bill.code, ntpn=ntpn, by="test", at=clock.now(), **facts)


def says(bill: Bill, *money: Money) -> Gateway:
    return Gateway(inquire=lambda _codes: {str(bill.billing_code): list(money)})


def test_claim_makes_us_ask_at_once_and_says_until_when_the_answer_is_there() -> None:
    bill = make_issued()
    at = clock.now()
    claim = claim_paid(bill_code=bill.code, ntpn=NTPN, ntb="0045", by="test", at=at)
    bill.refresh_from_db()
    assert (bill.next_at, claim.answer_due_at) == (at, at + timedelta(minutes=5))
    assert (claim.ntpn, claim.ntb, claim.answered_at) == (NTPN, "0045", None)


def test_claim_is_answered_by_the_bank_letters_that_look_alike_forgiven() -> None:
    bill = make_issued()
    paid = make_money(bill, ntpn="9K2V7Q0XW4TB6IMD")
    claim = claimed(bill, "9K2V7QOXW4TB61MD")
    ask_due(gateway=says(bill, paid), at=clock.now())
    claim.refresh_from_db()
    bill.refresh_from_db()
    assert claim.payment is not None
    assert (claim.payment.ntpn, bill.status) == (paid.ntpn, BillStatus.PAID)


def test_claim_of_nothing_is_answered_and_books_nothing() -> None:
    bill = make_issued()
    claim = claimed(bill)
    ask_due(gateway=says(bill), at=clock.now())
    claim.refresh_from_db()
    bill.refresh_from_db()
    assert claim.answered_at is not None
    assert (claim.payment, bill.status) == (None, BillStatus.ISSUED)


def test_claim_waits_while_the_gateway_is_away() -> None:
    def away(_codes: list[str]) -> dict[str, list[Money]]:
        raise GatewayUnknown("down")

    claim = claimed(make_issued())
    ask_due(gateway=Gateway(inquire=away), at=clock.now())
    claim.refresh_from_db()
    assert claim.answered_at is None


def test_claim_finds_money_that_was_paid_for_a_wrong_code() -> None:
    bill = make_issued()
    astray = make_money(bill, ntpn=NTPN)
    settle_by_code(billing_code="8" * 15, money=astray, by="simponi", at=clock.now())
    claim = claimed(bill)
    ask_due(gateway=says(bill), at=clock.now())
    claim.refresh_from_db()
    assert claim.payment is not None
    assert claim.payment.bill is None


def test_claim_again_takes_the_place_of_the_one_that_waits() -> None:
    bill = make_issued()
    claimed(bill, "A" * 16)
    claimed(bill)
    assert list(Claim.objects.values_list("ntpn", flat=True)) == [NTPN]


def test_claim_for_a_bill_without_code_or_paid_is_refused() -> None:
    with pytest.raises(NothingToClaim):
        claimed(make_requested())
    paid = make_issued()
    ask_due(gateway=says(paid, make_money(paid)), at=paid.next_at or clock.now())
    with pytest.raises(AlreadyPaid):
        claimed(paid)
    assert not Claim.objects.exists()


def test_claim_with_too_long_an_ntb_is_refused() -> None:
    with pytest.raises(NtbTooLong):
        claimed(make_issued(), ntb="1" * 21)


def test_page_takes_the_claim_and_the_bill_shows_what_became_of_it() -> None:
    appointment = make_awaiting()
    bill, code = appointment.bill, appointment.application.code
    assert bill is not None
    visitor = signed_in(appointment.application.account)
    assert reverse("claim", args=[code]) in visitor.get(reverse("bill", args=[code])).text

    answer = visitor.post(reverse("claim", args=[code]), {"ntpn": "9k2v 7qox w4tb 61md"})
    assert answer.headers["Location"] == reverse("bill", args=[code])
    assert "We are asking the bank" in text_of(visitor.get(reverse("bill", args=[code])))

    ask_due(gateway=says(bill), at=clock.now())
    shown = text_of(visitor.get(reverse("bill", args=[code])))
    assert "it does not know this payment yet" in shown
    assert "9K2V7QOXW4TB61MD" in shown


@pytest.mark.parametrize("typed", ["", "123", "x" * 41, "9K2V7Q0XW4TB61M\0", "Ⅻ" * 16])
def test_page_with_an_ntpn_that_is_none_says_so_and_keeps_it(typed: str) -> None:
    appointment = make_awaiting()
    visitor: Client = signed_in(appointment.application.account)
    answer = visitor.post(
        reverse("claim", args=[appointment.application.code]), {"ntpn": typed, "ntb": "0045"}
    )
    assert (answer.status_code, Claim.objects.count()) == (200, 0)
    assert "Please look at this again" in text_of(answer)
    assert 'value="0045"' in answer.text
