from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from applicants.accounts import (
    AlreadyConfirmed,
    NoAccount,
    PasswordTooWeak,
    PasswordWrong,
    TooManyCurrentGuesses,
    change_password,
    confirm_contact,
    correct_contact,
    open_account,
    recover_account,
)
from applicants.codes import send_code
from applicants.contacts import read_contact, unconfirmed
from applicants.enums import Purpose
from applicants.holding import ContactTaken
from applicants.models import User
from applicants.names import NameNotValid
from applicants.notice_channels import reach
from mpaspor.core import clock
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db


def open_one(contact: str, *, name: str = "Siti", password: str = PASSWORD) -> User:
    return open_account(
        name=name,
        contact=read_contact(contact),
        password=password,
        language="id",
        at=clock.now(),
    )


def test_open_account_keeps_only_the_contact_given() -> None:
    by_phone, by_email = open_one("0812-3456-7890"), open_one("Siti@Example.com")
    assert (by_phone.email, str(by_phone.phone)) == (None, "+6281234567890")
    assert (by_email.email, by_email.phone) == ("siti@example.com", None)
    assert (by_phone.confirmed, by_email.confirmed) == (False, False)


def test_open_account_with_a_taken_contact_is_refused() -> None:
    make_user("siti@example.com")
    with pytest.raises(ContactTaken):
        open_one("SITI@example.com")
    assert User.objects.count() == 1


def test_open_account_again_before_confirming_is_the_same_account() -> None:
    first = open_one("0812-3456-7890")
    assert open_one("+62 812 3456 7890") == first
    with pytest.raises(ContactTaken):
        open_one("+62 812 3456 7890", password="another-good-one")


def test_open_account_again_after_confirming_is_refused_even_with_the_password() -> None:
    make_user("siti@example.com")
    with pytest.raises(ContactTaken):
        open_one("siti@example.com")


@pytest.mark.parametrize("password", ["", "1234567", "12345678", "password"])
def test_open_account_with_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        open_one("siti@example.com", password=password)
    assert User.objects.count() == 0


def test_open_account_with_a_name_of_digits_is_refused() -> None:
    with pytest.raises(NameNotValid):
        open_one("siti@example.com", name="12345")


def test_confirm_contact_with_the_code_makes_the_contact_reachable() -> None:
    for contact in ("0812-3456-7890", "siti@example.com"):
        account = open_one(contact)
        assert reach(account) is None
        at = clock.now()
        send_code(
            account=account, to=unconfirmed(account), purpose=Purpose.CONFIRM, by=account, at=at
        )
        confirm_contact(account=account, typed=newest_code(contact), by=account, at=at)
        assert reach(User.objects.get(pk=account.pk)) == read_contact(contact)


def test_correct_contact_before_confirming_replaces_it() -> None:
    account = open_one("0812-3456-7890")
    corrected = correct_contact(
        account=account, contact=read_contact("siti@example.com"), by=account, at=clock.now()
    )
    assert (corrected.email, corrected.phone) == ("siti@example.com", None)
    assert open_one("0812-3456-7890") != account


def test_correct_contact_to_a_taken_one_is_refused_and_changes_nothing() -> None:
    make_user("siti@example.com")
    account = open_one("0812-3456-7890")
    with pytest.raises(ContactTaken):
        correct_contact(
            account=account, contact=read_contact("siti@example.com"), by=account, at=clock.now()
        )
    account.refresh_from_db()
    assert str(account.phone) == "+6281234567890"


def test_correct_contact_after_confirming_is_refused() -> None:
    account = make_user("0812-3456-7890")
    with pytest.raises(AlreadyConfirmed):
        correct_contact(
            account=account, contact=read_contact("a@example.com"), by=account, at=clock.now()
        )


def test_recover_account_sets_the_password_and_confirms_the_contact() -> None:
    account = open_one("0812-3456-7890")
    recover_account(contact=unconfirmed(account), password="jahe-hangat-2", at=clock.now())
    account.refresh_from_db()
    assert (account.check_password("jahe-hangat-2"), account.phone_verified) == (True, True)


def test_recover_account_by_an_added_contact_never_confirmed_is_refused() -> None:
    make_user("siti@example.com", phone="+6281234567890")
    with pytest.raises(NoAccount):
        recover_account(
            contact=read_contact("0812-3456-7890"), password="jahe-hangat-2", at=clock.now()
        )


def test_recover_account_that_is_closed_is_refused() -> None:
    make_user("siti@example.com", is_active=False)
    with pytest.raises(NoAccount):
        recover_account(
            contact=read_contact("siti@example.com"), password="jahe-hangat-2", at=clock.now()
        )


def test_change_password_needs_the_current_one() -> None:
    account = make_user()
    with pytest.raises(PasswordWrong):
        change_password(
            account=account, current="no", password="jahe-hangat-2", by=account, at=clock.now()
        )
    changed = change_password(
        account=account, current=PASSWORD, password="jahe-hangat-2", by=account, at=clock.now()
    )
    assert changed.check_password("jahe-hangat-2")


def test_account_without_any_contact_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(name="Nobody")


def test_create_superuser_signs_in_without_a_code() -> None:
    chief = User.objects.create_superuser("Chief@Example.com", PASSWORD, name="Chief")
    assert (chief.email, chief.confirmed, chief.is_staff) == ("chief@example.com", True, True)


def test_change_password_guessed_too_often_is_refused_for_a_while_even_the_right_one() -> None:
    user, at = make_user(), clock.now()

    def change(current: str, *, later: int = 0) -> None:
        moment = at + timedelta(seconds=later)
        change_password(account=user, current=current, password="jahe-hangat-2", by=user, at=moment)

    for _guess in range(settings.PASSWORD_TRIES):
        with pytest.raises(PasswordWrong):
            change("wrong")
    with pytest.raises(TooManyCurrentGuesses):
        change(PASSWORD)
    change(PASSWORD, later=settings.PASSWORD_PAUSE)
    user.refresh_from_db()
    assert user.check_password("jahe-hangat-2")
