"""The status without signing in: what it shows, what it hides, how often it may be asked."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from appointments.models import Application
from appointments.visits.processing import defer
from mpaspor.core import clock
from tests.appointments.browsing import text_of
from tests.factories.applicants import make_person
from tests.factories.appointments import (
    make_application,
    make_arrived,
    make_at_step,
    make_awaiting,
    make_confirmed,
    make_handed_over,
)

pytestmark = pytest.mark.django_db

NAME = "Dewi Kusumawardhani"


def ask(code: str, born: str) -> Any:
    client = Client(headers={"Cookie": "django_language=en"})
    return client.post(reverse("track"), {"code": code, "birth_date": born})


def born(application: Application) -> str:
    return f"{application.person.birth_date:%d/%m/%Y}"


def draft() -> Application:
    return make_application(person=make_person(name=NAME))


def at_step(step: str) -> Application:
    appointment = make_confirmed(application=draft())
    if step == "scheduled":
        return appointment.application
    if step == "handed_over":
        return make_handed_over(appointment)
    return make_at_step(step, appointment)


@pytest.mark.parametrize(
    ("step", "says", "to_come"),
    [
        ("scheduled", "Scheduled", 8),
        ("arrived", "Arrived", 7),
        ("printed", "Printed", 3),
        ("ready", "Collect it until", 1),
        ("handed_over", "Handed over", 0),
    ],
)
def test_status_is_told_with_the_steps_and_nothing_personal(
    step: str, says: str, to_come: int
) -> None:
    application = at_step(step)
    visit = application.appointments.get()
    pages = [ask(code, born(application)) for code in (application.code, visit.code.lower())]
    for page in pages:
        text = text_of(page)
        assert (page.status_code, says in text) == (200, True)
        assert text.count("(still to come)") == to_come
        assert "D*** K***" in text
        hidden = [NAME, "Dewi", application.person.identity.nik, born(application)]
        hidden += [application.person.identity.masked_nik, str(application.account.email)]
        assert [each for each in hidden if each in page.content.decode()] == []
        assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("make", [draft, lambda: make_awaiting(application=draft()).application])
def test_status_is_told_before_the_visit_too(make: Any) -> None:
    application = make()
    assert ask(application.code, born(application)).status_code == 200


def test_why_it_stopped_is_told_without_the_officers_own_words() -> None:
    application = make_arrived(make_confirmed(application=draft())).application
    defer(application=application, reason="registry", note="Ibu Ani", by="test", at=clock.now())
    text = text_of(ask(application.code, born(application)))
    assert "Go to Disdukcapil" in text
    assert "Ibu Ani" not in text


def test_wrong_code_and_wrong_date_are_answered_alike() -> None:
    application = at_step("scheduled")
    wrong = [ask("3333333333", born(application)), ask(application.code, "01/01/1991")]
    said = {text_of(page).replace("3333333333", "").replace(application.code, "") for page in wrong}
    assert {page.status_code for page in wrong} == {404}
    assert len(said) == 1
    assert "No application has this code and this date of birth." in said.pop()


@pytest.mark.parametrize("code", ["3333333333", "own"])
def test_tries_are_limited_for_each_code_and_right_ones_are_not_counted(
    code: str, settings: Any
) -> None:
    settings.TRACK_TRIES_A_DAY = 2
    application = at_step("scheduled")
    if code == "own":
        code = application.code
    for _right in range(3):
        assert ask(application.code, born(application)).status_code == 200
    tries = [ask(code, "01/01/1991").status_code for _wrong in range(3)]
    assert tries == [404, 404, 429]
    after = ask(code, born(application)).status_code
    assert after == 429
    other = at_step("scheduled")
    assert ask(other.code, born(other)).status_code == 200


@pytest.mark.parametrize(
    ("code", "date"),
    [
        ("", ""),
        ("---", "01/01/1990"),
        ("x" * 41, "01/01/1990"),
        ("3333333333", "32/13/1990"),
        ("3333333333", "x" * 1000),
        ("3333333333", "01/01/2990"),
        ("3\0", "01/01/1990"),
    ],
)
def test_odd_input_is_refused_with_what_was_typed_kept(code: str, date: str) -> None:
    page = ask(code, date)
    assert page.status_code == 200
    assert page.context["form"].errors
