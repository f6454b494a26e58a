"""Moments leave the service as ISO 8601 in the zone of the office they belong to."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mpaspor.core.templatetags.words import ZONE_NAMES

ZONE_HELP = "The office's time zone (IANA)."
ZONE_NAME_HELP = "What people call it."


@extend_schema_field({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"})
class ClockTime(serializers.TimeField):
    """08:00, in the office's zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", help_text="In the office's zone.", **options)


class Local(serializers.Serializer[Any]):
    """A row with its zone; `zone_of` says where to find it."""

    zone_of: str
    zone = serializers.SerializerMethodField(help_text=ZONE_HELP)
    zone_name = serializers.SerializerMethodField(help_text=ZONE_NAME_HELP)

    def to_representation(self, row: Any) -> Any:
        with timezone.override(ZoneInfo(self.get_zone(row))):
            return super().to_representation(row)

    def get_zone(self, row: Any) -> str:
        for name in self.zone_of.split("."):
            row = getattr(row, name)
        return str(row)

    def get_zone_name(self, row: Any) -> str:
        return ZONE_NAMES[self.get_zone(row)]
