"""Signing in with a second step and looking after it, page by page."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from applicants import totp
from applicants.models import Session, User
from applicants.proofs import PROVED
from applicants.queries import app_of, has_second_factor
from mpaspor.core import clock
from quota.enums import Role
from quota.models import Officer
from tests.factories.applicants import PASSWORD, app_code, give_app, make_user, newest_code
from tests.factories.quota import make_office

pytestmark = pytest.mark.django_db

LOGIN, STEP, OVERVIEW = "/account/login/", "/account/second-step/", "/account/second-factor/"
APP, CODES, PASSKEY = f"{OVERVIEW}app/", f"{OVERVIEW}codes/", f"{OVERVIEW}passkey/"


def sign_in(visitor: Client, account: User, onward: str = "") -> Any:
    path = f"{LOGIN}?next={onward}" if onward else LOGIN
    return visitor.post(path, {"login": account.email, "password": PASSWORD})


def officer(**facts: Any) -> User:
    """Without a second factor, as the centre makes them."""
    user = make_user(**facts)
    Officer.objects.create(user=user, role=Role.COUNTER, office=make_office())
    return user


def offered_code(page: Any) -> str:
    """What an app shows that has scanned the page."""
    secret = "".join(page.context["secret"])
    return totp.code_of(secret, totp.step_at(clock.now()))


def quoted(path: str) -> str:
    return quote(path, safe="")


def set_up(visitor: Client, onward: str = "") -> Any:
    path = f"{APP}?next={onward}" if onward else APP
    return visitor.post(path, {"code": offered_code(visitor.get(path))})


def enters(visitor: Client) -> bool:
    return visitor.get("/admin/").status_code == HTTPStatus.OK


def test_officer_signs_in_by_password_and_code_and_comes_where_they_were_going(
    visitor: Client,
) -> None:
    account = give_app(officer())
    assert sign_in(visitor, account, "/admin/roster/")["Location"] == STEP
    assert not enters(visitor)
    assert visitor.post(STEP, {"code": app_code()})["Location"] == "/admin/roster/"
    assert enters(visitor)


def test_officer_without_a_factor_sets_one_up_and_comes_where_they_were_going(
    visitor: Client,
) -> None:
    account = officer()
    assert sign_in(visitor, account, "/admin/roster/")["Location"] == "/admin/roster/"
    page = visitor.get("/admin/roster/", follow=True)
    assert page.redirect_chain[-1][0] == f"{OVERVIEW}?next={quoted('/admin/roster/')}"
    assert "opens only to people who sign in with a second step" in page.text
    assert f"{APP}?next={quoted('/admin/roster/')}" in page.text

    shown = set_up(visitor, "/admin/roster/")
    assert shown["Location"] == f"{CODES}?next={quoted('/admin/roster/')}"
    codes = re.findall(r"<li>(\d{4} \d{4})</li>", visitor.get(shown["Location"]).text)
    assert len(codes) == 10
    assert visitor.post(shown["Location"])["Location"] == "/admin/roster/"
    assert visitor.get("/admin/roster/").status_code == HTTPStatus.OK


def test_setting_up_never_leads_abroad(visitor: Client) -> None:
    sign_in(visitor, officer())
    shown = set_up(visitor, "https://evil.example/")
    assert shown["Location"] == CODES
    assert visitor.post(f"{CODES}?next=https://evil.example/")["Location"] == OVERVIEW


def test_setting_up_ends_the_other_sessions_of_the_account(visitor: Client) -> None:
    account, other = officer(), Client()
    sign_in(other, account)
    sign_in(visitor, account)
    assert other.get(OVERVIEW).status_code == HTTPStatus.OK
    set_up(visitor)

    assert visitor.get(OVERVIEW).status_code == HTTPStatus.OK
    assert other.get(OVERVIEW)["Location"].startswith(LOGIN)


def test_session_from_before_somebody_became_an_officer_does_not_enter(visitor: Client) -> None:
    account = make_user()
    sign_in(visitor, account)
    Officer.objects.create(user=account, role=Role.COUNTER, office=make_office())
    assert not enters(visitor)
    give_app(account)
    assert not enters(visitor)

    page = visitor.get("/admin/", follow=True)
    assert page.redirect_chain[-1] == (f"{STEP}?next=/admin/", HTTPStatus.FOUND)
    assert visitor.post(f"{STEP}?next=/admin/", {"code": app_code()})["Location"] == "/admin/"
    assert enters(visitor)


def test_session_that_passed_an_older_factor_does_not_enter(visitor: Client) -> None:
    """Switched on and off again as an applicant, then made an officer."""
    account = give_app(make_user())
    sign_in(visitor, account)
    visitor.post(STEP, {"code": app_code()})
    app = app_of(account)
    assert app is not None
    visitor.post(f"{OVERVIEW}{app.code}/remove/")
    assert not has_second_factor(account)
    Officer.objects.create(user=account, role=Role.COUNTER, office=make_office())

    assert not enters(visitor)


def test_officer_keeps_the_last_factor(visitor: Client) -> None:
    account = give_app(officer())
    visitor.force_login(account)
    app = app_of(account)
    assert app is not None
    answer = visitor.post(f"{OVERVIEW}{app.code}/remove/")
    assert "Set up another one first" in answer.text
    assert has_second_factor(account)
    assert enters(visitor)


def test_new_password_by_a_code_does_not_pass_the_second_step(visitor: Client) -> None:
    account = give_app(make_user())
    session = visitor.session
    session.update({"recovery_contact": account.email, "recovery_proved": clock.now().isoformat()})
    session.save()
    answer = visitor.post("/account/recover/password/", {"password": "jahe-hangat-2"})
    assert answer["Location"] == STEP
    assert "_auth_user_id" not in visitor.session


def test_applicant_may_use_a_second_step_and_need_not(visitor: Client) -> None:
    account = make_user()
    assert sign_in(visitor, account)["Location"] == "/applications/"
    assert set_up(visitor)["Location"] == CODES
    again = Client()
    assert sign_in(again, account)["Location"] == STEP


def test_wrong_code_on_the_page_is_told_and_counted_and_nobody_is_in(visitor: Client) -> None:
    account = give_app(make_user())
    sign_in(visitor, account)
    for left in (4, 3):
        answer = visitor.post(STEP, {"code": "000 000"})
        assert f"Tries left: {left}" in answer.text
    assert "_auth_user_id" not in visitor.session
    used = app_code()
    visitor.post(STEP, {"code": used})
    again = Client()
    again.cookies["django_language"] = "en"
    sign_in(again, account)
    assert "used already" in again.post(STEP, {"code": used}).text
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("code", ["\x00", "\u202e123", "9" * 10_000, "<b>", ""])
@pytest.mark.parametrize("path", [STEP, f"{STEP}recovery/"])
def test_second_step_with_bad_input_says_so(visitor: Client, path: str, code: str) -> None:
    sign_in(visitor, give_app(make_user()))
    answer = visitor.post(path, {"code": code})
    assert answer.status_code == HTTPStatus.OK
    assert list(answer.context["form"].errors) == ["code"]


def test_lost_device_by_a_recovery_code(visitor: Client) -> None:
    account = officer()
    sign_in(visitor, account)
    shown = visitor.get(set_up(visitor)["Location"])
    code = re.findall(r"<li>(\d{4} \d{4})</li>", shown.text)[0]
    for works in (True, False):
        device = Client()
        sign_in(device, account, "/admin/")
        device.post(f"{STEP}recovery/", {"code": code})
        assert enters(device) == works


def test_recovery_codes_are_shown_until_kept_and_then_never(visitor: Client) -> None:
    sign_in(visitor, make_user())
    set_up(visitor)
    page = visitor.get(CODES)
    file = visitor.get(f"{CODES}file/")
    assert file["Content-Disposition"] == 'attachment; filename="m-paspor-recovery-codes.txt"'
    assert re.findall(r"\d{4} \d{4}", file.text) == re.findall(r"\d{4} \d{4}", page.text)
    visitor.post(CODES)
    assert visitor.get(CODES)["Location"] == OVERVIEW
    assert visitor.get(f"{CODES}file/")["Location"] == OVERVIEW


def test_sessions_hold_no_secret_in_clear(visitor: Client) -> None:
    sign_in(visitor, make_user())
    secret = "".join(visitor.get(APP).context["secret"])
    set_up(visitor)
    codes = [code.replace(" ", "") for code in visitor.get(CODES).context["codes"]]
    visitor.get(APP)
    kept = " ".join(str(row.get_decoded()) for row in Session.objects.all())
    assert [word for word in [secret, *codes] if word in kept] == []


def test_secret_stays_while_the_page_is_loaded_again(visitor: Client) -> None:
    sign_in(visitor, make_user())
    first = visitor.get(APP).context["secret"]
    assert visitor.get(APP).context["secret"] == first
    wrong = visitor.post(APP, {"code": "000000"})
    assert wrong.context["secret"] == first
    assert list(wrong.context["form"].errors) == ["code"]


def test_page_shows_the_secret_as_a_picture_and_in_letters(visitor: Client) -> None:
    sign_in(visitor, make_user("siti@example.com"))
    page = visitor.get(APP)
    secret = "".join(page.context["secret"])
    assert page.context["address"] == (
        f"otpauth://totp/M-Paspor%3Asiti%40example.com?secret={secret}&issuer=M-Paspor"
    )
    assert 'src="data:image/svg+xml' in page.text
    assert "default-src 'none'" in page["Content-Security-Policy"]


def let_time_pass(visitor: Client) -> None:
    session = visitor.session
    session[PROVED] = (clock.now() - timedelta(hours=1)).isoformat()
    session.save()


@pytest.mark.parametrize("path", [APP, PASSKEY, f"{CODES}new/", CODES])
def test_keys_change_only_for_who_showed_the_second_factor_lately(
    visitor: Client, path: str
) -> None:
    visitor.force_login(give_app(make_user()))
    let_time_pass(visitor)
    for ask in (visitor.get, visitor.post):
        assert ask(path)["Location"] == f"{STEP}?next={path}"
    assert visitor.post(f"{STEP}?next={path}", {"code": app_code()})["Location"] == path
    assert visitor.get(path).get("Location", "") in ("", OVERVIEW)


def test_keys_do_not_change_in_a_session_that_never_passed_the_second_step(visitor: Client) -> None:
    account = make_user()
    sign_in(visitor, account)
    give_app(account)
    assert visitor.get(APP)["Location"] == f"{STEP}?next={APP}"


def test_first_factor_is_set_up_only_by_who_typed_a_fresh_code(visitor: Client) -> None:
    account = make_user()
    sign_in(visitor, account)
    let_time_pass(visitor)
    sent = visitor.get(APP)["Location"]
    assert sent == f"/account/fresh-code/?next={quoted(APP)}"
    visitor.get(sent)
    assert visitor.post(sent, {"code": newest_code(str(account.email))})["Location"] == APP
    assert visitor.get(APP).status_code == HTTPStatus.OK


@pytest.mark.parametrize("path", [STEP, f"{STEP}recovery/"])
def test_second_step_of_nobody_leads_to_signing_in(visitor: Client, path: str) -> None:
    assert visitor.get(f"{path}?next=/admin/")["Location"] == f"{LOGIN}?next={quoted('/admin/')}"
    assert visitor.post(f"{STEP}passkey/")["Location"] == LOGIN


def test_another_account_instead_of_the_second_step(visitor: Client) -> None:
    sign_in(visitor, give_app(make_user()))
    assert visitor.post(f"{STEP}leave/")["Location"] == LOGIN
    assert visitor.get(STEP)["Location"] == LOGIN


def test_pages_with_secrets_are_kept_by_nobody(visitor: Client) -> None:
    sign_in(visitor, make_user())
    paths = [OVERVIEW, APP, PASSKEY]
    set_up(visitor)
    for path in [*paths, CODES, f"{CODES}file/"]:
        assert "no-store" in visitor.get(path)["Cache-Control"], path
