"""Passports that wait to be collected: until when, reminders, the end, to the second."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import Error, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from appointments.models import Application
from appointments.visits.collecting import follow_pickups
from appointments.visits.models import HandOver, Pickup, Step
from appointments.visits.pickups import plan_pickup
from appointments.visits.processing import OutOfTurn, StillKept, cancel_uncollected, hand_over
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from quota.enums import Zone
from quota.models import Office
from tests.appointments.browsing import signed_in, text_of
from tests.database import check_deferred, sql, triggers_off
from tests.factories.appointments import (
    make_application,
    make_at_step,
    make_confirmed,
    make_handed_over,
    make_held,
)
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def ready_at(zone: str = Zone.WIB, days: int = 30) -> Application:
    office = make_office(zone=zone)
    make_terms(office=office, collect_days=days)
    return make_at_step("ready", make_confirmed(slot=make_open_slot(office=office)))


def office_of(application: Application) -> Office:
    return application.appointments.get().slot.office


def told() -> list[str]:
    rows = Notice.objects.order_by("pk").values_list("template", flat=True)
    return [row.rpartition("/")[2] for row in rows if "collect" in row]


def follow(at: datetime) -> list[str]:
    while follow_pickups(at=at):
        pass
    return told()


@pytest.mark.parametrize("zone", Zone)
def test_passport_is_kept_to_the_end_of_its_last_day_by_the_clocks_of_its_office(
    zone: str,
) -> None:
    application = ready_at(zone)
    office, ready = office_of(application), application.steps.latest("pk").at
    last = office.local(ready).date() + timedelta(days=30)
    until = datetime.combine(last + DAY, datetime.min.time(), ZoneInfo(zone))
    reminders = [until - days * DAY - timedelta(hours=15) for days in (14, 3)]
    for moment, before, after in (
        (reminders[0], 0, 1),
        (reminders[1], 1, 2),
        (until, 2, 3),
    ):
        assert len(follow(moment - SECOND)) == before
        assert len(follow(moment)) == after
    application.refresh_from_db()
    assert application.status == "uncollected"
    assert told() == ["collect", "collect", "step_uncollected"]
    assert trail.of(f"application:{application.code}")[-1].deed == "application.uncollected"
    assert Pickup.objects.get().next_at is None
    check_deferred()


def test_few_days_have_fewer_reminders() -> None:
    application = ready_at(days=2)
    until = application.pickup.until
    assert follow(until - SECOND) == []
    assert follow(until) == ["step_uncollected"]


@pytest.mark.parametrize("days", [1, 20])
def test_passport_of_before_the_rows_is_kept_as_long_from_now(days: int) -> None:
    """What the migration makes is what a passport has that becomes ready now."""
    application, handed = ready_at(Zone.WIT, days), make_handed_over()
    Pickup.objects.all().delete()
    migration = import_module("appointments.migrations.0017_pickups_of_before")
    for _again in range(2):
        migration.plan_pickups(apps, None)
    made = Pickup.objects.get()
    assert made.application_id not in (None, handed.pk)
    made.delete()
    usual = plan_pickup(application, office_of(application), at=clock.now())
    assert (made.until, made.next_at) == (usual.until, usual.next_at)


def test_row_in_trouble_waits_and_the_others_are_told() -> None:
    """Of the first to be looked at, the visit cannot be found."""
    odd, good = ready_at(), ready_at()
    moment = good.pickup.next_at
    assert moment
    Pickup.objects.filter(application=odd).update(next_at=moment - SECOND)
    with triggers_off():
        sql(
            "UPDATE appointments_appointment SET status = 'confirmed' WHERE application_id = %s",
            odd.pk,
        )
    assert follow_pickups(at=moment) == 2
    assert told() == ["collect"]
    assert Pickup.objects.filter(application=odd, next_at__gt=moment).exists()
    assert follow_pickups(at=moment) == 0


def test_collected_passport_is_not_reminded_of() -> None:
    application = ready_at()
    until = application.pickup.until
    hand_over(application=application, collector="self", by="test", at=until - DAY)
    assert follow(until) == []
    application.refresh_from_db()
    assert (application.status, Pickup.objects.get().next_at) == ("handed_over", None)


def test_uncollected_person_may_apply_anew_and_nothing_goes_on() -> None:
    application = ready_at()
    until = application.pickup.until
    follow(until)
    application.refresh_from_db()
    with pytest.raises(OutOfTurn):
        hand_over(application=application, collector="self", by="test", at=until)
    make_held(application=make_application(person=application.person))
    text = text_of(signed_in(application.account).get(reverse("visit", args=[application.code])))
    assert "Nobody collected your passport in time" in text


def test_only_what_is_ready_and_over_ends() -> None:
    application = ready_at()
    until = application.pickup.until
    with pytest.raises(StillKept):
        cancel_uncollected(application=application, by="test", at=until - SECOND)
    other = make_handed_over()
    with pytest.raises(OutOfTurn):
        cancel_uncollected(application=other, by="test", at=until)


def test_postgresql_refuses_an_end_before_its_time() -> None:
    application = ready_at()
    with pytest.raises(Error, match="can still be collected"), transaction.atomic():
        _end(application, at=application.pickup.until - SECOND)
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        sql("UPDATE appointments_pickup SET until = now()")


def _end(application: Application, *, at: datetime) -> None:
    """Past the deed."""
    Application.objects.filter(pk=application.pk).update(status="uncollected")
    Step.objects.create(application=application, status="uncollected", at=at)
    check_deferred()


@pytest.mark.parametrize("step", ["adjudicated", "printed", "checked"])
def test_postgresql_lets_only_a_ready_one_end_uncollected(step: str) -> None:
    application = make_at_step(step)
    with pytest.raises(Error, match="Invalid transition"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(status="uncollected")
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("what", ["step_ready", "collect", "step_uncollected"])
def test_notices_say_until_when_in_the_persons_language(what: str, language: str) -> None:
    application = ready_at()
    follow(application.pickup.until - 3 * DAY)
    follow(application.pickup.until)
    notice = Notice.objects.filter(template=f"notices/appointments/{what}").latest("pk")
    _to, context = opened(notice)
    with translation.override(language):
        facts: dict[str, Any] = context | {"base_url": "//x"}
        mail = render_to_string(f"{notice.template}.email.txt", facts)
        short = render_to_string(f"{notice.template}.sms.txt", facts)
        last = str(context["day"])[:4] if what != "step_uncollected" else ""
    assert application.person.name in mail
    assert last in mail
    assert len(short) <= 160
