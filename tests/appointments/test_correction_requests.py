"""A correction asked for by the person: only what the office can do, answered once."""

from typing import Any

import pytest
from django.db import Error
from django.urls import reverse

from appointments.cancelling import cancel
from appointments.correcting import (
    Answers,
    FeeDiffers,
    NothingCorrected,
    NotToBeCorrected,
    correct,
)
from appointments.corrections.enums import Cause
from appointments.corrections.models import CorrectionRequest
from appointments.corrections.requesting import (
    AlreadyAnswered,
    AlreadyAsked,
    AnswerMissing,
    approve,
    ask_correction,
    refuse,
)
from appointments.enums import Book, Kind
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.models import Bill
from quota.enums import Role
from tests.appointments.browsing import errors_of, signed_in, text_of
from tests.appointments.test_rescheduling import committed
from tests.factories.appointments import make_awaiting, make_confirmed
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

RIGHT = Answers(Kind.REPLACEMENT, Book.FIVE_YEARS)


def ask(mine: Appointment, answers: Answers = RIGHT) -> CorrectionRequest:
    facts: dict[str, Any] = {"cause": Cause.HAS_BOOK, "by": "test", "at": clock.now()}
    return ask_correction(appointment=mine, answers=answers, **facts)


def kind_of(mine: Appointment) -> str:
    mine.application.refresh_from_db()
    return mine.application.kind


def test_granted_it_is_put_right_and_the_fee_counts_on() -> None:
    mine = make_confirmed()
    request, officer = ask(mine), make_officer(Role.COUNTER, mine.slot.office)
    assert kind_of(mine) == Kind.NEW
    Notice.objects.all().delete()

    for _twice in range(2):
        approve(request=request, by=officer, at=clock.now())

    assert kind_of(mine) == Kind.REPLACEMENT
    assert Bill.objects.count() == 1
    assert [n.template.rpartition("/")[2] for n in Notice.objects.all()] == ["corrected"]
    deeds = [entry.deed for entry in trail.of(f"appointment:{mine.code}")]
    assert deeds[-3:] == ["correction.ask", "letter.void", "correction.approved"]
    with pytest.raises(AlreadyAnswered):
        refuse(request=request, answer="Tidak", by=officer, at=clock.now())


def test_refused_it_stays_and_the_person_is_told_why_and_may_ask_again() -> None:
    mine = make_confirmed()
    request, officer = ask(mine), make_officer(Role.COUNTER, mine.slot.office)
    with pytest.raises(AnswerMissing):
        refuse(request=request, answer=" ", by=officer, at=clock.now())
    Notice.objects.all().delete()

    for _twice in range(2):
        refuse(request=request, answer="Paspor lama tidak ada.", by=officer, at=clock.now())

    assert kind_of(mine) == Kind.NEW
    assert [n.template.rpartition("/")[2] for n in Notice.objects.all()] == ["not_corrected"]
    with pytest.raises(AlreadyAnswered):
        approve(request=request, by=officer, at=clock.now())
    ask(mine)


def test_only_what_the_office_could_do_is_asked_and_once() -> None:
    mine = make_confirmed()
    cases = [
        (make_awaiting(), RIGHT, NotToBeCorrected),
        (mine, Answers(Kind.NEW, Book.FIVE_YEARS), NothingCorrected),
        (mine, Answers(Kind.NEW, Book.TEN_YEARS), FeeDiffers),
    ]
    for appointment, answers, refusal in cases:
        with pytest.raises(refusal):
            ask(appointment, answers)
    ask(mine)
    with pytest.raises(AlreadyAsked):
        ask(mine)


def test_granted_after_another_officer_did_it_or_the_person_cancelled() -> None:
    done, gone = make_confirmed(), make_confirmed()
    requests = [ask(done), ask(gone)]
    officer = make_officer(Role.CENTRE)
    correct(appointment=done, answers=RIGHT, by=officer, at=clock.now())
    cancel(appointment=gone, by="test", at=clock.now())
    approve(request=requests[0], by=officer, at=clock.now())
    with pytest.raises(NotToBeCorrected):
        approve(request=requests[1], by=officer, at=clock.now())
    refuse(request=requests[1], answer="Dibatalkan.", by=officer, at=clock.now())


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE appointments_correctionrequest SET kind = 'new'", "correction_bound"),
        ("UPDATE appointments_correctionrequest SET status = 'approved'", "by_somebody"),
        ("UPDATE appointments_correctionrequest SET status = 'refused', answered_at = now(),"
         " answered_by_id = (SELECT min(id) FROM applicants_user)", "refused_with_words"),
    ],
)  # fmt: skip
def test_postgresql_keeps_requests(statement: str, says: str) -> None:
    ask(make_confirmed())
    with pytest.raises(Error, match=says):
        committed(statement)


def test_pages_ask_and_answer() -> None:
    mine = make_confirmed()
    code = mine.application.code
    client = signed_in(mine.application.account)
    url = reverse("ask_to_correct", args=[code])
    assert url in client.get(reverse("visit", args=[code])).content.decode()
    bad = client.post(url, {"kind": "lost", "book": "5", "reason": ""})
    assert set(errors_of(bad)) == {"kind", "reason"}
    costly = client.post(url, {"kind": "new", "book": "10", "reason": "other"})
    assert set(errors_of(costly)) == {"book"}

    typed = {"kind": "replacement", "book": "5", "reason": "has_book"}
    assert "has not answered yet" in text_of(client.post(url, typed, follow=True))

    officer = signed_in(make_officer(Role.COUNTER, mine.slot.office))
    listed = officer.get(
        reverse("admin:appointments_appointment_changelist"), {"corrections": "open"}
    )
    assert mine.code in text_of(listed)
    page = reverse("admin:correct", args=[mine.code])
    assert "I had a passport before" in text_of(officer.get(page))
    for answer in ("", " ", "a" * 301):
        again = officer.post(page, {"deed": "refuse", "answer": answer})
        assert (again.status_code, set(again.context["answering"].errors)) == (422, {"answer"})
        assert f">\n{answer}</textarea>" in again.content.decode()
    assert "301 signs; 300 are the most" in text_of(again)
    officer.post(page, {"deed": "refuse", "answer": "Paspor lama tidak ada."})
    assert "Paspor lama tidak ada." in text_of(client.get(url))
    client.post(url, typed)
    officer.post(page, {"deed": "approve"})
    assert kind_of(mine) == Kind.REPLACEMENT
    assert officer.post(page, {"deed": "approve"})["Location"] == page
