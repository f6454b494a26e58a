from datetime import UTC, date, datetime

import pytest

from payments.fees import load_fees
from payments.models import Tariff
from payments.tariffs import Line, TariffMissing, billing_day, in_force, price

pytestmark = pytest.mark.django_db

FIRST = date(2024, 12, 17)
LATER = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def amounts(*codes: str, on: date) -> list[int]:
    return [line.amount for line in price(codes, on=on)]


def test_price_gives_the_lines_in_the_order_asked() -> None:
    assert price(["ACCELERATED", "EPASSPORT-5"], on=FIRST) == [
        Line("ACCELERATED", "Accelerated service, same day", 1_000_000),
        Line("EPASSPORT-5", "Electronic passport, up to 5 years", 650_000),
    ]


@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("EPASSPORT-5", 650_000),
        ("EPASSPORT-10", 950_000),
        ("ACCELERATED", 1_000_000),
        ("LOST", 1_000_000),
        ("DAMAGED", 500_000),
        ("ORDINARY-5", 350_000),
        ("ORDINARY-10", 650_000),
    ],
)
def test_price_on_the_first_day_is_that_of_the_regulation(code: str, amount: int) -> None:
    """PP 45/2024, in force from 17 December 2024."""
    assert amounts(code, on=FIRST) == [amount]


@pytest.mark.parametrize(
    ("code", "on"),
    [
        ("EPASSPORT-5", date(2024, 12, 16)),
        ("ORDINARY-5", date(2025, 1, 1)),
        ("NO-SUCH", FIRST),
        ("", FIRST),
    ],
)
def test_price_of_what_has_no_fee_on_that_day_is_refused_by_name(code: str, on: date) -> None:
    with pytest.raises(TariffMissing) as no:
        price(["EPASSPORT-5", code] if on >= FIRST else [code], on=on)
    assert no.value.facts == {"tariff": code}


def test_price_on_the_last_day_is_still_given() -> None:
    assert amounts("ORDINARY-5", on=date(2024, 12, 31)) == [350_000]


@pytest.mark.parametrize(
    ("on", "amount"), [(date(2026, 12, 31), 650_000), (LATER, 700_000), (date(2030, 1, 1), 700_000)]
)
def test_price_changes_on_the_day_of_a_newer_fee(on: date, amount: int) -> None:
    Tariff.objects.create(code="EPASSPORT-5", name="n", amount=700_000, in_force_from=LATER)
    assert amounts("EPASSPORT-5", on=on) == [amount]


def test_in_force_leaves_out_what_is_over_or_to_come() -> None:
    Tariff.objects.create(code="NEW", name="n", amount=1, in_force_from=LATER)
    codes = sorted(in_force(date(2025, 6, 1)).values_list("code", flat=True))
    assert codes == ["ACCELERATED", "DAMAGED", "EPASSPORT-10", "EPASSPORT-5", "LOST"]


@pytest.mark.parametrize(("second", "day"), [(-1, date(2026, 12, 31)), (0, LATER), (1, LATER)])
def test_billing_day_begins_at_midnight_in_the_capital(second: int, day: date) -> None:
    midnight = datetime(2026, 12, 31, 17, 0, tzinfo=UTC).timestamp()
    assert billing_day(datetime.fromtimestamp(midnight + second, UTC)) == day


def test_load_fees_again_leaves_an_edited_fee_alone() -> None:
    Tariff.objects.filter(code="LOST").update(amount=2)
    assert load_fees() == 0
    assert amounts("LOST", on=FIRST) == [2]
