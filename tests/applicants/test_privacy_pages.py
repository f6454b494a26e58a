"""The pages about one's data: for everybody, for the holder, for the centre."""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.consents import withdraw_consent
from applicants.enums import PrivacyKind, PrivacyStatus
from applicants.models import Consent, PrivacyRequest, RetentionRule, User
from applicants.views.stepping_up import PROVED
from appointments.counter import look
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.templatetags.words import everywhere
from quota.enums import Role
from tests.factories.applicants import (
    make_child,
    make_person,
    make_privacy_request,
    make_superuser,
    make_user,
)
from tests.factories.appointments import make_awaiting, make_confirmed
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

MINE = "/account/privacy/"
EXPORT, CORRECTION, ERASURE = (f"{MINE}{page}/" for page in ("export", "correction", "erasure"))


@pytest.fixture
def holder(visitor: Client) -> User:
    """Who has just signed in."""
    account = make_user("siti@example.test")
    sign_in(visitor, account)
    return account


def sign_in(visitor: Client, account: User) -> None:
    """And has typed a fresh code."""
    visitor.force_login(account)
    session = visitor.session
    session[PROVED] = clock.now().isoformat()
    session.save()


def test_public_page_is_for_everybody_and_says_what_the_rules_say(visitor: Client) -> None:
    RetentionRule.objects.filter(kind="drafts").update(days=77)
    page = visitor.get("/privacy/")
    assert page.status_code == HTTPStatus.OK
    assert "77 days" in page.text
    assert "stay for 10 years" in page.text
    assert "within 72 hours" in page.text
    assert "passport is handed over" not in page.text
    assert "/privacy/" in visitor.get("/").text


@pytest.mark.parametrize("path", [MINE, f"{MINE}looks/", EXPORT, CORRECTION, ERASURE])
def test_pages_about_own_data_need_a_sign_in(visitor: Client, path: str) -> None:
    assert visitor.get(path)["Location"].startswith("/account/login/")


@pytest.mark.parametrize("path", [EXPORT, ERASURE])
def test_export_and_erasure_need_a_fresh_code(visitor: Client, path: str) -> None:
    visitor.force_login(make_user())
    assert visitor.get(path)["Location"] == f"/account/fresh-code/?next={path.replace('/', '%2F')}"
    visitor.post(path, {"format": "json", "understood": "on"})
    assert PrivacyRequest.objects.count() == 0


def test_my_account_leads_to_my_data(visitor: Client, holder: User) -> None:
    assert f'href="{MINE}"' in visitor.get("/account/").text
    page = visitor.get(MINE)
    assert page.status_code == HTTPStatus.OK
    assert "Nobody so far" in page.text


def test_my_data_shows_until_when_an_answer_is_due_and_when_it_is_overdue(
    visitor: Client, holder: User
) -> None:
    asked = make_privacy_request(account=holder)
    page = visitor.get(MINE)
    assert f"We answer at the latest on {everywhere(asked.due_at)}." in page.text
    late = clock.now() - timedelta(days=4)
    old = make_privacy_request(account=holder, kind=PrivacyKind.ERASURE, words="", at=late)
    page = visitor.get(MINE)
    assert f"The answer was due on {everywhere(old.due_at)}. We are late" in page.text


def test_my_data_shows_the_newest_looks_and_leads_to_all(visitor: Client) -> None:
    appointment = make_confirmed()
    officer = make_officer(Role.COUNTER, appointment.slot.office)
    for _again in range(7):
        look([appointment], by=officer, at=clock.now(), through="page")
    sign_in(visitor, appointment.application.account)
    who = f"Counter, {appointment.slot.office.name}: Page opened"
    page, all_of_them = visitor.get(MINE), visitor.get(f"{MINE}looks/")
    assert (page.text.count(who), all_of_them.text.count(who)) == (5, 7)
    assert officer.name not in page.text + all_of_them.text
    assert f"{MINE}looks/" in page.text


@pytest.mark.parametrize(
    ("form", "kind"), [("json", "application/json"), ("pdf", "application/pdf")]
)
def test_export_hands_out_a_file_that_is_kept_nowhere(
    visitor: Client, holder: User, form: str, kind: str
) -> None:
    nik = make_person(holder).identity.nik
    assert nik not in visitor.get(EXPORT).text
    answer = visitor.post(EXPORT, {"format": form})
    assert answer["Content-Type"] == kind
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == f'attachment; filename="m-paspor-{holder.code}.{form}"'
    if form == "json":
        assert json.loads(answer.content)["kept"]["persons"][0]["identity_nik"] == nik
    deeds = [entry.deed for entry in trail.of(f"account:{holder.code}")]
    assert deeds.count("export_data") == 1


@pytest.mark.parametrize("form", ["", "xml", "\x00", "p" * 10_000])
def test_export_in_no_known_format_says_so(visitor: Client, holder: User, form: str) -> None:
    answer = visitor.post(EXPORT, {"format": form})
    assert (answer.status_code, "Choose one of the two files." in answer.text) == (200, True)


def test_correction_is_asked_for_and_shown_with_its_words(visitor: Client, holder: User) -> None:
    answer = visitor.post(CORRECTION, {"words": "Nama ibu <b>salah</b>"}, follow=True)
    assert answer.redirect_chain == [(MINE, 302)]
    assert "Nama ibu &lt;b&gt;salah&lt;/b&gt;" in answer.text
    assert PrivacyRequest.objects.get().words == "Nama ibu <b>salah</b>"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "This field is required"),
        ("   ", "This field is required"),
        ("\x00", "Null characters"),
        ("\u202e", "Write at least one word"),
        ("w" * 2001, "at most 2000 signs"),
        ("w" * 25_000, "at most 20000 characters"),
    ],
)
def test_correction_with_bad_words_says_so_and_keeps_them(
    visitor: Client, holder: User, words: str, said: str
) -> None:
    answer = visitor.post(CORRECTION, {"words": words})
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (HTTPStatus.OK, ["words"])
    assert said in str(form.errors)
    assert form["words"].value() == words
    assert PrivacyRequest.objects.count() == 0


def test_correction_asked_twice_says_that_the_first_waits(visitor: Client, holder: User) -> None:
    make_privacy_request(account=holder)
    answer = visitor.post(CORRECTION, {"words": "Lagi"})
    assert "You asked for this before" in answer.text


def test_erasure_tells_what_is_kept_and_wants_to_be_understood(
    visitor: Client, holder: User
) -> None:
    page = visitor.get(ERASURE)
    assert "records of state fees, kept for 10 years" in page.text
    answer = visitor.post(ERASURE, {"words": ""})
    assert list(answer.context["form"].errors) == ["understood"]
    assert PrivacyRequest.objects.count() == 0
    answer = visitor.post(ERASURE, {"words": "", "understood": "on"})
    assert answer["Location"] == MINE
    assert PrivacyRequest.objects.get().kind == PrivacyKind.ERASURE


def test_erasure_while_a_bill_waits_says_what_must_be_over(visitor: Client) -> None:
    account = make_awaiting().application.account
    sign_in(visitor, account)
    assert "There is an application under way" in visitor.get(ERASURE).text
    answer = visitor.post(ERASURE, {"understood": "on"})
    assert "There is an application under way" in answer.text
    assert PrivacyRequest.objects.count() == 0


def test_request_is_taken_back_once(visitor: Client, holder: User) -> None:
    asked = make_privacy_request(account=holder)
    path = reverse("request_take_back", args=[asked.code])
    assert visitor.get(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "taken back" in visitor.post(path, follow=True).text
    assert "already answered or taken back" in visitor.post(path, follow=True).text
    asked.refresh_from_db()
    assert asked.status == PrivacyStatus.TAKEN_BACK


def test_consent_is_withdrawn_after_asking(visitor: Client) -> None:
    child = make_child()
    sign_in(visitor, child.account)
    path = reverse("consent_withdraw", args=["child", child.code])
    assert path in visitor.get(MINE).text
    assert "/privacy/consents/child/1/" in visitor.get(MINE).text
    assert "No new application can be made" in visitor.get(path).text
    assert Consent.objects.filter(withdrawn_at=None).count() == 1
    assert visitor.post(path)["Location"] == MINE
    assert Consent.objects.filter(withdrawn_at=None).count() == 0
    assert visitor.post(path).status_code == HTTPStatus.NOT_FOUND
    assert "Withdrawn on" in visitor.get(MINE).text


def test_what_belongs_to_others_is_not_found(visitor: Client, holder: User) -> None:
    asked, child = make_privacy_request(), make_child()
    paths = [
        reverse("request_take_back", args=[asked.code]),
        reverse("consent_withdraw", args=["child", child.code]),
        reverse("consent_withdraw", args=["nothing", child.code]),
    ]
    assert [visitor.post(path).status_code for path in paths] == [404] * 3


@pytest.fixture
def centre(visitor: Client) -> Client:
    visitor.force_login(make_officer(Role.CENTRE))
    return visitor


def desk_of(asked: PrivacyRequest) -> str:
    return reverse("admin:applicants_privacyrequest_decide", args=[asked.pk])


def test_desk_lists_the_overdue_first_and_today_counts_them(centre: Client) -> None:
    now = clock.now()
    answered = make_privacy_request(at=now - timedelta(days=9))
    PrivacyRequest.objects.filter(pk=answered.pk).update(status="declined", answered_at=now)
    fresh = make_privacy_request()
    late = make_privacy_request(at=now - timedelta(days=4))
    page = centre.get("/admin/applicants/privacyrequest/")
    assert [row.pk for row in page.context["cl"].result_list] == [late.pk, fresh.pk, answered.pk]
    assert page.text.count("Overdue") == 1
    today = " ".join(centre.get("/admin/").text.split())
    assert "2 requests about data wait for an answer" in today
    assert "(1 overdue)" in today


def test_desk_shows_the_words_and_leaves_a_line_of_the_look(centre: Client) -> None:
    asked = make_privacy_request(words="Nama saya <b>salah</b>")
    page = centre.get(desk_of(asked))
    assert "Nama saya &lt;b&gt;salah&lt;/b&gt;" in page.text
    (entry,) = [e for e in trail.of(f"account:{asked.account.code}") if e.deed == "person.look"]
    assert entry.facts == {"through": "page", "role": "centre"}


def test_desk_answers_and_the_holder_reads_it(centre: Client) -> None:
    asked = make_privacy_request()
    answer = centre.post(desk_of(asked), {"decision": "grant", "answer": "Sudah diperbaiki."})
    assert answer["Location"] == "/admin/applicants/privacyrequest/"
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == (PrivacyStatus.GRANTED, "Sudah diperbaiki.")
    sign_in(centre, asked.account)
    assert "Sudah diperbaiki." in centre.get(MINE).text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"decision": "grant", "answer": ""}, "answer"),
        ({"decision": "grant", "answer": "\x00"}, "answer"),
        ({"decision": "grant", "answer": "w" * 2001}, "answer"),
        ({"decision": "", "answer": "Ya"}, "decision"),
        ({"decision": "maybe", "answer": "Ya"}, "decision"),
    ],
)
def test_desk_with_a_bad_answer_says_so_and_changes_nothing(
    centre: Client, given: dict[str, Any], field: str
) -> None:
    asked = make_privacy_request()
    answer = centre.post(desk_of(asked), given)
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    asked.refresh_from_db()
    assert asked.status == PrivacyStatus.OPEN


def test_desk_answering_twice_says_so(centre: Client) -> None:
    asked = make_privacy_request()
    given = {"decision": "decline", "answer": "Tidak bisa."}
    centre.post(desk_of(asked), given)
    assert "already answered" in centre.post(desk_of(asked), given).text


def test_desk_of_nothing_is_not_found(centre: Client) -> None:
    path = reverse("admin:applicants_privacyrequest_decide", args=[999_999])
    assert centre.get(path).status_code == HTTPStatus.NOT_FOUND


def test_new_rule_is_added_by_the_centre_with_a_line(centre: Client) -> None:
    body = {"kind": "drafts", "days": "10", "in_force_from": "2030-01-01"}
    answer = centre.post("/admin/applicants/retentionrule/add/", body)
    assert answer.status_code == HTTPStatus.FOUND, answer.context["adminform"].form.errors
    (entry,) = trail.of("retention:drafts")
    assert entry.facts == {"days": 10, "in_force_from": "2030-01-01"}


def test_person_opened_in_the_admin_leaves_a_line_the_holder_reads(visitor: Client) -> None:
    person = make_person()
    visitor.force_login(make_superuser())
    assert visitor.get(f"/admin/applicants/person/{person.pk}/change/").status_code == 200
    sign_in(visitor, person.account)
    assert "An officer: Page opened" in visitor.get(MINE).text


def test_withdrawn_consent_stands_without_a_way_to_withdraw_it(visitor: Client) -> None:
    child = make_child()
    withdraw_consent(consent=child.consents.get(), by=child.account, at=clock.now())
    sign_in(visitor, child.account)
    assert reverse("consent_withdraw", args=["child", child.code]) not in visitor.get(MINE).text
