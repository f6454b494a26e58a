"""An officer puts right what was applied for; what was paid counts on, or nothing changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from appointments.arrival import check_in
from appointments.correcting import (
    Answers,
    FeeDiffers,
    NothingCorrected,
    NotToBeCorrected,
    correct,
)
from appointments.enums import Book, Kind
from appointments.letters import letter_url
from appointments.models import Appointment
from appointments.requirements import TooYoungForTenYears
from appointments.visits.checking import check_letter
from appointments.visits.enums import LetterState
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from payments.models import Tariff
from quota.enums import Role
from tests.appointments.browsing import said, signed_in, text_of
from tests.appointments.test_cancelling import bill_of, state
from tests.factories.applicants import make_child, make_person, make_user
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

RIGHT = Answers(Kind.REPLACEMENT, Book.FIVE_YEARS)


def put_right(mine: Appointment, answers: Answers = RIGHT) -> None:
    correct(appointment=mine, answers=answers, by="test", at=clock.now())


def applied_for(mine: Appointment) -> tuple[str, str]:
    mine.application.refresh_from_db()
    return mine.application.kind, mine.application.book


def arrived() -> Appointment:
    mine = make_confirmed()
    at = mine.slot.starts_at
    check_in(appointment=mine, office=mine.slot.office, by="test", at=at)
    return Appointment.objects.select_related("slot__office", "application").get(pk=mine.pk)


@pytest.mark.parametrize("make", [make_confirmed, arrived])
def test_correct_keeps_the_fee_and_makes_the_letter_new(make: Any) -> None:
    mine = make()
    before, amount, old = state(mine), bill_of(mine).amount, letter_url(mine)
    Notice.objects.all().delete()

    put_right(mine)

    assert applied_for(mine) == ("replacement", "5")
    assert (state(mine), bill_of(mine).amount) == (before, amount)
    assert [check_letter(url).state for url in (old, letter_url(mine))] == [
        LetterState.MOVED,
        LetterState.VALID,
    ]
    assert [notice.template for notice in Notice.objects.all()] == [
        "notices/appointments/corrected"
    ]
    [entry] = [
        entry
        for entry in trail.of(f"application:{mine.application.code}")
        if entry.deed == "application.correct"
    ]
    assert entry.facts == {"old": "new 5", "kind": "replacement", "book": "5"}


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (Answers(Kind.NEW, Book.FIVE_YEARS), NothingCorrected),
        (Answers(Kind.NEW, Book.TEN_YEARS), FeeDiffers),
        (Answers(Kind.REPLACEMENT, Book.TEN_YEARS), FeeDiffers),
    ],
)
def test_correct_that_is_refused_changes_nothing(answers: Answers, refusal: type[Refusal]) -> None:
    mine = make_confirmed()
    with pytest.raises(refusal):
        put_right(mine, answers)
    assert applied_for(mine) == ("new", "5")


def test_correct_to_another_book_is_possible_where_it_costs_the_same() -> None:
    """A fee is a row with a date, and so is the answer."""
    mine = make_confirmed()
    same = Tariff.objects.filter(code="EPASSPORT-5").latest("in_force_from")
    Tariff.objects.create(
        code="EPASSPORT-10",
        name="Ten years",
        amount=same.amount,
        in_force_from=clock.now().date() - timedelta(days=1),
    )
    put_right(mine, Answers(Kind.NEW, Book.TEN_YEARS))
    assert applied_for(mine) == ("new", "10")


def test_correct_of_a_childs_book_heeds_the_rules_of_age() -> None:
    mine = make_confirmed(person=make_child(make_person(make_user())))
    with pytest.raises(TooYoungForTenYears):
        put_right(mine, Answers(Kind.NEW, Book.TEN_YEARS))


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_correct_of_what_is_not_paid_is_refused(make: Any) -> None:
    with pytest.raises(NotToBeCorrected):
        put_right(make())


@pytest.mark.parametrize(
    ("typed", "says", "kind"),
    [
        ({"kind": "replacement", "book": "5"}, "", "replacement"),
        ({"kind": "new", "book": "5"}, "That is what was applied for already.", "new"),
        ({"kind": "new", "book": "10"}, "That has another fee", "new"),
        ({"kind": "lost", "book": "5"}, "lost", "new"),
        ({"kind": "\0"}, "", "new"),
    ],
)
def test_page_corrects_or_says_why_not(typed: dict[str, str], says: str, kind: str) -> None:
    mine = make_confirmed()
    client = signed_in(make_officer(Role.COUNTER, mine.slot.office))
    url = reverse("admin:correct", args=[mine.code])
    assert client.get(url).status_code == 200

    answer = client.post(url, typed, follow=True)

    assert answer.status_code == 200
    assert says in text_of(answer)
    assert bool(said(answer)) == (kind == "replacement")
    assert applied_for(mine)[0] == kind
