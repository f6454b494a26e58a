"""Offices, terms, plans, releases and open slots, as few facts given as the test is about."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from applicants.models import User
from mpaspor.core import clock
from quota.enums import ReleaseStatus, Role, Service, Zone
from quota.models import Office, Officer, Plan, PlanLine, Release, Seat, Slot, Terms
from tests.factories.applicants import give_app

numbers = count(1)


def make_terms(*, office: Office | None = None, **facts: Any) -> Terms:
    """Without an office the country's, which a truncated database has lost.

    Freed seats return at once and none are kept back, unless the test is about that.
    """
    day = facts.pop("in_force_from", date(2024, 1, 1))
    usual = {"returns_after_minutes": 0, "returns_within_minutes": 0, "restoration_percent": 0}
    facts = usual | facts
    return Terms.objects.update_or_create(office=office, in_force_from=day, defaults=facts)[0]


def make_office(*, zone: str = Zone.WIB, **facts: Any) -> Office:
    number = next(numbers)
    make_terms()
    return Office.objects.create(
        **{
            "code": f"kantor-{number}",
            "name": f"Kantor Imigrasi {number}",
            "city": "Bandung",
            "province": "Jawa Barat",
            "zone": zone,
        }
        | facts
    )


def make_officer(role: str = Role.PLANNER, office: Office | None = None) -> User:
    """The account of an officer of `office`, with a second factor; the centre has no office."""
    number = next(numbers)
    user = User.objects.create(
        email=f"officer{number}@example.test", name=f"Officer {number}", is_staff=True
    )
    give_app(user)
    Officer.objects.create(user=user, role=role, office=office)
    return user


def make_plan(
    office: Office,
    *,
    weekdays: Iterable[int] = range(5),
    hours: Iterable[int] = (8, 9),
    seats: int = 3,
    service: str = Service.REGULAR,
) -> Plan:
    """Sessions of one hour on each weekday."""
    plan = Plan.objects.create(office=office, name=f"Plan {next(numbers)}")
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan,
            weekday=weekday,
            starts=time(hour),
            ends=time(hour + 1),
            service=service,
            seats=seats,
        )
        for weekday in weekdays
        for hour in hours
    )
    return plan


def make_release(
    *, plan: Plan | None = None, status: str = ReleaseStatus.DRAFT, **facts: Any
) -> Release:
    """Two weeks from the next Monday but one, to open an hour from now."""
    plan = plan or make_plan(make_office())
    today = clock.now().astimezone(ZoneInfo(plan.office.zone)).date()
    monday = today + timedelta(days=14 - today.weekday())
    return Release.objects.create(
        **{
            "office": plan.office,
            "plan": plan,
            "first_day": monday,
            "last_day": monday + timedelta(days=13),
            "publish_at": clock.now() + timedelta(hours=1),
            "status": status,
            "drafted_by": make_officer(Role.PLANNER, plan.office),
        }
        | facts
    )


def make_open_slot(
    *,
    seats: int = 3,
    starts_at: datetime | None = None,
    office: Office | None = None,
    service: str = Service.REGULAR,
) -> Slot:
    """An hour's session of an open release; by default in ten days at 10:00 of the office."""
    office = office or make_office()
    soon = office.local(clock.now() + timedelta(days=10))
    starts = office.local(starts_at or soon.replace(hour=10, minute=0, second=0, microsecond=0))
    ends = starts + timedelta(hours=1)
    slot = Slot.objects.create(
        release=_open_release(office, starts.date()),
        office=office,
        date=starts.date(),
        starts=starts.time(),
        ends=ends.time(),
        starts_at=starts,
        ends_at=ends,
        service=service,
        capacity=seats,
    )
    Seat.objects.bulk_create(Seat(slot=slot, number=number + 1) for number in range(seats))
    return slot


def _open_release(office: Office, day: date) -> Release:
    return Release.objects.create(
        office=office,
        plan=Plan.objects.create(office=office, name=f"Plan {next(numbers)}"),
        first_day=day,
        last_day=day,
        publish_at=clock.now() - timedelta(days=1),
        opened_at=clock.now(),
        status=ReleaseStatus.OPEN,
    )
