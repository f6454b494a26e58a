"""The gateway is left in peace while it does not answer, and found again when it does."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from mpaspor.core import clock
from payments.gateway.port import GatewayRefused, GatewayUnknown, Issued, Money, Order
from payments.issuing import issue_requested
from payments.models import Bill
from payments.polling import ask_due
from tests.payments.making import Gateway, make_issued, make_requested

pytestmark = pytest.mark.django_db

REST, SECOND, HOUR = timedelta(seconds=30), timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def rules(settings: Settings) -> None:
    settings.SIMPONI_FAILURES, settings.SIMPONI_REST = 5, 30


@pytest.fixture
def at() -> datetime:
    return clock.now()


def away(_asked: object) -> dict[str, list[Money]]:
    raise GatewayUnknown("ConnectionError")


def no_code(_order: Order) -> Issued:
    raise GatewayUnknown("ConnectionError")


def asked(gateway: Gateway, at: datetime) -> int:
    Bill.objects.update(next_at=at)
    return ask_due(gateway=gateway, at=at)


def test_gateway_without_an_answer_to_five_questions_is_left_in_peace(at: datetime) -> None:
    for _ in range(3):
        make_issued(at)
    gone = Gateway(inquire=away)
    assert [asked(gone, at + second * SECOND) for second in range(7)] == [3] * 5 + [0, 0]
    assert [asked(gone, at + 4 * SECOND + REST), asked(gone, at + 5 * SECOND + REST)] == [1, 0]


def test_gateway_that_answers_the_one_question_is_asked_as_before(at: datetime) -> None:
    for _ in range(3):
        make_issued(at)
    for _ in range(5):
        asked(Gateway(inquire=away), at)
    assert [asked(Gateway(), at + REST), asked(Gateway(), at + REST)] == [1, 3]


def test_gateway_that_refuses_is_there(at: datetime) -> None:
    def refuse(_codes: list[str]) -> dict[str, list[Money]]:
        raise GatewayRefused("HTTP 400")

    make_issued(at)
    assert [asked(Gateway(inquire=refuse), at) for _ in range(9)] == [1] * 9


def test_codes_that_did_not_come_stop_the_questions_as_well(at: datetime) -> None:
    make_issued(at)
    for _ in range(5):
        make_requested(at)
    assert issue_requested(gateway=Gateway(create=no_code), at=at) == 5
    assert asked(Gateway(), at + SECOND) == 0


def test_rest_that_is_over_is_not_spent_where_nothing_is_due(at: datetime) -> None:
    for _ in range(5):
        make_requested(at)
    issue_requested(gateway=Gateway(create=no_code), at=at)
    assert ask_due(gateway=Gateway(), at=at + REST) == 0
    assert issue_requested(gateway=Gateway(), at=at + REST) == 1
