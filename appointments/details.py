"""What somebody says beside the application itself: the journey, and whom to call."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import phonenumbers

from appointments.enums import Tie, TravelPurpose


@dataclass(frozen=True)
class Journey:
    """`departure` is None while nobody knows it."""

    purpose: TravelPurpose
    departure: date | None = None

    @property
    def written(self) -> str:
        day = self.departure.isoformat() if self.departure else ""
        return json.dumps({"purpose": self.purpose.value, "departure": day})

    def get_purpose_display(self) -> str:
        return str(self.purpose.label)


@dataclass(frozen=True)
class EmergencyContact:
    """`phone` in E.164."""

    name: str
    relation: Tie
    phone: str

    @property
    def written(self) -> str:
        return json.dumps(vars(self) | {"relation": self.relation.value})

    @property
    def spoken_phone(self) -> str:
        """As people write it: +62 812-3456-7890."""
        form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(phonenumbers.parse(self.phone), form)

    def get_relation_display(self) -> str:
        return str(self.relation.label)


def read_journey(text: str) -> Journey:
    said: dict[str, str] = json.loads(text)
    day = date.fromisoformat(said["departure"]) if said["departure"] else None
    return Journey(TravelPurpose(said["purpose"]), day)


def read_contact(text: str) -> EmergencyContact:
    said: dict[str, Any] = json.loads(text)
    return EmergencyContact(said["name"], Tie(said["relation"]), said["phone"])
