from collections.abc import Iterator

import pytest
from django.utils.translation import override


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What a refusal says is compared with its English words."""
    with override("en"):
        yield
