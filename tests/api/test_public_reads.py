"""What everybody may read: offices, free seats, releases, fees."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from mpaspor.core import clock
from payments.fees import load_fees
from payments.models import Tariff
from quota.enums import ReleaseStatus, Service, Zone
from quota.models import Office, Seat, Slot
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release

pytestmark = pytest.mark.django_db


def get(path: str, **headers: str) -> Any:
    return Browser().get(f"/api/v1/{path}", headers=headers)


def available(slot: Slot, more: str = "") -> Any:
    day = slot.date.isoformat()
    return get(f"offices/{slot.office.code}/availability/?from={day}&to={day}{more}")


@pytest.mark.parametrize(
    ("zone", "name", "offset"),
    [(Zone.WIB, "WIB", "+07:00"), (Zone.WITA, "WITA", "+08:00"), (Zone.WIT, "WIT", "+09:00")],
)
def test_availability_is_in_the_zone_of_the_office(zone: str, name: str, offset: str) -> None:
    slot = make_open_slot(office=make_office(zone=zone))
    answer = available(slot).json()
    assert (answer["zone"], answer["zone_name"]) == (zone, name)
    session = answer["sessions"][0]
    assert session == {
        "code": slot.code,
        "service": "regular",
        "date": slot.date.isoformat(),
        "starts": "10:00",
        "ends": "11:00",
        "starts_at": f"{slot.date}T10:00:00{offset}",
        "ends_at": f"{slot.date}T11:00:00{offset}",
        "capacity": 3,
        "free": 3,
    }
    assert datetime.fromisoformat(session["starts_at"]) == slot.starts_at


def test_availability_shows_the_service_asked_for_and_full_sessions() -> None:
    slot = make_open_slot(seats=1)
    make_open_slot(office=slot.office, service=Service.ACCELERATED)
    Seat.objects.filter(slot=slot).update(holder="AAAAAAAAAA")
    sessions = available(slot, "&service=regular").json()["sessions"]
    assert [(each["code"], each["free"]) for each in sessions] == [(slot.code, 0)]
    assert len(available(slot).json()["sessions"]) == 2


def test_availability_leaves_out_what_cannot_be_booked() -> None:
    begun = make_open_slot(starts_at=clock.now() - timedelta(minutes=1))
    assert available(begun).json()["sessions"] == []


def test_availability_of_62_days_is_answered_and_costs_three_queries(
    django_assert_num_queries: Any,
) -> None:
    office = make_office()
    today = office.local(clock.now()).date()
    last = today + timedelta(days=61)
    for day in (1, 2, 3):
        make_open_slot(office=office, starts_at=clock.now() + timedelta(days=day))
    with django_assert_num_queries(3):
        answer = get(f"offices/{office.code}/availability/?from={today}&to={last}")
    assert len(answer.json()["sessions"]) == 3


@pytest.mark.parametrize("path", ["offices/", "tariffs/", "releases/", "offices/{office}/"])
def test_unchanged_read_is_answered_with_304(path: str) -> None:
    path = path.format(office=make_office().code)
    first = get(path)
    again = get(path, **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    make_office()
    Tariff.objects.create(code="NEW", name="New", amount=1, in_force_from=date(2026, 1, 1))
    make_open_slot(office=Office.objects.first())
    Office.objects.update(city="Cirebon")
    assert get(path, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_offices_are_found_by_place_and_name() -> None:
    there = make_office(city="Manado", province="Sulawesi Utara", zone=Zone.WITA)
    make_office()
    results = get("offices/?q=utara+manado").json()["results"]
    assert [each["code"] for each in results] == [there.code]
    assert results[0]["zone_name"] == "WITA"


def test_offices_come_in_pages_without_gaps() -> None:
    codes = sorted(make_office(code=f"o{number:03}").code for number in range(230))
    seen, path = [], "offices/"
    while path:
        page = get(path).json()
        seen += [each["code"] for each in page["results"]]
        path = (page["next"] or "").partition("/api/v1/")[2]
    assert seen == codes


def test_releases_announced_and_open_are_listed() -> None:
    plan = make_plan(make_office(zone=Zone.WIT))
    scheduled = make_release(plan=plan, status=ReleaseStatus.SCHEDULED)
    opened = make_release(
        plan=plan, status=ReleaseStatus.OPEN, publish_at=clock.now() - timedelta(days=1)
    )
    for status in (ReleaseStatus.DRAFT, ReleaseStatus.REVIEWED, ReleaseStatus.WITHDRAWN):
        make_release(plan=plan, status=status)
    past = {"first_day": date(2020, 1, 1), "last_day": date(2020, 1, 31)}
    make_release(plan=plan, status=ReleaseStatus.OPEN, **past)
    results = get("releases/").json()["results"]
    assert [(each["code"], each["status"]) for each in results] == [
        (scheduled.code, "scheduled"),
        (opened.code, "open"),
    ]
    assert results[0]["publish_at"].endswith("+09:00")
    assert datetime.fromisoformat(results[0]["publish_at"]) == scheduled.publish_at


def test_tariffs_in_force_are_whole_rupiah_one_a_code() -> None:
    load_fees()
    newer = {"name": "New", "amount": 700_000, "in_force_from": date(2026, 1, 1)}
    Tariff.objects.create(code="EPASSPORT-5", **newer)
    Tariff.objects.create(code="EPASSPORT-10", **(newer | {"in_force_from": date(2999, 1, 1)}))
    results = get("tariffs/").json()["results"]
    assert {each["code"]: each["amount"] for each in results} == {
        "ACCELERATED": 1_000_000,
        "DAMAGED": 500_000,
        "EPASSPORT-10": 950_000,
        "EPASSPORT-5": 700_000,
        "LOST": 1_000_000,
    }


def test_public_reads_ignore_a_bad_token() -> None:
    assert get("offices/", Authorization="Bearer nonsense").status_code == 200
