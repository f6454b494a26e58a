"""Following as people meet it: the button, the list, and the link in each message."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mpaspor.audit.models import Entry
from quota.followers.following import unfollow_token
from quota.followers.models import Following
from tests.appointments.browsing import said, signed_in, text_of
from tests.factories.applicants import make_user
from tests.factories.followers import make_announced, make_following
from tests.factories.quota import make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def by_link(following: Following) -> str:
    return reverse("unfollow_by_link", args=[unfollow_token(following)])


@pytest.mark.parametrize(("typed", "remind"), [({}, False), ({"remind": "on"}, True)])
def test_follow_from_the_page_of_the_office(typed: dict[str, Any], remind: bool) -> None:
    office, client = make_office(), signed_in(make_user())
    address = reverse("follow", args=[office.code])
    assert address in client.get(reverse("office_detail", args=[office.code])).content.decode()
    assert "Tell me of new dates" in text_of(client.get(address))

    page = client.post(address, typed, follow=True)

    following = Following.objects.get()
    assert (following.office, following.remind) == (office, remind)
    assert page.redirect_chain == [(reverse("followed"), 302)]
    assert said(page) == [f"Saved. We tell you of new dates of {office.name}."]
    shown = text_of(client.get(reverse("office_detail", args=[office.code])))
    assert "You are told of new dates" in shown
    assert client.get(address).headers["Location"] == reverse("followed")


def test_release_calendar_leads_to_following_the_office(stranger: Client) -> None:
    release = make_announced()

    page = stranger.get(reverse("release_calendar")).content.decode()

    assert page.count(reverse("follow", args=[release.office.code])) == 1


@pytest.mark.parametrize("deed", ["follow", "unfollow"])
def test_following_without_signing_in_leads_to_signing_in(stranger: Client, deed: str) -> None:
    following = make_following()
    answer = stranger.post(reverse(deed, args=[following.office.code]))

    assert answer.headers["Location"].startswith("/account/login/?next=/offices/")
    assert Following.objects.count() == 1


def test_followed_page_lists_ones_own_and_stops_one_with_one_press() -> None:
    mine, other = make_following(remind=True), make_following()
    client = signed_in(mine.account)
    listed = text_of(client.get(reverse("followed")))
    assert (mine.office.name in listed, other.office.name in listed) == (True, False)

    for _twice in range(2):
        page = client.post(reverse("unfollow", args=[mine.office.code]), follow=True)
        client.post(reverse("unfollow", args=[other.office.code]))

    assert list(Following.objects.all()) == [other]
    assert "You follow no office yet." in text_of(page)


def test_account_page_leads_to_the_list() -> None:
    page = signed_in(make_user()).get(reverse("account")).content.decode()

    assert reverse("followed") in page


def test_unfollow_link_stops_only_after_a_press_and_without_signing_in(stranger: Client) -> None:
    following, other = make_following(), make_following()

    page = text_of(stranger.get(by_link(following)))
    assert f"when new dates of {following.office.name} open" in page
    assert Following.objects.count() == 2

    for _twice in range(2):
        page = text_of(stranger.post(by_link(following)))
        assert "You get no more of these messages" in page
    assert list(Following.objects.all()) == [other]
    assert Entry.objects.get(deed="office.unfollow").door == "unfollow-link"


@pytest.mark.parametrize("token", ["1", "1.", "1.x", "x.y", "1" * 900])
def test_torn_unfollow_link_is_not_found(stranger: Client, token: str) -> None:
    make_following()
    for ask in (stranger.get, stranger.post):
        assert ask(f"/unfollow/{token}/").status_code == 404
    assert Following.objects.count() == 1


@pytest.mark.parametrize("page", ["follow", "unfollow"])
def test_following_an_office_that_is_not_there(page: str) -> None:
    client = signed_in(make_user())
    answer = client.post(reverse(page, args=["nowhere"]))

    assert (answer.status_code, Following.objects.count()) == (404 if page == "follow" else 302, 0)
