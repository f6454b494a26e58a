"""What every test gets: no way out of this machine, and the browser that is installed on it."""

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management.base import CommandError
from django.db import connection
from django.db.models.signals import post_migrate
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
def first_rules_again() -> Iterator[None]:
    """What migrations wrote comes back after a test that emptied the tables."""

    def write(**_facts: Any) -> None:
        for kind, days in FIRST_DAYS.items():
            RetentionRule.objects.get_or_create(
                kind=kind, in_force_from=FIRST_DAY, defaults={"days": days}
            )

    post_migrate.connect(write, sender=apps.get_app_config("applicants"))
    yield
    post_migrate.disconnect(write, sender=apps.get_app_config("applicants"))


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


@pytest.fixture(autouse=True, scope="session")
def empty_the_tables_again_after_a_deadlock() -> Iterator[None]:
    """A request that nobody waits for may still begin while they are emptied."""
    name = "_fixture_teardown"
    empty: Callable[[TransactionTestCase], None] = getattr(TransactionTestCase, name)

    def patient(case: TransactionTestCase) -> None:
        for left in (2, 1, 0):
            try:
                empty(case)
            except CommandError:
                if not left:
                    raise
            else:
                return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, name, patient)
        yield


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
