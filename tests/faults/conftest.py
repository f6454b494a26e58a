from collections.abc import Iterator

import pytest

from applicants.models import Verification
from payments.fees import load_fees
from tests.faults.browser import Browser
from tests.faults.house import PATIENCE, House, all_is_well, house
from tests.journeys.conftest import free_ports
from tests.simulators.running import until


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), free_ports(1)) as running:
        yield running


@pytest.fixture
def service(built: House, transactional_db: None) -> Iterator[House]:
    """Everything runs and is well before the test; nothing is broken after it."""
    built.simponi.reset()
    built.inbox.reset()
    built.dukcapil.reset()
    yield built
    built.dukcapil.reset()
    # A worker in the middle of its work and the emptying of the tables would wait for each other.
    until(everybody_is_verified, seconds=PATIENCE, what="the registry's last verdict")
    all_is_well()


def everybody_is_verified() -> bool:
    return not Verification.objects.filter(next_at__isnull=False).exists()


@pytest.fixture
def applicant(service: House) -> Browser:
    load_fees()
    return Browser(service.url)
