"""Access tokens, scopes, and whose rows a client sees."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.test import Client as Browser
from oauth2_provider.models import AccessToken, Application

from applicants.models import User
from appointments.models import Appointment
from mpaspor.core import clock
from mpaspor.scopes import OF_OFFICES
from quota.enums import OF_NO_OFFICE, Role
from quota.models import Officer
from tests.api.conftest import (
    EVERY_SCOPE,
    Integrator,
    ask_token,
    make_integrator,
    new_token,
)
from tests.api.steps import a_person, an_application, an_appointment, application_body, person_body
from tests.factories.quota import make_office, make_open_slot

FORM = "application/x-www-form-urlencoded"


def test_token_for_right_secret_has_every_scope_of_applicants_for_an_hour(
    integrator: Integrator,
) -> None:
    answer = ask_token(client_id=integrator.client.client_id, client_secret=integrator.secret)
    token = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert set(token["scope"].split()) == set(EVERY_SCOPE.split()) - OF_OFFICES


def test_token_by_basic_credentials_has_the_scope_asked_for(integrator: Integrator) -> None:
    pair = b64encode(f"{integrator.client.client_id}:{integrator.secret}".encode()).decode()
    answer = Browser().post(
        "/api/v1/oauth/token/",
        "grant_type=client_credentials&scope=bills:read",
        content_type=FORM,
        headers={"Authorization": f"Basic {pair}"},
    )
    assert answer.json()["scope"] == "bills:read"


def test_secret_and_token_are_stored_as_digests(integrator: Integrator) -> None:
    token = new_token(integrator)
    secret = Application.objects.get(pk=integrator.client.pk).client_secret
    stored = AccessToken.objects.latest("pk")
    assert integrator.secret not in secret
    assert token not in f"{stored.token}{stored.token_checksum}"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "a" * 5000}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_token_is_refused_as_oauth_says(
    integrator: Integrator, fields: dict[str, str], status: int, error: str
) -> None:
    good = {"client_id": integrator.client.client_id, "client_secret": integrator.secret}
    answer = ask_token(**(good | fields))
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("body", "kind", "headers", "status"),
    [
        (b"grant_type=client_credentials&client_id=a%00b&client_secret=c", FORM, {}, 401),
        (b"grant_type=client_credentials&client_id=a&client_secret=%ff%fe", FORM, {}, 401),
        (b"grant_type=%ff", FORM, {}, 400),
        (b"\xff\xfe\x00", FORM, {}, 400),
        (b"{}", "application/json", {}, 415),
        (b"", "", {}, 415),
        (b"grant_type=client_credentials", FORM, {"Authorization": "Basic AAAA"}, 401),
        (b"grant_type=client_credentials", FORM, {"Authorization": "Basic %%%"}, 401),
        (b"grant_type=client_credentials", FORM, {"Authorization": "Basic YQBiOmM="}, 401),
        (b"a=" + b"b" * 1_100_000, FORM, {}, 413),
        (b"&".join(b"a%d=1" % number for number in range(1500)), FORM, {}, 400),
    ],
)
def test_token_asked_for_badly_is_refused(
    db: None, body: bytes, kind: str, headers: dict[str, str], status: int
) -> None:
    answer = Browser().post("/api/v1/oauth/token/", body, content_type=kind, headers=headers)
    assert answer.status_code == status
    assert answer.json()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("query", ["a=%zz", "%", "a=b", "\x80", "grant_type=client_credentials"])
def test_token_asked_for_with_a_query_is_refused(integrator: Integrator, query: str) -> None:
    answer = Browser().generic(
        "POST",
        "/api/v1/oauth/token/",
        "grant_type=client_credentials",
        content_type=FORM,
        QUERY_STRING=query,
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] in {"application/json", "application/problem+json"}


def test_token_in_an_address_opens_nothing(integrator: Integrator) -> None:
    answer = Browser().get(f"/api/v1/appointments/?access_token={integrator.token}")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Bearer \x00", "Basic eDp5", "Bearer " + "a" * 9000, "ü"]
)
def test_call_without_good_token_is_told_where_to_get_one(db: None, sent: str) -> None:
    answer = Browser().get(
        "/api/v1/appointments/", headers={"Authorization": sent, "Accept-Language": "en"}
    )
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/api/docs/problems/#not-authenticated"


def test_call_with_expired_token_is_refused(integrator: Integrator) -> None:
    AccessToken.objects.update(expires=clock.now() - timedelta(seconds=1))
    assert integrator.get("appointments/").status_code == 401


def test_session_of_a_signed_in_person_opens_nothing(integrator: Integrator) -> None:
    integrator.browser.force_login(integrator.account)
    assert integrator.browser.get("/api/v1/appointments/").status_code == 401


def test_client_needs_no_csrf_token(integrator: Integrator) -> None:
    integrator.browser = Browser(enforce_csrf_checks=True)
    assert integrator.post("persons/", person_body()).status_code == 201


def test_closed_account_has_no_clients(integrator: Integrator) -> None:
    User.objects.filter(pk=integrator.account.pk).update(is_active=False)
    answer = integrator.get("appointments/")
    assert (answer.status_code, answer.json()["title"]) == (403, "Permission denied")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("post", "persons/", "applications:write"),
        ("post", "applications/", "applications:write"),
        ("get", "applications/AAAAAAAAAA/", "applications:write"),
        ("post", "appointments/", "appointments:write"),
        ("get", "appointments/", "appointments:read"),
        ("get", "appointments/AAAAAAAAAA/", "appointments:read"),
        ("get", "appointments/AAAAAAAAAA/letter/", "appointments:read"),
        ("post", "appointments/AAAAAAAAAA/check-in/", "checkin:write"),
        ("get", "documents/", "documents:verify"),
        ("get", "documents/AAAAAAAAAA/file/", "documents:verify"),
        ("post", "documents/AAAAAAAAAA/verdict/", "documents:verify"),
        ("get", "bills/AAAAAAAAAA/", "bills:read"),
        ("get", "bills/AAAAAAAAAA/receipt/", "bills:read"),
    ],
)
def test_call_without_its_scope_is_refused(db: None, method: str, path: str, scope: str) -> None:
    others = " ".join(each for each in EVERY_SCOPE.split() if each != scope)
    poor = make_integrator(scopes=others)
    answer = poor.get(path) if method == "get" else poor.post(path, {})
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == "/api/docs/problems/#scope-missing"
    assert f"scope {scope}." in answer.json()["detail"]


def test_rows_of_another_account_are_not_there(integrator: Integrator) -> None:
    mine = an_appointment(integrator, make_open_slot())
    other = make_integrator()
    paths = [
        f"applications/{mine['application']}/",
        f"appointments/{mine['code']}/",
        f"appointments/{mine['code']}/letter/",
        f"bills/{mine['bill']['code']}/",
    ]
    assert {path: other.get(path, Accept="*/*").status_code for path in paths} == dict.fromkeys(
        paths, 404
    )
    assert other.get("appointments/").json()["results"] == []


def test_person_and_application_of_another_account_cannot_be_used(integrator: Integrator) -> None:
    other = make_integrator()
    person = other.post("applications/", application_body(a_person(integrator)))
    slot = make_open_slot()
    body = {"applications": [an_application(integrator)], "slot": slot.code}
    application = other.post("appointments/", body)
    assert [answer.json()["errors"][0]["pointer"] for answer in (person, application)] == [
        "#/person",
        "#/applications",
    ]
    assert Appointment.objects.count() == 0


def test_two_clients_of_one_account_see_the_same_rows(integrator: Integrator) -> None:
    mine = an_appointment(integrator, make_open_slot())
    second = make_integrator(account=integrator.account)
    assert second.get(f"appointments/{mine['code']}/").json()["code"] == mine["code"]


@pytest.mark.parametrize(
    ("role", "here", "status", "kind"),
    [
        (None, True, 400, "not-valid"),
        (Role.PLANNER, True, 404, "not-found"),
        (Role.COUNTER, False, 400, "not-valid"),
        (Role.COUNTER, True, 409, "not-confirmed"),
        (Role.HEAD, True, 409, "not-confirmed"),
        (Role.CENTRE, True, 409, "not-confirmed"),
    ],
)
def test_check_in_is_for_clients_of_who_receives_people_there(
    integrator: Integrator, role: Role | None, here: bool, status: int, kind: str
) -> None:
    slot = make_open_slot()
    code = an_appointment(integrator, slot)["code"]
    kiosk = make_integrator()
    if role:
        office = None if role in OF_NO_OFFICE else slot.office if here else make_office()
        Officer.objects.create(user=kiosk.account, role=role, office=office)
    answer = kiosk.post(f"appointments/{code}/check-in/", {"office": slot.office.code})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/api/docs/problems/#{kind}")


def test_kiosk_finds_no_appointment_of_another_office(integrator: Integrator) -> None:
    code = an_appointment(integrator, make_open_slot())["code"]
    kiosk, office = make_integrator(), make_office()
    Officer.objects.create(user=kiosk.account, role=Role.COUNTER, office=office)
    answer = kiosk.post(f"appointments/{code}/check-in/", {"office": office.code})
    assert answer.status_code == 404
