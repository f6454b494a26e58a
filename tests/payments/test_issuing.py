"""From a requested bill to its code: repeated, delayed, interrupted, and made only once."""

import time
from datetime import datetime, timedelta

import pytest

from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus
from payments.gateway.port import GatewayRefused, GatewayUnknown, Issued, Order
from payments.gateway.simponi import Simponi as Adapter
from payments.issuing import BATCH, LEASE, issue_requested
from payments.models import Bill
from tests.payments.making import PAY_MINUTES, Gateway, make_requested
from tests.simulators.running import Simponi

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


def issued_as(code: str, order: Order) -> Issued:
    return Issued(code, expires_at=order.expires_at, issued_at=order.expires_at)


def unknown(_order: Order) -> Issued:
    raise GatewayUnknown("ReadTimeout")


def refused(_order: Order) -> Issued:
    raise GatewayRefused("HTTP 422")


def due_in(bill: Bill, at: datetime) -> float:
    """Seconds until a worker looks at it again."""
    bill.refresh_from_db()
    assert bill.next_at is not None
    return (bill.next_at - at).total_seconds()


def test_issue_requested_writes_the_code_and_starts_the_time_to_pay(
    adapter: Adapter, at: datetime
) -> None:
    bill = make_requested(at - timedelta(minutes=30))

    assert issue_requested(gateway=adapter, at=at) == 1

    bill.refresh_from_db()
    assert (bill.status, len(bill.billing_code or "")) == (BillStatus.ISSUED, 15)
    assert (bill.issued_at, bill.pay_until) == (at, at + timedelta(minutes=PAY_MINUTES))
    assert due_in(bill, at) == 30
    assert [entry.deed for entry in trail.of(f"bill:{bill.code}")] == ["bill.request", "bill.issue"]


def test_issue_requested_orders_what_the_bill_says(at: datetime) -> None:
    bill = make_requested(at, payer_name="Ma'ruf")
    gateway = Gateway()

    issue_requested(gateway=gateway, at=at)

    [order] = gateway.orders
    assert (order.request_key, order.payer_name, order.amount) == (bill.code, "MARUF", 1_650_000)
    assert sum(line.amount for line in order.lines) == order.amount
    assert order.expires_at == at + timedelta(minutes=PAY_MINUTES)


def test_issue_requested_with_nothing_due_asks_nobody(at: datetime) -> None:
    make_requested(at + SECOND)
    gateway = Gateway()
    assert issue_requested(gateway=gateway, at=at) == 0
    assert gateway.orders == []


def test_issue_requested_again_leaves_an_issued_bill_alone(at: datetime) -> None:
    make_requested(at)
    gateway = Gateway()
    issue_requested(gateway=gateway, at=at)
    assert issue_requested(gateway=gateway, at=at + timedelta(days=1)) == 0
    assert len(gateway.orders) == 1


@pytest.mark.parametrize(
    ("failed_before", "seconds"), [(0, 2), (1, 5), (2, 10), (3, 30), (4, 60), (5, 60), (99, 60)]
)
def test_issue_requested_in_trouble_waits_longer_each_time(
    at: datetime, failed_before: int, seconds: int
) -> None:
    bill = make_requested(at)
    Bill.objects.update(attempts=failed_before)
    issue_requested(gateway=Gateway(unknown), at=at)
    assert due_in(bill, at) == seconds
    assert (bill.status, bill.attempts) == (BillStatus.REQUESTED, failed_before + 1)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(unknown, "GatewayUnknown: ReadTimeout"), (refused, "GatewayRefused: HTTP 422")],
)
def test_issue_requested_in_trouble_keeps_the_bill_and_says_why(
    at: datetime, answer: object, trouble: str
) -> None:
    bill = make_requested(at)
    issue_requested(gateway=Gateway(answer), at=at)  # type: ignore[arg-type]
    bill.refresh_from_db()
    assert (bill.status, bill.billing_code, bill.trouble) == ("requested", None, trouble)


def test_issue_requested_after_the_trouble_wipes_it(at: datetime) -> None:
    bill = make_requested(at)
    issue_requested(gateway=Gateway(unknown), at=at)
    assert issue_requested(gateway=Gateway(), at=at + SECOND) == 0
    assert issue_requested(gateway=Gateway(), at=at + 2 * SECOND) == 1
    bill.refresh_from_db()
    assert (bill.status, bill.trouble, bill.attempts) == ("issued", "", 0)


class PowerCut(BaseException):
    """The worker is gone in the middle of its work."""


@pytest.mark.parametrize(("offset", "looked_at"), [(-1, 0), (0, 1), (1, 1)])
def test_issue_requested_after_a_worker_died_goes_on_when_its_lease_is_over(
    at: datetime, offset: int, looked_at: int
) -> None:
    def die(_order: Order) -> Issued:
        raise PowerCut

    make_requested(at)
    with pytest.raises(PowerCut):
        issue_requested(gateway=Gateway(die), at=at)

    again = at + LEASE + offset * SECOND
    assert issue_requested(gateway=Gateway(), at=again) == looked_at
    assert LEASE.total_seconds() == 60


def test_issue_requested_after_an_answer_was_lost_makes_one_bill_only(
    simponi: Simponi, adapter: Adapter, at: datetime
) -> None:
    """The gateway did it and we never heard: the same key finds the same bill."""
    bill = make_requested(at)
    simponi.control(fail="timeout_after", fail_count=1)
    issue_requested(gateway=adapter, at=at)
    bill.refresh_from_db()
    assert (bill.status, bill.trouble) == ("requested", "GatewayUnknown: ReadTimeout")
    made = simponi.answer(
        simponi.web.get(
            f"{simponi.url}/v1/bills",
            params={"request_key": bill.code},
            headers=simponi.headers(),
            timeout=5,
        )
    )

    issue_requested(gateway=adapter, at=at + 2 * SECOND)

    bill.refresh_from_db()
    assert bill.billing_code == made["billing_code"]
    assert bill.pay_until == at + timedelta(minutes=PAY_MINUTES)


def lost_for(minutes: int, at: datetime) -> tuple[Bill, Gateway]:
    """A bill whose first order was answered that long ago, but not to us."""
    bill = make_requested(at)
    first = at - timedelta(minutes=minutes) + timedelta(minutes=PAY_MINUTES)

    def answer(order: Order) -> Issued:
        if order.request_key == bill.code:
            return Issued("820261103000417", expires_at=first, issued_at=at)
        return issued_as("820261103000418", order)

    return bill, Gateway(answer)


@pytest.mark.parametrize("minutes", [61, 120, 180, 10_000])
def test_issue_requested_when_most_of_the_time_ran_out_unseen_orders_anew(
    at: datetime, minutes: int
) -> None:
    bill, gateway = lost_for(minutes, at)
    issue_requested(gateway=gateway, at=at)
    bill.refresh_from_db()
    assert (bill.status, bill.billing_code) == ("requested", None)

    later = at + 2 * SECOND
    issue_requested(gateway=gateway, at=later)

    bill.refresh_from_db()
    assert (bill.status, bill.billing_code) == ("issued", "820261103000418")
    assert bill.pay_until == later + timedelta(minutes=PAY_MINUTES)
    assert [order.request_key for order in gateway.orders] == [bill.code, f"{bill.code}-2"]


@pytest.mark.parametrize("minutes", [0, 5, 60])
def test_issue_requested_when_most_of_the_time_is_left_takes_the_first_bill(
    at: datetime, minutes: int
) -> None:
    bill, gateway = lost_for(minutes, at)
    issue_requested(gateway=gateway, at=at)
    bill.refresh_from_db()
    assert (bill.status, bill.billing_code) == ("issued", "820261103000417")


def test_issue_requested_that_gives_two_bills_one_code_holds_up_no_other(at: datetime) -> None:
    bills = [make_requested(at) for _ in range(4)]
    codes = iter(["100000000000001", "100000000000001", "100000000000002", "100000000000003"])
    gateway = Gateway(lambda order: issued_as(next(codes), order))

    issue_requested(gateway=gateway, at=at)

    states = sorted(Bill.objects.values_list("status", "trouble"))
    assert states == [("issued", "")] * 3 + [
        ("requested", "GatewayUnknown: the code of another bill")
    ]
    assert len(bills) == 4


def test_issue_requested_for_a_bill_that_ended_meanwhile_changes_nothing(at: datetime) -> None:
    bill = make_requested(at)
    Bill.objects.filter(pk=bill.pk).update(status=BillStatus.VOID, closed_at=at)
    assert issue_requested(gateway=Gateway(), at=at) == 0
    bill.refresh_from_db()
    assert (bill.status, bill.billing_code) == ("void", None)


def test_issue_requested_takes_a_batch_and_leaves_the_rest(at: datetime) -> None:
    for _ in range(BATCH + 3):
        make_requested(at)
    gateway = Gateway()
    done = [issue_requested(gateway=gateway, at=at) for _ in range(3)]
    assert done == [BATCH, 3, 0]
    assert Bill.objects.filter(status=BillStatus.ISSUED).count() == BATCH + 3


def test_issue_requested_of_a_slow_gateway_asks_for_many_at_once(
    simponi: Simponi, adapter: Adapter, at: datetime
) -> None:
    for _ in range(16):
        make_requested(at)
    simponi.control(latency_ms=400)
    started = time.monotonic()
    assert issue_requested(gateway=adapter, at=at) == 16
    one_after_the_other = 16 * 0.4
    assert time.monotonic() - started < one_after_the_other / 2
    assert Bill.objects.filter(status=BillStatus.ISSUED).count() == 16
