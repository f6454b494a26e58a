"""A person leaves the account, with everything that may end with them."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from applicants.guardians import GuardsChildren
from applicants.models import Consent, Person
from applicants.persons import correct_person
from applicants.removing import PersonInUse, remove_person
from appointments.models import Application, Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.models import Seat
from tests.factories.applicants import make_child, make_person
from tests.factories.appointments import make_application, make_awaiting, make_held

pytestmark = pytest.mark.django_db


def remove(person: Person) -> None:
    remove_person(person=person, by=person.account, at=clock.now())


def test_remove_person_takes_the_row_and_writes_one_line() -> None:
    person = make_person()
    remove(person)
    remove(person)
    assert Person.objects.count() == 0
    assert [entry.deed for entry in trail.of(f"person:{person.code}")] == [
        "add_person",
        "remove_person",
    ]


def test_remove_person_with_a_draft_takes_it_too_and_gives_its_seat_back() -> None:
    person = make_person()
    make_application(person=person)
    held = make_held(person=person)
    remove(person)
    assert (Application.objects.count(), Appointment.objects.count()) == (0, 0)
    assert Seat.objects.filter(holder=held.code).count() == 0


def test_remove_person_with_an_application_is_refused_and_changes_nothing() -> None:
    appointment = make_awaiting()
    with pytest.raises(PersonInUse):
        remove(appointment.application.person)
    assert (Person.objects.count(), Application.objects.count()) == (1, 1)
    assert Seat.objects.filter(holder=appointment.code).count() == 1


def test_remove_person_who_guards_a_child_is_refused_until_the_child_has_another() -> None:
    child = make_child()
    guardian = child.guardian
    assert guardian is not None
    with pytest.raises(GuardsChildren):
        remove(guardian)
    remove(child)
    remove(guardian)
    assert Person.objects.count() == 0


def test_remove_guardian_of_somebody_grown_up_since_leaves_them() -> None:
    child = make_child()
    Person.objects.filter(pk=child.pk).update(birth_date=date(1990, 1, 1))
    assert child.guardian is not None
    remove(child.guardian)
    alone = Person.objects.get(pk=child.pk)
    assert (alone.guardian, alone.relation) == (None, "")


def test_remove_child_keeps_its_consent_without_the_child() -> None:
    child, account = make_child(), make_child().account
    remove(child)
    consent = Consent.objects.get(account=child.account)
    assert (consent.person, consent.withdrawn_at is not None) == (None, True)
    assert Consent.objects.get(account=account).withdrawn_at is None


def test_person_added_again_after_leaving_is_like_new() -> None:
    person = make_person()
    nik = person.identity.nik
    remove(person)
    again = make_person(person.account, nik=nik)
    correct_person(
        person=again,
        name="Budi S.",
        birth_place="Cimahi",
        birth_date=again.birth_date,
        sex=again.sex,
        by=again.account,
        at=clock.now(),
    )
    assert again.identity.nik == nik


def test_remove_page_asks_and_then_takes_out(visitor: Client) -> None:
    person = make_person()
    visitor.force_login(person.account)
    path = reverse("person_remove", args=[person.code])
    assert path in visitor.get(reverse("person_edit", args=[person.code])).text
    assert "Take Budi Santoso out of your account?" in visitor.get(path).text
    answer = visitor.post(path, follow=True)
    assert "not in your account any more" in answer.text
    assert Person.objects.count() == 0


def test_remove_page_of_a_person_in_use_says_why(visitor: Client) -> None:
    person = make_awaiting().application.person
    visitor.force_login(person.account)
    answer = visitor.post(reverse("person_remove", args=[person.code]))
    assert (answer.status_code, "There is an application for this person" in answer.text) == (
        200,
        True,
    )


def test_remove_page_of_another_account_is_not_found(visitor: Client) -> None:
    visitor.force_login(make_person().account)
    path = reverse("person_remove", args=[make_person().code])
    assert [visitor.get(path).status_code, visitor.post(path).status_code] == [404, 404]
