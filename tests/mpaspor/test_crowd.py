"""The page for crowded minutes: who is asked, what counts as an answer, what is never lost."""

import time
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from mpaspor.core import cache as caching
from mpaspor.crowd import work
from mpaspor.crowd.addresses import network_of
from mpaspor.crowd.work import new_ticket, pass_for, read_ticket, solves
from tests.factories.applicants import PASSWORD, make_user
from tests.mpaspor.crowds import ASKED, Visitor, form_of, solve

pytestmark = pytest.mark.django_db

LOGIN, OFFICES = "/account/login/", "/offices/"
OURS = {"origin": "http://testserver"}


@pytest.fixture(autouse=True)
def crowded(settings: Settings) -> None:
    """Two requests a minute are many here."""
    settings.POW_REQUESTS_A_MINUTE, settings.POW_BITS = 2, 8


def after(requests: int, visitor: Client) -> Client:
    for _again in range(requests):
        assert visitor.get("/healthz").status_code == 200
        visitor.get(LOGIN)
    return visitor


# Where somebody is


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "network"),
    [
        (0, "203.0.113.9", "", "203.0.113.9"),
        (0, "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (1, "10.0.0.2", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.2", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        (2, "10.0.0.2", "198.51.100.1", "10.0.0.2"),
        (1, "10.0.0.2", "<script>", "unknown"),
        (0, "", "", "unknown"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (0, "2001:db8:1:2:ffff::1", "", "2001:db8:1:2::"),
        (0, "::ffff:203.0.113.9", "", "203.0.113.9"),
    ],
)
def test_network_of_believes_our_own_proxies_only(
    settings: Settings, proxies: int, remote: str, forwarded: str, network: str
) -> None:
    settings.NUM_PROXIES = proxies
    request: HttpRequest = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert network_of(request) == network


# Who is asked


def test_crowd_asks_above_the_limit_and_without_a_query(
    client: Client, django_assert_num_queries: Any
) -> None:
    after(2, client)
    client.cookies["sessionid"] = "somebody"
    with django_assert_num_queries(0):
        answer = client.get(LOGIN)
    assert (answer.status_code, answer["Retry-After"]) == (ASKED, "10")
    assert "Mohon tunggu sebentar" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert "default-src" in answer["Content-Security-Policy"]


def test_crowd_counts_each_address_for_itself(client: Client) -> None:
    after(2, client)
    assert client.get(LOGIN, REMOTE_ADDR="203.0.113.10").status_code == 200


def test_crowd_counts_anew_each_minute(client: Client) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        after(2, client)
        assert client.get(LOGIN).status_code == ASKED
        clock.shift(60)
        assert client.get(LOGIN).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/offices/"])
def test_crowd_asks_no_machine(client: Client, path: str) -> None:
    assert [client.get(path).status_code for _ in range(4)] == [200] * 4


def test_crowd_asks_nobody_while_redis_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_silent_until", time.monotonic() + 60)
    assert [client.get(LOGIN).status_code for _ in range(4)] == [200] * 4


def test_crowd_counts_a_device_that_signed_in_for_itself_and_not_by_address(
    client: Client,
) -> None:
    make_user("siti@example.com")
    client.post(LOGIN, {"login": "siti@example.com", "password": PASSWORD})
    after(4, Client())
    answers = [client.get("/applications/").status_code for _ in range(3)]
    assert answers == [200, 200, ASKED]


def test_crowd_with_a_device_that_somebody_made_up_counts_the_address(client: Client) -> None:
    client.cookies["device"] = "made:up"
    after(2, client)
    assert client.get(LOGIN).status_code == ASKED


# What is never lost


def test_crowd_passed_by_a_get_gives_the_page_itself_and_its_address(client: Client) -> None:
    after(2, client)
    form = form_of(client.get(f"{LOGIN}?next=/offices/&next=/a").text)
    assert (form.method, form.action) == ("get", LOGIN)
    answer = client.get(LOGIN, form.answered())
    assert answer.status_code == 200
    assert answer.wsgi_request.get_full_path() == f"{LOGIN}?next=%2Fa"
    assert client.get(LOGIN).status_code == 200


def test_crowd_passed_by_a_post_does_what_was_sent(client: Client) -> None:
    make_user("siti@example.com")
    after(2, client)
    typed = {"login": "siti@example.com", "password": PASSWORD}
    page = client.post(LOGIN, typed, headers=OURS)
    form = form_of(page.text)
    assert (form.method, form.action) == ("post", LOGIN)
    assert form.fields["login"] == "siti@example.com"
    assert PASSWORD not in page.text
    again = client.post(LOGIN, form.answered() | {"password": PASSWORD})
    assert again["Location"] == "/applications/"


def test_crowd_offers_nothing_that_another_site_sent(client: Client) -> None:
    after(2, client)
    page = client.post(LOGIN, {"login": "siti@example.com"}, headers={"origin": "https://evil"})
    form = form_of(page.text)
    assert (form.method, sorted(form.fields)) == ("get", ["crowd_answer", "crowd_ticket"])


def test_crowd_asks_a_piece_of_a_page_to_load_it_whole(client: Client) -> None:
    after(2, client)
    answer = client.get(LOGIN, headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (ASKED, "true")


# What counts as an answer


def test_crowd_without_javascript_lets_through_after_the_wait(client: Client) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        after(2, client)
        first = form_of(client.get(LOGIN).text)
        clock.shift(4)
        early = client.get(LOGIN, first.fields)
        assert (early.status_code, early["Retry-After"]) == (ASKED, "6")
        assert form_of(early.text).fields["crowd_ticket"] == first.fields["crowd_ticket"]
        clock.shift(6)
        assert client.get(LOGIN, first.fields).status_code == 200
        assert client.get(LOGIN).status_code == 200


def test_crowd_without_javascript_goes_on_by_itself_where_nothing_was_typed(
    client: Client,
) -> None:
    after(2, client)
    page = client.get(f"{LOGIN}?next=/a&b=<").text
    assert 'content="11; url=/account/login/?next=%2Fa&amp;b=%3C&amp;crowd_ticket=' in page
    assert "http-equiv" not in client.post(LOGIN, {"login": "a"}, headers=OURS).text


def test_crowd_without_cookies_gives_each_page_for_its_answer(client: Client) -> None:
    after(2, client)
    for _again in range(2):
        client.cookies.clear()
        form = form_of(client.get(LOGIN).text)
        assert client.get(LOGIN, form.answered()).status_code == 200


def test_ticket_counts_once() -> None:
    ticket = new_ticket()
    answer = solve(ticket.task, bits=8)
    assert pass_for(ticket, answer)
    assert pass_for(ticket, answer) is None


@pytest.mark.parametrize("answer", ["", "x", "\x00", "9" * 5000, "-1"])
def test_ticket_with_a_wrong_answer_gives_no_pass(settings: Settings, answer: str) -> None:
    settings.POW_BITS = 32
    assert pass_for(new_ticket(), answer) is None


@pytest.mark.parametrize("text", ["", "x", "\x00", "a:b:c", "9" * 5000])
def test_ticket_and_pass_that_we_did_not_sign_are_none(text: str) -> None:
    assert read_ticket(text) is None
    assert not work.passes(text)


def test_ticket_and_pass_of_the_day_before_are_none(settings: Settings) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        ticket = new_ticket()
        earned = pass_for(ticket, solve(ticket.task, bits=8)) or ""
        assert work.passes(earned)
        clock.shift(24 * 3600)
        assert read_ticket(ticket.text) is None
        assert not work.passes(earned)


def test_pass_is_good_for_so_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "WORKED", 2)
    ticket = new_ticket()
    earned = pass_for(ticket, solve(ticket.task, bits=8)) or ""
    assert [work.passes(earned) for _ in range(3)] == [True, True, False]


def test_solves_is_sha256_with_so_many_zeros_in_front() -> None:
    # openssl: printf task:54 | sha256sum
    assert solves("task", solve("task", bits=12), bits=12)
    assert not solves("task", "0", bits=12)


def test_visitor_is_asked_once_and_then_left_alone() -> None:
    visitor = Visitor()
    for _again in range(10):
        assert visitor.get(LOGIN).status_code == 200
    assert visitor.met == {"asked": 1, "refused": 0}
