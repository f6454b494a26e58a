"""Reminders come to the second by the office's clocks, once each, and only while they are true."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from appointments.arrival import check_in
from appointments.models import Appointment
from appointments.rescheduling import reschedule
from appointments.visits.declining import decline_token
from appointments.visits.enums import ReminderKind, VoidReason
from appointments.visits.models import Reminder
from appointments.visits.reminding import plan_reminders, remind
from appointments.visits.voiding import void_letter
from mpaspor.core import clock
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import opened
from mpaspor.notifications.wording import words_of
from quota.enums import Zone
from tests.appointments.browsing import text_of
from tests.database import sql, triggers_off
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_awaiting, make_confirmed
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
KINDS = [kind.value for kind in ReminderKind]


def visit_at(hour: int = 10, zone: Zone = Zone.WIB, days: int = 8) -> Appointment:
    """Confirmed now, for an hour of a day to come by the clocks of that zone."""
    day = clock.now().astimezone(ZoneInfo(zone)) + timedelta(days=days)
    starts = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    office = make_office(zone=zone)
    return make_confirmed(slot=make_open_slot(office=office, starts_at=starts))


@contextmanager
def as_if(change: str) -> Iterator[None]:
    """While the appointments are so, whatever PostgreSQL would say at the commit."""
    with transaction.atomic():
        with triggers_off():
            sql(f"UPDATE appointments_appointment SET {change}")
        yield
        transaction.set_rollback(True)


def run(at: datetime) -> list[str]:
    """As the timetable does; the kinds told by now, in order."""
    while plan_reminders(at=at):
        pass
    while remind(at=at):
        pass
    return told()


def told() -> list[str]:
    rows = Notice.objects.filter(reference__startswith="reminder:").order_by("pk")
    return [reference.split(":")[2] for reference in rows.values_list("reference", flat=True)]


def utc(visit: Appointment, hour: float, offset: int, *, days_before: int = 0) -> datetime:
    """That hour by the office's clock, so many days before the visit, without any zone's help."""
    day = visit.slot.date - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - offset)


@pytest.mark.parametrize(
    ("hour", "told_at"),
    [(6, {"three_days": 7, "day_before": 7}), (22, {"three_days": 31})],
)
def test_reminder_of_the_night_waits_for_the_morning(hour: int, told_at: dict[str, int]) -> None:
    visit = visit_at(hour=hour)
    days = {"three_days": 3, "day_before": 1}
    for kind, morning in told_at.items():
        moment = utc(visit, morning, 7, days_before=days[kind])
        assert kind not in run(moment - SECOND)
        assert kind in run(moment)


def test_reminder_in_the_morning_of_a_session_that_begins_earlier_is_passed_over() -> None:
    visit = visit_at(hour=6)
    for step in range(6 * 24):
        run(visit.slot.starts_at - 5 * DAY + step * HOUR)
    assert told() == KINDS[:2]


def test_reminders_are_told_once_however_often_the_timetable_comes() -> None:
    visit = visit_at()
    for step in range(5 * 12):
        at = visit.slot.starts_at - 4 * DAY + step * 2 * HOUR
        assert len(run(at)) == len(run(at))
    assert told() == KINDS
    assert Reminder.objects.filter(told_at=None).count() == 0


def test_reminders_after_days_of_silence_say_the_newest_only() -> None:
    visit = visit_at()
    plan_reminders(at=visit.slot.starts_at - 4 * DAY)
    assert run(visit.slot.starts_at - 2 * HOUR) == ["morning"]
    assert run(visit.slot.starts_at + HOUR) == ["morning"]


def test_reminders_from_before_the_confirmation_are_not_made() -> None:
    visit_at(days=2)
    assert run(clock.now() + SECOND) == []
    assert Reminder.objects.filter(next_at=None).values_list("kind", flat=True).get() == KINDS[0]


def test_reminder_of_a_visit_that_is_no_more_or_has_begun_is_not_told() -> None:
    visit = visit_at()
    plan_reminders(at=visit.slot.starts_at - 4 * DAY)
    with as_if("status = 'expired'"):
        assert run(visit.slot.starts_at - 3 * DAY) == []


def test_reminder_of_who_has_come_is_not_told() -> None:
    visit = visit_at(hour=7)
    early = utc(visit, 6.5, 7)
    run(early)
    check_in(appointment=visit, office=visit.slot.office, by="test", at=early)
    assert "morning" not in run(visit.slot.starts_at)


def test_reminders_of_a_moved_visit_are_those_of_the_new_session() -> None:
    visit = visit_at()
    old = visit.slot.starts_at
    plan_reminders(at=old - 4 * DAY)
    new = make_open_slot(office=visit.slot.office, starts_at=old + 2 * DAY)
    moved = old - 3 * DAY - HOUR
    void_letter(appointment=visit, reason=VoidReason.MOVED, by="test", at=moved)
    with as_if(f"slot_id = {new.pk}"):
        assert run(old - 3 * DAY) == []
        assert run(new.starts_at - 3 * DAY) == ["three_days"]
        assert run(new.starts_at - DAY) == ["three_days", "day_before"]


def test_nobody_is_reminded_of_what_is_not_paid() -> None:
    visit = make_awaiting()
    assert run(visit.slot.starts_at - DAY) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_plan_asks_the_database_as_often_for_three_as_for_one(
    rows: int, django_assert_num_queries: object
) -> None:
    slot = make_open_slot()
    for _each in range(rows):
        make_confirmed(slot=slot)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert plan_reminders(at=slot.starts_at - 4 * DAY) == rows


def test_database_tells_each_reminder_once_and_for_good() -> None:
    visit = visit_at()
    run(visit.slot.starts_at - 3 * DAY)
    done = Reminder.objects.get(kind="three_days")
    with pytest.raises(Error, match="reminded_once"), transaction.atomic():
        Reminder.objects.create(appointment=visit, kind=done.kind, starts_at=done.starts_at)
    with pytest.raises(Error, match="reminder_told_for_good"), transaction.atomic():
        Reminder.objects.filter(pk=done.pk).update(told_at=None)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["Kantor Imigrasi Uji", "10:00", "WIT", "- Family card (KK)"]),
        ("id", ["Kantor Imigrasi Uji", "10.00", "WIT", "- Kartu keluarga (KK)"]),
    ],
)
@pytest.mark.parametrize("channel", Channel)
def test_reminder_says_when_where_and_what_to_bring(
    language: str, says: list[str], channel: Channel
) -> None:
    by_mail = channel == Channel.EMAIL
    contact = "siti@example.test" if by_mail else "0812-3456-7890"
    person = make_person(make_user(contact, notices_by=channel), name="Siti D'Arcy")
    office = make_office(zone=Zone.WIT, name="Kantor Imigrasi Uji")
    starts = office.local(clock.now() + 8 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    slot = make_open_slot(office=office, starts_at=starts)
    visit = make_confirmed(person=person, slot=slot)
    run(slot.starts_at - 3 * DAY)
    notice = Notice.objects.get(reference__startswith="reminder:")
    to, context = opened(notice)
    with translation.override(language):
        _subject, text = words_of(notice.template, notice.channel, context)
    assert ("/cannot-come/" in text) == by_mail
    wanted = [*says[: 4 if by_mail else 3], visit.application.code, "KTP-el"]
    assert [word for word in wanted if word not in text] == []
    assert (notice.channel, to.endswith(contact[-4:])) == (channel, True)
    assert "&#" not in text


# “I cannot come”


def link(visit: Appointment) -> str:
    return reverse("cannot_come", args=[decline_token(visit)])


def test_link_shows_what_is_lost_and_gives_up_by_a_press_only() -> None:
    visit = visit_at()
    shown = Client(headers={"Accept-Language": "en"})
    shown.cookies["django_language"] = "en"
    assert "The fee is lost." in text_of(shown.get(link(visit)))
    visit.refresh_from_db()
    assert visit.status == "confirmed"
    for _twice in range(2):
        assert "The seat is given up" in text_of(shown.post(link(visit), follow=True))
    visit.refresh_from_db()
    assert visit.status == "cancelled"


def test_link_of_a_session_that_was_left_gives_nothing_up() -> None:
    visit = visit_at()
    old = link(visit)
    new = make_open_slot(office=visit.slot.office, starts_at=visit.slot.starts_at + DAY)
    reschedule(appointment=visit, slot_code=new.code, by="test", at=clock.now())
    Client().post(old)
    visit.refresh_from_db()
    assert visit.status == "confirmed"


@pytest.mark.parametrize("spoil", ["{}x", "x{}", "nonsense", "{}.{}"])
def test_link_that_is_not_ours_is_not_there(spoil: str) -> None:
    token = decline_token(visit_at())
    url = reverse("cannot_come", args=[spoil.format(token, token)])
    assert {Client().get(url).status_code, Client().post(url).status_code} == {404}


def test_link_after_the_session_began_says_that_it_is_too_late() -> None:
    slot = make_open_slot(starts_at=clock.now() - HOUR)
    visit = make_confirmed(slot=slot, at=clock.now() - DAY)
    assert Client().post(link(visit)).status_code == 409
