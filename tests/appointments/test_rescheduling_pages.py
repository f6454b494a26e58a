"""Another day, on pages: the rule first, a day, a session; the old letter says that it is old."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.letters import letter_url
from appointments.models import Appointment
from mpaspor.core import clock
from tests.appointments.browsing import said, signed_in, text_of
from tests.appointments.test_cancelling import paid_party
from tests.appointments.test_rescheduling import another, choose, where
from tests.factories.appointments import make_confirmed, make_held
from tests.factories.quota import make_open_slot, make_terms

pytestmark = pytest.mark.django_db


def browser(mine: Appointment) -> Client:
    return signed_in(mine.application.account)


def days(mine: Appointment) -> str:
    return reverse("move_day", args=[mine.application.code])


def sessions(mine: Appointment, slot: object) -> str:
    return reverse("move_session", args=[mine.application.code, slot.date])  # type: ignore[attr-defined]


def test_visit_says_the_right_and_leads_to_the_days() -> None:
    mine = make_confirmed()
    answer = browser(mine).get(reverse("visit", args=[mine.application.code]))
    assert "you may choose another day at this office" in text_of(answer)
    assert days(mine) in answer.content.decode()


def test_days_say_the_rule_and_lead_to_sessions() -> None:
    mine = make_confirmed()
    new = another(mine)
    answer = browser(mine).get(f"{days(mine)}?month={new.date:%Y-%m}")
    assert "Changes left: 1. After that the day stays." in text_of(answer)
    assert sessions(mine, new) in answer.content.decode()


def test_session_is_chosen_with_one_press() -> None:
    mine = make_confirmed()
    new = another(mine)
    client = browser(mine)
    assert client.get(sessions(mine, new)).status_code == 200

    answer = client.post(sessions(mine, new), {"slot": new.code}, follow=True)

    assert said(answer) == ["The day is changed. The letter is a new one: use only this one."]
    assert "All changes of the day that are allowed (1) are used." in text_of(answer)
    assert where(mine) == [new]


@pytest.mark.parametrize(("query", "moved"), [("", 3), ("?who=one", 1), ("?who=nonsense", 3)])
def test_session_is_chosen_for_all_or_for_one(query: str, moved: int) -> None:
    party = paid_party()
    new = another(party[0])
    client = browser(party[0])
    assert client.get(days(party[0]) + query).status_code == 200

    client.post(sessions(party[0], new) + query, {"slot": new.code})

    assert where(*party).count(new) == moved


@pytest.mark.parametrize("slots", [[], ["", ""], ["NOSUCHCODE"], ["x" * 300], ["\0"]])
def test_session_badly_chosen_changes_nothing_and_says_so(slots: list[str]) -> None:
    mine = make_confirmed()
    new = another(mine)
    answer = browser(mine).post(sessions(mine, new), {"slot": slots})
    assert (answer.status_code, len(said(answer))) == (200, 1)
    assert where(mine) == [mine.slot]


def test_session_of_another_office_is_not_taken_from_this_page() -> None:
    mine = make_confirmed()
    new = make_open_slot()
    answer = browser(mine).post(sessions(mine, new), {"slot": new.code})
    assert said(answer) == ["Choose one of the sessions first."]
    assert where(mine) == [mine.slot]


def test_days_after_the_right_is_spent_say_so_and_what_else_can_be_done() -> None:
    mine = make_confirmed()
    choose(mine, another(mine))
    text = text_of(browser(mine).get(days(mine)))
    assert "All changes of the day that are allowed (1)" in text
    assert "ask at the office" in text


def test_days_when_it_is_too_late_say_until_when_it_was_possible() -> None:
    mine = make_confirmed()
    make_terms(office=mine.slot.office, reschedule_days=30)
    assert "The day could be changed until" in text_of(browser(mine).get(days(mine)))


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_of_what_is_not_confirmed_lead_to_where_it_stands(method: str) -> None:
    mine = make_held()
    for url in (days(mine), sessions(mine, mine.slot)):
        answer = getattr(browser(mine), method)(url, {"slot": mine.slot.code})
        assert answer.url == reverse("application", args=[mine.application.code])


def test_letter_after_a_move_is_a_new_one() -> None:
    mine = make_confirmed()
    client = browser(mine)
    old = letter_url(mine)
    before = client.get(reverse("letter", args=[mine.code])).content
    choose(mine, another(mine), at=clock.now())
    after = client.get(reverse("letter", args=[mine.code]))
    assert after.status_code == 200
    assert after.content != before
    page = client.get(old.removeprefix(settings.BASE_URL))
    assert "The person moved the appointment to another session." in text_of(page)
