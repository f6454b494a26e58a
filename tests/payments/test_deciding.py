"""The gateway is away: seats stay, and after hours of silence a person decides."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.cases import ReasonMissing
from payments.deciding import NotUndecided, expire_by_hand, keep_asking, undecided
from payments.gateway.port import GatewayUnknown, Money
from payments.models import Bill
from payments.moments import end_of
from payments.polling import ask_due
from payments.settlement import settle
from tests.factories.appointments import make_money
from tests.payments.making import Gateway, make_issued

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def bill() -> Bill:
    return make_issued(clock.now())


def silent(_codes: list[str]) -> dict[str, list[Money]]:
    raise GatewayUnknown("ReadTimeout")


def knowing_nothing(_codes: list[str]) -> dict[str, list[Money]]:
    return {}


def ask(bill: Bill, at: datetime, answer: object = silent) -> Bill:
    Bill.objects.filter(pk=bill.pk).update(next_at=at)
    ask_due(gateway=Gateway(inquire=answer), at=at)  # type: ignore[arg-type]
    bill.refresh_from_db()
    return bill


def waiting(bill: Bill) -> Bill:
    """Undecided for a second."""
    return ask(bill, end_of(bill) + 6 * HOUR + SECOND)


def test_gateway_that_is_away_for_half_an_hour_around_the_end_expires_nothing(bill: Bill) -> None:
    end = end_of(bill)
    for minute in range(-15, 16):
        ask(bill, end + minute * MINUTE)
        assert (bill.status, bill.undecided_at) == ("issued", None)
    ask(bill, end + 16 * MINUTE, lambda codes: {code: [] for code in codes})
    assert bill.status == "expired"


@pytest.mark.parametrize("answer", [silent, knowing_nothing])
@pytest.mark.parametrize(("offset", "flagged"), [(-SECOND, 0), (0 * SECOND, 0), (SECOND, 1)])
def test_ask_due_without_an_answer_six_hours_after_the_end_is_for_a_person(
    bill: Bill, answer: object, offset: timedelta, flagged: int
) -> None:
    ask(bill, end_of(bill) + 6 * HOUR + offset, answer)
    assert (bill.status, undecided().count()) == ("issued", flagged)


def test_undecided_is_said_once(bill: Bill) -> None:
    at = end_of(bill) + 7 * HOUR
    for minute in range(3):
        ask(bill, at + minute * MINUTE)
    said = [entry.deed for entry in trail.of(f"bill:{bill.code}")]
    assert (bill.undecided_at, said.count("bill.undecided")) == (at, 1)


@pytest.mark.parametrize(("money", "status"), [([], "expired"), ([1_650_000], "paid")])
def test_answer_after_all_takes_the_decision_from_people(
    bill: Bill, money: list[int], status: str
) -> None:
    told = [make_money(bill, amount=amount, at=bill.issued_at) for amount in money]
    ask(waiting(bill), end_of(bill) + 8 * HOUR, lambda codes: dict.fromkeys(codes, told))
    assert (bill.status, undecided().count()) == (status, 0)


def test_keep_asking_gives_six_hours_more(bill: Bill) -> None:
    at = end_of(bill) + 7 * HOUR
    keep_asking(bill_code=waiting(bill).code, by="test", at=at)
    ask(bill, at + 6 * HOUR)
    assert undecided().count() == 0
    ask(bill, at + 6 * HOUR + SECOND)
    assert list(undecided()) == [bill]


def test_expire_by_hand_ends_the_bill_with_its_reason(bill: Bill) -> None:
    at = end_of(bill) + 7 * HOUR
    expire_by_hand(bill_code=waiting(bill).code, reason=" Away since noon. ", by="test", at=at)
    bill.refresh_from_db()
    assert (bill.status, bill.closed_at, bill.next_at) == ("expired", at, at)
    last = trail.of(f"bill:{bill.code}")[-1]
    assert (last.deed, last.facts) == ("bill.expire", {"reason": "Away since noon."})


def test_money_that_is_known_after_the_decision_still_pays(bill: Bill) -> None:
    at = end_of(bill) + 7 * HOUR
    expire_by_hand(bill_code=waiting(bill).code, reason="Away.", by="test", at=at)
    settle(bill_code=bill.code, money=make_money(bill, at=bill.issued_at), by="x", at=at + HOUR)
    bill.refresh_from_db()
    assert bill.status == "paid"


@pytest.mark.parametrize(
    "deed",
    [
        lambda code, at: keep_asking(bill_code=code, by="test", at=at),
        lambda code, at: expire_by_hand(bill_code=code, reason="Away.", by="test", at=at),
    ],
)
def test_decision_about_a_bill_that_waits_for_none_is_refused(
    bill: Bill, deed: Callable[..., None]
) -> None:
    for code in (bill.code, "NOBODYS"):
        with pytest.raises(NotUndecided):
            deed(code, clock.now())


def test_expire_by_hand_without_a_reason_is_refused(bill: Bill) -> None:
    no: type[Refusal] = ReasonMissing
    with pytest.raises(no):
        expire_by_hand(bill_code=waiting(bill).code, reason=" ", by="test", at=clock.now())
    bill.refresh_from_db()
    assert bill.status == "issued"
