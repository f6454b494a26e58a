"""Sessions: renewed each day, copied into Redis for a minute, ended at once everywhere."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis import Redis

from applicants.models import Session, User
from applicants.sessions import SessionStore, end_sessions
from applicants.tasks import forget
from mpaspor.core import cache as caching
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db

PAGE = "/account/"
LOGIN = "/account/login/"


def sign_in(contact: str, visitor: Client | None = None) -> Client:
    visitor = visitor or Client()
    visitor.post(LOGIN, {"login": contact, "password": PASSWORD})
    return visitor


def is_in(visitor: Client) -> bool:
    return bool(visitor.get(PAGE).status_code == HTTPStatus.OK)


def key_of(visitor: Client) -> str:
    return str(visitor.cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


def test_session_row_knows_whose_it_is_and_only_while_signed_in(account: User) -> None:
    visitor = sign_in("siti@example.com")
    assert [row.account for row in Session.objects.all()] == [account]
    visitor.post("/account/logout/")
    assert Session.objects.filter(account=account).count() == 0


def test_session_is_read_from_its_copy(account: User) -> None:
    visitor = sign_in("siti@example.com")
    is_in(visitor)
    with CaptureQueriesContext(connection) as asked:
        assert is_in(visitor)
    tables = [query["sql"] for query in asked if "applicants_session" in query["sql"]]
    assert tables == []


def test_session_outlives_a_flushed_redis(account: User) -> None:
    visitor = sign_in("siti@example.com")
    cache.clear()
    assert is_in(visitor)


def test_session_that_is_ended_is_ended_for_every_copy(account: User) -> None:
    visitor = sign_in("siti@example.com")
    assert is_in(visitor)
    SessionStore(key_of(visitor)).delete()
    assert not is_in(visitor)


def test_session_ended_while_redis_is_away_lives_no_longer_than_a_copy(
    account: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = sign_in("siti@example.com")
    with monkeypatch.context() as redis_is_away:
        redis_is_away.setattr(caching, "_silent_until", float("inf"))
        SessionStore(key_of(visitor)).delete()
    assert is_in(visitor)
    stored = Redis.from_url(settings.REDIS_URL)
    (copy,) = stored.keys("*session:*")
    assert 0 < stored.ttl(copy) <= settings.SESSION_CACHE_SECONDS <= 60
    stored.delete(copy)
    assert not is_in(visitor)


def test_slow_reader_does_not_bring_an_ended_session_back(account: User) -> None:
    visitor = sign_in("siti@example.com")
    key = key_of(visitor)
    row = Session.objects.get(pk=key)
    cache.clear()
    # It has read the row, then the session ends, then it makes its copy.
    SessionStore(key).delete()
    cache.add(next(iter(_copies())), row.session_data)
    assert not is_in(visitor)


def _copies() -> list[str]:
    stored = Redis.from_url(settings.REDIS_URL, decode_responses=True)
    return [str(name).rpartition(":1:")[2] for name in stored.keys("*session:*")]


def test_copies_neither_name_the_key_nor_are_believed_unsigned(account: User) -> None:
    visitor = sign_in("siti@example.com")
    (name,) = _copies()
    assert key_of(visitor) not in name
    cache.set(name, "eyJfYXV0aF91c2VyX2lkIjoiMSJ9")
    assert not is_in(visitor)


def test_end_sessions_of_none_ends_none() -> None:
    assert end_sessions([]) == 0
    assert _copies() == []


@pytest.mark.parametrize("sent", ["", "x", "a" * 5000, "a\x00b" * 4, "../../etc", "é" * 20])
def test_session_key_of_any_kind_is_nobodys(visitor: Client, sent: str) -> None:
    visitor.cookies[settings.SESSION_COOKIE_NAME] = sent
    assert visitor.get(PAGE)["Location"] == f"{LOGIN}?next={PAGE}"


def test_session_is_renewed_once_a_day_and_so_never_ends(account: User) -> None:
    start = datetime(2026, 11, 25, 3, tzinfo=UTC)
    saved = 0
    with time_machine.travel(start, tick=False) as traveller:
        visitor = sign_in("siti@example.com")
        for day in range(1, 45):
            traveller.move_to(start + timedelta(days=day))
            with CaptureQueriesContext(connection) as asked:
                assert [is_in(visitor) for _again in range(3)] == [True] * 3
            saved += sum(query["sql"].startswith("UPDATE") for query in asked)
            assert int(visitor.cookies[settings.SESSION_COOKIE_NAME]["max-age"]) == 30 * 86400
    assert saved == 44


def test_session_that_nobody_used_for_30_days_is_over_and_forgotten(account: User) -> None:
    visitor = sign_in("siti@example.com")
    later = datetime.now(tz=UTC) + timedelta(days=31)
    with time_machine.travel(later, tick=False):
        cache.clear()
        assert not is_in(visitor)
        forget()
    assert Session.objects.filter(account=account).count() == 0


def test_signed_in_page_asks_the_database_once_less_than_without_copies(account: User) -> None:
    visitor = sign_in("siti@example.com")
    with CaptureQueriesContext(connection) as with_copy:
        visitor.get(PAGE)
    cache.clear()
    with CaptureQueriesContext(connection) as without:
        visitor.get(PAGE)
    assert len(with_copy) == len(without) - 1


def test_recovery_leads_back_to_where_it_began(visitor: Client, account: User) -> None:
    page = visitor.get(f"{LOGIN}?next=/applications/new/")
    assert 'href="/account/recover/?next=%2Fapplications%2Fnew%2F"' in page.text
    visitor.post("/account/recover/?next=/applications/new/", {"contact": "siti@example.com"})
    visitor.post("/account/recover/code/", {"code": newest_code("siti@example.com")})
    answer = visitor.post("/account/recover/password/", {"password": "jahe-hangat-2"})
    assert answer["Location"] == "/applications/new/"
