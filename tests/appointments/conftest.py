import pytest

from payments.fees import load_fees
from payments.models import Tariff


@pytest.fixture(autouse=True)
def fees(db: None) -> None:
    """They come with the database; tests that truncate it take them away."""
    if not Tariff.objects.exists():
        load_fees()
