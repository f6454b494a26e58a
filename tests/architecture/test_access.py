"""Who may open which page of the admin. A page that is registered and not named here fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from oauth2_provider.models import Application as ApiClient

from applicants.models import RetentionRule, SecondFactor, User
from appointments.models import Appointment
from appointments.reseating.models import Reseating
from mpaspor.audit.models import Entry
from mpaspor.core import clock
from payments.enums import IncidentKind
from payments.incidents import open_incident
from payments.models import Tariff
from quota.enums import Role, Service
from quota.models import Closure, Officer, Slot, SpecialDay, Terms
from tests.factories.applicants import (
    give_app,
    make_privacy_request,
    make_superuser,
    make_user,
)
from tests.factories.appointments import make_confirmed
from tests.factories.calls import make_counter, make_number
from tests.factories.documents import make_document, make_receipt
from tests.factories.money import make_case, make_difference
from tests.factories.quota import make_office, make_officer, make_open_slot
from tests.factories.waiting_list import full_slot, make_wish

pytestmark = pytest.mark.django_db

PEOPLE = [
    "nobody",
    "applicant",
    "planner",
    "counter",
    "head",
    "planner elsewhere",
    "counter elsewhere",
    "head elsewhere",
    "centre",
    "treasurer",
    "auditor",
    "superuser",
]
NOBODY = ""
SUPERUSER = "superuser"
CENTRE = "centre superuser"
HEADS = f"head {CENTRE}"
PLANNERS = f"planner {HEADS}"
RECEIVERS = f"counter {HEADS}"
MONEY = f"treasurer auditor {CENTRE}"
AUDITORS = f"auditor {CENTRE}"
OFFICERS = f"planner treasurer auditor {RECEIVERS}"

# The site's own pages. Signing in and out leads away for everybody.
SITE = {
    "index": OFFICERS,
    "roster": RECEIVERS,
    "check_in": RECEIVERS,
    "letter_check": RECEIVERS,
    "letter_check_worker": RECEIVERS,
    "walk_in": RECEIVERS,
    "counters": RECEIVERS,
    "counter": RECEIVERS,
    "number_slip": RECEIVERS,
    "give_day": RECEIVERS,
    "reseat": HEADS,
    "reseating": HEADS,
    "correct": RECEIVERS,
    "second_factor_reset": CENTRE,
    "money": MONEY,
    "money_cases_file": MONEY,
    "money_cases_workbook": MONEY,
    "money_case": MONEY,
    "money_receipts": MONEY,
    "money_receipt_picture": MONEY,
    "money_undecided": MONEY,
    "money_bill": MONEY,
    "money_receipt": MONEY,
    "reconciliations": MONEY,
    "reconciliation": MONEY,
    "reconciliation_file": MONEY,
    "reconciliation_workbook": MONEY,
    "differences": MONEY,
    "difference": MONEY,
    "search": NOBODY,
    "jsi18n": OFFICERS,
    "login": NOBODY,
    "logout": NOBODY,
    "password_change": NOBODY,
    "password_change_done": OFFICERS,
    "autocomplete": NOBODY,
    "view_on_site": NOBODY,
}
# Of each table: its list, one row, a new row, deleting one.
TABLES = {
    "appointments_appointment": (RECEIVERS, RECEIVERS, NOBODY, NOBODY),
    "appointments_application": (RECEIVERS, RECEIVERS, NOBODY, NOBODY),
    "appointments_counter": (RECEIVERS, RECEIVERS, HEADS, NOBODY),
    "quota_office": (PLANNERS, PLANNERS, CENTRE, NOBODY),
    "quota_terms": (PLANNERS, PLANNERS, HEADS, HEADS),
    "quota_officer": (CENTRE, CENTRE, CENTRE, CENTRE),
    "quota_closure": (PLANNERS, PLANNERS, PLANNERS, PLANNERS),
    "quota_specialday": (PLANNERS, PLANNERS, PLANNERS, PLANNERS),
    "quota_plan": (PLANNERS, PLANNERS, PLANNERS, PLANNERS),
    "quota_release": (PLANNERS, PLANNERS, PLANNERS, NOBODY),
    "quota_wish": (PLANNERS, PLANNERS, NOBODY, NOBODY),
    "quota_slot": (PLANNERS, PLANNERS, NOBODY, NOBODY),
    "payments_tariff": (MONEY, MONEY, CENTRE, NOBODY),
    "payments_bill": (MONEY, MONEY, NOBODY, NOBODY),
    "payments_payment": (MONEY, MONEY, NOBODY, NOBODY),
    "payments_settlement": (MONEY, MONEY, NOBODY, NOBODY),
    "payments_incident": (CENTRE, CENTRE, CENTRE, NOBODY),
    "audit_entry": (AUDITORS, AUDITORS, NOBODY, NOBODY),
    "applicants_privacyrequest": (CENTRE, CENTRE, NOBODY, NOBODY),
    "applicants_retentionrule": (CENTRE, CENTRE, CENTRE, NOBODY),
    "applicants_user": (SUPERUSER, SUPERUSER, SUPERUSER, NOBODY),
    "applicants_person": (SUPERUSER, SUPERUSER, NOBODY, NOBODY),
    "applicants_verification": (CENTRE, CENTRE, NOBODY, NOBODY),
    "oauth2_provider_application": (SUPERUSER, SUPERUSER, SUPERUSER, SUPERUSER),
}
# Pages that only some tables have, most of them of one row.
MORE = {
    "quota_release_decide": PLANNERS,
    "document_decide": RECEIVERS,
    "passport_decide": RECEIVERS,
    "applicants_privacyrequest_decide": CENTRE,
    "quota_slot_amend": PLANNERS,
    "quota_closure_upload": PLANNERS,
    "quota_closure_download": PLANNERS,
    "quota_specialday_upload": PLANNERS,
    "quota_specialday_download": PLANNERS,
    "quota_plan_upload": PLANNERS,
    "quota_plan_download": PLANNERS,
    "auth_user_password_change": SUPERUSER,
}
# Which row a page shows, and by which fact of it.
SHOWN_ROWS = {
    "document_decide": ("appointments_document", "code"),
    "reseat": ("quota_slot", "code"),
    "reseating": ("appointments_reseating", "code"),
    "money_case": ("payments_case", "code"),
    "money_bill": ("payments_bill", "code"),
    "money_receipt": ("payments_bill", "code"),
    "money_receipt_picture": ("appointments_receiptpicture", "code"),
    "reconciliation": ("payments_reconciliation", "day"),
    "reconciliation_file": ("payments_reconciliation", "day"),
    "reconciliation_workbook": ("payments_reconciliation", "day"),
    "difference": ("payments_difference", "pk"),
    "counter": ("appointments_counter", "pk"),
    "number_slip": ("appointments_queuenumber", "pk"),
}
# Rows that belong to no office are the same for everybody.
OF_NO_OFFICE = ("payments_", "audit_", "applicants_", "oauth2_", "auth_")


def page_names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from page_names(pattern.url_patterns)
        elif pattern.name and pattern.name != "app_list":
            yield pattern.name


def rules() -> dict[str, str]:
    """Who may open each page, by the page's name."""
    known = SITE | MORE
    for table, (listed, row, new, gone) in TABLES.items():
        known |= {
            f"{table}_changelist": listed,
            f"{table}_change": row,
            f"{table}_history": row,
            f"{table}_add": new,
            f"{table}_delete": gone,
        }
    return known


RULES = rules()


def test_every_page_of_the_admin_has_a_rule_and_every_rule_a_page() -> None:
    assert sorted(RULES) == sorted(page_names(admin.site.urls[0]))


@pytest.fixture
def appointment() -> Appointment:
    return make_confirmed(slot=make_open_slot(office=make_office()))


def make_reseating(slot: Slot) -> Reseating:
    facts = {"reason": "Banjir", "begun_by": make_user(), "begun_at": clock.now()}
    return Reseating.objects.create(office=slot.office, day=slot.date, **facts)


@pytest.fixture
def rows(appointment: Appointment) -> dict[str, models.Model]:
    """One row of each table, of the appointment's office where it has one."""
    slot, bill, person = appointment.slot, appointment.bill, appointment.application.person
    assert bill is not None
    payment, office = bill.payments.get(), slot.office
    run, difference = make_difference()
    made: list[models.Model] = [
        appointment,
        appointment.application,
        make_document(application=appointment.application),
        office,
        make_counter(office),
        make_number(office, clock.now()),
        slot,
        make_reseating(slot),
        slot.release,
        slot.release.plan,
        Terms.objects.create(office=office, in_force_from=slot.date),
        Closure.objects.create(office=office, date=slot.date, reason="Banjir"),
        SpecialDay.objects.create(office=office, date=slot.date, like=0, reason="Simpatik"),
        Officer.objects.get(user=make_officer(Role.PLANNER, office)),
        bill,
        payment,
        payment.settlement,
        make_case(),
        make_receipt(),
        run,
        difference,
        Tariff.objects.latest("pk"),
        open_incident(what=IncidentKind.SERVICE, by="test", at=clock.now()),
        make_wish(full_slot(office=office, service=Service.ACCELERATED)),
        Entry.objects.latest("pk"),
        person,
        person.account,
        make_privacy_request(account=person.account),
        RetentionRule.objects.latest("pk"),
        person.verification,
        ApiClient.objects.create(client_type="confidential", authorization_grant_type="password"),
    ]
    return {row._meta.label_lower.replace(".", "_"): row for row in made}


@pytest.fixture
def people(appointment: Appointment) -> dict[str, User | None]:
    own, elsewhere = appointment.slot.office, make_office()
    officers: dict[str, Any] = {
        f"{role}{where}": make_officer(role, office)
        for role in (Role.PLANNER, Role.COUNTER, Role.HEAD)
        for where, office in (("", own), (" elsewhere", elsewhere))
    }
    return officers | {
        "nobody": None,
        "applicant": make_user(),
        "centre": make_officer(Role.CENTRE),
        "treasurer": make_officer(Role.TREASURER),
        "auditor": make_officer(Role.AUDITOR),
        "superuser": make_superuser(),
    }


def address(name: str, rows: dict[str, models.Model]) -> str:
    if name == "view_on_site":
        return reverse("admin:view_on_site", args=[1, 1])
    if name in ("give_day", "correct", "passport_decide"):
        appointment = rows["appointments_appointment"]
        assert isinstance(appointment, Appointment)
        about = appointment.application if name == "passport_decide" else appointment
        return reverse(f"admin:{name}", args=[about.code])
    if name == "auth_user_password_change":
        return reverse(f"admin:{name}", args=[rows["applicants_user"].pk])
    if name == "second_factor_reset":
        officer = rows["quota_officer"]
        assert isinstance(officer, Officer)
        return reverse(f"admin:{name}", args=[officer.user.code])
    if name in SHOWN_ROWS:
        table, key = SHOWN_ROWS[name]
        return reverse(f"admin:{name}", args=[getattr(rows[table], key)])
    table, _underscore, kind = name.rpartition("_")
    if table in rows and kind not in {"changelist", "add", "upload", "download"}:
        return reverse(f"admin:{name}", args=[rows[table].pk])
    return reverse(f"admin:{name}")


def may_open(person: str, name: str) -> bool:
    """An officer of another office opens the same lists, and none of this office's rows."""
    role, _space, elsewhere = person.partition(" ")
    pages = ("give_day", "correct", "reseat", "reseating", "counter", "number_slip")
    ends = ("_change", "_history", "_delete", "_decide", "_amend", *pages)
    one_row = name.endswith(ends)
    if elsewhere and one_row and not name.startswith(OF_NO_OFFICE):
        return False
    return role in RULES[name].split()


@pytest.mark.parametrize("person", PEOPLE)
def test_admin_opens_to_each_person_the_pages_that_are_theirs(
    person: str, rows: dict[str, models.Model], people: dict[str, User | None]
) -> None:
    client, user = Client(), people[person]
    if user:
        client.force_login(user)

    answers = {name: client.get(address(name, rows)).status_code for name in RULES}

    opened = {name for name, status in answers.items() if status == 200}
    assert opened == {name for name in RULES if may_open(person, name)}
    assert set(answers.values()) <= {200, 302, 403, 404, 405}


@pytest.mark.parametrize("has_app", [False, True])
@pytest.mark.parametrize("person", ["counter", "centre", "treasurer", "superuser"])
def test_admin_opens_nothing_to_officers_who_have_not_passed_the_second_step(
    person: str, has_app: bool, rows: dict[str, models.Model], people: dict[str, User | None]
) -> None:
    client, user = Client(), people[person]
    assert user is not None
    SecondFactor.objects.filter(account=user).delete()
    client.force_login(user)
    if has_app:
        give_app(user)

    addresses = [address(name, rows) for name in RULES if name != "logout"]
    answers = [ask(address) for address in addresses for ask in (client.get, client.post)]

    assert {answer.status_code for answer in answers} == {302}
    shut = client.get("/admin/", follow=True)
    assert shut.redirect_chain[:2] == [
        ("/admin/login/?next=/admin/", 302),
        ("/account/second-step/?next=/admin/", 302),
    ]


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in ("nobody", "centre")])
def test_pages_about_money_take_deeds_from_treasurers_only(
    person: str, rows: dict[str, models.Model], people: dict[str, User | None]
) -> None:
    client, user = Client(), people[person]
    assert user is not None
    client.force_login(user)

    answers = {
        client.post(address(name, rows), {"deed": "none"}).status_code
        for name in (
            "money_case",
            "money_bill",
            "money_receipt_picture",
            "reconciliations",
            "difference",
        )
    }

    refused = 302 if person == "applicant" else 403
    assert answers == ({422} if person in ("treasurer", "superuser") else {refused})


def test_admin_sends_nobody_to_the_common_sign_in_and_refuses_an_applicant(client: Client) -> None:
    sent = client.get("/admin/", follow=True)
    client.force_login(make_user())
    refused = client.get("/admin/", follow=True)

    assert sent.redirect_chain[-1] == ("/account/login/?next=/admin/", 302)
    assert refused.status_code == 403


def test_admin_is_closed_to_an_officer_whose_account_is_closed(client: Client) -> None:
    officer = make_officer(Role.COUNTER, make_office())
    client.force_login(officer)
    officer.is_active = False
    officer.save()

    assert client.get("/admin/").status_code == 302


def test_admin_is_closed_to_an_officer_who_serves_no_more(client: Client) -> None:
    officer = make_officer(Role.COUNTER, make_office())
    client.force_login(officer)
    Officer.objects.get(user=officer).delete()

    assert client.get("/admin/", follow=True).status_code == 403


def test_what_is_not_open_to_an_officer_leads_back_to_the_desk(client: Client) -> None:
    client.force_login(make_officer(Role.COUNTER, make_office()))
    refused = client.get(reverse("admin:money_cases_file"))

    assert refused.status_code == 403
    assert 'href="/admin/"' in refused.content.decode()


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in ("nobody", "applicant")])
def test_sidebar_leads_only_to_pages_that_open(person: str, people: dict[str, User | None]) -> None:
    client, user = Client(), people[person]
    assert user is not None
    client.force_login(user)
    groups = client.get("/admin/").context["sidebar_navigation"]
    links = [str(item["link"]) for group in groups for item in group["items"]]

    assert [client.get(link).status_code for link in links] == [200] * len(links)
    assert "/admin/" in links
