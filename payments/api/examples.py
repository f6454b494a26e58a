"""What the documentation shows."""

from typing import Any

LINE = {"tariff": "EPASSPORT-5", "description": "Electronic passport, up to 5 years"}
TARIFF: dict[str, Any] = {
    "code": "EPASSPORT-5",
    "name": "Electronic passport, up to 5 years",
    "amount": 650_000,
    "in_force_from": "2024-12-17",
    "in_force_until": None,
}
REQUESTED: dict[str, Any] = {
    "code": "GEJ3QWGMTX",
    "pays_for": "EEFR7ERURX",
    "status": "requested",
    "billing_code": None,
    "amount": 650_000,
    "pay_until": None,
    "frozen": False,
    "zone": "Asia/Jakarta",
    "zone_name": "WIB",
    "lines": [{**LINE, "amount": 650_000, "for_code": "EEFR7ERURX"}],
    "payments": [],
}
PAID: dict[str, Any] = REQUESTED | {
    "status": "paid",
    "billing_code": "820261200000015",
    "pay_until": "2026-11-23T23:54:53+07:00",
    "payments": [
        {
            "ntpn": "AB12CD34EF56GH78",
            "ntb": "000000123456",
            "amount": 650_000,
            "paid_at": "2026-11-23T22:10:07+07:00",
            "channel": "atm",
            "outcome": "bill_paid",
        }
    ],
}

CLAIM = {"ntpn": "9K2V7Q0XW4TB61MD", "ntb": "004518823097"}
CLAIMED = {
    **CLAIM,
    "claimed_at": "2026-11-03T14:03:07+07:00",
    "answer_due_at": "2026-11-03T14:08:07+07:00",
    "answered_at": None,
}
