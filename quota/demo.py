"""Real office names over the three zones, to try the service with; no address that is not sure.

Places are those of the city, to a tenth of a degree (11 km): enough to search nearby.
"""

import csv
from pathlib import Path

from quota.models import Office

OFFICES = Path(__file__).with_name("demo_offices.csv")


def load_offices() -> list[Office]:
    """Adds the offices that are missing; repeatable, and leaves changed ones as they are."""
    with OFFICES.open(encoding="utf-8", newline="") as rows:
        return [
            Office.objects.get_or_create(code=row.pop("code"), defaults=row)[0]
            for row in csv.DictReader(rows)
        ]
