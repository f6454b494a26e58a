"""Rupiah: whole numbers, written the Indonesian way."""


def rupiah(amount: int) -> str:
    """650000 → "Rp650.000"."""
    return "Rp" + f"{amount:,}".replace(",", ".")
