"""An application as a list of tasks: where each stands, and that no typing is ever lost."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import localdate

from applicants.models import FormDraft
from appointments.advising import advice_for
from appointments.applying import AlreadyActive, start_again
from appointments.booking import release_hold
from appointments.cancelling import cancel
from appointments.details import Journey as Plan
from appointments.documents import storing
from appointments.documents.models import Document
from appointments.enums import ServiceClass, Tie, TravelPurpose
from appointments.leaving import leave
from appointments.models import Application, Appointment
from appointments.preparing import DetailsClosed, contact_of, name_contact, plan_journey
from appointments.priority import forget_needs
from appointments.task_list import tasks_of
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Role
from quota.models import Closure
from tests.appointments.browsing import checked, errors_of, signed_in, text_of
from tests.factories.applicants import make_child, make_person
from tests.factories.appointments import (
    make_application,
    make_arrived,
    make_awaiting,
    make_confirmed,
    make_held,
)
from tests.factories.documents import make_document
from tests.factories.quota import make_officer, make_open_slot

pytestmark = pytest.mark.django_db

PHONE = "0812-3456-7890"


def today() -> date:
    """In the capital, as for whoever plans a journey."""
    return localdate(clock.now())


def plan(application: Application, departure: date | None = None) -> Application:
    journey = Plan(TravelPurpose.HOLIDAY, departure)
    return plan_journey(application=application, journey=journey, by="test", at=clock.now())


def name_somebody(application: Application, name: str = "Rina Wati") -> Application:
    contact = contact_of(name=name, relation="sibling", phone=PHONE)
    return name_contact(application=application, contact=contact, by="test", at=clock.now())


def page(name: str, application: Application) -> str:
    return reverse(name, args=[application.code])


def states(application: Application, appointment: Appointment | None = None) -> str:
    application.refresh_from_db()
    tasks = tasks_of(application, appointment, at=clock.now())
    return " ".join(f"{task.step}={task.state}" for task in tasks)


def fresh() -> Application:
    return make_application()


def said() -> Application:
    application = plan(make_application(), today() + timedelta(days=90))
    return name_somebody(application)


def typed() -> Application:
    application = make_application()
    client = signed_in(application.account)
    for name in ("answers", "journey", "contact"):
        client.post(page(name, application), {"only_keep": "yes", "contact_name": "Ri"})
    return application


def one_document() -> Application:
    application = make_application()
    make_document(application=application)
    return application


def all_documents() -> Application:
    application = make_application()
    for kind in ("ktp", "kk", "proof-of-birth"):
        make_document(application=application, kind=kind)
    return application


def refused_document() -> Application:
    application = all_documents()
    facts = {"status": "not_complete", "reason": "cut_off"}
    Document.objects.filter(application=application, kind="kk").update(**facts)
    return application


def without_guardian() -> Application:
    child = make_child()
    application = make_application(person=child)
    child.consents.update(withdrawn_at=clock.now())
    return application


def registry_objects() -> Application:
    application = make_application()
    verification = application.person.verification
    verification.verdict, verification.next_at = "not_found", None
    verification.save()
    return application


def departure_over() -> Application:
    application = make_application()
    application.journey = Plan(TravelPurpose.WORK, today() - timedelta(days=1))
    application.save()
    return application


STATES: list[tuple[Callable[[], Application], str]] = [
    (fresh, "person=done answers=done journey=not_started contact=not_started documents=not_"),
    (said, "journey=done contact=done documents=not_started seat=not_started"),
    (typed, "answers=begun journey=begun contact=begun"),
    (one_document, "documents=begun"),
    (all_documents, "documents=done"),
    (refused_document, "documents=mend"),
    (without_guardian, "person=mend"),
    (registry_objects, "person=mend"),
    (departure_over, "journey=mend"),
]


@pytest.mark.parametrize(("make", "expected"), STATES)
def test_task_list_says_where_each_task_stands(
    make: Callable[[], Application], expected: str
) -> None:
    application = make()
    assert expected in states(application)
    shown = signed_in(application.account).get(page("tasks", application))
    assert shown.status_code == 200
    assert "of 6 done" in text_of(shown)


@pytest.mark.parametrize(
    ("make", "expected", "leads_to"),
    [
        (make_held, "begun", "review"),
        (make_awaiting, "begun", "bill"),
        (make_confirmed, "done", "visit"),
    ],
)
def test_task_list_leads_to_where_the_seat_stands(make: Any, expected: str, leads_to: str) -> None:
    appointment = make()
    application = appointment.application
    assert f"seat={expected}" in states(application, appointment)
    shown = signed_in(application.account).get(page("tasks", application))
    assert f'href="{page(leads_to, application)}"' in shown.content.decode()


def test_application_leads_to_its_tasks_until_a_seat_is_held() -> None:
    application = make_application()
    client = signed_in(application.account)
    assert client.get(page("application", application))["Location"] == page("tasks", application)
    held = make_held(application=application)
    assert client.get(page("application", application))["Location"] == page("review", application)
    release_hold(appointment=held, by="test", at=clock.now())
    assert client.get(page("application", application))["Location"] == page("tasks", application)


# One row for each step of the list that is typed into: its page and what somebody typed.
TYPED: list[tuple[str, dict[str, str]]] = [
    ("person_edit", {"name": "Siti Rahay", "birth_place": "Lhok"}),
    ("answers", {"kind": "replacement", "book": "10"}),
    ("journey", {"purpose": "work", "departure": "2030-01-"}),
    ("contact", {"contact_name": "Rin", "contact_phone": "0812"}),
]


@pytest.mark.parametrize(("name", "fields"), TYPED, ids=[name for name, _fields in TYPED])
def test_typing_at_each_step_outlives_redis_and_is_there_on_another_device(
    name: str, fields: dict[str, str]
) -> None:
    application = make_application()
    code = application.person.code if name == "person_edit" else application.code
    url = reverse(name, args=[code])
    assert signed_in(application.account).post(url, fields | {"only_keep": "y"}).status_code == 204
    cache.clear()
    other = signed_in(application.account).get(url)
    shown = {f"{field}={other.context['form'][field].value()}" for field in fields}
    assert shown == {f"{field}={value}" for field, value in fields.items()}
    assert "We kept what you typed on" in text_of(other)


@pytest.mark.parametrize("days", [None, 1, 700])
def test_journey_is_saved_and_shown_again(days: int | None) -> None:
    departure = str(today() + timedelta(days=days)) if days else ""
    application = make_application()
    client = signed_in(application.account)
    answer = client.post(
        page("journey", application), {"purpose": "pilgrimage", "departure": departure}
    )
    assert answer["Location"] == page("tasks", application)
    application.refresh_from_db()
    assert application.journey is not None
    assert str(application.journey.departure or "") == departure
    assert "purpose=pilgrimage" in checked(client.get(page("journey", application)))
    assert FormDraft.objects.count() == 0
    assert b"pilgrimage" not in bytes(application.journey_sealed)
    deeds = list(trail.of(f"application:{application.code}"))
    assert (deeds[-1].deed, deeds[-1].facts) == ("application.journey", {})


ODD_JOURNEYS: list[tuple[dict[str, str], str]] = [
    ({"purpose": ""}, "purpose"),
    ({"purpose": "\x00"}, "purpose"),
    ({"purpose": "fun"}, "purpose"),
    ({"departure": "2001-01-01"}, "departure"),
    ({"departure": "0000-00-00"}, "departure"),
    ({"departure": "9999-12-31"}, "departure"),
    ({"departure": "2020-02-02"}, "departure"),
    ({"departure": "2098-02-02"}, "departure"),
    ({"departure": "besok"}, "departure"),
    ({"departure": "x" * 5000}, "departure"),
]


@pytest.mark.parametrize(("odd", "field"), ODD_JOURNEYS, ids=lambda odd: repr(odd)[:30])
def test_journey_that_is_odd_is_named_and_changes_nothing(odd: dict[str, str], field: str) -> None:
    application = make_application()
    answer = signed_in(application.account).post(
        page("journey", application), {"purpose": "work", "departure": ""} | odd
    )
    assert (answer.status_code, list(errors_of(answer))) == (200, [field])
    application.refresh_from_db()
    assert application.journey is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (PHONE, "+6281234567890"),
        ("021-3456789", "+62213456789"),
        ("+60 12-345 6789", "+60123456789"),
        ("(0274) 512 345", "+62274512345"),
        ("+62\u00a0812\u200b3456\u202f7890", "+6281234567890"),
        ("٠٨١٢٣٤٥٦٧٨٩٠", "+6281234567890"),
    ],
)
def test_contact_is_saved_in_any_usual_writing_and_shown_again(typed: str, number: str) -> None:
    application = make_application()
    client = signed_in(application.account)
    fields = {"contact_name": "Rina  Wati", "contact_relation": "sibling", "contact_phone": typed}
    answer = client.post(page("contact", application), fields)
    assert answer["Location"] == page("tasks", application)
    application.refresh_from_db()
    contact = application.contact
    assert contact is not None
    assert (contact.name, contact.relation, contact.phone) == ("Rina Wati", Tie.SIBLING, number)
    assert b"Rina" not in bytes(application.contact_sealed)
    again = client.get(page("contact", application)).context["form"]
    assert again["contact_phone"].value() == contact.spoken_phone
    client.post(page("contact", application), fields | {"contact_phone": contact.spoken_phone})
    assert [e.deed for e in trail.of(f"application:{application.code}")].count(
        "application.contact"
    ) == 1


ODD_CONTACTS: list[tuple[str, str]] = [
    *(("contact_name", odd) for odd in ("", "\x00", "x" * 400, "<b>", "1234567890123456", "‮a")),
    *(("contact_relation", odd) for odd in ("", "\x00", "boss")),
    *(("contact_phone", odd) for odd in ("", "\x00", "12", "1" * 400, "+999 1", "a@b.id", "🌺")),
]


@pytest.mark.parametrize(("field", "odd"), ODD_CONTACTS, ids=lambda odd: repr(odd)[:20])
def test_contact_that_is_odd_is_named_and_changes_nothing(field: str, odd: str) -> None:
    application = make_application()
    fields = {"contact_name": "Rina", "contact_relation": "friend", "contact_phone": PHONE}
    answer = signed_in(application.account).post(
        page("contact", application), fields | {field: odd}
    )
    assert (answer.status_code, list(errors_of(answer))) == (200, [field])
    application.refresh_from_db()
    assert application.contact is None


def test_details_are_closed_once_the_visit_has_begun() -> None:
    application = make_arrived().application
    with pytest.raises(DetailsClosed):
        plan(application)
    with pytest.raises(DetailsClosed):
        name_somebody(application)
    client = signed_in(application.account)
    fields = {"contact_name": "Rina", "contact_relation": "friend", "contact_phone": PHONE}
    answer = client.post(page("contact", application), fields)
    assert "the visit has begun" in text_of(answer)
    assert (
        f'href="{page("contact", application)}"'
        not in client.get(page("tasks", application)).content.decode()
    )


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (30, False)])
def test_details_are_forgotten_a_month_after_the_visit(days: int, is_kept: bool) -> None:
    appointment = make_confirmed()
    application = name_somebody(plan(appointment.application))
    forget_needs(at=appointment.slot.ends_at + timedelta(days=days))
    application.refresh_from_db()
    assert (bool(application.journey), bool(application.contact)) == (is_kept, is_kept)


def test_details_go_with_the_account() -> None:
    application = name_somebody(plan(make_confirmed().application))
    leave(application.account, by="test", at=clock.now())
    application.refresh_from_db()
    assert (application.journey, application.contact) == (None, None)


def weekday(days: int) -> date:
    """A Monday at least so many days ahead."""
    day = today() + timedelta(days=days)
    return day + timedelta(days=(7 - day.weekday()) % 7)


# Working days between the visit and the journey: with ten it is safe, with four it is not made.
ADVICE: list[tuple[str, str, str]] = [
    ("regular", "+15", "safe"),
    ("regular", "+14", "safe"),
    ("regular", "+11", "tight"),
    ("regular", "+5", "tight"),
    ("regular", "+4", "late"),
    ("regular", "+0", "late"),
    ("accelerated", "+8", "safe"),
    ("accelerated", "+7", "tight"),
    ("accelerated", "+1", "tight"),
    ("accelerated", "+0", "late"),
]


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.parametrize(("service", "days", "state"), ADVICE)
def test_advice_says_whether_a_visit_is_safe_before_a_journey(
    service: str, days: str, state: str, is_own: bool
) -> None:
    Closure.objects.all().delete()
    visit = weekday(5)
    starts = clock.now().replace(hour=3, minute=0, second=0, microsecond=0)
    slot = make_open_slot(service=service, starts_at=starts + (visit - starts.date()))
    application = make_application(service=ServiceClass(service))
    plan(application, visit + timedelta(days=int(days)))
    own = make_held(slot=slot, application=application) if is_own else None
    application.refresh_from_db()
    advice = advice_for(application, own, at=clock.now())
    assert advice is not None
    assert (advice.state, advice.day, advice.is_own) == (state, visit, is_own)


def test_advice_counts_the_holidays_of_the_country() -> None:
    Closure.objects.all().delete()
    application = plan(make_application(), weekday(30))
    before = advice_for(application, None, at=clock.now())
    assert before is not None
    Closure.objects.create(office=None, date=before.visit_by, reason="Libur")
    after = advice_for(application, None, at=clock.now())
    assert after is not None
    assert (after.visit_by < before.visit_by, after.state) == (True, "nothing")


@pytest.mark.parametrize("departure", [None, -1, 0])
def test_advice_is_silent_without_a_journey_to_come(departure: int | None) -> None:
    application = make_application()
    if departure is not None:
        application.journey = Plan(TravelPurpose.WORK, today() + timedelta(days=departure))
    assert advice_for(application, None, at=clock.now()) is None


def test_advice_stands_on_the_pages_in_words() -> None:
    application = plan(make_application(), today() + timedelta(days=90))
    make_open_slot()
    client = signed_in(application.account)
    for name in ("tasks", "journey", "choose_office"):
        text = text_of(client.get(page(name, application)))
        assert "Safe is a visit by" in text
        assert "That is in time." in text


def test_again_takes_over_what_was_said_and_sent() -> None:
    appointment = make_confirmed()
    application = name_somebody(plan(appointment.application, today() + timedelta(days=90)))
    sent = make_document(application=application)
    make_document(
        application=application, kind="kk", status="not_complete", reason="cut_off", content=b"x"
    )
    cancel(appointment=appointment, by="test", at=clock.now())
    ended = Application.objects.get(pk=application.pk)
    shown = text_of(signed_in(ended.account).get(page("tasks", ended)))
    assert "Start again with the same answers" in shown
    answer = signed_in(ended.account).post(page("again", ended))
    draft = Application.objects.get(status="draft")
    assert answer["Location"] == page("tasks", draft)
    assert (draft.journey, draft.contact) == (ended.journey, ended.contact)
    [copy] = draft.documents.all()
    assert (copy.kind, copy.status, copy.sha256) == ("ktp", "received", sent.sha256)
    assert copy.file != sent.file
    assert storing.read(copy.file) == storing.read(sent.file)


def test_again_forgets_a_departure_that_is_over_and_copies_nothing_twice() -> None:
    ended = make_application()
    ended.journey = Plan(TravelPurpose.WORK, today() - timedelta(days=1))
    ended.save()
    make_document(application=ended)
    drafts = {start_again(application=ended, by="test", at=clock.now()).pk for _twice in range(2)}
    draft = Application.objects.get(pk=drafts.pop())
    assert draft.journey == Plan(TravelPurpose.WORK)
    assert draft.documents.count() == 1


def test_again_that_is_refused_leaves_no_file_behind() -> None:
    under_way = make_confirmed().application
    make_document(application=under_way)
    files = set(storing.names())
    with pytest.raises(AlreadyActive):
        start_again(application=under_way, by="test", at=clock.now())
    assert files
    assert set(storing.names()) == files


def test_task_page_of_a_family_offers_to_book_together() -> None:
    application = make_application()
    client = signed_in(application.account)
    assert "Book together" not in text_of(client.get(page("tasks", application)))
    make_application(person=make_person(application.account))
    assert "Book together" in text_of(client.get(page("tasks", application)))


def test_officer_reads_journey_and_contact_at_the_appointment() -> None:
    appointment = make_confirmed()
    application = name_somebody(plan(appointment.application, today() + timedelta(days=90)))
    officer = signed_in(make_officer(Role.COUNTER, appointment.slot.office))
    for table, row in (("appointment", appointment), ("application", application)):
        url = reverse(f"admin:appointments_{table}_change", args=[row.pk])
        text = text_of(officer.get(url))
        assert "Rina Wati (Brother or sister), +62 812-3456-7890" in text
        assert "Holiday" in text
