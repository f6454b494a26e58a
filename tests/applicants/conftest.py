from collections.abc import Iterator

import pytest
from django.conf import settings as service
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from applicants.register.dukcapil import Dukcapil as Adapter
from tests.payments.answering import Answering
from tests.simulators.running import Dukcapil, start_dukcapil


@pytest.fixture(autouse=True)
def nobody_guessed_before() -> Iterator[None]:
    """The count of wrong passwords lies in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor(client: Client) -> Client:
    """Somebody who reads English."""
    client.cookies[service.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture(scope="package")
def running_dukcapil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dukcapil]:
    dukcapil = start_dukcapil(tmp_path_factory.mktemp("dukcapil"))
    yield dukcapil
    assert dukcapil.stop() == 0
    assert dukcapil.failures() == []


@pytest.fixture
def dukcapil(running_dukcapil: Dukcapil, settings: Settings) -> Dukcapil:
    """The registry's simulator as a real process, and the service set to use it."""
    running_dukcapil.reset()
    settings.DUKCAPIL_URL, settings.DUKCAPIL_KEY = running_dukcapil.url, running_dukcapil.key
    return running_dukcapil


@pytest.fixture
def adapter(dukcapil: Dukcapil) -> Adapter:
    return Adapter(dukcapil.url, dukcapil.key, timeout=1)


@pytest.fixture(scope="package")
def answering() -> Iterator[Answering]:
    """An HTTP server that gives any request the answer it was told."""
    with Answering() as server:
        yield server
