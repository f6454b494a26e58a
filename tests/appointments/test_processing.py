"""From the arrival to the passport in hand: deeds, officers' presses, what people see of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from applicants.erasing import erase_account
from appointments.enums import STEPS, STOPPABLE, ApplicationStatus
from appointments.models import Application, Appointment
from appointments.visits.enums import FOR_GOOD, FOR_NOW, REMEDIES, Collector, StopReason
from appointments.visits.models import HandOver, Step
from appointments.visits.processing import (
    CollectorMissing,
    OutOfTurn,
    PowerMissing,
    StopNoteMissing,
    StopReasonMissing,
    defer,
    go_on,
    hand_over,
    print_again,
    refuse,
    take_up,
)
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.database import check_deferred
from tests.factories.applicants import make_person
from tests.factories.appointments import (
    make_application,
    make_arrived,
    make_at_step,
    make_confirmed,
    make_handed_over,
    make_held,
)
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"by": "test"}


def now() -> dict[str, Any]:
    return BY | {"at": clock.now()}


def statuses(application: Application) -> list[str]:
    return [step.status for step in Step.objects.filter(application=application)]


def told(application: Application) -> list[str]:
    rows = Notice.objects.filter(reference__startswith="step_").order_by("pk")
    return [row.reference.split(":")[0] for row in rows]


def test_way_to_the_passport_is_one_press_each_and_leaves_a_line_each() -> None:
    application = make_handed_over()
    assert statuses(application) == [*STEPS, "handed_over"]
    assert application.status == "handed_over"
    deeds = [entry.deed for entry in trail.of(f"application:{application.code}")]
    assert deeds[-7:] == [f"application.{status}" for status in (*STEPS[1:], "handed_over")]
    assert told(application) == ["step_ready"]
    check_deferred()


def test_press_twice_is_one_step() -> None:
    application = make_arrived().application
    for _twice in range(2):
        go_on(application=application, to="interviewed", **now())
    assert statuses(application) == ["arrived", "interviewed"]


@pytest.mark.parametrize("to", ["printed", "arrived", "handed_over", "refused", "", "nowhere"])
def test_steps_are_not_jumped(to: str) -> None:
    application = make_at_step("interviewed")
    with pytest.raises(OutOfTurn):
        go_on(application=application, to=to, **now())
    application.refresh_from_db()
    assert application.status == "interviewed"


def test_who_has_not_come_is_not_interviewed() -> None:
    with pytest.raises(OutOfTurn):
        go_on(application=make_confirmed().application, to="interviewed", **now())


def test_book_with_a_fault_is_printed_again() -> None:
    application = make_at_step("printed")
    print_again(application=application, **now())
    go_on(application=application, to="printed", **now())
    assert statuses(application)[-3:] == ["printed", "adjudicated", "printed"]
    go_on(application=application, to="checked", **now())
    with pytest.raises(OutOfTurn):
        print_again(application=application, **now())


@pytest.mark.parametrize("step", STOPPABLE)
def test_deferred_goes_on_where_it_stopped(step: str) -> None:
    application = make_at_step(step)
    defer(application=application, reason="document", **now())
    application.refresh_from_db()
    assert (application.status, told(application)) == ("deferred", ["step_deferred"])
    assert take_up(application=application, **now()).status == step


@pytest.mark.parametrize("step", [*STOPPABLE, "deferred"])
def test_refused_is_for_good_and_frees_the_person_for_another_application(step: str) -> None:
    application = make_at_step("interviewed" if step == "deferred" else step)
    if step == "deferred":
        defer(application=application, reason="document", **now())
    refuse(application=application, reason="false", **now())
    assert told(application)[-1] == "step_refused"
    with pytest.raises(OutOfTurn):
        take_up(application=application, **now())
    for deed in (defer, refuse):
        with pytest.raises(OutOfTurn):
            deed(application=application, reason="other", note="x", **now())
    make_held(application=make_application(person=application.person))
    check_deferred()


@pytest.mark.parametrize("step", ["printed", "checked", "ready", "handed_over"])
def test_nothing_stops_once_it_is_printed(step: str) -> None:
    application = make_handed_over() if step == "handed_over" else make_at_step(step)
    for deed, reason in ((defer, "document"), (refuse, "false")):
        with pytest.raises(OutOfTurn):
            deed(application=application, reason=reason, **now())


@pytest.mark.parametrize(
    ("deed", "reason", "note", "no"),
    [
        (defer, "", "", StopReasonMissing),
        (defer, "exit_ban", "", StopReasonMissing),
        (defer, "nonsense", "", StopReasonMissing),
        (refuse, "document", "", StopReasonMissing),
        (defer, "other", "  ", StopNoteMissing),
        (refuse, "other", "", StopNoteMissing),
    ],
)
def test_stop_without_a_fitting_reason_is_refused(
    deed: Any, reason: str, note: str, no: type[Refusal]
) -> None:
    application = make_arrived().application
    with pytest.raises(no):
        deed(application=application, reason=reason, note=note, **now())
    application.refresh_from_db()
    assert application.status == "arrived"


def test_every_reason_says_what_to_do() -> None:
    assert set(REMEDIES) == set(StopReason) == {*FOR_NOW, *FOR_GOOD}


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ({"collector": "self", "name": "X", "authority": "Y"}, ("self", "", "")),
        ({"collector": "family", "name": " Budi "}, ("family", "Budi", "")),
        ({"collector": "parent", "name": "Ani", "authority": "Y"}, ("parent", "Ani", "")),
        (
            {"collector": "attorney", "name": "Cici", "authority": "12/2026"},
            ("attorney", "Cici", "12/2026"),
        ),
    ],
)
def test_hand_over_keeps_who_took_it(facts: dict[str, Any], kept: tuple[str, ...]) -> None:
    make_handed_over(**facts)
    row = HandOver.objects.get()
    assert (row.collector, row.name, row.authority) == kept


@pytest.mark.parametrize(
    ("facts", "no"),
    [
        ({"collector": "family"}, CollectorMissing),
        ({"collector": "attorney", "authority": "12/2026"}, CollectorMissing),
        ({"collector": "attorney", "name": "Cici", "authority": " "}, PowerMissing),
    ],
)
def test_hand_over_to_a_stranger_is_refused(facts: dict[str, Any], no: type[Refusal]) -> None:
    application = make_at_step("ready")
    with pytest.raises(no):
        hand_over(application=application, **facts, **now())
    assert not HandOver.objects.exists()


def test_hand_over_of_what_is_not_ready_is_refused() -> None:
    with pytest.raises(OutOfTurn):
        hand_over(application=make_at_step("checked"), collector=Collector.SELF, **now())


def test_account_may_be_deleted_once_the_passport_is_handed_over_and_forgets_who_took_it() -> None:
    application = make_handed_over(collector="attorney", name="Cici", authority="12/2026")
    erase_account(account=application.account, by="test", at=clock.now())
    row = HandOver.objects.get()
    assert (row.name, row.authority, row.erased) == ("", "", True)


def test_database_hands_nothing_over_to_nobody() -> None:
    application = make_at_step("ready")
    with pytest.raises(Error, match="nobody is named"), transaction.atomic():
        steal(application)


def steal(application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(status="handed_over")
    check_deferred()


@pytest.mark.parametrize("reason", ["", "document"])
def test_database_keeps_reasons_for_stops_alone(reason: str) -> None:
    application = make_arrived().application
    status = "interviewed" if reason else "deferred"
    with pytest.raises(Error, match="stopped_for_a_reason"), transaction.atomic():
        Step.objects.create(application=application, status=status, at=clock.now(), reason=reason)


def test_database_changes_no_step() -> None:
    make_arrived()
    with pytest.raises(Error, match="step_was_so"), transaction.atomic():
        Step.objects.update(at=clock.now() + timedelta(days=1))


def test_person_with_a_passport_may_book_again_and_one_in_the_works_may_not() -> None:
    done = make_handed_over()
    make_held(application=make_application(person=done.person))
    waiting = make_at_step("printed")
    with pytest.raises(Refusal):
        make_held(application=make_application(person=waiting.person))


# Officers


@pytest.fixture
def arrived() -> Appointment:
    return make_arrived(make_confirmed(person=make_person(name="Dewi Lestari")))


@pytest.fixture
def officer(client: Client, arrived: Appointment) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(make_officer(Role.COUNTER, arrived.slot.office))
    return client


def page_of(arrived: Appointment) -> str:
    return reverse("admin:passport_decide", args=[arrived.application.code])


def test_officer_goes_on_by_one_press_from_the_appointments_page(
    officer: Client, arrived: Appointment
) -> None:
    change = reverse("admin:appointments_appointment_change", args=[arrived.pk])
    assert "Next: Interviewed" in text_of(officer.get(change))
    answer = officer.post(page_of(arrived), {"deed": "go_on", "to": "interviewed"}, follow=True)
    text = text_of(answer)
    assert ("Next: Photo and fingerprints taken" in text, answer.status_code) == (True, 200)
    assert arrived.application.person.identity.nik not in answer.content.decode()


def test_officer_stops_with_a_reason_and_is_asked_for_one(
    officer: Client, arrived: Appointment
) -> None:
    asked = officer.post(page_of(arrived), {"deed": "defer", "note": "Bring the KK"})
    assert asked.status_code == 422
    assert "The person must learn why it does not go on." in text_of(asked)
    assert "Bring the KK" in asked.content.decode()
    officer.post(page_of(arrived), {"deed": "defer", "reason": "document", "note": "Bring the KK"})
    assert Step.objects.latest("pk").note == "Bring the KK"
    officer.post(page_of(arrived), {"deed": "take_up"})
    arrived.application.refresh_from_db()
    assert arrived.application.status == "arrived"


def test_officer_hands_over_to_somebody_who_is_named(officer: Client, arrived: Appointment) -> None:
    application = arrived.application
    for to in STEPS[1:]:
        go_on(application=application, to=to, **now())
    answer = officer.post(page_of(arrived), {"deed": "hand_over", "collector": "attorney"})
    assert answer.status_code == 422
    facts = {"collector": "attorney", "name": "Budi", "authority": "7/2026"}
    text = text_of(officer.post(page_of(arrived), {"deed": "hand_over", **facts}, follow=True))
    assert "Budi 7/2026" in text


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"deed": "steal"},
        {"deed": "go_on"},
        {"deed": "go_on", "to": "x" * 50},
        {"deed": "defer", "reason": "nonsense"},
        {"deed": "hand_over", "collector": "dog"},
    ],
)
def test_officers_odd_press_changes_nothing(
    officer: Client, arrived: Appointment, typed: dict[str, str]
) -> None:
    assert officer.post(page_of(arrived), typed).status_code in (409, 422)
    arrived.application.refresh_from_db()
    assert arrived.application.status == "arrived"


# The person


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("arrived", "Please wait until you are called."),
        ("enrolled", "Your passport is being made."),
        ("ready", "Your passport is ready."),
        ("handed_over", "Your passport was handed over."),
    ],
)
def test_person_sees_the_steps_with_their_times(step: str, says: str) -> None:
    application = make_handed_over() if step == "handed_over" else make_at_step(step)
    client = signed_in(application.account)
    text = text_of(client.get(reverse("application", args=[application.code]), follow=True))
    assert says in text
    with translation.override("en"):
        assert str(ApplicationStatus(step).label) in text


@pytest.mark.parametrize(("deed", "reason"), [(defer, "registry"), (refuse, "exit_ban")])
def test_person_reads_why_it_stopped_and_what_to_do(deed: Any, reason: str) -> None:
    application = make_arrived().application
    deed(application=application, reason=reason, note="Ruang 3", **now())
    client = signed_in(application.account)
    text = text_of(client.get(reverse("visit", args=[application.code])))
    with translation.override("en"):
        wanted = [str(StopReason(reason).label), str(REMEDIES[StopReason(reason)]), "Ruang 3"]
    assert [words for words in wanted if words not in text] == []


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("what", ["ready", "deferred", "refused"])
def test_notice_of_a_step_says_it_in_the_persons_language(what: str, language: str) -> None:
    application = make_at_step("ready") if what == "ready" else make_arrived().application
    if what != "ready":
        deed, reason = (defer, "data") if what == "deferred" else (refuse, "not_mended")
        deed(application=application, reason=reason, note="Ruang <3>", **now())
    notice = Notice.objects.get(reference__startswith=f"step_{what}:")
    _to, context = opened(notice)
    with translation.override(language):
        text = render_to_string(f"{notice.template}.email.txt", context | {"base_url": "//x"})
        remedy = str(REMEDIES[StopReason("data" if what == "deferred" else "not_mended")])
    assert application.person.name in text
    if what != "ready":
        assert remedy in text
        assert "Ruang <3>" in text
