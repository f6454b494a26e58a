"""Two thousand people behind one address, one in ten makes a mistake, one guesses at passwords."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from pytest_django import Settings

from applicants.models import User
from tests.factories.applicants import PASSWORD, make_user, newest_code
from tests.mpaspor.crowds import Visitor

PEOPLE = 2000
# After so many neighbours the attacker guesses once; the right password is among the guesses.
BETWEEN, RIGHT_AT = 10, 150
LOGIN = "/account/login/"
MISTAKES = ("password", "contact", "code")

pytestmark = pytest.mark.django_db


def village() -> list[User]:
    """As they are after signing up; whoever will mistype the code has not confirmed yet."""
    secret = make_password(PASSWORD)
    people = (
        User(
            name="Warga",
            email=f"warga{number}@example.test",
            email_verified=mistake_of(number) != "code",
            password=secret,
        )
        for number in range(PEOPLE)
    )
    return User.objects.bulk_create(people)


def mistake_of(number: int) -> str:
    return MISTAKES[number // 10 % 3] if number % 10 == 0 else ""


def sign_in(visitor: Visitor, login: str, password: str = PASSWORD) -> bool:
    """Whether that led on, to the applications or to the page for the code."""
    answer = visitor.post(LOGIN, login=login, password=password)
    return bool(answer.status_code == 302)


def come(number: int, person: User) -> Visitor:
    visitor, mistake, email = Visitor(), mistake_of(number), str(person.email)
    if number % 5 == 0:
        visitor.get(LOGIN)
    if mistake == "password":
        assert not sign_in(visitor, email, "salah-ketik")
    if mistake == "contact":
        assert not sign_in(visitor, f"wrga{number}@example.test")
    assert sign_in(visitor, email), visitor.met
    if mistake == "code":
        visitor.post("/account/code/", code="000000")
        visitor.post("/account/code/", code=newest_code(email))
    assert visitor.client.session["_auth_user_id"] == str(person.pk)
    return visitor


def guesses() -> Iterator[str]:
    for number in range(PEOPLE // BETWEEN):
        yield PASSWORD if number == RIGHT_AT else f"rahasia-{number}"


@pytest.fixture
def one_minute() -> Iterator[None]:
    """All of them come within the same minute, however long that takes here."""
    with time_machine.travel(time.time(), tick=False):
        yield


@pytest.mark.usefixtures("one_minute")
def test_village_behind_one_address_is_served_while_one_of_it_guesses(settings: Settings) -> None:
    settings.POW_BITS = 6
    people, victim = village(), make_user("korban@example.test")
    at_home = Visitor()
    assert sign_in(at_home, "korban@example.test")
    attacker, guess, met = Visitor(), guesses(), Counter[str]()

    for number, person in enumerate(people):
        met += come(number, person).met
        if number % BETWEEN == 0:
            assert not sign_in(attacker, "korban@example.test", next(guess))

    assert met["refused"] == 0
    assert met["asked"] > 0
    assert "_auth_user_id" not in attacker.client.session
    signs_in_at_home(at_home, victim)
    recovers_elsewhere(victim)


def test_control_with_no_count_of_wrong_passwords_the_guesser_gets_in(settings: Settings) -> None:
    settings.POW_BITS, settings.PASSWORD_TRIES = 6, PEOPLE
    make_user("korban@example.test")
    attacker = Visitor()
    assert any(sign_in(attacker, "korban@example.test", guess) for guess in guesses())


def signs_in_at_home(at_home: Visitor, victim: User) -> None:
    at_home.post("/account/logout/")
    assert not sign_in(at_home, str(victim.email), "salah-ketik")
    assert sign_in(at_home, str(victim.email))
    assert at_home.client.session["_auth_user_id"] == str(victim.pk)


def recovers_elsewhere(victim: User) -> None:
    elsewhere = Visitor()
    answer = elsewhere.post(LOGIN, login=str(victim.email), password=PASSWORD)
    assert "Get in with a code" in answer.text
    assert f'href="{reverse("account_reset_password")}"' in answer.text
    elsewhere.post("/account/recover/", contact=str(victim.email))
    elsewhere.post("/account/recover/code/", code=newest_code(str(victim.email)))
    elsewhere.post("/account/recover/password/", password="jahe-hangat-2")
    assert elsewhere.client.session["_auth_user_id"] == str(victim.pk)
    assert elsewhere.met["refused"] == 0
