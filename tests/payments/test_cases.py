"""Money with the treasurer: one proposes, another one approves, and the database insists on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, transaction

from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.casebook import due
from payments.cases import (
    CannotPayBill,
    CaseMovedOn,
    NoCaseForNtpn,
    ReasonMissing,
    ReferenceMissing,
    SecondPersonNeeded,
    approve,
    close,
    mark_sent,
    match_by_hand,
    propose_refund,
)
from payments.enums import CASE_MOVES
from payments.invariants import broken
from payments.models import Bill, Case
from payments.settlement import settle, settle_by_code
from tests.database import check_deferred, sql
from tests.factories.applicants import make_user
from tests.factories.appointments import make_money
from tests.payments.making import make_issued

pytestmark = pytest.mark.django_db

NTPN = "A" * 16


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def one() -> User:
    return make_user("satu@example.test")


@pytest.fixture
def other() -> User:
    return make_user("dua@example.test")


@pytest.fixture
def case(at: datetime) -> Case:
    """Too little was paid for a bill that waits still."""
    bill = make_issued(at)
    settle(bill_code=bill.code, money=make_money(bill, amount=7, ntpn=NTPN), by="test", at=at)
    return Case.objects.get()


@pytest.fixture
def orphan(at: datetime) -> Case:
    """The whole amount of a bill of LINES, under a code that nobody knows."""
    money = make_money(Bill(amount=1_650_000), ntpn=NTPN, at=at)
    settle_by_code(billing_code="9" * 15, money=money, by="test", at=at)
    return Case.objects.get()


def deeds(case: Case) -> list[str]:
    return [entry.deed for entry in trail.of(f"case:{case.code}")]


def test_refund_goes_from_proposal_to_the_end_by_two_people(
    case: Case, one: User, other: User, at: datetime
) -> None:
    propose_refund(case_code=case.code, by=one, at=at)
    approve(case_code=case.code, by=other, at=at)
    mark_sent(case_code=case.code, reference=" SP2D-77 ", by=one, at=at)
    close(case_code=case.code, by=one, at=at)
    case.refresh_from_db()
    assert (case.status, case.ending, case.reference) == ("closed", "refunded", "SP2D-77")
    assert (case.proposed_by, case.approved_by) == (one, other)
    assert deeds(case) == ["case.open", "case.propose", "case.approve", "case.send", "case.close"]


def test_approve_by_the_proposer_is_refused(case: Case, one: User, at: datetime) -> None:
    propose_refund(case_code=case.code, by=one, at=at)
    with pytest.raises(SecondPersonNeeded):
        approve(case_code=case.code, by=one, at=at)
    case.refresh_from_db()
    assert (case.status, case.approved_by) == ("open", None)


@pytest.mark.parametrize(
    ("deed", "no"),
    [
        (lambda code, by, at: approve(case_code=code, by=by, at=at), CaseMovedOn),
        (
            lambda code, by, at: mark_sent(case_code=code, reference="1", by=by, at=at),
            CaseMovedOn,
        ),
        (lambda code, by, at: close(case_code=code, by=by, at=at), ReasonMissing),
        (lambda code, by, at: close(case_code=code, reason=" ", by=by, at=at), ReasonMissing),
        (lambda code, by, at: propose_refund(case_code="NOBODYS", by=by, at=at), CaseMovedOn),
    ],
)
def test_deed_out_of_its_order_is_refused_and_changes_nothing(
    case: Case, one: User, at: datetime, deed: Callable[..., Case], no: type[Refusal]
) -> None:
    before = sql("SELECT * FROM payments_case")
    with pytest.raises(no):
        deed(case.code, one, at)
    assert sql("SELECT * FROM payments_case") == before


def test_mark_sent_without_reference_is_refused(
    case: Case, one: User, other: User, at: datetime
) -> None:
    propose_refund(case_code=case.code, by=one, at=at)
    approve(case_code=case.code, by=other, at=at)
    with pytest.raises(ReferenceMissing):
        mark_sent(case_code=case.code, reference=" ", by=one, at=at)


def test_close_of_an_open_case_keeps_the_reason(case: Case, one: User, at: datetime) -> None:
    close(case_code=case.code, reason="Answered at the counter.", by=one, at=at)
    case.refresh_from_db()
    assert (case.ending, case.reason) == ("settled", "Answered at the counter.")
    with pytest.raises(CaseMovedOn):
        close(case_code=case.code, reason="Again.", by=one, at=at)


@pytest.mark.parametrize("status", ["issued", "expired"])
def test_match_by_hand_pays_the_bill_after_the_approval(
    orphan: Case, one: User, other: User, at: datetime, status: str
) -> None:
    bill = make_issued(at)
    Bill.objects.filter(pk=bill.pk).update(status=status, closed_at=at)
    match_by_hand(ntpn=NTPN, bill_code=bill.code, by=one, at=at)
    bill.refresh_from_db()
    assert bill.status == status
    approve(case_code=orphan.code, by=other, at=at)
    bill.refresh_from_db()
    orphan.refresh_from_db()
    check_deferred()
    assert (bill.status, bill.paid_by) == ("paid", orphan.payment)
    assert (orphan.status, orphan.ending, orphan.payment.bill) == ("closed", "matched", bill)
    assert list(broken(at=at)) == []


def test_match_by_hand_by_one_person_alone_is_refused(
    orphan: Case, one: User, at: datetime
) -> None:
    bill = make_issued(at)
    match_by_hand(ntpn=NTPN, bill_code=bill.code, by=one, at=at)
    with pytest.raises(SecondPersonNeeded):
        approve(case_code=orphan.code, by=one, at=at)
    bill.refresh_from_db()
    assert bill.status == "issued"


def test_match_by_hand_of_a_receipt_that_is_no_case_is_refused(one: User, at: datetime) -> None:
    with pytest.raises(NoCaseForNtpn):
        match_by_hand(ntpn=NTPN, bill_code=make_issued(at).code, by=one, at=at)


def test_match_by_hand_of_another_amount_is_refused(case: Case, one: User, at: datetime) -> None:
    assert case.payment.bill is not None
    with pytest.raises(CannotPayBill):
        match_by_hand(ntpn=NTPN, bill_code=case.payment.bill.code, by=one, at=at)


def test_match_by_hand_of_the_money_of_another_bill_is_refused(
    case: Case, one: User, at: datetime
) -> None:
    with pytest.raises(CannotPayBill):
        match_by_hand(ntpn=NTPN, bill_code=make_issued(at).code, by=one, at=at)


def test_approve_of_a_match_whose_bill_was_paid_meanwhile_is_refused(
    orphan: Case, one: User, other: User, at: datetime
) -> None:
    bill = make_issued(at)
    match_by_hand(ntpn=NTPN, bill_code=bill.code, by=one, at=at)
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    with pytest.raises(CannotPayBill):
        approve(case_code=orphan.code, by=other, at=at)
    orphan.refresh_from_db()
    assert (orphan.status, orphan.approved_by) == ("open", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (old, new)
        for old in ("open", "approved", "sent", "closed")
        for new in ("open", "approved", "sent", "closed")
        if old != new and (old, new) not in {(str(a), str(b)) for a, b in CASE_MOVES}
    ],
)
def test_case_moves_nowhere_else(
    case: Case, one: User, other: User, at: datetime, old: str, new: str
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: propose_refund(case_code=case.code, by=one, at=at),
        lambda: approve(case_code=case.code, by=other, at=at),
        lambda: mark_sent(case_code=case.code, reference="1", by=one, at=at),
        lambda: close(case_code=case.code, by=one, at=at),
    ]
    for step in steps[: ["", "open", "approved", "sent", "closed"].index(old)]:
        step()
    with pytest.raises(Error, match="Invalid transition"):
        sql("UPDATE payments_case SET status = %s", new)


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("proposed_by_id = {one}, approved_by_id = {one}", "case_approved_by_another"),
        ("approved_by_id = {one}", "case_approved_by_another"),
        ("status = 'approved'", "refund_is_approved"),
        ("status = 'closed'", "closed_case_has_ending"),
        (
            "status = 'closed', closed_at = now(), ending = 'refunded'",
            "refund_has_reference",
        ),
        ("kind = 'late'", "Cannot update"),
        ("due_at = now()", "Cannot update"),
        ("payment_id = payment_id + 1", "Cannot update"),
    ],
)
def test_case_is_guarded_by_the_database(case: Case, one: User, change: str, guard: str) -> None:
    with pytest.raises(Error, match=guard):
        sql(f"UPDATE payments_case SET {change.format(one=one.pk)}")


def test_case_cannot_be_deleted_nor_be_open_twice(case: Case, at: datetime) -> None:
    with pytest.raises(Error, match="Cannot delete"):
        sql("DELETE FROM payments_case")
    with pytest.raises(Error, match="one_open_case"), transaction.atomic():
        Case.objects.create(payment=case.payment, kind="late", opened_at=at, due_at=at)


@pytest.mark.parametrize(
    ("opened", "days"),
    [
        ("2026-11-23", 3),  # a Monday
        ("2026-11-25", 5),  # Wednesday: over the weekend
        ("2026-11-27", 5),  # Friday
        ("2026-11-28", 4),  # Saturday
        ("2026-11-29", 3),  # Sunday
    ],
)
def test_due_counts_three_working_days(opened: str, days: int) -> None:
    at = datetime.fromisoformat(f"{opened}T05:00:00").replace(tzinfo=UTC)
    assert due(at) == at + timedelta(days=days)
