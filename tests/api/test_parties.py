"""Booking for several people in one request: everybody's seat and one bill, or a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from appointments.applying import start_application
from appointments.enums import Book, Kind, ServiceClass
from appointments.models import Application, Appointment
from mpaspor.core import clock
from payments.models import Bill
from quota.models import Seat
from tests.api.conftest import Integrator, make_integrator
from tests.api.steps import made
from tests.factories.applicants import make_person
from tests.factories.appointments import make_awaiting
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


def family(integrator: Integrator, names: str = "Ayu Budi Cici", **answers: Any) -> list[str]:
    """The codes of drafts in the account behind the client."""
    account = integrator.account
    usual = {"kind": Kind.NEW, "book": Book.FIVE_YEARS, "service": ServiceClass.REGULAR}
    return [
        start_application(
            account=account,
            person=make_person(account=account, name=name),
            **usual | answers,
            by=account,
            at=clock.now(),
        ).code
        for name in names.split()
    ]


def test_party_is_booked_with_one_bill_whose_lines_say_for_whom(integrator: Integrator) -> None:
    codes, slot = family(integrator), make_open_slot(seats=3)
    booked = made(integrator.post("appointments/", {"applications": codes, "slot": slot.code}))
    seats, bill = booked["appointments"], booked["bill"]
    assert [one["application"] for one in seats] == codes
    assert {(one["status"], one["party"]) for one in seats} == {
        ("awaiting_payment", bill["pays_for"])
    }
    assert {one["bill"]["code"] for one in seats} == {bill["code"]}
    assert [line["for_code"] for line in bill["lines"]] == [one["code"] for one in seats]
    assert bill["amount"] == 3 * 650_000
    assert integrator.get(f"bills/{bill['code']}/").json() == bill


def six(integrator: Integrator) -> list[str]:
    integrator.account.person_limit = 6
    integrator.account.save()
    return family(integrator, "Ayu Budi Cici Dedi Eka Fani")


def one_twice(integrator: Integrator) -> list[str]:
    codes = family(integrator)
    return [*codes, codes[0]]


def one_in_a_hurry(integrator: Integrator) -> list[str]:
    return [
        *family(integrator),
        *family(integrator, "Dedi", service=ServiceClass.ACCELERATED),
    ]


def one_booked(integrator: Integrator) -> list[str]:
    codes = family(integrator)
    make_awaiting(application=Application.objects.get(code=codes[1]))
    return codes


def one_booked_elsewhere(integrator: Integrator) -> list[str]:
    codes = family(integrator)
    person = Application.objects.get(code=codes[1]).person
    make_awaiting(person=make_person(nik=person.identity.nik, name="Budi"))
    return codes


def of_another_account(integrator: Integrator) -> list[str]:
    return [*family(integrator), *family(make_integrator(), "Dedi")]


@pytest.mark.parametrize(
    ("made_for", "status", "code", "words"),
    [
        (lambda _integrator: [], 409, "nobody-chosen", "Choose at least one application."),
        (six, 409, "party-too-large", "At most 5 people"),
        (one_twice, 409, "chosen-twice", "Ayu was chosen twice."),
        (one_in_a_hurry, 409, "several-services", "did not all choose the same service"),
        (one_booked, 409, "not-a-draft", "Budi: This application was already submitted"),
        (one_booked_elsewhere, 409, "already-active", "Budi: There is already an application"),
        (of_another_account, 400, "not-found", "not yours"),
    ],
)
def test_party_that_cannot_be_is_refused_in_words_and_changes_nothing(
    integrator: Integrator,
    made_for: Callable[[Integrator], list[str]],
    status: int,
    code: str,
    words: str,
) -> None:
    codes, slot = made_for(integrator), make_open_slot(seats=5)
    before = (Appointment.objects.count(), Bill.objects.count())
    body = {"applications": codes, "slot": slot.code}
    answer = integrator.post("appointments/", body, **{"Accept-Language": "en"})
    assert (answer.status_code, words in answer.content.decode()) == (status, True), answer.content
    assert code in answer.content.decode()
    assert (Appointment.objects.count(), Bill.objects.count()) == before
    assert Seat.objects.filter(slot=slot).exclude(holder=None).count() == 0
