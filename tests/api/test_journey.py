"""From a token to a person at the counter, through the API alone."""

import io
from datetime import timedelta
from typing import Any

from pypdf import PdfReader

from applicants.verifying import verify_due
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus
from payments.gateway.port import Money
from payments.models import Bill
from payments.settlement import settle
from quota.enums import Role, Zone
from quota.models import Officer, Slot
from tests.api.conftest import Integrator, make_integrator, new_token
from tests.api.steps import an_appointment, application_body, made, person_body
from tests.applicants.asking import DIFFERS, FakeRegister
from tests.factories.quota import make_office, make_open_slot


def test_journey_from_token_to_check_in(
    integrator: Integrator, django_capture_on_commit_callbacks: Any
) -> None:
    slot = make_open_slot(
        office=make_office(zone=Zone.WITA), starts_at=clock.now() + timedelta(minutes=30)
    )
    integrator.token = new_token(integrator)

    person = made(integrator.post("persons/", person_body(nik="1173010107900001")))
    assert person["nik"] == "1173********0001"
    application = made(integrator.post("applications/", application_body(person["code"])))
    assert application["status"] == "draft"

    free = sessions(integrator, slot)
    assert [(each["code"], each["free"]) for each in free] == [(slot.code, 3)]
    booking = {"applications": [application["code"]], "slot": free[0]["code"]}
    booked = made(integrator.post("appointments/", booking))
    [appointment] = booked["appointments"]
    assert appointment["bill"] == booked["bill"]
    assert appointment["status"] == "awaiting_payment"
    assert appointment["zone_name"] == "WITA"
    assert appointment["starts_at"].endswith("+08:00")
    bill = appointment["bill"]
    assert (bill["status"], bill["billing_code"], bill["amount"]) == ("requested", None, 650_000)

    issue(bill["code"])
    issued = integrator.get(f"bills/{bill['code']}/").json()
    assert (issued["status"], issued["billing_code"]) == ("issued", "820261200000015")
    assert issued["pay_until"].endswith("+08:00")

    with django_capture_on_commit_callbacks(execute=True):
        pay(bill["code"])
    paid = integrator.get(f"bills/{bill['code']}/").json()
    assert paid["status"] == "paid"
    assert [payment["ntpn"] for payment in paid["payments"]] == ["AB12CD34EF56GH78"]

    receipt = integrator.get(f"bills/{bill['code']}/receipt/", Accept="application/pdf")
    assert "AB12CD34EF56GH78" in PdfReader(io.BytesIO(receipt.content)).pages[0].extract_text()

    code = appointment["code"]
    assert integrator.get(f"appointments/{code}/").json()["status"] == "confirmed"
    letter = integrator.get(f"appointments/{code}/letter/", Accept="application/pdf")
    assert letter["Content-Type"] == "application/pdf"
    assert code in PdfReader(io.BytesIO(letter.content)).pages[0].extract_text()

    Officer.objects.create(user=integrator.account, office=slot.office, role=Role.COUNTER)
    arrived = integrator.post(f"appointments/{code}/check-in/", {"office": slot.office.code})
    assert (arrived.status_code, arrived.json()["status"]) == (200, "checked_in")
    assert integrator.get(f"applications/{application['code']}/").json()["status"] == "arrived"
    doors = {entry.door for entry in trail.of(f"appointment:{code}")}
    assert f"client:{integrator.client.client_id}" in doors


def test_appointments_are_listed_newest_first_in_pages(integrator: Integrator) -> None:
    slot = make_open_slot(seats=3)
    codes = [an_appointment(integrator, slot)["code"] for _ in range(3)]
    listed = integrator.get("appointments/").json()
    assert [each["code"] for each in listed["results"]] == codes[::-1]
    assert (listed["next"], listed["previous"]) == (None, None)


def test_appointments_listed_cost_the_same_queries_for_one_and_three(
    integrator: Integrator, django_assert_num_queries: Any
) -> None:
    slot = make_open_slot(seats=3)
    an_appointment(integrator, slot)
    integrator.get("appointments/")
    with django_assert_num_queries(5):
        integrator.get("appointments/")
    for _ in range(2):
        an_appointment(integrator, slot)
    with django_assert_num_queries(5):
        integrator.get("appointments/")


def test_letter_before_payment_is_refused(integrator: Integrator) -> None:
    code = an_appointment(integrator, make_open_slot())["code"]
    answer = integrator.get(f"appointments/{code}/letter/", Accept="application/pdf")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/api/docs/problems/#not-confirmed"


def test_receipt_before_payment_is_refused(integrator: Integrator) -> None:
    bill = an_appointment(integrator, make_open_slot())["bill"]["code"]
    answer = integrator.get(f"bills/{bill}/receipt/", Accept="application/pdf")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/api/docs/problems/#not-paid"


def test_full_session_is_refused_and_keeps_nothing(integrator: Integrator) -> None:
    slot = make_open_slot(seats=1)
    an_appointment(integrator, slot)
    other = make_integrator()
    person = made(other.post("persons/", person_body()))["code"]
    application = made(other.post("applications/", application_body(person)))["code"]
    answer = other.post("appointments/", {"applications": [application], "slot": slot.code})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/api/docs/problems/#slot-full"
    assert other.get("appointments/").json()["results"] == []


def test_person_read_later_has_the_verdict_of_the_civil_registry(integrator: Integrator) -> None:
    person = made(integrator.post("persons/", person_body()))
    assert person["registry"] == {"verdict": "pending", "mismatches": []}

    verify_due(register=FakeRegister(lambda _question: DIFFERS), at=clock.now())

    address = f"persons/{person['code']}/"
    read = integrator.get(address)
    assert read.json() == person | {"registry": {"verdict": "mismatch", "mismatches": ["name"]}}
    assert make_integrator().get(address).status_code == 404


def sessions(integrator: Integrator, slot: Slot) -> Any:
    day = slot.date.isoformat()
    path = f"offices/{slot.office.code}/availability/?from={day}&to={day}&service=regular"
    return integrator.get(path).json()["sessions"]


def issue(code: str) -> None:
    """As the gateway's answer does."""
    Bill.objects.filter(code=code).update(
        status=BillStatus.ISSUED,
        billing_code="820261200000015",
        issued_at=clock.now(),
        pay_until=clock.now() + timedelta(hours=2),
    )


def pay(code: str) -> None:
    money = Money("AB12CD34EF56GH78", "123456", 650_000, clock.now(), "atm")
    settle(bill_code=code, money=money, by="simponi", at=clock.now())
