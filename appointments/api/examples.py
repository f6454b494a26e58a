"""What the documentation shows."""

from typing import Any

from payments.api.examples import REQUESTED
from quota.api.examples import HOURS, ZONE

ANSWERS: dict[str, Any] = {
    "kind": "new",
    "book": "5",
    "service": "regular",
    "need": "none",
    "purpose": "holiday",
    "departure": "2027-02-14",
}
NAMED: dict[str, Any] = ANSWERS | {
    "contact_name": "Rina Santoso",
    "contact_relation": "sibling",
    "contact_phone": "0812-3456-7890",
}
APPLICATION: dict[str, Any] = ANSWERS | {
    "code": "HXR4TQ9WCE",
    "person": "4FQXC7RTHA",
    "status": "draft",
    "has_contact": True,
    "created_at": "2026-11-23T21:54:52+07:00",
}
DOCUMENT: dict[str, Any] = {
    "code": "TQ7RDEX3WA",
    "application": "HXR4TQ9WCE",
    "kind": "ktp",
    "status": "received",
    "reason": "",
    "note": "",
    "remarks": ["dark"],
    "media": "image/jpeg",
    "pages": 1,
    "length": 412_733,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uploaded_at": "2026-11-23T21:58:10+07:00",
    "decided_at": None,
}
AGAIN: dict[str, Any] = {
    "verdict": "not_complete",
    "reason": "cut_off",
    "note": "Sisi kanan terpotong.",
}
WANTED: dict[str, Any] = {
    "kind": "ktp",
    "name": "Identity card (KTP-el)",
    "needed": True,
    "when": "",
    "document": DOCUMENT,
}
WISH: dict[str, Any] = {"applications": ["HXR4TQ9WCE"], "slot": "7KDMRA3NPV"}
AWAITING: dict[str, Any] = {
    **ZONE,
    "code": "EEFR7ERURX",
    "status": "awaiting_payment",
    "office": "kanim-bandung",
    "slot": "7KDMRA3NPV",
    **HOURS,
    "confirmed_at": None,
    "checked_in_at": None,
    "queue_number": None,
}
APPOINTMENT: dict[str, Any] = {
    **AWAITING,
    "application": "HXR4TQ9WCE",
    "party": "",
    "moved": 0,
    "bill": REQUESTED,
}
BOOKED: dict[str, Any] = {"appointments": [APPOINTMENT], "bill": REQUESTED}
ARRIVED: dict[str, Any] = AWAITING | {
    "status": "checked_in",
    "confirmed_at": "2026-11-23T22:10:09+07:00",
    "checked_in_at": "2026-12-03T09:52:40+07:00",
    "queue_number": "A012",
}
CHECKED: dict[str, Any] = {
    "state": "valid",
    "reason": "",
    "visit": {**ZONE, "code": "EEFR7ERURX", "office": "kanim-bandung", **HOURS},
}
AT: dict[str, Any] = {"office": "kanim-bandung"}
REPORT: dict[str, Any] = {
    "release": "WCPHJ7DPA9",
    "offered": 1314,
    "taken": 1290,
    "free": 24,
    "accounts": 1021,
    "people": 1290,
    "returned": 73,
    "awaited": 5,
    "unused": 0,
    "pace": [
        {"percent": 50, "seconds": 190},
        {"percent": 90, "seconds": 610},
        {"percent": 100, "seconds": 86_000},
    ],
}
REQUIREMENTS: dict[str, Any] = {
    "day": "2026-12-01",
    "kind": "replacement",
    "age": 34,
    "book": "5",
    "service": "regular",
    "circumstances": [],
    "visit": "online",
    "documents": [
        {
            "code": "ktp",
            "name": "Identity card (KTP-el)",
            "why": "It shows who you are and your NIK.",
            "how": "Bring the original, and keep a photo or PDF of it ready.",
            "only_if_any": False,
            "written_in": "Permenkumham 8/2014 jo. 18/2022, Pasal 4",
        },
        {
            "code": "old-passport",
            "name": "The old passport",
            "why": "It is compared with your data and then cancelled.",
            "how": "Bring the book itself, and a photo of the page with the data.",
            "only_if_any": False,
            "written_in": "Permenkumham 8/2014 jo. 18/2022, Pasal 4",
        },
    ],
    "costs": [
        {
            "tariff": "EPASSPORT-5",
            "description": "Electronic passport, up to 5 years",
            "amount": 650_000,
        }
    ],
    "total": 650_000,
    "notes": [],
    "sources": ["Permenkumham 8/2014 jo. 18/2022, Pasal 4", "PP 45/2024 (PNBP)"],
}
