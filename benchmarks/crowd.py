"""Signed-in people with a draft each, and one hot slot: made in bulk, as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from applicants.models import Identity, Person, User
from appointments.models import Application
from mpaspor.core.codes import new_code
from payments.fees import load_fees
from quota.enums import ReleaseStatus, Service, Zone
from quota.models import Office, Plan, PlanLine, Release, Seat, Slot, Terms
from quota.release import schedule_release

CSRF = "c" * 32
OFFICE = "bench"
BATCH = 2000
MORE_LINES = """
INSERT INTO audit_entry (at, deed, subject, door, facts)
SELECT at, deed, subject, door, facts FROM audit_entry, generate_series(1, %(times)s)
"""


@dataclass(frozen=True)
class Draft:
    application: str
    person: str
    session: str


def make_office() -> Office:
    """With terms of the country and fees."""
    office, _new = Office.objects.get_or_create(
        code=OFFICE, defaults={"name": "Bench", "zone": Zone.WIB}
    )
    Terms.objects.get_or_create(office=None, in_force_from=date(2024, 1, 1))
    load_fees()
    return office


def make_announced(seats: int, *, opens: datetime) -> Release:
    """An opening with a waiting room: five days of four sessions with that many seats in all."""
    office = make_office()
    plan = Plan.objects.create(office=office, name=f"rush {Plan.objects.count()}")
    shares = [seats // 20 + (number < seats % 20) for number in range(20)]
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan,
            weekday=number % 5,
            starts=time(8 + number // 5),
            ends=time(9 + number // 5),
            service=Service.REGULAR,
            seats=share,
        )
        for number, share in enumerate(shares)
        if share
    )
    monday = office.local(opens).date() + timedelta(days=21)
    monday -= timedelta(days=monday.weekday())
    release = Release.objects.create(
        office=office,
        plan=plan,
        first_day=monday,
        last_day=monday + timedelta(days=6),
        publish_at=opens,
    )
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.REVIEWED)
    return schedule_release(release=release, by="bench", at=opens - timedelta(hours=25))


def make_slot(seats: int, *, at: datetime) -> Slot:
    """One session next week with that many seats, of an open release."""
    office = make_office()
    number = Slot.objects.count()
    day = at.date() + timedelta(days=7 + number)
    plan = Plan.objects.create(office=office, name=f"plan {Plan.objects.count()}")
    release = Release.objects.create(
        office=office, plan=plan, first_day=day, last_day=day, publish_at=at, opened_at=at
    )
    for status in (ReleaseStatus.REVIEWED, ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN):
        Release.objects.filter(pk=release.pk).update(status=status)
    begins = datetime.combine(day, time(1), tzinfo=at.tzinfo)
    slot = Slot.objects.create(
        release=release,
        office=office,
        date=day,
        starts=time(8),
        ends=time(9),
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        service=Service.REGULAR,
        capacity=seats,
    )
    Seat.objects.bulk_create(Seat(slot=slot, number=n) for n in range(1, seats + 1))
    return slot


def make_past(times: int, *, at: datetime) -> None:
    """So many times the rows there are, of the tables that grow: people, seats, the audit trail."""
    people, seats = times * Application.objects.count(), times * Seat.objects.count()
    for _batch in range(0, people, BATCH):
        make_applications(BATCH, at=at)
    for _batch in range(0, seats, BATCH):
        make_slot(BATCH, at=at).seats.update(holder="SOMEBODY")
    with connection.cursor() as cursor:
        cursor.execute(MORE_LINES, {"times": times})


def make_drafts(number: int, *, at: datetime) -> list[Draft]:
    drafts = make_applications(number, at=at)
    return [Draft(draft.code, draft.person.code, _session(draft.account)) for draft in drafts]


def make_applications(number: int, *, at: datetime) -> list[Application]:
    """A draft each for so many new people."""
    users = User.objects.bulk_create(_users(number))
    identities = Identity.objects.bulk_create(_identities(number, at))
    persons = Person.objects.bulk_create(
        Person(
            account=user,
            identity=identity,
            name="Siti Rahayu",
            birth_place="Bandung",
            birth_date=date(1990, 7, 1),
            sex="F",
            created_at=at,
        )
        for user, identity in zip(users, identities, strict=True)
    )
    return Application.objects.bulk_create(
        Application(
            account=person.account,
            person=person,
            identity=person.identity,
            kind="new",
            book="5",
            service="regular",
            created_at=at,
        )
        for person in persons
    )


def _users(number: int) -> Iterator[User]:
    for _each in range(number):
        user = User(name="Siti", email=f"{new_code()}@example.org".lower(), email_verified=True)
        user.set_unusable_password()
        yield user


def _identities(number: int, at: datetime) -> Iterator[Identity]:
    """NIKs of men born on 1 January 1990, counted on through the districts."""
    first = Identity.objects.count()
    for serial in range(first, first + number):
        identity = Identity(created_at=at)
        identity.seal(f"32{serial // 9999:04}010190{serial % 9999 + 1:04}")
        yield identity


def _session(user: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)
