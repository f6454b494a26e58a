from collections.abc import Iterator

import pytest
from pytest_django import Settings

from payments.gateway.simponi import Simponi as Adapter
from tests.payments.answering import Answering
from tests.simulators.running import Simponi, start_simponi


@pytest.fixture(scope="package")
def running_simponi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simponi]:
    simponi = start_simponi(tmp_path_factory.mktemp("simponi"))
    yield simponi
    assert simponi.stop() == 0
    assert simponi.failures() == []


@pytest.fixture
def simponi(running_simponi: Simponi, settings: Settings) -> Simponi:
    """The gateway's simulator as a real process, and the service set to use it."""
    running_simponi.reset()
    settings.SIMPONI_URL, settings.SIMPONI_KEY = running_simponi.url, running_simponi.key
    return running_simponi


@pytest.fixture
def adapter(simponi: Simponi) -> Adapter:
    return Adapter(simponi.url, simponi.key, timeout=1)


@pytest.fixture(scope="package")
def answering() -> Iterator[Answering]:
    """An HTTP server that gives any request the answer it was told."""
    with Answering() as server:
        yield server
