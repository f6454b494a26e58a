"""What the documentation shows."""

from typing import Any

TYPED: dict[str, Any] = {
    "nik": "1173014107900001",
    "name": "Siti Rahayu",
    "birth_place": "Lhokseumawe",
    "birth_date": "1990-07-01",
    "sex": "F",
}
PERSON: dict[str, Any] = TYPED | {
    "code": "4FQXC7RTHA",
    "nik": "1173********0001",
    "differs_from_nik": False,
    "guardian": None,
    "relation": "",
    "registry": {"verdict": "pending", "mismatches": []},
}
CHECKED: dict[str, Any] = {name: TYPED[name] for name in ("nik", "birth_date", "sex")}
VERDICT: dict[str, Any] = {
    "valid": True,
    "problems": [],
    "notes": [],
    "differences": [],
    "says": {
        "province": "Aceh",
        "regency": "Kota Lhokseumawe",
        "district": "Muara Dua",
        "sex": "F",
        "birth_dates": ["1990-07-01"],
    },
}
