"""Purging by rule: exactly at the boundary, no more, no less, and again without harm."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from applicants import retention as rules
from applicants.codes import send_code
from applicants.contacts import read_contact
from applicants.enums import Purpose, Retention
from applicants.models import ContactCode, PrivacyRequest, RetentionRule, User
from applicants.privacy_requests import take_back
from applicants.retention import RuleMissing, kept_for, load_rules
from appointments.calls.models import Call, Counter, Line, QueueNumber
from appointments.confirming import expire
from appointments.models import Application, Appointment
from appointments.retention import purge
from mpaspor.audit.models import Entry
from mpaspor.core import clock
from mpaspor.notifications.models import Message, Notice
from payments.models import Bill
from payments.settlement import settle
from quota.followers.following import follow
from quota.followers.models import Following
from tests.factories.applicants import make_person, make_privacy_request, make_user
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.calls import make_at_status, make_counter
from tests.factories.quota import make_office

pytestmark = pytest.mark.django_db


def run(at: datetime, *, batch: int = 500) -> dict[str, int]:
    counts = purge(by="timetable", at=at, batch=batch)
    return {kind: count for kind, count in counts.items() if count}


def draft(at: datetime) -> type[Model]:
    make_application(at=at)
    return Application


def expired(at: datetime) -> type[Model]:
    appointment = make_awaiting()
    Bill.objects.update(status="expired", closed_at=at)
    assert appointment.bill is not None
    expire(bill_code=appointment.bill.code, at=clock.now())
    Notice.objects.all().delete()
    Message.objects.all().delete()
    return Application


def code(at: datetime) -> type[Model]:
    account = make_user("siti@example.test", confirmed=False)
    to = read_contact("siti@example.test")
    send_code(account=account, to=to, purpose=Purpose.CONFIRM, by=account, at=at)
    Notice.objects.all().delete()
    Message.objects.all().delete()
    return ContactCode


def notice(at: datetime) -> type[Model]:
    Notice.objects.create(
        reference="a", channel="email", template="t", language="id", created_at=at
    )
    return Notice


def answered(at: datetime) -> type[Model]:
    asked = make_privacy_request()
    take_back(request=asked, by=asked.account, at=at)
    return PrivacyRequest


def followed(at: datetime) -> type[Model]:
    follow(account=make_user(), office=make_office(), remind=True, by="test", at=at)
    Notice.objects.all().delete()
    Message.objects.all().delete()
    return Following


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0), (1, 0)])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("drafts", draft),
        ("unpaid", expired),
        ("codes", code),
        ("notices", notice),
        ("followings", followed),
        ("requests", answered),
    ],
)
def test_purge_deletes_from_the_second_on_that_the_rule_says(
    kind: str, make: Callable[[datetime], type[Model]], seconds: int, left: int
) -> None:
    began = clock.now()
    model = make(began)
    at = began + kept_for(Retention(kind), at=began) + timedelta(seconds=seconds)
    assert run(at) == ({} if left else {kind: 1})
    assert model._default_manager.count() == left
    assert run(at) == {}


def test_purge_keeps_a_draft_for_which_a_seat_was_held_since() -> None:
    began = clock.now() - timedelta(days=31)
    draft = make_application(at=began)
    make_held(application=draft)
    make_application(at=began)
    assert run(clock.now()) == {"drafts": 1}
    assert Application.objects.get() == draft


def test_purge_of_a_draft_takes_the_seats_it_once_held() -> None:
    began = clock.now() - timedelta(days=31)
    held = make_held(at=began)
    Appointment.objects.filter(pk=held.pk).update(held_at=began)
    assert run(clock.now()) == {"drafts": 1}
    assert Appointment.objects.count() == 0


def test_purge_of_an_unpaid_application_keeps_its_bill_without_the_name() -> None:
    began = clock.now()
    expired(began)
    assert Bill.objects.get().payer_name != ""
    run(began + timedelta(days=90))
    bill = Bill.objects.get()
    assert (bill.payer_name, bill.status) == ("", "expired")
    assert (Application.objects.count(), Appointment.objects.count()) == (0, 0)


def test_purge_keeps_an_expired_application_that_was_paid_late() -> None:
    began = clock.now()
    expired(began)
    bill = Bill.objects.get()
    settle(bill_code=bill.code, money=make_money(bill), by="simponi", at=clock.now())
    assert run(began + timedelta(days=3650)) == {}
    assert Application.objects.count() == 1


def test_purge_keeps_what_is_paid_for_ever() -> None:
    make_confirmed()
    Notice.objects.all().delete()
    Message.objects.all().delete()
    assert run(clock.now() + timedelta(days=5000)) == {}
    assert (Application.objects.count(), Bill.objects.count()) == (1, 1)


def test_purge_keeps_the_following_of_who_signed_in_since() -> None:
    began = clock.now()
    followed(began)
    User.objects.update(last_login=began + timedelta(days=1))
    assert run(began + timedelta(days=730)) == {}
    assert run(began + timedelta(days=731)) == {"followings": 1}


def test_purge_forgets_queue_numbers_and_calls_after_their_days() -> None:
    counter = make_counter(make_office(zone="Asia/Jayapura"))
    at = clock.now()
    make_at_status("called", counter, at)
    midnight = datetime.combine(
        counter.office.local(at).date() + timedelta(days=91), time(), ZoneInfo("Asia/Jayapura")
    )
    assert run(midnight - timedelta(seconds=1)) == {}
    assert run(midnight + timedelta(hours=9)) == {"numbers": 1}
    assert [model.objects.count() for model in (QueueNumber, Call, Line, Counter)] == [0, 0, 0, 1]


def test_purge_keeps_open_requests() -> None:
    make_privacy_request()
    assert run(clock.now() + timedelta(days=5000)) == {}


def test_purge_goes_on_until_nothing_is_left_whatever_the_batch() -> None:
    began = clock.now()
    for number in range(5):
        make_application(person=make_person(), at=began)
        Notice.objects.create(
            reference=str(number), channel="email", template="t", language="id", created_at=began
        )
    assert run(began + timedelta(days=100), batch=2) == {"drafts": 5, "notices": 5}


def test_purge_that_deleted_something_leaves_one_line_with_the_counts() -> None:
    began = clock.now()
    draft(began)
    for _again in range(2):
        purge(by="timetable", at=began + timedelta(days=31))
    (entry,) = Entry.objects.filter(deed="purge")
    assert (entry.subject, entry.door) == ("retention", "timetable")
    kinds = (
        "codes",
        "documents",
        "followings",
        "needs",
        "notices",
        "numbers",
        "receipts",
        "requests",
        "unpaid",
        "uploads",
    )
    assert entry.facts == dict.fromkeys(kinds, 0) | {"drafts": 1}


def test_purge_takes_the_rule_that_is_in_force_on_the_day() -> None:
    began = clock.now()
    day = timezone.localdate(began + timedelta(days=10))
    RetentionRule.objects.create(kind="drafts", days=5, in_force_from=day)
    draft(began)
    assert run(began + timedelta(days=9)) == {}
    assert run(began + timedelta(days=11)) == {"drafts": 1}


def test_kept_for_without_a_rule_says_who_enters_it_and_load_rules_does() -> None:
    RetentionRule.objects.all().delete()
    with pytest.raises(RuleMissing):
        kept_for(Retention.DRAFTS, at=clock.now())
    for _again in range(2):
        load_rules()
    assert [rule.kind for rule in rules.rules_in_force(at=clock.now())] == Retention.values
    assert RetentionRule.objects.count() == len(Retention)
    assert rules.rules_in_force(at=datetime.combine(date(2023, 1, 1), clock.now().timetz())) == []


def test_purge_command_says_how_many_and_deletes_only_without_dry_run() -> None:
    draft(clock.now() - timedelta(days=31))
    said = StringIO()
    call_command("purge", "--dry-run", stdout=said)
    assert Application.objects.count() == 1
    call_command("purge", stdout=said)
    assert Application.objects.count() == 0
    counted = (
        "codes 0, documents 0, drafts 1, followings 0, needs 0, notices 0, numbers 0, "
        "receipts 0, requests 0, unpaid 0, uploads 0."
    )
    assert said.getvalue() == f"To be deleted: {counted}\nDeleted: {counted}\n"
