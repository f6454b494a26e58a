"""A callback for a code that no bill has: we ask, and what was paid is an orphan, not lost."""

from datetime import datetime, timedelta

import pytest

from mpaspor.core import clock
from payments.gateway.port import GatewayUnknown, Money
from payments.models import Bill, CallbackEvent, Case, Payment
from payments.retention import forget_callbacks
from payments.straying import ask_strays
from tests.factories.appointments import make_money
from tests.payments.making import Gateway

pytestmark = pytest.mark.django_db

CODE = "9" * 15
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def stray(at: datetime) -> CallbackEvent:
    facts = {"billing_code": CODE, "fingerprint": "0", "body": b"{}", "verdict": "stray"}
    return CallbackEvent.objects.create(event_id="5f0c", received_at=at, next_at=at, **facts)


def test_ask_strays_books_what_was_paid_as_an_orphan_once(
    stray: CallbackEvent, at: datetime
) -> None:
    money = make_money(Bill(amount=650_000), at=at)
    gateway = Gateway(inquire=lambda codes: {code: [money] for code in codes})
    for wait in (0 * MINUTE, 5 * MINUTE, HOUR, DAY):
        assert ask_strays(gateway=gateway, at=at + wait) == 1
    assert ask_strays(gateway=gateway, at=at + 9 * DAY) == 0
    assert gateway.asked == [[CODE]] * 4
    assert [payment.ntpn for payment in Payment.objects.all()] == [money.ntpn]
    assert Case.objects.get().kind == "orphan"


def test_ask_strays_about_a_code_that_nobody_paid_books_nothing(
    stray: CallbackEvent, at: datetime
) -> None:
    ask_strays(gateway=Gateway(inquire=lambda _codes: {}), at=at)
    assert Payment.objects.count() == 0


def test_ask_strays_without_an_answer_asks_again(stray: CallbackEvent, at: datetime) -> None:
    def away(_codes: list[str]) -> dict[str, list[Money]]:
        raise GatewayUnknown("ReadTimeout")

    ask_strays(gateway=Gateway(inquire=away), at=at + 3 * DAY)
    stray.refresh_from_db()
    assert stray.next_at == at + 3 * DAY + 5 * MINUTE


@pytest.mark.parametrize(("days", "gone"), [(90, 0), (91, 1)])
def test_forget_callbacks_deletes_old_ones(
    stray: CallbackEvent, at: datetime, days: int, gone: int
) -> None:
    assert forget_callbacks(at=at + days * DAY) == gone
