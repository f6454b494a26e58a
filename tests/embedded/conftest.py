from pathlib import Path

import pytest

from mpaspor.embedded.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home in a folder far too long for the path of a socket."""
    return Home(tmp_path / ("long-" * 25))


@pytest.fixture(scope="module")
def lasting_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for the tests of a module that start it again and again."""
    return Home(tmp_path_factory.mktemp("home"))
