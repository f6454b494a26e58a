"""One neighbour or one of our own processes fails in the middle of a booking: nothing is lost."""

from collections.abc import Callable

import pytest

from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.models import Bill, Payment
from tests.faults.browser import Browser, Page
from tests.faults.house import PATIENCE, House
from tests.simulators.running import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

# What a person waits for a page, whatever is broken behind it: two seconds are promised, the rest
# is for a machine that runs other tests besides.
AT_MOST = 5.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    until(condition, seconds=PATIENCE, what=what)


def code_arrives(applicant: Browser) -> Bill:
    wait_for(lambda: applicant.bill().status != "requested", "the billing code")
    return applicant.bill()


def in_hand(bill: Bill) -> bool:
    """A worker has claimed it and waits for the gateway's first answer."""
    bill.refresh_from_db()
    assert (bill.status, bill.attempts) == ("requested", 0)
    return bill.next_at != bill.requested_at


def confirmed(applicant: Browser) -> Appointment:
    appointment = applicant.draft.appointments.latest("pk")
    wait_for(lambda: has_status(appointment, "confirmed"), "the confirmation")
    return appointment


def has_status(appointment: Appointment, status: str) -> bool:
    appointment.refresh_from_db()
    return appointment.status == status


def in_time(*pages: Page) -> None:
    slow = {page.url: page.seconds for page in pages if page.seconds > AT_MOST}
    odd = {page.url: page.status for page in pages if page.status != 200}
    assert (slow, odd) == ({}, {})


def pay(service: House, bill: Bill) -> None:
    service.simponi.pay(str(bill.billing_code))


def test_when_all_is_well_the_code_and_the_confirmation_come_in_seconds(
    service: House, applicant: Browser
) -> None:
    applicant.book()
    bill = code_arrives(applicant)
    pay(service, bill)
    confirmed(applicant)
    assert service.bills_at_the_gateway(bill) == 1
    page = applicant.get(applicant.address("bill"))
    assert "Your appointment is confirmed" in page.text
    service.inbox.wait_for(str(applicant.draft.account.email), seconds=PATIENCE)


@pytest.mark.parametrize("fault", [{"latency_ms": 8000}, {"fail": "timeout_after"}])
def test_redis_flushed_and_worker_killed_while_the_code_is_asked_for_gives_one_code(
    service: House, applicant: Browser, fault: dict[str, object]
) -> None:
    """Before the gateway made the bill, and after it, when its answer was on the way."""
    service.simponi.control(**fault)
    bill = applicant.book()
    wait_for(lambda: in_hand(bill), "a worker to take the bill")
    made = int("fail" in fault)
    wait_for(lambda: service.bills_at_the_gateway(bill) == made, "the gateway's work")
    service.redis.flushall()
    service.kill("worker")
    service.simponi.reset()
    service.start("worker")

    code_arrives(applicant)
    assert service.bills_at_the_gateway(bill) == 1


def test_redis_flushed_and_worker_killed_while_it_hears_of_the_money_books_it_once(
    service: House, applicant: Browser
) -> None:
    """The gateway has said "paid", and the answer was on the way."""
    applicant.book()
    bill = code_arrives(applicant)
    before = service.simponi.tally("timeout_after")
    service.simponi.control(fail="timeout_after")
    pay(service, bill)
    wait_for(lambda: service.simponi.tally("timeout_after") > before, "the question")
    service.redis.flushall()
    service.kill("worker")
    service.simponi.reset()
    service.start("worker")

    confirmed(applicant)
    assert deeds_of(bill).count("payment.settle") == 1


def test_two_timetables_at_once_do_everything_once(service: House, applicant: Browser) -> None:
    service.start("second beat")
    files = service.home.path
    wait_for(lambda: any(files.glob("second-schedule*")), "the second timetable")
    service.simponi.control(callback="none")
    applicant.book()
    bill = code_arrives(applicant)
    pay(service, bill)
    Bill.objects.filter(pk=bill.pk).update(next_at=clock.now())
    confirmed(applicant)
    address = str(applicant.draft.account.email)
    service.inbox.wait_for(address, seconds=PATIENCE)
    service.kill("second beat")
    assert service.bills_at_the_gateway(bill) == 1
    assert deeds_of(bill) == ["bill.request", "bill.issue", "payment.settle"]
    assert len(service.inbox.messages(address)) == 1


def deeds_of(bill: Bill) -> list[str]:
    return [entry.deed for entry in trail.of(f"bill:{bill.code}")]


def test_worker_dead_and_redis_flushed_before_the_code_is_asked_for_gives_one_code(
    service: House, applicant: Browser
) -> None:
    with service.without("worker"):
        bill = applicant.book()
        service.redis.flushall()
        page = applicant.get(applicant.address("bill"))
    in_time(page)
    assert "Your billing code is on its way" in page.text

    code_arrives(applicant)
    assert service.bills_at_the_gateway(bill) == 1


def test_redis_flushed_while_everything_runs_stops_nothing(
    service: House, applicant: Browser
) -> None:
    """Neither the worker nor the timetable is started anew."""
    applicant.hold()
    service.redis.flushall()
    applicant.ask_for_the_code()
    bill = code_arrives(applicant)
    service.redis.flushall()
    pay(service, bill)
    confirmed(applicant)


def test_gateway_slow_pages_say_what_is_going_on_and_the_code_comes_later(
    service: House, applicant: Browser
) -> None:
    service.simponi.control(latency_ms=8000)
    goes_on_without_the_gateway(service, applicant)
    service.simponi.reset()
    bill = code_arrives(applicant)
    assert service.bills_at_the_gateway(bill) == 1


def test_gateway_down_pages_say_what_is_going_on_and_the_code_comes_later(
    service: House, applicant: Browser
) -> None:
    service.simponi.kill()
    goes_on_without_the_gateway(service, applicant)
    service.simponi.start()
    bill = code_arrives(applicant)
    assert service.bills_at_the_gateway(bill) == 1


def goes_on_without_the_gateway(service: House, applicant: Browser) -> None:
    held, asked = applicant.hold(), applicant.ask_for_the_code()
    in_time(held, asked)
    assert "Your billing code is on its way" in asked.text
    wait_for(lambda: applicant.bill().trouble != "", "the trouble to be known")
    page, part = (
        applicant.get(applicant.address("bill")),
        applicant.get(applicant.address("bill_status")),
    )
    in_time(page, part)
    assert "The payment gateway is slow or away" in page.text
    assert "Your seat stays yours meanwhile" in page.text


def test_gateway_that_answers_after_we_gave_up_makes_one_bill(
    service: House, applicant: Browser
) -> None:
    service.simponi.control(fail="timeout_after", fail_count=1)
    applicant.book()
    bill = code_arrives(applicant)
    assert service.bills_at_the_gateway(bill) == 1


@pytest.mark.parametrize("callback", ["normal", "duplicate", "none"])
def test_payment_is_found_whatever_becomes_of_its_callback(
    service: House, applicant: Browser, callback: str
) -> None:
    service.simponi.control(callback=callback)
    applicant.book()
    bill = code_arrives(applicant)
    pay(service, bill)
    if callback == "none":
        # Thirty seconds later, when the timetable asks by itself.
        Bill.objects.filter(pk=bill.pk).update(next_at=clock.now())
    confirmed(applicant)
    assert Payment.objects.filter(bill=bill).count() == 1


def test_payment_while_the_worker_is_dead_confirms_when_it_is_back(
    service: House, applicant: Browser
) -> None:
    applicant.book()
    bill = code_arrives(applicant)
    with service.without("worker"):
        pay(service, bill)
        service.redis.flushall()
        page = applicant.get(applicant.address("bill"))
    in_time(page)
    confirmed(applicant)
    service.inbox.wait_for(str(applicant.draft.account.email), seconds=PATIENCE)


def test_redis_away_pages_work_sign_ins_live_and_the_code_comes_when_it_is_back(
    service: House, applicant: Browser
) -> None:
    with service.without("valkey"):
        in_time(*whole_way(applicant))
    code_arrives(applicant)


def test_redis_silent_pages_work_and_the_code_comes_when_it_answers(
    service: House, applicant: Browser
) -> None:
    with service.silent("valkey"):
        in_time(*whole_way(applicant))
    code_arrives(applicant)


def whole_way(applicant: Browser) -> list[Page]:
    """Public pages, another sign-in, my pages, the hold, the bill."""
    office = applicant.slot.office.code
    pages = [
        applicant.get("/"),
        applicant.get("/offices/"),
        applicant.get(f"/offices/{office}/"),
        applicant.sign_in_on_another_device(),
        applicant.get("/applications/"),
        applicant.get(applicant.address("choose_office")),
        applicant.hold(),
        applicant.ask_for_the_code(),
        applicant.get(applicant.address("bill")),
    ]
    assert "Your billing code is on its way" in pages[-1].text
    assert pages[3].url == f"{applicant.url}/applications/"
    return pages


def test_web_killed_and_redis_flushed_nobody_is_thrown_out(
    service: House, applicant: Browser
) -> None:
    applicant.hold()
    with service.without("web"):
        service.redis.flushall()
    page = applicant.get(applicant.address("review"))
    assert (page.status, "Your seat is held until" in page.text) == (200, True)
    applicant.ask_for_the_code()
    code_arrives(applicant)


def test_logs_of_all_processes_hold_nothing_personal(service: House, applicant: Browser) -> None:
    """Of everything that went wrong here, and at least of a code that did not come at once."""
    person = applicant.draft.person
    service.simponi.control(fail="500", fail_count=1)
    bill = applicant.book()
    code_arrives(applicant)
    trouble = f"bill {bill.code} has no code yet (GatewayUnknown: HTTP 500)"
    wait_for(lambda: trouble in service.logs(), "the worker to log the trouble")
    personal = [
        person.identity.nik,
        str(applicant.draft.account.email),
        "@example.test",
        "3273010107",
    ]
    logs = service.logs()
    assert [word for word in personal if word in logs] == []
