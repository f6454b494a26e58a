"""The civil registry fails, or the worker that asks it: nobody waits, every answer comes later."""

import re

import pytest
from django.urls import reverse

from applicants.enums import RegistryVerdict
from applicants.models import Person, Verification
from appointments.models import Application, Appointment
from mpaspor.audit import trail
from payments.fees import load_fees
from payments.models import Bill
from quota.models import Slot
from tests.factories.applicants import PASSWORD, make_person, valid_nik
from tests.factories.quota import make_open_slot
from tests.faults.browser import Browser, Device, Page
from tests.faults.house import PATIENCE, House
from tests.simulators.running import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

EMAIL = "cut@example.test"


def verdict_of(person: Person) -> str:
    return Verification.objects.get(person=person).verdict


def wait_for_verdict(person: Person, verdict: RegistryVerdict) -> None:
    until(lambda: verdict_of(person) == verdict, seconds=PATIENCE, what=f"{verdict}")


def in_hand(person: Person) -> bool:
    """A worker has claimed it and waits for the registry's answer."""
    row = Verification.objects.get(person=person)
    return row.next_at != row.since


def test_registry_down_for_the_whole_run_people_sign_up_book_and_are_confirmed(
    service: House,
) -> None:
    load_fees()
    slot = make_open_slot()
    service.dukcapil.kill()
    applicant = Device(service.url)

    pages = [sign_up(service, applicant), add_herself(applicant)]
    person = Person.objects.get()
    pages += apply_and_book(applicant, person, slot)
    pay_and_be_confirmed(service)

    assert {page.status for page in pages} == {200}
    wait_for_verdict(person, RegistryVerdict.UNAVAILABLE)
    registry = applicant.get(f"/account/persons/{person.code}/registry/")
    assert "The civil registry does not answer at the moment" in registry.text
    assert "Go on with your application" in registry.text

    service.dukcapil.start()
    wait_for_verdict(person, RegistryVerdict.MATCH)


def sign_up(service: House, applicant: Device) -> Page:
    applicant.post("/account/signup/", name="Cut Aminah", contact=EMAIL, password=PASSWORD)
    text = str(service.inbox.wait_for(EMAIL, seconds=PATIENCE)["text"])
    code = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    assert code, text
    page = applicant.post("/account/code/", code=code[0])
    assert page.url == f"{service.url}/applications/"
    return page


def add_herself(applicant: Device) -> Page:
    facts = {"name": "Cut Aminah", "birth_place": "Lhokseumawe", "birth_date": "1-7-1990"}
    return applicant.post("/account/persons/new/", nik=valid_nik(sex="F"), sex="F", **facts)


def apply_and_book(applicant: Device, person: Person, slot: Slot) -> list[Page]:
    answers = {"kind": "new", "book": "5", "service": "regular"}
    begun = applicant.post("/applications/new/", person=person.code, **answers)
    code = Application.objects.get(person=person).code
    session = reverse("choose_session", args=[code, slot.office.code, slot.date])
    held = applicant.post(session, slot=slot.code)
    return [begun, held, applicant.post(reverse("review", args=[code]))]


def pay_and_be_confirmed(service: House) -> None:
    until(lambda: Bill.objects.get().billing_code is not None, seconds=PATIENCE, what="the code")
    service.simponi.pay(str(Bill.objects.get().billing_code))
    confirmed = Appointment.objects.filter(status="confirmed")
    until(lambda: confirmed.count() == 1, seconds=PATIENCE, what="the confirmation")


def test_worker_killed_while_the_registry_is_asked_loses_nothing(service: House) -> None:
    service.dukcapil.control(latency_ms=60_000)
    person = make_person()
    until(lambda: in_hand(person), seconds=PATIENCE, what="a worker to take the person")
    service.redis.flushall()
    service.kill("registry")
    service.dukcapil.reset()
    service.start("registry")

    wait_for_verdict(person, RegistryVerdict.MATCH)
    questions = [entry.deed for entry in trail.of(f"person:{person.code}")].count("ask_registry")
    assert questions == 2


def test_registry_slow_holds_up_no_billing_code(service: House, applicant: Browser) -> None:
    service.dukcapil.control(latency_ms=60_000)
    until(lambda: in_hand(applicant.draft.person), seconds=PATIENCE, what="a question on its way")

    applicant.book()

    until(lambda: applicant.bill().status == "issued", seconds=PATIENCE, what="the billing code")
    assert verdict_of(applicant.draft.person) in (
        RegistryVerdict.PENDING,
        RegistryVerdict.UNAVAILABLE,
    )
    service.dukcapil.reset()
    wait_for_verdict(applicant.draft.person, RegistryVerdict.MATCH)


def test_logs_of_both_sides_hold_no_word_of_whom_was_asked_about(service: House) -> None:
    """Of a question that failed, of one that was answered, and of what the registry refused."""
    service.dukcapil.control(fail="500", fail_count=1)
    person = make_person(name="Tjoet Njak", birth_place="Meulaboh")
    wait_for_verdict(person, RegistryVerdict.MATCH)

    trouble = f"the registry said nothing of person {person.code} (HTTP 500)"
    until(lambda: trouble in service.logs(), seconds=PATIENCE, what="the trouble in the log")
    until(lambda: "/v1/verifications 200" in service.dukcapil.log, seconds=5, what="the answer")
    nik = person.identity.nik
    for log in (service.logs(), service.dukcapil.log):
        assert [word for word in (nik, nik[:12], "Tjoet", "Meulaboh") if word in log] == []
