"""What the documentation shows."""

from typing import Any

ZONE = {"zone": "Asia/Jakarta", "zone_name": "WIB"}
HOURS = {
    "date": "2026-12-03",
    "starts": "10:00",
    "ends": "11:00",
    "starts_at": "2026-12-03T10:00:00+07:00",
    "ends_at": "2026-12-03T11:00:00+07:00",
}
OFFICE: dict[str, Any] = {
    "code": "kanim-bandung",
    "name": "Kantor Imigrasi Kelas I TPI Bandung",
    "kind": "kanim",
    "city": "Bandung",
    "province": "Jawa Barat",
    "address": "Jalan Surapati 82",
    **ZONE,
}
AVAILABILITY: dict[str, Any] = {
    **ZONE,
    "office": "kanim-bandung",
    "sessions": [
        {"code": "7KDMRA3NPV", "service": "regular", **HOURS, "capacity": 12, "free": 5},
    ],
}
FOUND: dict[str, Any] = {"office": OFFICE, "date": "2026-12-03", "free": 41, "km": 118}
RELEASE: dict[str, Any] = {
    **ZONE,
    "code": "WCPHJ7DPA9",
    "office": "kanim-bandung",
    "status": "scheduled",
    "first_day": "2027-01-01",
    "last_day": "2027-01-31",
    "publish_at": "2026-12-21T09:00:00+07:00",
    "opened_at": None,
}
