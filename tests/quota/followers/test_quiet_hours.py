from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from quota.enums import Zone
from quota.followers.quiet_hours import after_quiet_hours
from quota.models import Office

NEVER = datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC"))


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(f"2026-12-{text}").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("07T07:00:00", "07T07:00:00"),
        ("07T20:59:59", "07T20:59:59"),
        ("07T21:00:00", "08T07:00:00"),
        ("07T23:59:59", "08T07:00:00"),
        ("08T00:00:00", "08T07:00:00"),
        ("08T06:59:59", "08T07:00:00"),
    ],
)
def test_after_quiet_hours_is_the_morning_in_the_offices_zone(
    zone: str, moment: str, told: str
) -> None:
    found = after_quiet_hours(local(moment, zone), office=Office(zone=zone), before=NEVER)

    assert found == local(told, zone)


@pytest.mark.parametrize(("before", "told"), [("08T07:00:00", "07T22"), ("08T07:00:01", "08T07")])
def test_after_quiet_hours_is_at_once_when_the_morning_is_too_late(before: str, told: str) -> None:
    zone = Zone.WIT
    found = after_quiet_hours(
        local("07T22:00:00", zone), office=Office(zone=zone), before=local(before, zone)
    )

    assert found == local(f"{told}:00:00", zone)
