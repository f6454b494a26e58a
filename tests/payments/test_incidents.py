"""Outages: the clocks of bills stand still, and the time comes back with a new code."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, connection, transaction
from pytest_django import Settings

from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus, IncidentKind
from payments.gateway import breaker
from payments.gateway.port import GatewayUnknown, Issued, Money, Order
from payments.incidents import (
    IncidentOver,
    end_incident,
    open_incident,
    recent_incidents,
    watch_gateway,
)
from payments.invariants import broken
from payments.issuing import LEASE
from payments.models import Bill, BillCode, Case, GatewayLine, Incident, Payment
from payments.moments import end_of
from payments.polling import ask_due
from payments.renewing import AGAIN, renew_codes
from payments.settlement import settle, settle_by_code
from payments.stopping import NEVER
from tests.factories.applicants import make_user
from tests.factories.appointments import PromptGateway, make_money
from tests.payments.making import GRACE_MINUTES, PAY_MINUTES, Gateway, make_issued

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GATEWAY, SERVICE = IncidentKind.GATEWAY, IncidentKind.SERVICE
END = (PAY_MINUTES + GRACE_MINUTES) * MINUTE
zones = pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def bill(at: datetime) -> Bill:
    """Issued now; its time to pay ends in two hours."""
    return make_issued(at)


def outage(began: datetime, ended: datetime, what: IncidentKind = GATEWAY) -> Incident:
    incident = open_incident(what=what, by="test", at=began)
    end_incident(code=incident.code, by="test", at=ended)
    return incident


def ask(bill: Bill, at: datetime) -> Bill:
    """The gateway says that nobody paid."""
    Bill.objects.filter(pk=bill.pk).update(next_at=at)
    assert ask_due(gateway=PromptGateway(), at=at) == 1
    bill.refresh_from_db()
    return bill


def renewed(bill: Bill, at: datetime) -> Bill:
    assert renew_codes(gateway=PromptGateway(), at=at) == 1
    bill.refresh_from_db()
    return bill


def test_open_incident_is_written_down(at: datetime) -> None:
    incident = open_incident(what=SERVICE, reason=" Listrik padam ", by="test", at=at)
    assert (incident.began_at, incident.ended_at, incident.reason) == (at, None, "Listrik padam")
    assert [entry.deed for entry in trail.of(f"incident:{incident.code}")] == ["incident.open"]


def test_open_incident_twice_is_one_incident_of_its_kind(at: datetime) -> None:
    first = open_incident(what=GATEWAY, by="test", at=at)
    again = open_incident(what=GATEWAY, by="test", at=at + MINUTE)
    open_incident(what=SERVICE, by="test", at=at)
    assert (again.pk, again.began_at) == (first.pk, at)
    assert Incident.objects.count() == 2


def test_postgresql_keeps_a_second_open_incident_of_a_kind_out(at: datetime) -> None:
    open_incident(what=GATEWAY, by="test", at=at)
    with pytest.raises(Error, match="one_open_incident"), transaction.atomic():
        Incident.objects.create(what=GATEWAY, began_at=at)


def test_end_incident_twice_is_refused(at: datetime) -> None:
    incident = outage(at, at + MINUTE)
    with pytest.raises(IncidentOver):
        end_incident(code=incident.code, by="test", at=at + HOUR)
    incident.refresh_from_db()
    assert incident.ended_at == at + MINUTE


def test_ended_incident_never_changes_or_goes(at: datetime) -> None:
    incident = outage(at, at + MINUTE)
    rows = Incident.objects.filter(pk=incident.pk)
    for change in (
        lambda: rows.update(ended_at=None),
        lambda: rows.update(began_at=at - HOUR),
        rows.delete,
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
    assert rows.count() == 1


@pytest.mark.parametrize(
    ("silent", "opened"),
    [(5 * MINUTE - SECOND, False), (5 * MINUTE, True), (5 * MINUTE + SECOND, True)],
)
def test_watch_gateway_opens_an_incident_after_five_silent_minutes(
    at: datetime, silent: timedelta, opened: bool, settings: Settings
) -> None:
    breaker.note(answered=False, asked=settings.SIMPONI_FAILURES, at=at)
    watch_gateway(at=at + silent)
    watch_gateway(at=at + silent)
    began = [(incident.began_at, incident.opened_by) for incident in Incident.objects.all()]
    assert began == ([(at, None)] if opened else [])


def test_watch_gateway_ends_its_incident_when_the_gateway_answers(at: datetime) -> None:
    breaker.note(answered=False, asked=100, at=at)
    watch_gateway(at=at + HOUR)
    breaker.note(answered=True, at=at + 2 * HOUR)
    watch_gateway(at=at + 2 * HOUR)
    watch_gateway(at=at + 3 * HOUR)
    assert [incident.ended_at for incident in Incident.objects.all()] == [at + 2 * HOUR]


def test_watch_gateway_leaves_the_incident_of_an_officer_open(
    at: datetime,
) -> None:
    officer = make_user()
    incident = open_incident(what=GATEWAY, by=officer, at=at)
    watch_gateway(at=at + HOUR)
    incident.refresh_from_db()
    assert (incident.opened_by_id, incident.ended_at) == (officer.pk, None)


def test_watch_gateway_with_nothing_to_ask_makes_the_newest_bill_find_out(
    bill: Bill, at: datetime
) -> None:
    Bill.objects.update(next_at=None)
    breaker.note(answered=False, asked=100, at=at)
    watch_gateway(at=at + HOUR)
    bill.refresh_from_db()
    assert bill.next_at == at + HOUR


@pytest.mark.parametrize("what", [GATEWAY, SERVICE])
def test_bill_never_expires_while_an_incident_is_open(
    bill: Bill, at: datetime, what: IncidentKind
) -> None:
    open_incident(what=what, by="test", at=at + HOUR)
    assert end_of(bill) == NEVER
    for after in (END, END + SECOND, 30 * 24 * HOUR):
        assert ask(bill, at + after).status == BillStatus.ISSUED
    assert bill.undecided_at is None


@zones
@pytest.mark.parametrize(
    ("offset", "status"), [(-SECOND, "issued"), (0 * SECOND, "issued"), (SECOND, "expired")]
)
def test_bill_gets_back_the_time_that_was_left_and_expires_after_it(
    zone: str, offset: timedelta, status: str
) -> None:
    at = clock.now().astimezone(ZoneInfo(zone))
    bill = make_issued(at)
    outage(at + HOUR, at + 3 * HOUR)
    renewed(bill, at + 3 * HOUR)
    assert (bill.pay_until, bill.given_minutes) == (at + 4 * HOUR, 120)
    assert ask(bill, at + 4 * HOUR + GRACE_MINUTES * MINUTE + offset).status == status


@pytest.mark.parametrize(("offset", "hit"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_bill_whose_end_had_come_before_the_incident_gets_nothing_back(
    bill: Bill, at: datetime, offset: timedelta, hit: bool
) -> None:
    outage(at + END + offset, at + END + HOUR)
    assert (end_of(bill) == NEVER) == hit
    renewed(bill, at + END + HOUR)
    assert (bill.given_minutes > 0, BillCode.objects.count()) == (hit, int(hit))


def test_bill_with_hardly_any_time_left_gets_ten_minutes(bill: Bill, at: datetime) -> None:
    outage(at + 2 * HOUR - SECOND, at + 3 * HOUR)
    assert renewed(bill, at + 3 * HOUR).pay_until == at + 3 * HOUR + 10 * MINUTE


@pytest.mark.parametrize("ended", [3 * HOUR, 5 * HOUR])
def test_bill_whose_latest_moment_is_over_asks_for_no_code_and_ends_when_the_bank_answers(
    at: datetime, ended: timedelta
) -> None:
    bill = make_issued(at, latest=at + 3 * HOUR)
    code, last = bill.billing_code, at + 3 * HOUR + GRACE_MINUTES * MINUTE
    outage(at + HOUR, at + ended)
    bill = renewed(bill, at + ended)
    assert (bill.billing_code, bill.renew_at, end_of(bill)) == (code, None, last)
    assert renew_codes(gateway=PromptGateway(), at=at + 6 * HOUR) == 0
    assert ask(bill, last).status == BillStatus.ISSUED
    assert ask(bill, last + SECOND).status == BillStatus.EXPIRED
    deeds = [entry.deed for entry in trail.of(f"bill:{bill.code}")]
    assert deeds[-2:] == ["bill.run_out", "bill.expire"]
    assert list(broken(at=at + 6 * HOUR)) == []


@pytest.mark.parametrize(("offset", "is_paid"), [(0 * SECOND, True), (SECOND, False)])
def test_money_until_the_latest_moment_pays_a_bill_that_gets_no_new_code(
    at: datetime, offset: timedelta, is_paid: bool
) -> None:
    bill = make_issued(at, latest=at + 3 * HOUR)
    outage(at + HOUR, at + 5 * HOUR)
    bill = renewed(bill, at + 5 * HOUR)
    money = make_money(bill, at=end_of(bill) + offset)
    settle(bill_code=bill.code, money=money, by="test", at=at + 6 * HOUR)
    bill.refresh_from_db()
    assert (bill.status == BillStatus.PAID, Case.objects.exists()) == (is_paid, not is_paid)


def test_bill_gets_no_time_back_beyond_its_latest_moment(at: datetime) -> None:
    bill = make_issued(at, latest=at + 3 * HOUR + MINUTE)
    outage(at + HOUR, at + 3 * HOUR)
    assert renewed(bill, at + 3 * HOUR).pay_until == at + 3 * HOUR + MINUTE


def test_nested_incidents_give_the_time_back_once(bill: Bill, at: datetime) -> None:
    outer = open_incident(what=SERVICE, by="test", at=at + 30 * MINUTE)
    outage(at + 40 * MINUTE, at + 50 * MINUTE)
    assert renew_codes(gateway=PromptGateway(), at=at + 50 * MINUTE) == 0
    end_incident(code=outer.code, by="test", at=at + 60 * MINUTE)
    renewed(bill, at + 60 * MINUTE)
    assert renew_codes(gateway=PromptGateway(), at=at + 61 * MINUTE) == 0
    assert (bill.pay_until, bill.given_minutes) == (at + 150 * MINUTE, 30)


def test_second_outage_gives_its_own_time_back(bill: Bill, at: datetime) -> None:
    outage(at + 10 * MINUTE, at + 20 * MINUTE)
    renewed(bill, at + 20 * MINUTE)
    outage(at + 30 * MINUTE, at + 45 * MINUTE)
    renewed(bill, at + 45 * MINUTE)
    assert (bill.pay_until, bill.given_minutes) == (at + 145 * MINUTE, 25)
    assert (BillCode.objects.count(), bill.order_number) == (2, 3)


def test_bill_paid_during_the_incident_is_paid_even_after_its_own_end(
    bill: Bill, at: datetime
) -> None:
    open_incident(what=GATEWAY, by="test", at=at + HOUR)
    money = make_money(bill, at=at + END + MINUTE)
    settle(bill_code=bill.code, money=money, by="simponi", at=at + END + HOUR)
    bill.refresh_from_db()
    assert (bill.status, Case.objects.count()) == ("paid", 0)


@pytest.mark.parametrize("told_by", ["bill", "code"])
def test_money_for_the_old_code_pays_the_bill(bill: Bill, at: datetime, told_by: str) -> None:
    old = bill.billing_code or ""
    outage(at + HOUR, at + 3 * HOUR)
    renewed(bill, at + 3 * HOUR)
    assert bill.billing_code != old

    money = make_money(bill, at=at + 3 * HOUR)
    if told_by == "bill":
        told: dict[str, list[Money]] = {old: [money], bill.billing_code or "": []}
        Bill.objects.filter(pk=bill.pk).update(next_at=at + 3 * HOUR)
        ask_due(gateway=Gateway(inquire=lambda _codes: told), at=at + 3 * HOUR)
    else:
        settle_by_code(billing_code=old, money=money, by="callback", at=at + 3 * HOUR)

    bill.refresh_from_db()
    assert (bill.status, Case.objects.count(), list(broken(at=at + 9 * HOUR))) == ("paid", 0, [])
    assert Payment.objects.get().billing_code == old


def test_money_for_both_codes_is_a_case_of_paid_twice(bill: Bill, at: datetime) -> None:
    old = bill.billing_code or ""
    outage(at + HOUR, at + 3 * HOUR)
    renewed(bill, at + 3 * HOUR)
    for code in (old, bill.billing_code or ""):
        money = make_money(bill, at=at + 3 * HOUR)
        settle_by_code(billing_code=code, money=money, by="callback", at=at + 3 * HOUR)
    assert [case.kind for case in Case.objects.all()] == ["duplicate"]


def test_bill_is_not_ended_while_the_gateway_does_not_know_its_old_code(
    bill: Bill, at: datetime
) -> None:
    outage(at + HOUR, at + 3 * HOUR)
    renewed(bill, at + 3 * HOUR)
    later = at + 9 * HOUR
    Bill.objects.filter(pk=bill.pk).update(next_at=later)
    ask_due(gateway=Gateway(inquire=lambda _codes: {bill.billing_code or "": []}), at=later)
    bill.refresh_from_db()
    assert bill.status == "issued"


def away(_order: Order) -> Issued:
    raise GatewayUnknown("ReadTimeout")


def test_clock_stands_still_until_the_new_code_is_here(bill: Bill, at: datetime) -> None:
    outage(at + HOUR, at + 3 * HOUR)
    assert renew_codes(gateway=Gateway(create=away), at=at + 3 * HOUR) == 1
    assert renew_codes(gateway=PromptGateway(), at=at + 3 * HOUR + AGAIN - SECOND) == 0
    assert ask(bill, at + 9 * HOUR).status == "issued"
    assert renewed(bill, at + 9 * HOUR).pay_until == at + 10 * HOUR


def test_worker_that_dies_while_giving_time_back_loses_nothing(bill: Bill, at: datetime) -> None:
    def die(_order: Order) -> Issued:
        raise KeyboardInterrupt

    ended = at + 3 * HOUR
    outage(at + HOUR, ended)
    with pytest.raises(KeyboardInterrupt):
        renew_codes(gateway=Gateway(create=die), at=ended)
    assert renew_codes(gateway=PromptGateway(), at=ended + LEASE - SECOND) == 0
    assert renewed(bill, ended + LEASE).pay_until == ended + LEASE + HOUR
    assert renew_codes(gateway=PromptGateway(), at=ended + HOUR) == 0


@pytest.mark.django_db(transaction=True)
def test_bill_that_is_paid_while_its_new_code_is_ordered_keeps_its_code(
    bill: Bill, at: datetime
) -> None:
    def paid_meanwhile(order: Order) -> Issued:
        settle(bill_code=bill.code, money=make_money(bill, at=at), by="simponi", at=at + HOUR)
        connection.close()  # of the calling thread
        return PromptGateway().create(order)

    outage(at + HOUR, at + 3 * HOUR)
    code = bill.billing_code
    renew_codes(gateway=Gateway(create=paid_meanwhile), at=at + 3 * HOUR)
    bill.refresh_from_db()
    assert (bill.status, bill.billing_code, BillCode.objects.count()) == ("paid", code, 0)


def test_renewed_code_is_another_order_at_the_gateway(bill: Bill, at: datetime) -> None:
    gateway = Gateway()
    outage(at + HOUR, at + 3 * HOUR)
    renew_codes(gateway=gateway, at=at + 3 * HOUR)
    [order] = gateway.orders
    assert (order.request_key, order.expires_at) == (f"{bill.code}-2", at + 4 * HOUR)


def test_recent_incidents_are_open_or_ended_in_the_last_thirty_days(at: datetime) -> None:
    outage(at - 32 * 24 * HOUR, at - 31 * 24 * HOUR)
    shown = outage(at - 30 * 24 * HOUR, at - 29 * 24 * HOUR)
    open_ = open_incident(what=SERVICE, by="test", at=at)
    assert list(recent_incidents(at=at)) == [open_, shown]


def test_line_remembers_since_when_it_is_silent_until_an_answer(at: datetime) -> None:
    for minute in (0, 1):
        breaker.note(answered=False, at=at + minute * MINUTE)
    assert GatewayLine.objects.get().silent_since == at
    breaker.note(answered=True, at=at + HOUR)
    assert GatewayLine.objects.get().silent_since is None
