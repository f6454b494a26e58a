from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mpaspor.api.bodies import Body, Code, OneOf
from mpaspor.api.moments import ClockTime, Local
from mpaspor.api.operations import shows
from quota.api.examples import AVAILABILITY, FOUND, OFFICE, RELEASE
from quota.enums import ReleaseStatus, Service
from quota.models import Office
from quota.seats import PartyTooLarge

DAYS = 62
BEFORE = _("The last day is before the first.")
ORIGIN_MISSING = _("Name the office from which the distance counts.")
TOO_MANY = _("Ask for at most %(days)s days at a time.")


@shows(OFFICE)
class OfficeSerializer(Local, serializers.ModelSerializer[Office]):
    zone_of = "zone"

    class Meta:
        model = Office
        fields = ("code", "name", "kind", "city", "province", "address", "zone", "zone_name")


class OfficeSearch(Body):
    q = serializers.CharField(
        required=False, max_length=100, help_text="Words of a name, city or province."
    )
    cursor = serializers.CharField(required=False)


class DaysAsked(Body):
    service = OneOf(Service.choices, required=False, help_text="Without it every service.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python's."""
        bounds: dict[str, Any] = {
            "from": serializers.DateField(help_text="First day, in the office's zone."),
            "to": serializers.DateField(help_text=f"Last day, at most {DAYS} days in all."),
        }
        return bounds | super().get_fields()

    def validate(self, days: dict[str, Any]) -> dict[str, Any]:
        if days["to"] < days["from"]:
            raise serializers.ValidationError({"to": BEFORE}, code="before-from")
        if days["to"] - days["from"] >= timedelta(days=DAYS):
            raise serializers.ValidationError({"to": TOO_MANY % {"days": DAYS}}, code="too-many")
        return days


class SessionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The slot, to be named when booking.")
    service = serializers.ChoiceField(Service.choices)
    date = serializers.DateField()
    starts = ClockTime()
    ends = ClockTime()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    capacity = serializers.IntegerField()
    free = serializers.IntegerField(help_text="Seats nobody holds.")


@shows(AVAILABILITY)
class AvailabilitySerializer(Local):
    """At most 5 seconds old; who books is told the truth."""

    zone_of = "office.zone"
    office = serializers.CharField(source="office.code")
    sessions = SessionSerializer(many=True)


class SearchAsked(Body):
    service = OneOf(Service.choices)
    party = serializers.IntegerField(
        default=1, min_value=1, help_text="People who want to come to one session together."
    )
    before = serializers.DateField(required=False, help_text="Last day that is of use.")
    near = Code(required=False, help_text="Code of the office from which distances count.")
    within_km = serializers.IntegerField(required=False, min_value=1, max_value=10_000)

    def validate_party(self, party: int) -> int:
        if party > settings.PARTY_LIMIT:
            raise serializers.ValidationError(str(PartyTooLarge(limit=settings.PARTY_LIMIT)))
        return party

    def validate(self, wish: dict[str, Any]) -> dict[str, Any]:
        if "within_km" in wish and "near" not in wish:
            raise serializers.ValidationError({"near": ORIGIN_MISSING}, code="required")
        return wish


@shows(FOUND)
class FoundSerializer(serializers.Serializer[Any]):
    """The first day of an office with room. At most 5 seconds old."""

    office = OfficeSerializer()
    date = serializers.DateField(source="day")
    free = serializers.IntegerField(help_text="Free seats of that day.")
    km = serializers.IntegerField(
        allow_null=True, help_text="From `near`, as the crow flies; null where it is not known."
    )


@shows(RELEASE)
class ReleaseSerializer(Local):
    zone_of = "office.zone"
    code = serializers.CharField()
    office = serializers.CharField(source="office.code")
    status = serializers.ChoiceField(
        [(status.value, status.label) for status in (ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN)]
    )
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    publish_at = serializers.DateTimeField(help_text="When its seats can be booked.")
    opened_at = serializers.DateTimeField(allow_null=True)
