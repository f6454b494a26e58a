"""Bills as the deeds leave them, and gateways that say what a test wants to hear."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count
from typing import Any

from mpaspor.core import clock
from payments.billing import request_bill
from payments.gateway.port import Issued, Money, Order
from payments.issuing import issue_requested
from payments.models import Bill
from payments.tariffs import Line
from tests.factories.appointments import PromptGateway

LINES = [
    Line("EPASSPORT-5", "Electronic passport, up to 5 years", 650_000),
    Line("ACCELERATED", "Accelerated service, same day", 1_000_000),
]
PAY_MINUTES, GRACE_MINUTES = 120, 15

numbers = count(1)


def make_requested(at: datetime | None = None, **facts: Any) -> Bill:
    """A bill that waits for its code."""
    usual: dict[str, Any] = {
        "payer": f"PAYER{next(numbers):05}",
        "payer_name": "Siti Nurhaliza",
        "lines": LINES,
        "pay_minutes": PAY_MINUTES,
        "grace_minutes": GRACE_MINUTES,
    }
    return request_bill(**usual | facts, by="test", at=at or clock.now())


def make_issued(at: datetime | None = None, **facts: Any) -> Bill:
    """A bill whose code came at once."""
    at = at or clock.now()
    bill = make_requested(at, **facts)
    issue_requested(gateway=PromptGateway(), at=at)
    bill.refresh_from_db()
    return bill


class Gateway:
    """Answers with what the two functions say, and remembers what it was asked."""

    def __init__(
        self,
        create: Callable[[Order], Issued] | None = None,
        inquire: Callable[[list[str]], dict[str, list[Money]]] | None = None,
    ) -> None:
        self.prompt = PromptGateway()
        self.on_create, self.on_inquire = create, inquire
        self.orders: list[Order] = []
        self.asked: list[list[str]] = []

    def create(self, order: Order) -> Issued:
        self.orders.append(order)
        return (self.on_create or self.prompt.create)(order)

    def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
        codes = list(billing_codes)
        self.asked.append(codes)
        return (self.on_inquire or self.prompt.inquire)(codes)
