"""A fresh code before what cannot be undone."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from applicants.codes import CodeUsedUp
from applicants.contacts import read_contact
from applicants.models import User
from applicants.requests import typed_fields
from applicants.stepping_up import is_fresh, step_up
from applicants.views.stepping_up import PROVED, fresh_code_required
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from tests.factories.applicants import make_user, newest_code

pytestmark = pytest.mark.django_db

PAGE = "/account/fresh-code/"
ONWARD = "/account/"
CODES = {"template": "notices/applicants/code"}


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


@pytest.fixture
def device(account: User) -> Client:
    client = Client()
    client.force_login(account)
    client.cookies["django_language"] = "en"
    return client


@fresh_code_required
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def through_the_guard(device: Client, method: str = "GET", **form: str) -> HttpResponse:
    """What the decorator answers to a request of this device."""
    make = RequestFactory()
    path = "/somewhere/?a=1"
    request = make.post(path, form) if method == "POST" else make.get(path)
    request.session = device.session
    request.user = User.objects.get(pk=device.session["_auth_user_id"])
    request._messages = []  # type: ignore[attr-defined]
    return guarded(request)


def type_back(device: Client, **more: str) -> Any:
    return device.post(PAGE, {"code": newest_code("siti@example.com"), "next": ONWARD, **more})


def test_guarded_page_without_a_fresh_code_leads_to_the_page_that_asks(device: Client) -> None:
    answer = through_the_guard(device)

    assert answer["Location"] == f"{PAGE}?next={quote('/somewhere/?a=1', safe='')}"


def test_page_sends_one_code_however_often_it_is_opened(device: Client) -> None:
    pages = [device.get(f"{PAGE}?next={ONWARD}") for _again in range(3)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "siti@example.com" in pages[0].text
    assert Notice.objects.filter(**CODES).count() == 1


def test_code_typed_back_leads_on_and_opens_the_guarded_page(device: Client, account: User) -> None:
    device.get(PAGE)

    answer = type_back(device)

    assert answer["Location"] == ONWARD
    assert through_the_guard(device).content == b"done"
    assert trail.of(f"account:{account.code}")[-1].deed == "step_up"


def test_code_typed_back_on_one_device_opens_nothing_on_another(
    device: Client, account: User
) -> None:
    device.get(PAGE)
    type_back(device)
    other = Client()
    other.force_login(account)

    assert through_the_guard(other).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(("seconds", "fresh"), [(-1, True), (0, False), (1, False)])
def test_code_is_fresh_until_its_lifetime_is_over(seconds: int, fresh: bool) -> None:
    at = clock.now()
    lifetime = timedelta(seconds=settings.STEP_UP_LIFETIME + seconds)

    assert is_fresh(at, at=at + lifetime) == fresh


def test_form_sent_too_late_is_carried_over_without_its_secrets(device: Client) -> None:
    form = {"reason": "salah ketik", "current": "kopi", "password": "teh", "many": "1"}

    asked = through_the_guard(device, "POST", **form)

    text = asked.content.decode()
    assert ('name="carried-reason" value="salah ketik"' in text, "kopi" in text) == (True, False)
    carried = {"carried-reason": "salah ketik", "carried-many": "1"}
    answer = type_back(device, **carried)
    assert 'name="reason" value="salah ketik"' in answer.content.decode()
    assert f'action="{ONWARD}"' in answer.content.decode()


def test_wrong_code_says_so_and_keeps_what_was_carried(device: Client) -> None:
    device.get(PAGE)
    wrong = f"{(int(newest_code('siti@example.com')) + 1) % 1_000_000:06}"

    answer = device.post(PAGE, {"code": wrong, "next": ONWARD, "carried-reason": "salah"})

    assert ("This is not the code" in answer.text, 'value="salah"' in answer.text) == (True, True)
    assert PROVED not in device.session


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "\x00", "9" * 10_000])
def test_bad_code_is_answered_in_words(device: Client, typed: str) -> None:
    device.get(PAGE)

    answer = device.post(PAGE, {"code": typed})

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["code"])


def test_code_of_another_purpose_does_not_step_up(account: User) -> None:
    with pytest.raises(CodeUsedUp):
        step_up(
            account=account,
            contact=read_contact("siti@example.com"),
            typed="123456",
            by=account,
            at=clock.now(),
        )


def test_code_can_go_to_the_other_confirmed_contact(device: Client, account: User) -> None:
    User.objects.filter(pk=account.pk).update(phone="+6281234567890", phone_verified=True)
    page = device.get(PAGE)
    assert "Send it by SMS" in page.text

    answer = device.post("/account/fresh-code/other/", {"next": ONWARD})

    assert answer["Location"] == f"{PAGE}?next={quote(ONWARD, safe='')}"
    code = newest_code("0812-3456-7890")
    assert device.post(PAGE, {"code": code, "next": ONWARD})["Location"] == ONWARD


def test_resend_too_soon_is_answered_kindly(device: Client) -> None:
    device.get(PAGE)

    answer = device.post("/account/fresh-code/resend/", {"next": ONWARD}, follow=True)

    assert "We sent you a code a moment ago" in answer.text
    assert Notice.objects.filter(**CODES).count() == 1


def test_page_never_leads_to_another_site(device: Client) -> None:
    device.get(PAGE)

    assert type_back(device, next="https://evil.example/")["Location"] == ONWARD


def test_page_needs_a_sign_in(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/account/login/")


def test_typed_fields_keeps_every_value_of_a_field() -> None:
    request = RequestFactory().post("/", {"day": ["1", "2"], "new_password": "x", "current": "y"})

    assert typed_fields(request) == [("day", "1"), ("day", "2")]
