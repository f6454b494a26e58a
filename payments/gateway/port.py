"""What we need from a payment gateway, in our own words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from payments.tariffs import Line


class GatewayUnknown(Exception):
    """No answer that can be trusted: it may or may not have happened. Never means "no"."""


class GatewayRefused(Exception):
    """The gateway understood and said no; asking the same again will not help."""


@dataclass(frozen=True)
class Order:
    """A bill to be made. `request_key` makes a repeated order the same bill; Rupiah."""

    request_key: str
    payer_name: str
    amount: int
    expires_at: datetime
    lines: list[Line]


@dataclass(frozen=True)
class Issued:
    billing_code: str
    expires_at: datetime
    issued_at: datetime


@dataclass(frozen=True)
class Money:
    """A payment as the bank booked it; `paid_at` is the bank's time, `amount` Rupiah."""

    ntpn: str
    ntb: str
    amount: int
    paid_at: datetime
    channel: str


@dataclass(frozen=True)
class SettledLine:
    """One line of a banking day's file. The code may be none of ours."""

    line: int
    billing_code: str
    money: Money
    settled_on: date


@dataclass(frozen=True)
class OddLine:
    """A line that cannot be used, for a person to look at; its number counts from 1."""

    line: int
    reason: str


class Gateway(Protocol):
    def create(self, order: Order) -> Issued:
        """Makes the bill, or finds the one made before. Raises GatewayUnknown, GatewayRefused."""
        ...

    def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
        """Payments by code; an empty list means "not paid". A code the gateway says nothing
        about is missing from the answer. Raises GatewayUnknown, GatewayRefused."""
        ...


class SettlementFiles(Protocol):
    def settlement_lines(self, day: date) -> Iterator[SettledLine | OddLine]:
        """All money of one banking day, line by line as it arrives; a day has any number.

        Raises GatewayUnknown before the first line, or where the file breaks off: the lines
        told until then stand, and the rest is not known.
        """
        ...
