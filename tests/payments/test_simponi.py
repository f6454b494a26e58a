"""The adapter against the gateway's simulator over HTTP in every fault, and against odd answers."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mpaspor.core import clock
from payments.gateway.port import GatewayRefused, GatewayUnknown, Money, Order
from payments.gateway.simponi import MOST_CODES, gateway
from payments.gateway.simponi import Simponi as Adapter
from tests.payments.answering import Answering
from tests.payments.making import LINES
from tests.simulators.running import Simponi, until

pytestmark = pytest.mark.django_db

AMOUNT = 1_650_000
CODE, NTPN = "820261103000417", "9K2V7Q0XW4TB61MD"
MOMENT = "2026-11-03T13:20:44.120945+07:00"


def an_order(**facts: Any) -> Order:
    order = Order(
        request_key=secrets.token_hex(5),
        payer_name="SITI NURHALIZA",
        amount=AMOUNT,
        expires_at=clock.now() + timedelta(hours=2),
        lines=LINES,
    )
    return replace(order, **facts)


def made_under(order: Order, simponi: Simponi) -> dict[str, Any]:
    """The bill as the gateway has it."""
    return simponi.answer(
        simponi.web.get(
            f"{simponi.url}/v1/bills",
            params={"request_key": order.request_key},
            headers=simponi.headers(),
            timeout=5,
        )
    )


@pytest.fixture
def odd(answering: Answering) -> Adapter:
    return Adapter(answering.url, "key", timeout=1)


def test_create_gives_fifteen_digits_and_the_deadline_asked_for(adapter: Adapter) -> None:
    order = an_order()
    issued = adapter.create(order)
    assert (len(issued.billing_code), issued.billing_code.isdigit()) == (15, True)
    assert issued.expires_at == order.expires_at
    assert abs(issued.issued_at - clock.now()) < timedelta(seconds=30)


def test_create_again_under_the_same_key_finds_the_same_bill(adapter: Adapter) -> None:
    order = an_order()
    assert adapter.create(order) == adapter.create(order)


def test_create_with_another_amount_under_the_same_key_is_refused(adapter: Adapter) -> None:
    order = an_order()
    adapter.create(order)
    with pytest.raises(GatewayRefused, match="HTTP 409"):
        adapter.create(replace(order, amount=1, lines=[]))


@pytest.mark.parametrize(
    "wrong",
    [{"payer_name": "MA'RUF"}, {"payer_name": ""}, {"amount": 0}, {"request_key": "a b"}],
)
def test_create_of_what_the_gateway_does_not_take_is_refused(
    adapter: Adapter, wrong: dict[str, Any]
) -> None:
    with pytest.raises(GatewayRefused, match="HTTP 422"):
        adapter.create(an_order(**wrong))


def test_inquire_tells_paid_unpaid_and_leaves_out_what_it_does_not_know(
    adapter: Adapter, simponi: Simponi
) -> None:
    unpaid, paid = (adapter.create(an_order()).billing_code for _ in range(2))
    told = simponi.pay(paid, channel="atm")

    answer = adapter.inquire([unpaid, paid, "999999999999999"])

    money = answer[paid][0]
    assert answer == {unpaid: [], paid: [money]}
    assert (money.ntpn, money.ntb, money.amount, money.channel) == (
        told["ntpn"],
        told["ntb"],
        AMOUNT,
        "atm",
    )
    assert money.paid_at.isoformat() == told["paid_at"]


def test_inquire_about_more_codes_than_one_call_takes_asks_in_several(adapter: Adapter) -> None:
    """After an outage each bill of a batch has two codes."""
    issued = adapter.create(an_order())
    nobodys = [f"9{number:014}" for number in range(MOST_CODES)]
    assert adapter.inquire([*nobodys, issued.billing_code]) == {issued.billing_code: []}


def test_inquire_about_a_bill_whose_time_is_over_says_not_paid(
    adapter: Adapter, simponi: Simponi
) -> None:
    order = an_order(expires_at=clock.now() + timedelta(seconds=0.5))
    code = adapter.create(order).billing_code
    until(lambda: made_under(order, simponi)["status"] == "EXPIRED", seconds=5, what="its deadline")
    assert adapter.inquire([code]) == {code: []}


def test_inquire_about_nothing_is_answered(adapter: Adapter) -> None:
    assert adapter.inquire([]) == {}


def creates(adapter: Adapter) -> None:
    adapter.create(an_order())


def inquires(adapter: Adapter) -> None:
    adapter.inquire([CODE])


both = pytest.mark.parametrize("ask", [creates, inquires])


@both
@pytest.mark.parametrize("fault", ["500", "html", "down", "timeout_after"])
def test_gateway_in_trouble_is_unknown_never_no(
    adapter: Adapter, simponi: Simponi, ask: Callable[[Adapter], None], fault: str
) -> None:
    simponi.control(fail=fault)
    started = time.monotonic()
    with pytest.raises(GatewayUnknown):
        ask(adapter)
    assert time.monotonic() - started < 3


@both
def test_gateway_slower_than_our_patience_is_unknown(
    adapter: Adapter, simponi: Simponi, ask: Callable[[Adapter], None]
) -> None:
    simponi.control(latency_ms=1500)
    with pytest.raises(GatewayUnknown, match="Timeout"):
        ask(adapter)


@both
def test_gateway_that_is_not_there_is_unknown(ask: Callable[[Adapter], None]) -> None:
    with pytest.raises(GatewayUnknown, match="ConnectionError"):
        ask(Adapter("http://127.0.0.1:1", "key", timeout=1))


@both
def test_gateway_that_does_not_know_our_key_is_unknown(
    simponi: Simponi, ask: Callable[[Adapter], None]
) -> None:
    """Somebody has to mend the key; no bill may be given up for it."""
    with pytest.raises(GatewayUnknown, match="HTTP 401"):
        ask(Adapter(simponi.url, "wrong", timeout=1))


def test_create_after_an_answer_that_was_lost_finds_the_bill_that_was_made(
    adapter: Adapter, simponi: Simponi
) -> None:
    order = an_order()
    simponi.control(fail="timeout_after", fail_count=1)
    with pytest.raises(GatewayUnknown):
        adapter.create(order)
    made = made_under(order, simponi)

    assert adapter.create(order).billing_code == made["billing_code"]


def test_gateway_is_the_one_of_the_settings(simponi: Simponi) -> None:
    assert gateway().create(an_order()).billing_code.isdigit()


def a_bill(order: Order, **facts: Any) -> dict[str, Any]:
    return {
        "billing_code": CODE,
        "status": "ISSUED",
        "request_key": order.request_key,
        "amount": AMOUNT,
        "issued_at": MOMENT,
        "expires_at": MOMENT,
        "payments": [],
    } | facts


def without(name: str, bill: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in bill.items() if key != name}


def test_create_reads_a_plain_answer(odd: Adapter, answering: Answering) -> None:
    order = an_order()
    answering.says(a_bill(order), status=201)
    assert odd.create(order).billing_code == CODE


@pytest.mark.parametrize(
    "facts",
    [
        {"amount": AMOUNT + 1},
        {"amount": str(AMOUNT)},
        {"request_key": "another"},
        {"billing_code": None},
        {"billing_code": 820261103000417},
        {"billing_code": CODE[:-1]},
        {"billing_code": CODE + "0"},
        {"billing_code": CODE[:-1] + "A"},
        {"billing_code": "٨٢٠٢٦١١٠٣٠٠٠٤١٧"},
        {"billing_code": CODE[:-1] + "\n"},
        {"expires_at": "2026-11-03T13:20:44"},
        {"expires_at": "soon"},
        {"expires_at": None},
        {"expires_at": 1793686844},
        {"issued_at": ""},
    ],
)
def test_create_with_an_odd_bill_is_unknown(
    odd: Adapter, answering: Answering, facts: dict[str, Any]
) -> None:
    order = an_order()
    answering.says(a_bill(order, **facts))
    with pytest.raises(GatewayUnknown, match="odd answer"):
        odd.create(order)


@pytest.mark.parametrize(
    "name", ["billing_code", "request_key", "amount", "expires_at", "issued_at"]
)
def test_create_with_a_bill_that_lacks_something_is_unknown(
    odd: Adapter, answering: Answering, name: str
) -> None:
    order = an_order()
    answering.says(without(name, a_bill(order)))
    with pytest.raises(GatewayUnknown, match="odd answer"):
        odd.create(order)


NONSENSE: list[Any] = [
    b"",
    b"not json",
    b"\xff\xfe",
    b"[" * 100_000,
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b'{"bills": null}',
    b'{"bills": {"a": 1}}',
    b'{"bills": [null]}',
    b'{"bills": [[]]}',
]


@both
@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda body: repr(body[:20]))
def test_gateway_that_talks_nonsense_is_unknown(
    odd: Adapter, answering: Answering, ask: Callable[[Adapter], None], nonsense: bytes
) -> None:
    answering.says(nonsense)
    with pytest.raises(GatewayUnknown, match="odd answer"):
        ask(odd)


@both
@pytest.mark.parametrize("status", [302, 401, 403, 404, 429, 500, 502, 503])
def test_gateway_with_any_other_status_is_unknown(
    odd: Adapter, answering: Answering, ask: Callable[[Adapter], None], status: int
) -> None:
    answering.says({}, status=status)
    with pytest.raises(GatewayUnknown):
        ask(odd)


def a_payment(**facts: Any) -> dict[str, Any]:
    usual = {"ntpn": NTPN, "ntb": "1", "amount": AMOUNT, "channel": "atm", "paid_at": MOMENT}
    return usual | facts


def told(*payments: Any, **facts: Any) -> dict[str, Any]:
    return {"bills": [{"billing_code": CODE, "status": "PAID", "payments": payments} | facts]}


def test_inquire_reads_a_plain_answer(odd: Adapter, answering: Answering) -> None:
    answering.says(told(a_payment()))
    assert [money.ntpn for money in odd.inquire([CODE])[CODE]] == [NTPN]


@pytest.mark.parametrize(
    "facts",
    [
        {"ntpn": None},
        {"ntpn": 1234567890123456},
        {"ntpn": NTPN[:-1]},
        {"ntpn": NTPN + "A"},
        {"ntpn": NTPN.lower()},
        {"ntpn": NTPN[:-1] + "\x00"},
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.0},
        {"amount": True},
        {"amount": "1650000"},
        {"amount": 10**12},
        {"amount": None},
        {"paid_at": "2026-11-03T13:20:44"},
        {"paid_at": None},
    ],
)
def test_inquire_with_an_odd_payment_is_unknown(
    odd: Adapter, answering: Answering, facts: dict[str, Any]
) -> None:
    answering.says(told(a_payment(**facts)))
    with pytest.raises(GatewayUnknown, match="odd answer"):
        odd.inquire([CODE])


@pytest.mark.parametrize(
    "answer",
    [
        told(),
        told(a_payment(), status="ISSUED"),
        told(a_payment(), status="EXPIRED"),
        told(status="VOID"),
        told(status=None),
        told(status=["PAID"]),
        told(None),
        told(a_payment(), billing_code=["1"]),
    ],
)
def test_inquire_with_a_bill_at_odds_with_itself_is_unknown(
    odd: Adapter, answering: Answering, answer: Any
) -> None:
    answering.says(answer)
    with pytest.raises(GatewayUnknown, match="odd answer"):
        odd.inquire([CODE])


@pytest.mark.parametrize(
    ("facts", "ntb", "channel"),
    [
        ({"ntb": "9" * 50, "channel": "c" * 99}, "9" * 20, "c" * 40),
        ({"ntb": None, "channel": None}, "", ""),
        ({"ntb": 45, "channel": "a\x00b\n"}, "45", "ab"),
    ],
)
def test_inquire_with_odd_words_beside_the_money_still_tells_the_money(
    odd: Adapter, answering: Answering, facts: dict[str, Any], ntb: str, channel: str
) -> None:
    answering.says(told(a_payment(**facts)))
    money: Money = odd.inquire([CODE])[CODE][0]
    assert (money.ntpn, money.ntb, money.channel) == (NTPN, ntb, channel)
