from collections.abc import Iterator

import pytest

from tests.simulators.running import (
    Dukcapil,
    Inbox,
    Simponi,
    start_dukcapil,
    start_inbox,
    start_simponi,
)


@pytest.fixture(scope="session")
def running_simponi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simponi]:
    simponi = start_simponi(tmp_path_factory.mktemp("simponi"))
    yield simponi
    assert simponi.stop() == 0
    assert simponi.failures() == []


@pytest.fixture
def simponi(running_simponi: Simponi) -> Simponi:
    running_simponi.reset()
    return running_simponi


@pytest.fixture(scope="session")
def running_inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    inbox = start_inbox(tmp_path_factory.mktemp("inbox"))
    yield inbox
    assert inbox.stop() == 0
    assert inbox.failures() == []


@pytest.fixture
def inbox(running_inbox: Inbox) -> Inbox:
    running_inbox.reset()
    return running_inbox


@pytest.fixture(scope="session")
def running_dukcapil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dukcapil]:
    dukcapil = start_dukcapil(tmp_path_factory.mktemp("dukcapil"))
    yield dukcapil
    assert dukcapil.stop() == 0
    assert dukcapil.failures() == []


@pytest.fixture
def dukcapil(running_dukcapil: Dukcapil) -> Dukcapil:
    running_dukcapil.reset()
    return running_dukcapil
