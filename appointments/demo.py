"""Data to try the service with: offices, a month of quota, people of every kind. Repeatable."""

import json
import secrets
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from oauth2_provider.models import Application as Client

from applicants.models import User
from applicants.persons import add_person
from applicants.queries import app_of
from applicants.second_factor import add_app
from applicants.totp import code_of, new_secret, step_at
from appointments.calls.enums import Station
from appointments.calls.models import Counter
from payments.fees import load_fees
from quota.closures import seed_holidays
from quota.demo import load_offices
from quota.enums import OF_NO_OFFICE, Role, Service
from quota.models import Office, Officer, Plan, PlanLine, Release, Slot, Terms
from quota.release import draft_release, open_due_releases, review_release, schedule_release

PASSWORD = "paspor-demo"  # noqa: S105 -- a demonstration's, written into demo.json
OFFICE = "demo"
APPLICANT = "siti@example.org"
# A NIK that fits her birth date; the district is Banda Sakti in Lhokseumawe.
APPLICANT_NIK = "1173014107900001"
STAFF = [
    ("planner@example.org", "Putu Planner", Role.PLANNER),
    ("head@example.org", "Hendra Head", Role.HEAD),
    ("counter@example.org", "Citra Counter", Role.COUNTER),
    ("centre@example.org", "Sari Centre", Role.CENTRE),
    # A refund needs two people.
    ("treasurer@example.org", "Tuti Treasurer", Role.TREASURER),
    ("treasurer2@example.org", "Bayu Treasurer", Role.TREASURER),
    ("auditor@example.org", "Ade Auditor", Role.AUDITOR),
]
INTEGRATOR = "kiosk@example.org"
# Sessions from 08:00 to 15:00 with a break, Monday to Friday: start hour and seats.
HOURS = [(8, 12), (9, 12), (10, 12), (11, 8), (13, 12), (14, 8)]
DAYS = 30
# Until the waiting room of the office to try things at is drawn.
SOON = timedelta(minutes=10)


def load(*, at: datetime) -> dict[str, Any]:
    """Everything, and what belongs into demo.json."""
    load_fees()
    seed_holidays(years=[at.year, at.year + 1], by="demonstration", at=at)
    load_offices()
    Terms.objects.get_or_create(office=None, in_force_from=date(2024, 1, 1))
    office = _demo_office()
    users = {role: _officer(office, email, name, role, at=at) for email, name, role in STAFF}
    for each in Office.objects.all():
        _quota(each, planner=users[Role.PLANNER], head=users[Role.HEAD], at=at)
    open_due_releases(at=at)
    _counters(office)
    _applicant(at=at)
    return _facts(_client(office))


def _demo_office() -> Office:
    """An office to try things at: people may check in weeks before their session, and an opening
    needs no day of notice for its draw.
    """
    office, _new = Office.objects.get_or_create(
        code=OFFICE,
        defaults={
            "name": "Unit Demonstrasi Jakarta",
            "kind": "ulp",
            "city": "Jakarta Pusat",
            "province": "DKI Jakarta",
            "zone": "Asia/Jakarta",
            "latitude": -6.2,
            "longitude": 106.8,
        },
    )
    Terms.objects.get_or_create(
        office=office,
        in_force_from=date(2024, 1, 1),
        defaults={"early_minutes": 32_000, "draw_notice_hours": 0},
    )
    return office


def _counters(office: Office) -> None:
    """They stand closed until the officer at one of them opens it."""
    stations = [Station.INTERVIEW, Station.INTERVIEW, Station.BIOMETRICS]
    for number, station in enumerate(stations, start=1):
        Counter.objects.get_or_create(
            office=office,
            number=number,
            defaults={"station": station, "services": list(Service.values)},
        )


def _user(email: str, name: str, **fields: Any) -> User:
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(
        email, PASSWORD, name=name, email_verified=True, **fields
    )


def _officer(office: Office, email: str, name: str, role: Role, *, at: datetime) -> User:
    user = _user(email, name, is_staff=True)
    place = None if role in OF_NO_OFFICE else office
    Officer.objects.get_or_create(user=user, defaults={"role": role, "office": place})
    if app_of(user) is None:
        _add_app(user, at=at)
    return user


def _add_app(user: User, *, at: datetime) -> None:
    """Proved with the code before the present one, so that the present one still counts."""
    secret = new_secret()
    code = code_of(secret, step_at(at) - 1)
    add_app(account=user, secret=secret, typed=code, by="demonstration", at=at)


def _quota(office: Office, *, planner: User, head: User, at: datetime) -> None:
    """Thirty open days, and the thirty after them announced for next week; at the office to try
    things at for very soon, so that its waiting room can be seen at work.
    """
    today = office.local(at).date()
    if Slot.objects.filter(office=office, date__gt=today + timedelta(days=7)).exists():
        return
    plan = _plan(office)
    last = Release.objects.filter(office=office).order_by("-last_day").first()
    start = max(today, last.last_day + timedelta(days=1)) if last else today
    next_start = start + timedelta(days=DAYS)
    next_opening = office.local(at + timedelta(days=7)).replace(hour=8, minute=0, second=0)
    if office.code == OFFICE:
        next_opening = at + SOON
    for first, publish_at in ((start, at), (next_start, next_opening)):
        release = draft_release(
            office=office,
            plan=plan,
            first_day=first,
            last_day=first + timedelta(days=DAYS - 1),
            publish_at=publish_at,
            by=planner,
            at=at,
        )
        review_release(release=release, by=head, at=at)
        schedule_release(release=release, by=head, at=at)


def _plan(office: Office) -> Plan:
    plan, is_new = Plan.objects.get_or_create(office=office, name="Sehari-hari")
    if is_new:
        PlanLine.objects.bulk_create(
            PlanLine(
                plan=plan,
                weekday=weekday,
                starts=time(hour),
                ends=time(hour + 1),
                service=service,
                seats=seats if service == Service.REGULAR else 3,
            )
            for weekday in range(5)
            for hour, seats in HOURS
            for service in Service
            if service != Service.ACCELERATED or hour < 11
        )
    return plan


def _applicant(*, at: datetime) -> User:
    user = _user(APPLICANT, "Siti Rahayu")
    if not user.persons.exists():
        add_person(
            account=user,
            nik=APPLICANT_NIK,
            name="Siti Rahayu",
            birth_place="Lhokseumawe",
            birth_date=date(1990, 7, 1),
            sex="F",
            by="demonstration",
            at=at,
        )
    return user


def _client(office: Office) -> tuple[str, str]:
    """A kiosk's API client; its secret stays the one in demo.json, where there is one."""
    owner = _user(INTEGRATOR, "Kiosk", person_limit=10_000)
    Officer.objects.get_or_create(user=owner, defaults={"role": Role.COUNTER, "office": office})
    secret = _known_secret() or secrets.token_urlsafe(32)
    client, is_new = Client.objects.get_or_create(
        name="Demonstration kiosk",
        user=owner,
        defaults={
            "client_type": Client.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Client.GRANT_CLIENT_CREDENTIALS,
            "client_secret": secret,
        },
    )
    if not is_new and not _known_secret():
        client.client_secret = secret
        client.save()
    return client.client_id, secret


def _known_secret() -> str | None:
    try:
        known: str = json.loads(Path(settings.DEMO_FILE).read_text())["api"]["client_secret"]
    except (OSError, ValueError, KeyError):
        return None
    return known


def _app_secret(email: str) -> str:
    """What the simulated phone shows codes of, also after somebody tried out another app."""
    app = app_of(User.objects.get(email=email))
    assert app is not None
    return app.secret


def _facts(client: tuple[str, str]) -> dict[str, Any]:
    officers = {
        email.partition("@")[0]: {
            "login": email,
            "password": PASSWORD,
            "totp_secret": _app_secret(email),
        }
        for email, _name, _role in STAFF
    }
    return {
        "base_url": settings.BASE_URL,
        "simulators": {
            "bank": settings.SIMPONI_URL,
            "inbox": settings.SMS_URL,
            "registry": settings.DUKCAPIL_URL,
        },
        "applicant": {"login": APPLICANT, "password": PASSWORD},
        "officers": officers,
        "api": {
            "token_url": f"{settings.BASE_URL}/api/v1/oauth/token/",
            "docs_url": f"{settings.BASE_URL}/api/docs/",
            "client_id": client[0],
            "client_secret": client[1],
        },
        "office": OFFICE,
    }
