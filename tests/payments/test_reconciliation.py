from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from mpaspor.audit.models import Entry
from mpaspor.core import clock
from payments.cases import ReasonMissing
from payments.enums import BillStatus, CaseKind
from payments.gateway.port import GatewayUnknown, Money, OddLine, SettledLine
from payments.gateway.simponi import gateway
from payments.models import Bill, Case, Payment
from payments.reconciliation import reading
from payments.reconciliation.asking import (
    BANKS,
    AlreadyReading,
    DayNotOver,
    ask_nightly,
    ask_reconciliation,
)
from payments.reconciliation.clearing import DifferenceCleared, clear_difference
from payments.reconciliation.enums import DifferenceKind, RunStatus
from payments.reconciliation.models import Difference, FiledPayment, Reconciliation
from payments.reconciliation.reading import reconcile_due
from payments.settlement import settle
from payments.signals import bill_paid
from tests.factories.applicants import make_user
from tests.payments.making import make_issued
from tests.simulators.running import Simponi

pytestmark = pytest.mark.django_db

Line = SettledLine | OddLine


class Files:
    """The gateway's files, as a test wants them."""

    def __init__(self, *lines: Line, breaks_off: bool = False) -> None:
        self.lines, self.breaks_off = lines, breaks_off

    def settlement_lines(self, day: date) -> Iterator[Line]:
        yield from self.lines
        if self.breaks_off:
            raise GatewayUnknown("broken off")


def yesterday() -> date:
    return clock.now().astimezone(BANKS).date() - timedelta(days=1)


def noon() -> datetime:
    return datetime.combine(yesterday(), datetime.min.time(), BANKS) + timedelta(hours=12)


def money(number: int = 1, amount: int = 1_650_000, paid_at: datetime | None = None) -> Money:
    return Money(f"NTPN{number:012}", "004518823097", amount, paid_at or noon(), "atm")


def line(bill_code: str, paid: Money, number: int = 2) -> SettledLine:
    return SettledLine(number, bill_code, paid, yesterday())


def paid_bill(number: int = 1) -> tuple[Bill, Money]:
    bill, paid = make_issued(at=noon() - timedelta(minutes=5)), money(number)
    settle(bill_code=bill.code, money=paid, by="simponi", at=noon())
    bill.refresh_from_db()
    return bill, paid


def reconciled(*lines: Line) -> Reconciliation:
    run = ask_reconciliation(day=yesterday(), by="test", at=clock.now())
    assert reconcile_due(files=Files(*lines), at=clock.now()) == 1
    run.refresh_from_db()
    return run


def differences() -> list[tuple[str, str, int | None, int | None]]:
    rows = Difference.objects.filter(cleared_at=None).order_by("kind", "line", "ntpn")
    return list(rows.values_list("kind", "ntpn", "theirs", "ours"))


def test_reconcile_agreeing_books_ends_the_day_with_a_difference_of_zero() -> None:
    bill, paid = paid_bill()

    run = reconciled(line(str(bill.billing_code), paid))

    assert (run.status, run.lines, run.found, run.next_at) == (RunStatus.DONE, 1, 0, None)
    assert (run.theirs, run.ours, differences()) == (1_650_000, 1_650_000, [])
    filed = FiledPayment.objects.get()
    assert (filed.payment.ntpn, filed.day, filed.line) == (paid.ntpn, yesterday(), 2)


def test_reconcile_what_only_the_file_has_is_settled() -> None:
    bill = make_issued(at=noon() - timedelta(minutes=5))

    run = reconciled(line(str(bill.billing_code), money()))

    bill.refresh_from_db()
    assert (bill.status, run.found, differences()) == (BillStatus.PAID, 1, [])
    assert run.theirs - run.ours == 0


def test_reconcile_does_not_wait_for_what_follows_from_each_payment(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    bill = make_issued(at=noon() - timedelta(minutes=5))
    announced: list[str] = []

    def listen(bill_code: str, **_rest: object) -> None:
        announced.append(bill_code)

    bill_paid.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            reconciled(line(str(bill.billing_code), money()))
            assert announced == []
            other, _paid = paid_bill(2)
    finally:
        bill_paid.disconnect(listen)
    assert announced == [other.code]


def test_reconcile_money_for_a_code_of_nobody_is_a_case() -> None:
    run = reconciled(line("8" * 15, money()))
    case = Case.objects.get()
    assert (case.kind, case.payment.ntpn, run.found) == (CaseKind.ORPHAN, money().ntpn, 1)


def test_reconcile_what_only_we_have_alarms_and_a_later_file_clears_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bill, paid = paid_bill()

    reconciled()
    assert differences() == [(DifferenceKind.ONLY_OURS, paid.ntpn, None, 1_650_000)]
    assert [record.levelname for record in caplog.records if "only we know" in record.message] == [
        "ERROR"
    ]

    reconciled(line(str(bill.billing_code), paid))
    assert differences() == []


def test_reconcile_money_of_another_day_is_not_missing() -> None:
    bill = make_issued(at=noon() - timedelta(days=1))
    long_ago = money(paid_at=noon() - timedelta(days=1))
    settle(bill_code=bill.code, money=long_ago, by="simponi", at=noon())
    reconciled()
    assert differences() == []


def test_reconcile_other_amount_or_code_is_a_difference_and_changes_no_money() -> None:
    (one, paid_one), (_two, paid_two) = paid_bill(1), paid_bill(2)

    run = reconciled(
        line(str(one.billing_code), money(1, amount=1_650_001), 2), line("7" * 15, paid_two, 3)
    )

    assert differences() == [
        (DifferenceKind.AMOUNT, paid_one.ntpn, 1_650_001, 1_650_000),
        (DifferenceKind.CODE, paid_two.ntpn, 1_650_000, 1_650_000),
    ]
    assert (run.theirs, run.ours) == (3_300_001, 3_300_000)
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [1_650_000, 1_650_000]


def test_reconcile_odd_line_is_named_and_loses_no_other() -> None:
    bill, paid = paid_bill()

    run = reconciled(OddLine(2, "6 columns instead of 7"), line(str(bill.billing_code), paid, 3))

    odd = Difference.objects.get()
    assert (odd.kind, odd.line, odd.note) == ("odd_line", 2, "6 columns instead of 7")
    assert (run.lines, run.theirs) == (2, 1_650_000)


def test_reconcile_line_twice_in_one_batch_or_two_counts_its_money_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bill, paid = paid_bill()
    code = str(bill.billing_code)
    lines = [line(code, paid, number) for number in (2, 3, 4)]
    monkeypatch.setattr(reading, "BATCH", 2)

    run = reconciled(*lines)

    twice = Difference.objects.filter(kind=DifferenceKind.TWICE).order_by("line")
    assert list(twice.values_list("line", flat=True)) == [3]
    assert run.theirs == 1_650_000


def test_reconcile_again_changes_nothing() -> None:
    bill, paid = paid_bill()
    code = str(bill.billing_code)
    lines: list[Line] = [line(code, paid), line("8" * 15, money(2), 3), OddLine(4, "odd")]

    def books() -> list[int]:
        tables = (Payment, Case, FiledPayment, Difference)
        return [table._default_manager.count() for table in tables]

    reconciled(*lines)
    before = books()
    run = reconciled(*lines)
    assert (books(), run.found, run.status) == (before, 0, RunStatus.DONE)


def test_reconcile_again_with_a_late_line_before_the_others_finds_nothing_twice() -> None:
    (one, paid_one), (two, paid_two) = paid_bill(1), paid_bill(2)
    wrong = money(2, amount=1_650_001)
    reconciled(line(str(one.billing_code), paid_one, 2), line(str(two.billing_code), wrong, 3))
    late = line("8" * 15, money(3), 2)

    reconciled(
        late, line(str(one.billing_code), paid_one, 3), line(str(two.billing_code), wrong, 4)
    )

    assert differences() == [(DifferenceKind.AMOUNT, paid_two.ntpn, 1_650_001, 1_650_000)]


def test_reconcile_line_that_stood_in_the_file_of_another_day_is_there_twice() -> None:
    bill, paid = paid_bill()
    reconciled(line(str(bill.billing_code), paid))
    earlier = ask_reconciliation(day=yesterday() - timedelta(days=1), by="test", at=clock.now())
    reconcile_due(files=Files(line(str(bill.billing_code), paid)), at=clock.now())
    assert list(Difference.objects.values_list("kind", "day")) == [("twice", earlier.day)]


def test_reconcile_file_that_breaks_off_keeps_what_came_and_is_read_again() -> None:
    bill = make_issued(at=noon() - timedelta(minutes=5))
    lines = [line(str(bill.billing_code), money())]
    run = ask_reconciliation(day=yesterday(), by="test", at=clock.now())

    reconcile_due(files=Files(*lines, breaks_off=True), at=clock.now())

    run.refresh_from_db()
    bill.refresh_from_db()
    assert (run.status, run.trouble, bill.status) == (
        RunStatus.WAITING,
        "broken off",
        BillStatus.PAID,
    )
    assert run.next_at is not None
    assert reconcile_due(files=Files(*lines), at=run.next_at) == 1
    run.refresh_from_db()
    assert (run.status, run.trouble) == (RunStatus.DONE, "")


def test_reconcile_worker_that_died_is_followed_by_another() -> None:
    run = ask_reconciliation(day=yesterday(), by="test", at=clock.now())
    Reconciliation.objects.update(status=RunStatus.READING, next_at=clock.now())
    assert reconcile_due(files=Files(), at=clock.now()) == 1
    run.refresh_from_db()
    assert run.status == RunStatus.DONE


def test_ask_for_a_day_that_is_not_over_is_refused() -> None:
    today = clock.now().astimezone(BANKS).date()
    with pytest.raises(DayNotOver):
        ask_reconciliation(day=today, by="test", at=clock.now())
    assert not Reconciliation.objects.exists()


def test_ask_while_the_file_is_read_is_refused() -> None:
    ask_reconciliation(day=yesterday(), by="test", at=clock.now())
    Reconciliation.objects.update(status=RunStatus.READING)
    with pytest.raises(AlreadyReading):
        ask_reconciliation(day=yesterday(), by="test", at=clock.now())


@pytest.mark.parametrize(("clock_time", "asked"), [("01:59:59", 0), ("02:00:00", 7)])
def test_ask_nightly_at_two_in_the_banks_night_for_the_last_seven_days(
    clock_time: str, asked: int
) -> None:
    at = datetime.fromisoformat(f"2026-11-25T{clock_time}+07:00").astimezone(UTC)
    assert (ask_nightly(at=at), ask_nightly(at=at)) == (asked, 0)
    days = Reconciliation.objects.order_by("day").values_list("day", flat=True)
    assert list(days) == [date(2026, 11, 18) + timedelta(days=n) for n in range(asked)]


def test_ask_nightly_the_next_night_asks_again() -> None:
    at = datetime.fromisoformat("2026-11-25T03:00:00+07:00")
    ask_nightly(at=at)
    Reconciliation.objects.update(status=RunStatus.DONE, next_at=None, ended_at=at)
    assert ask_nightly(at=at + timedelta(days=1)) == 7


def test_clear_difference_with_a_reason_once() -> None:
    paid_bill()
    reconciled()
    row, who = Difference.objects.get(), make_user()

    with pytest.raises(ReasonMissing):
        clear_difference(difference=row, reason="  ", by=who, at=clock.now())
    clear_difference(difference=row, reason="Bank reports it tomorrow", by=who, at=clock.now())
    with pytest.raises(DifferenceCleared):
        clear_difference(difference=row, reason="again", by=who, at=clock.now())

    row.refresh_from_db()
    assert (row.cleared_by, row.reason) == (who, "Bank reports it tomorrow")
    assert Entry.objects.filter(deed="difference.clear").count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_reconcile_agreeing_lines_takes_the_same_queries_for_any_number(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    books = [paid_bill(number) for number in range(1, count + 1)]
    lines: Iterable[Line] = [
        line(str(bill.billing_code), paid, number) for number, (bill, paid) in enumerate(books, 2)
    ]
    run = ask_reconciliation(day=yesterday(), by="test", at=clock.now())
    with django_assert_num_queries(7):
        reading._compare(run, list(lines), set())


def test_command_reads_the_gateways_own_file(
    simponi: Simponi, capsys: pytest.CaptureFixture[str]
) -> None:
    bill = make_issued(at=noon() - timedelta(minutes=5))
    facts = {"paid_at": noon().isoformat(), "settled_on": f"{yesterday()}", "anyhow": True}
    paid = {"billing_code": bill.billing_code, "channel": "atm", "amount": bill.amount} | facts
    assert simponi.web.post(f"{simponi.url}/v1/pay", json=paid, timeout=10).status_code == 200

    call_command("reconcile", str(yesterday()))

    bill.refresh_from_db()
    assert bill.status == BillStatus.PAID
    assert capsys.readouterr().out == (
        f"{yesterday()}: 1 lines, 1 new to us, theirs Rp1.650.000, ours Rp1.650.000, "
        "difference Rp0, 0 to look into.\n"
    )


def test_command_with_a_gateway_that_is_down_says_so(simponi: Simponi) -> None:
    simponi.control(fail="500")
    with pytest.raises(CommandError) as error:
        call_command("reconcile", str(yesterday()))
    assert str(error.value) == f"The file of {yesterday()} cannot be read: HTTP 500"
    assert gateway().url == simponi.url
