"""What every test gets: no way out of this machine, and the browser that is installed on it."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from applicants.models import RetentionRule
from applicants.retention import FIRST_DAY, FIRST_DAYS
from mpaspor.core import cache as caching
from mpaspor.core import nudge as nudging
from tests.chromium import installed
from tests.simulators.running import until


class OutsideWorld(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True, scope="session")
def stay_on_this_machine() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not is_loopback(address[0]):
            raise OutsideWorld(f"{address} is not on this machine.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """At the end no connection that a server's thread has left may keep the test's database."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True, scope="session")
def tables_are_emptied_at_once() -> Iterator[None]:
    """After a test that commits. Django's own flush takes ten times as long.

    A request that nobody waits for may begin meanwhile, and one of the two is then stopped.
    """

    def empty(_case: TransactionTestCase) -> None:
        for left in (2, 1, 0):
            try:
                return empty_tables()
            except OperationalError:
                if not left:
                    raise
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


# What migrations wrote and no test changes.
KEPT = ["django_migrations", "django_content_type", "auth_permission"]
# Above that, dead rows would burden the tests to come.
LARGE = 1_000_000


def empty_tables() -> None:
    """Without the guards and foreign keys that forbid it, which only a superuser may set aside."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> ALL (%s)",
            [KEPT],
        )
        names = [name for (name,) in cursor.fetchall()]
        # Waits for whoever still writes.
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
        size = f"pg_relation_size('{{0}}') > {LARGE}"
        look = f"SELECT '{{0}}', {size} WHERE {size} OR EXISTS (SELECT FROM {{0}})"
        cursor.execute(" UNION ALL ".join(look.format(name) for name in names))
        full = cursor.fetchall()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, large in full:
            cursor.execute(f"TRUNCATE {name} CASCADE" if large else f"DELETE FROM {name}")
    RetentionRule.objects.bulk_create(
        RetentionRule(kind=kind, in_force_from=FIRST_DAY, days=days)
        for kind, days in FIRST_DAYS.items()
    )


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases start anew with each test, and so must what was read from them or from Redis."""
    monkeypatch.setattr(caching, "_silent_until", 0.0)
    monkeypatch.setattr(nudging, "_silent_until", 0.0)
    cache.clear()


@pytest.fixture(autouse=True)
def requests_end_first(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a page sent while it was closed is answered before the tables are emptied.

    Otherwise that request and the emptying may each wait for a lock of the other.
    """
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    until(nothing_under_way, seconds=30, what="the end of the last request")


def nothing_under_way() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return bool(cursor.fetchone() == (0,))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    arguments = [
        "--disable-background-networking",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    return {**browser_type_launch_args, "args": arguments, "executable_path": installed()}
