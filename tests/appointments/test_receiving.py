"""Today's desk, the roster of a day and the counter, as officers meet them."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applicants.models import User
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import ReleaseStatus, Role, Zone
from quota.models import Office
from tests.factories.applicants import make_person
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.quota import (
    make_office,
    make_officer,
    make_open_slot,
    make_plan,
    make_release,
)

pytestmark = pytest.mark.django_db

ROSTER, CHECK_IN, TODAY = "/admin/roster/", "/admin/check-in/", "/admin/"
ROSTER_QUERIES = 13


@pytest.fixture
def office() -> Office:
    """One where the next hour is still today."""
    late = clock.now().astimezone(Office(zone=Zone.WIT).local(clock.now()).tzinfo).hour >= 22
    return make_office(zone=Zone.WIB if late else Zone.WIT, name="Kantor Imigrasi Uji")


@pytest.fixture
def counter(office: Office, client: Client) -> User:
    return signed_in(client, Role.COUNTER, office)


def signed_in(client: Client, role: Role, office: Office | None = None) -> User:
    officer = make_officer(role, office)
    assert isinstance(officer, User)
    client.cookies["django_language"] = "en"
    client.force_login(officer)
    return officer


def soon(**later: int) -> datetime:
    return clock.now() + timedelta(**(later or {"minutes": 20}))


def expected(
    office: Office, name: str = "Budi Santoso", starts_at: datetime | None = None
) -> Appointment:
    """Somebody whose session begins in twenty minutes."""
    slot = make_open_slot(office=office, starts_at=starts_at or soon())
    return make_confirmed(slot=slot, person=make_person(name=name))


def looks(appointment: Appointment) -> list[str]:
    entries = trail.of(f"appointment:{appointment.code}")
    return [entry.facts["through"] for entry in entries if entry.deed == "person.look"]


def text(page: str) -> str:
    """What a reader sees of the page's own part."""
    own = page[page.index('class="desk') :]
    return " ".join(re.sub(r"<[^>]*>", " ", own).split())


def day_of(appointment: Appointment) -> str:
    return appointment.slot.date.isoformat()


# Check-in


@pytest.mark.parametrize(
    "written",
    [
        "{code}",
        "{lower}",
        " {spaced} ",
        "http://127.0.0.1:8000/verify/{code}/",
        "HTTP://M-PASPOR.EXAMPLE/VERIFY/{code}",
    ],
)
def test_check_in_by_code_however_it_came_welcomes_the_person(
    client: Client, office: Office, counter: User, written: str
) -> None:
    appointment = expected(office, name="Dewi Lestari")
    code = appointment.code
    typed = written.format(code=code, lower=code.lower(), spaced="-".join(code))

    page = client.post(CHECK_IN, {"code": typed}).content.decode()

    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CHECKED_IN
    assert "Checked in Queue number A001 Print it Dewi Lestari" in text(page)
    assert appointment.application.person.identity.nik not in page
    assert looks(appointment) == ["code"]


def test_check_in_again_says_when_the_person_came(
    client: Client, office: Office, counter: User
) -> None:
    appointment = expected(office)
    client.post(CHECK_IN, {"code": appointment.code})
    appointment.refresh_from_db()
    came = appointment.checked_in_at

    page = client.post(CHECK_IN, {"code": appointment.code}).content.decode()

    appointment.refresh_from_db()
    assert "Checked in before" in text(page)
    assert appointment.checked_in_at == came


def test_check_in_by_other_office_sends_there_and_shows_nobody(
    client: Client, counter: User
) -> None:
    elsewhere = make_office(name="Kantor Imigrasi Denpasar")
    appointment = expected(elsewhere, name="Rahasia Sekali")

    page = client.post(CHECK_IN, {"code": appointment.code}).content.decode()

    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CONFIRMED
    assert "at another office: Kantor Imigrasi Denpasar. Send the person there." in text(page)
    assert "Rahasia Sekali" not in page
    assert looks(appointment) == []


def test_check_in_before_the_door_opens_says_from_when(
    client: Client, office: Office, counter: User
) -> None:
    appointment = expected(office, starts_at=soon(days=2))

    page = client.post(CHECK_IN, {"code": appointment.code}).content.decode()

    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CONFIRMED
    assert "Not checked in This appointment can be checked in from" in text(page)
    assert looks(appointment) == ["code"]


def test_check_in_after_the_door_closed_says_until_when(
    client: Client, office: Office, counter: User
) -> None:
    slot = make_open_slot(office=office, starts_at=clock.now() - timedelta(hours=3))
    appointment = make_confirmed(slot=slot, at=clock.now() - timedelta(days=1))

    page = client.post(CHECK_IN, {"code": appointment.code}).content.decode()

    assert "could be checked in until" in text(page)


def test_check_in_unpaid_says_that_it_waits_for_payment(
    client: Client, office: Office, counter: User
) -> None:
    appointment = make_awaiting(slot=make_open_slot(office=office, starts_at=soon()))

    page = client.post(CHECK_IN, {"code": appointment.code}).content.decode()

    assert "This appointment is not confirmed: Waiting for payment." in text(page)


@pytest.mark.parametrize("typed", ["AAAA-AAAA-AA", "ß∂ƒ", "🛂" * 40, "/verify/", "0" * 300])
def test_check_in_with_unknown_code_says_which_signs_a_code_has(
    client: Client, counter: User, typed: str
) -> None:
    response = client.post(CHECK_IN, {"code": typed})

    assert response.status_code == 200
    assert "There is no appointment with this code." in text(response.content.decode())


@pytest.mark.parametrize("typed", ["", "   ", "A\x00B", "A" * 501])
def test_check_in_with_nothing_to_read_asks_again(
    client: Client, counter: User, typed: str
) -> None:
    response = client.post(CHECK_IN, {"code": typed})

    assert response.status_code == 200
    assert response.context["form"].errors["code"]
    assert "reception" not in response.context


def test_check_in_page_keeps_the_focus_in_its_field(client: Client, counter: User) -> None:
    page = client.post(CHECK_IN, {"code": "AAAAAAAAAA"}).content.decode()

    field = re.search(r"<input[^>]*name=\"code\"[^>]*>", page)
    assert field is not None
    assert " autofocus" in field[0]
    assert "value=" not in field[0]


def test_check_in_by_the_centre_is_at_the_office_of_the_appointment(
    client: Client, office: Office
) -> None:
    centre = signed_in(client, Role.CENTRE)
    appointment = expected(office)

    client.post(CHECK_IN, {"code": appointment.code})

    appointment.refresh_from_db()
    done = [entry for entry in trail.of(f"appointment:{appointment.code}") if entry.by == centre]
    assert appointment.status == AppointmentStatus.CHECKED_IN
    assert [entry.deed for entry in done] == ["appointment.check_in", "person.look"]


# Roster


def roster(client: Client, **wish: str) -> str:
    response = client.get(f"{ROSTER}?{urlencode(wish)}")
    assert response.status_code == 200
    return response.content.decode()


def test_roster_of_a_day_groups_people_by_session(
    client: Client, office: Office, counter: User
) -> None:
    early = make_open_slot(office=office, starts_at=soon(days=3), seats=5)
    late = make_open_slot(office=office, starts_at=early.starts_at + timedelta(hours=1), seats=4)
    if late.date != early.date:
        late.date = early.date
        late.save()
    for slot, name in ((early, "Ani"), (early, "Zainal"), (late, "Budi")):
        make_confirmed(slot=slot, person=make_person(name=name))
    make_awaiting(slot=late, person=make_person(name="Belum Bayar"))

    response = client.get(f"{ROSTER}?{urlencode({'day': str(early.date)})}")

    sessions = response.context["sessions"]
    names = [[one.application.person.name for one in each.people] for each in sessions]
    by_slot = {each.slot.pk: each for each in sessions}
    assert sorted(names) == [["Ani", "Zainal"], ["Budi"]]
    assert (by_slot[early.pk].slot.free, by_slot[late.pk].slot.free) == (3, 2)


def test_roster_shows_masked_nik_and_never_the_nik(
    client: Client, office: Office, counter: User
) -> None:
    appointment = expected(office)
    identity = appointment.application.person.identity

    page = roster(client, day=day_of(appointment))

    assert identity.masked_nik in page
    assert identity.nik not in page
    assert appointment.code in page


def test_roster_without_search_leaves_no_line_and_with_search_one_for_each_found(
    client: Client, office: Office, counter: User
) -> None:
    wanted, other = expected(office, name="Dewi Lestari"), expected(office, name="Budi Santoso")
    roster(client, day=day_of(wanted))
    assert (looks(wanted), looks(other)) == ([], [])

    page = roster(client, day=day_of(wanted), q="lesta")

    assert "Dewi Lestari" in page
    assert "Budi Santoso" not in page
    assert (looks(wanted), looks(other)) == (["search"], [])


def test_roster_search_by_code_as_dictated_finds_the_person(
    client: Client, office: Office, counter: User
) -> None:
    wanted, other = expected(office, name="Dewi Lestari"), expected(office, name="Budi Santoso")

    page = roster(client, day=day_of(wanted), q=" ".join(wanted.code.lower()))

    assert "Dewi Lestari" in page
    assert other.code not in page


def test_roster_shows_the_picked_ones_only(client: Client, office: Office, counter: User) -> None:
    slot = make_open_slot(office=office, starts_at=soon(), seats=9)
    come = make_confirmed(slot=slot, person=make_person(name="Sudah Datang"))
    make_confirmed(slot=slot, person=make_person(name="Ditunggu"))
    make_held(slot=slot, person=make_person(name="Baru Memilih"))
    client.post(ROSTER, {"code": come.code})
    names = ("Sudah Datang", "Ditunggu", "Baru Memilih")
    # The message of the check-in names the person once.
    roster(client)

    listed = {
        show: [name for name in names if name in roster(client, day=str(slot.date), show=show)]
        for show in ("expected", "awaited", "arrived", "all")
    }

    assert listed == {
        "expected": ["Sudah Datang", "Ditunggu"],
        "awaited": ["Ditunggu"],
        "arrived": ["Sudah Datang"],
        "all": list(names),
    }


def test_roster_check_in_button_checks_in_and_says_who(
    client: Client, office: Office, counter: User
) -> None:
    appointment = expected(office, name="Dewi Lestari")
    here = f"{ROSTER}?show=awaited"

    answer = client.post(here, {"code": appointment.code})
    page = client.get(here).content.decode()

    appointment.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, here)
    assert appointment.status == AppointmentStatus.CHECKED_IN
    assert "Dewi Lestari is checked in." in page


def test_roster_check_in_button_refused_says_why_and_what_to_do(
    client: Client, office: Office, counter: User
) -> None:
    appointment = expected(office, starts_at=soon(days=2))

    client.post(ROSTER, {"code": appointment.code})
    page = client.get(ROSTER).content.decode()

    assert "Ask the person to come back then." in page


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"day": "tomorrow"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"office": "nowhere"}, "office"),
        ({"show": "everything"}, "show"),
        ({"q": "ab"}, "q"),
        ({"q": "a" * 101}, "q"),
    ],
)
def test_roster_with_bad_wish_names_the_field_and_lists_nobody(
    client: Client, office: Office, counter: User, wish: dict[str, str], field: str
) -> None:
    expected(office)

    response = client.get(f"{ROSTER}?{urlencode(wish)}")

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "sessions" not in response.context


def test_roster_of_another_office_is_refused_by_name_of_the_field(
    client: Client, counter: User
) -> None:
    elsewhere = expected(make_office(), name="Rahasia Sekali")

    response = client.get(f"{ROSTER}?{urlencode({'office': elsewhere.slot.office.code})}")

    assert response.context["form"].errors["office"] == [
        "This is not your office. Choose one from the list."
    ]
    assert "Rahasia Sekali" not in response.content.decode()


def test_roster_without_any_office_says_so(client: Client) -> None:
    signed_in(client, Role.CENTRE)

    assert "There are no offices yet." in text(client.get(ROSTER).content.decode())


@pytest.mark.parametrize("people", [1, 3])
def test_roster_asks_the_database_the_same_for_one_and_three(
    client: Client,
    office: Office,
    counter: User,
    people: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    slot = make_open_slot(office=office, starts_at=soon())
    for _each in range(people):
        make_confirmed(slot=slot)
    client.get(ROSTER)

    with django_assert_num_queries(ROSTER_QUERIES):
        client.get(f"{ROSTER}?day={slot.date}")


# Today


def test_desk_counts_todays_people_and_free_seats(
    client: Client, office: Office, counter: User
) -> None:
    slot = make_open_slot(office=office, starts_at=soon(), seats=5)
    come, _awaited = make_confirmed(slot=slot), make_confirmed(slot=slot)
    make_awaiting(slot=slot)
    expected(make_office())
    expected(office, starts_at=soon(days=2))
    client.post(ROSTER, {"code": come.code})

    context = client.get(TODAY).context

    assert {name: context[name] for name in ("expected", "arrived", "awaited", "free")} == {
        "expected": 2,
        "arrived": 1,
        "awaited": 1,
        "free": 2,
    }


def test_desk_numbers_lead_to_those_people(client: Client, office: Office, counter: User) -> None:
    expected(office)

    page = client.get(TODAY).content.decode()

    assert re.findall(rf"office={office.code}&amp;show=(\w+)\">(\d+)", page) == [
        ("expected", "1"),
        ("arrived", "0"),
        ("awaited", "1"),
        ("expected", "2"),
    ]


def test_desk_tells_when_quota_opens_next(client: Client, office: Office, counter: User) -> None:
    plan = make_plan(office)
    release = make_release(plan=plan, status=ReleaseStatus.SCHEDULED, publish_at=soon(days=2))
    make_release(
        plan=plan,
        status=ReleaseStatus.SCHEDULED,
        publish_at=soon(days=40),
        first_day=release.last_day + timedelta(days=1),
        last_day=release.last_day + timedelta(days=2),
    )

    context = client.get(TODAY).context

    assert [desk.next_release for desk in context["desks"]] == [release]


def test_desk_of_a_planner_has_numbers_and_no_way_to_people(client: Client, office: Office) -> None:
    signed_in(client, Role.PLANNER, office)
    expected(office)

    response = client.get(TODAY)

    assert response.context["expected"] == 1
    assert ROSTER not in response.content.decode()


def test_desk_of_the_centre_lists_offices_with_something_to_do(
    client: Client, office: Office
) -> None:
    signed_in(client, Role.CENTRE)
    quiet, other = make_office(), make_office(zone=office.zone)
    expected(office)
    expected(other)

    context = client.get(TODAY).context

    assert {desk.office for desk in context["desks"]} == {office, other}
    assert (context["expected"], context["quiet"]) == (2, 1)
    assert quiet.pk not in {desk.office.pk for desk in context["desks"]}
