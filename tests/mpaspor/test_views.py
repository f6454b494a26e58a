import pytest
from django.template.loader import render_to_string
from django.test import Client

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Siti",
    "needs": ["a", "b"],
    "password1": "rahasia-1",
    "csrfmiddlewaretoken": "old",
}


def post(*, origin: str, cookie: str = "") -> str:
    client = Client(enforce_csrf_checks=True)
    if cookie:
        client.cookies["csrftoken"] = cookie
    response = client.post("/language/?next=/", TYPED, headers={"origin": origin})
    assert response.status_code == 403
    return response.content.decode()


def test_stale_form_from_our_own_page_brings_back_what_was_typed() -> None:
    page = post(origin="http://testserver")
    assert '<input type="hidden" name="name" value="Siti">' in page
    assert page.count('name="needs"') == 2
    assert 'action="/language/?next=/"' in page


def test_stale_form_never_brings_back_a_password_or_the_old_token() -> None:
    page = post(origin="http://testserver")
    assert ("password1" in page, "rahasia-1" in page, 'value="old"' in page) == (
        False,
        False,
        False,
    )


def test_stale_form_from_another_site_offers_nothing_to_press() -> None:
    assert "Siti" not in post(origin="https://elsewhere.example")


@pytest.mark.parametrize(("cookie", "told"), [("", True), ("a" * 32, False)])
def test_stale_form_without_cookie_tells_how_to_allow_it(cookie: str, told: bool) -> None:
    page = post(origin="http://testserver", cookie=cookie)
    assert ('id="cookies"' in page) is told


def test_missing_page_is_answered_with_a_way_home(client: Client) -> None:
    response = client.get("/there-is-no-such-page/")
    assert response.status_code == 404
    assert 'class="button" href="/"' in response.content.decode()


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_page_of_last_resort_needs_no_context(template: str) -> None:
    assert 'class="button" href="/"' in render_to_string(template)
