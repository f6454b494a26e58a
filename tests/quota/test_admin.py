"""What officers see and may do; every role, own office and others."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import OF_NO_OFFICE, ReleaseStatus, Role, Zone
from quota.models import Closure, Office, Plan, PlanLine, Release, Terms
from quota.release import open_release
from tests.factories.quota import (
    make_office,
    make_officer,
    make_open_slot,
    make_plan,
    make_release,
    make_terms,
)

pytestmark = pytest.mark.django_db

PAGES = ["office", "terms", "officer", "closure", "plan", "release", "slot"]
PLANNED = ["office", "terms", "closure", "plan", "release", "slot"]


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def listing(model: str) -> str:
    return reverse(f"admin:quota_{model}_changelist")


def one(model: str, row: Any) -> str:
    return reverse(f"admin:quota_{model}_change", args=[row.pk])


def decide(release: Release) -> str:
    return reverse("admin:quota_release_decide", args=[release.pk])


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def draft(planned: Plan, **other: Any) -> dict[str, Any]:
    return {
        "office": planned.office_id,
        "plan": planned.pk,
        "first_day": "2027-03-01",
        "last_day": "2027-03-05",
        "publish_at_0": "2027-02-20",
        "publish_at_1": "08:00",
    } | other


def posted_lines(plan: Plan, **first: Any) -> dict[str, Any]:
    lines = list(plan.lines.all())
    counts = {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": len(lines)}
    fields: dict[str, Any] = {"name": plan.name, **counts}
    for number, line in enumerate(lines):
        fields |= {
            f"lines-{number}-id": line.pk,
            f"lines-{number}-plan": plan.pk,
            f"lines-{number}-weekday": line.weekday,
            f"lines-{number}-starts": line.starts,
            f"lines-{number}-ends": line.ends,
            f"lines-{number}-service": line.service,
            f"lines-{number}-seats": line.seats,
        }
    return fields | {f"lines-0-{name}": value for name, value in first.items()}


# Who opens which page


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.HEAD, PLANNED),
        (Role.PLANNER, PLANNED),
        (Role.COUNTER, []),
        (Role.CENTRE, PAGES),
    ],
)
def test_pages_open_to_a_role(role: Role, pages: list[str]) -> None:
    office = None if role in OF_NO_OFFICE else make_office()
    client = desk(make_officer(role, office))

    assert [page for page in PAGES if client.get(listing(page)).status_code == 200] == pages


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.HEAD, ["terms", "closure", "plan", "release"]),
        (Role.PLANNER, ["closure", "plan", "release"]),
        (Role.COUNTER, []),
        (Role.CENTRE, ["office", "terms", "officer", "closure", "plan", "release"]),
    ],
)
def test_rows_are_added_by_a_role(role: Role, pages: list[str]) -> None:
    office = None if role in OF_NO_OFFICE else make_office()
    client = desk(make_officer(role, office))

    opened = [
        page for page in PAGES if client.get(reverse(f"admin:quota_{page}_add")).status_code == 200
    ]

    assert opened == pages


def test_hand_given_permissions_open_nothing() -> None:
    user = make_officer(Role.COUNTER, make_office())
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="quota"))

    assert desk(user).get(listing("release")).status_code == 403


def rows_of(office: Office) -> dict[str, Any]:
    plan = make_plan(office)
    return {
        "terms": make_terms(office=office),
        "closure": Closure.objects.create(office=office, date=date(2027, 3, 1), reason="Flood"),
        "plan": plan,
        "release": make_release(plan=plan),
        "slot": make_open_slot(office=office),
        "office": office,
    }


def test_rows_of_another_office_are_not_there() -> None:
    own, other = rows_of(make_office(name="Own")), rows_of(make_office(name="Other"))
    client = desk(make_officer(Role.HEAD, own["office"]))

    for model in own:
        assert client.get(one(model, own[model])).status_code == 200, model
        assert client.get(one(model, other[model])).status_code == 302, model
        assert "Other" not in read(client, listing(model)), model


def test_rows_of_every_office_are_there_for_the_centre() -> None:
    own, other = rows_of(make_office()), rows_of(make_office())
    client = desk(make_officer(Role.CENTRE))

    for model in own:
        assert client.get(one(model, own[model])).status_code == 200, model
        assert client.get(one(model, other[model])).status_code == 200, model


def test_national_closure_is_seen_by_an_office_and_kept_from_it() -> None:
    national = Closure.objects.create(date=date(2027, 3, 1), reason="Nyepi")
    client = desk(make_officer(Role.HEAD, make_office()))

    assert "Nyepi" in read(client, listing("closure"))
    changed = client.post(one("closure", national), {"date": "2027-03-02", "reason": "x"})
    deleted = client.post(
        reverse("admin:quota_closure_delete", args=[national.pk]), {"post": "yes"}
    )

    assert (changed.status_code, deleted.status_code) == (403, 403)
    national.refresh_from_db()
    assert national.date == date(2027, 3, 1)


def test_closure_of_another_office_or_of_all_cannot_be_entered() -> None:
    client = desk(make_officer(Role.PLANNER, make_office()))

    for office in (make_office().pk, ""):
        facts = {"office": office, "date": "2027-03-01", "reason": "Flood"}
        response = client.post(reverse("admin:quota_closure_add"), facts)
        assert response.status_code == 200

    assert not Closure.objects.exists()


def test_closure_entered_by_a_planner_is_on_the_trail() -> None:
    planner = make_officer(Role.PLANNER, office := make_office())
    facts = {"office": office.pk, "date": "2027-03-01", "reason": "Flood"}

    response = desk(planner).post(reverse("admin:quota_closure_add"), facts)

    closure = Closure.objects.get(office=office)
    entries = trail.of(f"closure:{closure.pk}")
    assert response.status_code == 302
    assert [(entry.deed, entry.by_id) for entry in entries] == [("closure.added", planner.pk)]


def test_closure_twice_on_a_day_says_so() -> None:
    client = desk(make_officer(Role.PLANNER, office := make_office()))
    facts = {"office": office.pk, "date": "2027-03-01", "reason": "Flood"}
    client.post(reverse("admin:quota_closure_add"), facts)

    again = client.post(reverse("admin:quota_closure_add"), facts)

    assert (again.status_code, Closure.objects.count()) == (200, 1)


def test_terms_of_the_office_are_set_by_its_head() -> None:
    client = desk(make_officer(Role.HEAD, office := make_office()))
    facts = {
        "office": office.pk,
        "in_force_from": "2027-01-01",
        "hold_minutes": 20,
        "pay_minutes": 90,
        "bank_grace_minutes": 15,
        "draw_notice_hours": 24,
        "queue_join_minutes": 60,
        "enter_minutes": 10,
        "choose_minutes": 15,
        "early_minutes": 60,
        "late_minutes": 30,
        "returns_after_minutes": 10,
        "returns_within_minutes": 120,
        "restoration_percent": 3,
        "assisted_percent": 0,
        "reserve_days": 1,
        "reschedules": 1,
        "reschedule_days": 1,
        "offer_minutes": 120,
        "offer_ends_minutes": 180,
        "leftover_hours": 24,
        "companions": 1,
        "others_before_priority": 2,
        "walk_ins": 10,
        "collect_days": 30,
    }

    assert client.post(reverse("admin:quota_terms_add"), facts).status_code == 302
    assert Terms.objects.get(office=office).pay_minutes == 90
    assert client.post(reverse("admin:quota_terms_add"), facts | {"hold_minutes": 0}).context[
        "errors"
    ]


# Plans


def test_plan_with_a_session_that_ends_before_it_starts_says_so() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8])
    client = desk(make_officer(Role.PLANNER, plan.office))

    response = client.post(one("plan", plan), posted_lines(plan, ends="07:00"))

    assert "The session must end after it starts." in response.content.decode()


def test_plan_shows_its_hours_without_seconds() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8])
    client = desk(make_officer(Role.PLANNER, plan.office))

    page = client.get(one("plan", plan)).content.decode()

    assert ('value="08:00"' in page, 'value="08:00:00"' in page) == (True, False)


@pytest.mark.parametrize("seats", ["-1", str(2**63), "", "x", "\x00", "1.5", "9" * 10_000])
def test_plan_with_seats_that_cannot_be_says_so_and_keeps_the_old(seats: str) -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8], seats=3)
    client = desk(make_officer(Role.PLANNER, plan.office))

    response = client.post(one("plan", plan), posted_lines(plan, seats=seats))

    assert response.status_code == 200
    assert response.context["errors"]
    assert PlanLine.objects.get(plan=plan).seats == 3


def test_plan_changed_by_a_planner_is_saved() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8])
    client = desk(make_officer(Role.PLANNER, plan.office))

    response = client.post(one("plan", plan), posted_lines(plan, seats=11))

    assert response.status_code == 302
    assert PlanLine.objects.get(plan=plan).seats == 11


def test_plan_of_a_reviewed_release_is_shown_fixed_and_not_changed() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8], seats=3)
    make_release(plan=plan, status=ReleaseStatus.REVIEWED)
    client = desk(make_officer(Role.PLANNER, plan.office))

    page = read(client, one("plan", plan))
    client.post(one("plan", plan), posted_lines(plan, seats=11))

    assert "Make another plan, or withdraw that release first." in page
    assert PlanLine.objects.get(plan=plan).seats == 3


# Releases


def test_release_drafted_on_the_page_has_its_author_and_the_offices_time() -> None:
    plan = make_plan(make_office(zone=Zone.WIT))
    planner = make_officer(Role.PLANNER, plan.office)

    response = desk(planner).post(reverse("admin:quota_release_add"), draft(plan))

    release = Release.objects.get()
    assert response.headers["Location"] == decide(release)
    assert (release.status, release.drafted_by_id) == (ReleaseStatus.DRAFT, planner.pk)
    local = release.publish_at.astimezone(ZoneInfo("Asia/Jayapura"))
    assert f"{local:%Y-%m-%d %H:%M}" == "2027-02-20 08:00"
    assert [entry.deed for entry in trail.of(f"release:{release.code}")] == ["release.drafted"]


def test_release_drafted_by_the_centre_takes_the_time_of_the_chosen_office() -> None:
    make_office(zone=Zone.WIB, name="A")
    plan = make_plan(make_office(zone=Zone.WITA, name="B"))

    desk(make_officer(Role.CENTRE)).post(reverse("admin:quota_release_add"), draft(plan))

    assert plan.office.local(Release.objects.get().publish_at).hour == 8


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"last_day": "2027-02-01"}, "The last day must not be before the first day."),
        ({"plan": "other"}, "Select a valid choice."),
        ({"office": "other"}, "Select a valid choice."),
        ({"office": "x"}, "Select a valid choice."),
        ({"publish_at_1": "25:00"}, "Enter a valid time."),
        ({"first_day": "2027-02-30"}, "Enter a valid date."),
    ],
)
def test_release_drafted_with_wrong_facts_says_so_and_keeps_them(
    facts: dict[str, str], said: str
) -> None:
    plan, other = make_plan(make_office()), make_plan(make_office())
    others = {"plan": other.pk, "office": other.office_id}
    asked = {name: others[name] if value == "other" else value for name, value in facts.items()}
    client = desk(make_officer(Role.PLANNER, plan.office))

    response = client.post(reverse("admin:quota_release_add"), draft(plan, **asked))

    assert response.status_code == 200
    assert said in response.content.decode()
    assert 'value="2027-02-20"' in response.content.decode()
    assert not Release.objects.exists()


def test_release_of_the_centre_with_a_plan_of_another_office_says_so() -> None:
    plan, other = make_plan(make_office()), make_plan(make_office())
    client = desk(make_officer(Role.CENTRE))

    response = client.post(reverse("admin:quota_release_add"), draft(plan, plan=other.pk))

    assert "The plan belongs to another office." in response.content.decode()
    assert not Release.objects.exists()


def test_release_changed_after_its_review_is_a_draft_again() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)
    planner = make_officer(Role.PLANNER, release.office)

    response = desk(planner).post(one("release", release), draft(release.plan))

    release.refresh_from_db()
    assert response.status_code == 302
    assert (release.status, release.first_day) == (ReleaseStatus.DRAFT, date(2027, 3, 1))
    assert release.drafted_by_id == planner.pk


def test_release_that_is_scheduled_cannot_be_changed() -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED)
    client = desk(make_officer(Role.HEAD, release.office))

    assert client.post(one("release", release), draft(release.plan)).status_code == 403
    assert f"{release.office.local(release.publish_at):%H:%M} WIB" in read(
        client, one("release", release)
    )


# Preview and decide


def test_decide_page_shows_days_hours_seats_and_closures_before_anything_is_made() -> None:
    release = make_release(plan=make_plan(make_office(), weekdays=[0, 1], hours=[8, 9], seats=4))
    Closure.objects.create(date=release.first_day, reason="Election")
    client = desk(make_officer(Role.PLANNER, release.office))

    page = read(client, decide(release))

    assert "6 sessions, 24 seats" in page
    assert "closed: Election" in page
    assert page.count('data-label="08:00–09:00">4<') == 3
    assert not release.slots.exists()


def test_decide_page_of_an_open_release_shows_what_was_made() -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED, publish_at=clock.now())
    open_release(release=release, at=clock.now())
    Closure.objects.create(date=release.first_day, reason="Entered afterwards")

    page = read(desk(make_officer(Role.HEAD, release.office)), decide(release))

    assert "20 sessions, 60 seats" in page
    assert f"?release={release.code}" in page
    assert 'name="decision"' not in page


def test_release_is_agreed_to_announced_and_opens() -> None:
    release = make_release()
    head = desk(make_officer(Role.HEAD, release.office))

    assert head.post(decide(release), {"decision": "review"}).status_code == 302
    assert head.post(decide(release), {"decision": "schedule"}).status_code == 302

    release.refresh_from_db()
    assert release.status == ReleaseStatus.SCHEDULED
    assert open_release(release=release, at=release.publish_at)


def test_release_agreed_to_by_its_author_says_who_may() -> None:
    release = make_release()
    assert release.drafted_by
    client = desk(release.drafted_by)

    page = client.post(decide(release), {"decision": "review"}).content.decode()

    release.refresh_from_db()
    assert release.status == ReleaseStatus.DRAFT
    assert "Ask another officer to review it." in page
    assert 'value="review"' not in page


def test_release_announced_or_withdrawn_by_a_planner_is_forbidden() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)
    client = desk(make_officer(Role.PLANNER, release.office))

    for decision in ("schedule", "withdraw"):
        response = client.post(decide(release), {"decision": decision, "reason": "Flood"})
        assert response.status_code == 403

    release.refresh_from_db()
    assert release.status == ReleaseStatus.REVIEWED


def test_release_withdrawn_without_a_reason_asks_for_one() -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED)
    client = desk(make_officer(Role.HEAD, release.office))

    page = client.post(decide(release), {"decision": "withdraw"}).content.decode()
    assert "Say why the release is withdrawn." in page

    client.post(decide(release), {"decision": "withdraw", "reason": "Flood"})
    release.refresh_from_db()
    assert release.status == ReleaseStatus.WITHDRAWN


@pytest.mark.parametrize("decision", ["", "open", "x" * 500])
def test_release_decided_nonsense_changes_nothing(decision: str) -> None:
    release = make_release()
    client = desk(make_officer(Role.HEAD, release.office))

    assert client.post(decide(release), {"decision": decision}).status_code == 200
    release.refresh_from_db()
    assert release.status == ReleaseStatus.DRAFT


def test_release_of_another_office_cannot_be_decided() -> None:
    release = make_release()
    client = desk(make_officer(Role.HEAD, make_office()))

    assert client.get(decide(release)).status_code == 404
    assert client.post(decide(release), {"decision": "review"}).status_code == 404


def test_release_cannot_be_decided_by_the_counter() -> None:
    release = make_release()
    client = desk(make_officer(Role.COUNTER, release.office))

    assert client.get(decide(release)).status_code == 403
    assert client.post(decide(release), {"decision": "review"}).status_code == 403


# Sessions by day


def test_slots_show_free_and_taken_seats_in_the_offices_time() -> None:
    slot = make_open_slot(seats=5, office=make_office(zone=Zone.WITA))
    slot.seats.filter(number__lte=2).update(holder=None)
    slot.seats.filter(number=1).update(holder="A")
    client = desk(make_officer(Role.PLANNER, slot.office))

    page = read(client, one("slot", slot))

    assert "10:00–11:00 WITA" in page
    assert client.post(one("slot", slot), {"capacity": 99}).status_code == 403


def test_slots_of_one_release_are_picked_by_its_code() -> None:
    slot, other = make_open_slot(seats=41), make_open_slot(seats=42)
    client = desk(make_officer(Role.CENTRE))

    page = read(client, f"{listing('slot')}?release={slot.release.code}")

    assert (one("slot", slot) in page, one("slot", other) in page) == (True, False)


def test_lists_ask_the_same_number_of_questions_however_many_rows() -> None:
    office = make_office()
    client = desk(make_officer(Role.HEAD, office))

    def questions() -> dict[str, int]:
        day = Closure.objects.count() + 1
        make_release(plan=make_plan(office))
        make_open_slot(office=office, starts_at=clock.now() + timedelta(days=day))
        make_terms(office=office, in_force_from=date(2026, 1, day))
        Closure.objects.create(office=office, date=date(2026, 1, day), reason="Flood")
        asked = {}
        for model in PLANNED:
            with CaptureQueriesContext(connection) as queries:
                client.get(listing(model))
            asked[model] = len(queries)
        return asked

    questions()
    two, three = questions(), questions()

    assert three == two


def test_release_moved_by_the_head_opens_later_in_the_offices_own_time() -> None:
    release = make_release(
        status=ReleaseStatus.SCHEDULED, plan=make_plan(make_office(zone=Zone.WIT))
    )
    client = desk(make_officer(Role.HEAD, release.office))
    day = f"{release.first_day:%Y-%m-%d}"
    assert "Open later" in read(client, decide(release))

    answer = client.post(decide(release), {"decision": "move", "publish_at": f"{day}T09:30"})

    release.refresh_from_db()
    assert answer.status_code == 302
    assert f"{release.office.local(release.publish_at):%Y-%m-%dT%H:%M}" == f"{day}T09:30"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "Give a day and an hour."),
        ("soon", "Enter a valid date/time."),
        ("2020-01-01T09:30", "The opening can only be moved to a later moment."),
        ("2099-01-01T09:30", "The release would open after its last day."),
    ],
)
def test_release_moved_to_a_moment_that_cannot_be_says_why(typed: str, complaint: str) -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED)
    client = desk(make_officer(Role.HEAD, release.office))

    answer = client.post(decide(release), {"decision": "move", "publish_at": typed})

    assert complaint in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode() or not typed
    assert Release.objects.get().publish_at == release.publish_at


def test_release_moved_by_a_planner_is_forbidden() -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED)
    client = desk(make_officer(Role.PLANNER, release.office))
    assert "Open later" not in read(client, decide(release))

    typed = {"decision": "move", "publish_at": f"{release.first_day:%Y-%m-%d}T09:30"}

    assert client.post(decide(release), typed).status_code == 403
    assert Release.objects.get().publish_at == release.publish_at
