import pytest

from mpaspor.core.money import rupiah


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "Rp0"), (999, "Rp999"), (650_000, "Rp650.000"), (1_650_000, "Rp1.650.000")],
)
def test_rupiah_is_written_the_indonesian_way(amount: int, written: str) -> None:
    assert rupiah(amount) == written
