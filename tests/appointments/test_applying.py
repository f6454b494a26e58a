"""Drafts: begun once for a person, changed until they are submitted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applicants.consents import withdraw_consent
from applicants.guardians import ConsentNeeded, GuardianNeeded
from applicants.models import Person
from appointments.applying import (
    ActiveElsewhere,
    AlreadyActive,
    NotADraft,
    change_application,
    start_again,
    start_application,
)
from appointments.confirming import expire
from appointments.enums import Book, Kind, ServiceClass
from appointments.models import Application
from appointments.requirements import TooYoungForTenYears
from appointments.submitting import request_payment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.models import Bill
from tests.factories.applicants import make_child, make_person, make_user, valid_nik
from tests.factories.appointments import make_application, make_awaiting, make_confirmed, make_held

pytestmark = pytest.mark.django_db

DEADLINE = 20.0


def change(application: Application, **answers: object) -> Application:
    usual = {"kind": Kind.NEW, "book": Book.FIVE_YEARS, "service": ServiceClass.REGULAR}
    return change_application(
        application=application,
        **usual | answers,  # type: ignore[arg-type]
        by=application.account,
        at=clock.now(),
    )


def answers(application: Application) -> tuple[str, str, str]:
    application.refresh_from_db()
    return application.kind, application.book, application.service


def expired(person: Person) -> Application:
    """One that ended because nobody paid."""
    application = make_awaiting(person=person).application
    bill = Bill.objects.get()
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=clock.now())
    expire(bill_code=bill.code, at=clock.now())
    application.refresh_from_db()
    return application


def test_start_application_begins_a_draft_with_the_answers() -> None:
    person = make_person()
    draft = make_application(person=person, kind=Kind.REPLACEMENT, book=Book.TEN_YEARS)
    assert answers(draft) == ("replacement", "10", "regular")
    assert (draft.status, draft.account, draft.person) == ("draft", person.account, person)
    assert draft.identity == person.identity
    assert [entry.deed for entry in trail.of(f"application:{draft.code}")] == ["application.start"]


def test_start_application_for_the_same_person_goes_on_with_the_draft_and_new_answers() -> None:
    person = make_person()
    first = make_application(person=person)
    again = make_application(person=person, service=ServiceClass.ACCELERATED)
    assert (again, Application.objects.count()) == (first, 1)
    assert answers(first) == ("new", "5", "accelerated")


def test_start_application_for_another_person_is_another_draft() -> None:
    account = make_user()
    one, other = make_person(account), make_person(account)
    assert make_application(person=one) != make_application(person=other)


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_start_application_while_one_is_under_way_is_refused(make: object) -> None:
    person = make_person()
    make(person=person)  # type: ignore[operator]
    with pytest.raises(AlreadyActive):
        make_application(person=person)
    assert Application.objects.count() == 1


def test_start_application_while_another_account_has_one_under_way_is_refused() -> None:
    nik = valid_nik()
    make_awaiting(person=make_person(nik=nik))
    with pytest.raises(ActiveElsewhere):
        make_application(person=make_person(nik=nik))


def test_start_application_for_a_child_whose_consent_is_withdrawn_is_refused() -> None:
    child = make_child()
    withdraw_consent(consent=child.consents.get(), by=child.account, at=clock.now())
    with pytest.raises(ConsentNeeded):
        make_application(person=child)
    assert Application.objects.count() == 0


def test_start_application_for_a_child_of_former_times_is_refused() -> None:
    child = make_child()
    Person.objects.filter(pk=child.pk).update(guardian=None, relation="")
    child.refresh_from_db()
    with pytest.raises(GuardianNeeded):
        make_application(person=child)


def test_request_payment_for_a_child_whose_consent_is_withdrawn_is_refused() -> None:
    child = make_child()
    held = make_held(person=child)
    withdraw_consent(consent=child.consents.get(), by=child.account, at=clock.now())
    with pytest.raises(ConsentNeeded):
        request_payment(appointment=held, by=child.account, at=clock.now())
    assert Bill.objects.count() == 0


def test_start_application_while_another_account_has_a_draft_is_allowed() -> None:
    nik = valid_nik()
    make_held(person=make_person(nik=nik))
    assert make_application(person=make_person(nik=nik)).status == "draft"


# Born 1 March 2010, 17 on 1 March 2027; midnight in the capital is 17:00 UTC the day before.
SEVENTEEN = datetime(2027, 2, 28, 17, 0, tzinfo=UTC)
BORN = date(2010, 3, 1)


def test_start_application_for_ten_years_a_second_before_the_birthday_is_refused() -> None:
    person = make_child(birth_date=BORN)
    with pytest.raises(TooYoungForTenYears):
        make_application(person=person, book=Book.TEN_YEARS, at=SEVENTEEN - timedelta(seconds=1))
    assert Application.objects.count() == 0


@pytest.mark.parametrize("second", [0, 1])
def test_start_application_for_ten_years_from_the_birthday_on_is_taken(second: int) -> None:
    person = make_child(birth_date=BORN)
    at = SEVENTEEN + timedelta(seconds=second)
    assert make_application(person=person, book=Book.TEN_YEARS, at=at).book == "10"


def test_start_application_for_five_years_is_taken_at_any_age() -> None:
    person = make_child(birth_date=clock.now().date() - timedelta(days=30))
    assert make_application(person=person).book == "5"


def test_change_application_takes_the_new_answers() -> None:
    draft = make_application()
    change(draft, kind=Kind.REPLACEMENT, book=Book.TEN_YEARS, service=ServiceClass.ACCELERATED)
    assert answers(draft) == ("replacement", "10", "accelerated")


def test_change_application_of_a_child_to_ten_years_is_refused_and_changes_nothing() -> None:
    child = make_child(birth_date=clock.now().date() - timedelta(days=365 * 5))
    draft = make_application(person=child)
    with pytest.raises(TooYoungForTenYears):
        change(draft, book=Book.TEN_YEARS, kind=Kind.REPLACEMENT)
    assert answers(draft) == ("new", "5", "regular")


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_change_application_that_is_submitted_is_refused(make: object) -> None:
    application = make().application  # type: ignore[operator]
    with pytest.raises(NotADraft):
        change(application, kind=Kind.REPLACEMENT)
    assert answers(application) == ("new", "5", "regular")


def test_start_again_makes_a_new_draft_with_the_answers_of_the_one_that_ended() -> None:
    person = make_person()
    ended = expired(person)
    draft = start_again(application=ended, by=person.account, at=clock.now())
    assert draft != ended
    assert (draft.status, answers(draft)) == ("draft", answers(ended))


def test_start_again_twice_is_the_same_draft() -> None:
    person = make_person()
    ended = expired(person)
    drafts = {start_again(application=ended, by=person.account, at=clock.now()) for _ in range(3)}
    assert len(drafts) == 1


def test_start_again_of_one_that_is_under_way_is_refused() -> None:
    application = make_awaiting().application
    with pytest.raises(AlreadyActive):
        start_again(application=application, by=application.account, at=clock.now())


def test_a_second_draft_of_a_person_is_refused_by_the_database() -> None:
    draft = make_application()
    draft.pk, draft.code = None, "SECOND"
    with pytest.raises(IntegrityError, match="one_draft"), transaction.atomic():
        draft.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_start_application_in_twelve_tabs_at_once_is_one_draft() -> None:
    person = make_person()
    gate = threading.Barrier(12)

    def tab(_number: int) -> str:
        gate.wait(DEADLINE)
        try:
            return start_application(
                account=person.account,
                person=person,
                kind=Kind.NEW,
                book=Book.FIVE_YEARS,
                service=ServiceClass.REGULAR,
                by=person.account,
                at=clock.now(),
            ).code
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        codes = set(pool.map(tab, range(12)))

    assert codes == set(Application.objects.values_list("code", flat=True))
    assert len(codes) == 1
