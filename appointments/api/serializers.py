from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from appointments.api.examples import (
    APPLICATION,
    APPOINTMENT,
    ARRIVED,
    AT,
    BOOKED,
    CHECKED,
    NAMED,
    REPORT,
    REQUIREMENTS,
    WISH,
)
from appointments.asking import OLDEST
from appointments.enums import (
    SAID,
    ApplicationStatus,
    AppointmentStatus,
    Book,
    Circumstance,
    Kind,
    Need,
    ServiceClass,
    Tie,
    TravelPurpose,
    Visit,
)
from appointments.models import Application
from appointments.visits.enums import LetterState, VoidReason
from mpaspor.api.bodies import Body, Code, OneOf
from mpaspor.api.moments import ClockTime, Local
from mpaspor.api.operations import shows
from payments.api.serializers import BillSerializer

TYPED = 300
CONTACT = ["contact_name", "contact_relation", "contact_phone"]
NEEDS = [(need.value, need.label) for need in SAID]


@shows(NAMED)
class ApplicationChange(Body):
    kind = OneOf(
        Need.choices,
        help_text="`lost`, `damaged` and `changed` are refused: they belong to the counter.",
    )
    book = OneOf(Book.choices, help_text="Years the passport is to be valid for.")
    service = OneOf(ServiceClass.choices)
    need = OneOf(
        NEEDS,
        required=False,
        help_text="What the person says, to take a priority seat. Age counts by itself.",
    )
    purpose = OneOf(TravelPurpose.choices, required=False, help_text="What the passport is for.")
    departure = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="Day of the journey, if it is known; only with `purpose`.",
    )
    contact_name = serializers.CharField(
        required=False,
        max_length=TYPED,
        help_text="Whom to call in an emergency; with relation and phone, or none of the three.",
    )
    contact_relation = OneOf(Tie.choices, required=False, help_text="To the person.")
    contact_phone = serializers.CharField(
        required=False, max_length=TYPED, help_text="A landline or a number abroad is fine, too."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if any(name in attrs for name in CONTACT):
            ask_for(CONTACT, attrs)
        return attrs


@shows({"person": "4FQXC7RTHA"} | NAMED)
class ApplicationRequest(ApplicationChange):
    person = Code(help_text="Whose passport it is to be.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("departure"):
            ask_for(["purpose"], attrs)
        return super().validate(attrs)


def ask_for(names: list[str], given: dict[str, Any]) -> None:
    """Raises ValidationError for those that are missing beside the others."""
    said = serializers.Field.default_error_messages["required"]
    if missing := [name for name in names if name not in given]:
        fault = ErrorDetail(str(said), code="required")
        raise serializers.ValidationError(dict.fromkeys(missing, fault))


@shows(WISH)
class AppointmentRequest(Body):
    applications = serializers.ListField(
        child=Code(),
        max_length=20,
        help_text="Of one account and one service: one, or several who are seated and billed "
        "together.",
    )
    slot = Code(
        help_text="A session of the applications' service, from an availability; for the regular "
        "service also one of class priority, for people with a need and who comes along."
    )


@shows(AT)
class CheckInRequest(Body):
    office = Code(help_text="Where the person stands; your account must serve there.")


@shows({"alone": False})
class CancelRequest(Body):
    alone = serializers.BooleanField(
        default=False,
        help_text="Only this one of those who were booked together; without it all of them. "
        "An unpaid bill is cancelled for all.",
    )


@shows({"slot": "7KDMRA3NPV", "alone": False})
class RescheduleRequest(Body):
    slot = Code(help_text="A session of the same office and service, from an availability.")
    alone = serializers.BooleanField(
        default=False,
        help_text="Only this one of those who have seats in its session together; without it all "
        "of them, or none.",
    )


@shows(APPLICATION)
class ApplicationSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    status = serializers.ChoiceField(ApplicationStatus.choices)
    person = serializers.CharField(source="person.code")
    kind = serializers.ChoiceField(Kind.choices)
    book = serializers.ChoiceField(Book.choices)
    service = serializers.ChoiceField(ServiceClass.choices)
    need = serializers.ChoiceField(NEEDS)
    purpose = serializers.ChoiceField(
        TravelPurpose.choices, source="journey.purpose", default=None, allow_null=True
    )
    departure = serializers.DateField(source="journey.departure", default=None, allow_null=True)
    has_contact = serializers.SerializerMethodField(
        help_text="Whether somebody is named to be called in an emergency."
    )
    created_at = serializers.DateTimeField()

    def get_has_contact(self, application: Application) -> bool:
        return application.contact is not None


class ExpectedSerializer(Local):
    """Where and when a person is expected."""

    zone_of = "slot.office.zone"
    code = serializers.CharField()
    office = serializers.CharField(source="slot.office.code")
    date = serializers.DateField(source="slot.date")
    starts = ClockTime(source="slot.starts")
    ends = ClockTime(source="slot.ends")
    starts_at = serializers.DateTimeField(source="slot.starts_at")
    ends_at = serializers.DateTimeField(source="slot.ends_at")


@shows(CHECKED)
class LetterCheckSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(LetterState.choices)
    reason = serializers.ChoiceField(
        [("", ""), *VoidReason.choices], help_text="Why a letter of state `moved` is good no more."
    )
    visit = ExpectedSerializer(
        source="appointment", allow_null=True, help_text="Of a good letter; null otherwise."
    )


@shows(ARRIVED)
class VisitSerializer(ExpectedSerializer):
    """What an office's kiosk needs to know, and no personal data."""

    status = serializers.ChoiceField(AppointmentStatus.choices)
    slot = serializers.CharField(source="slot.code")
    confirmed_at = serializers.DateTimeField(allow_null=True)
    checked_in_at = serializers.DateTimeField(allow_null=True)
    queue_number = serializers.SerializerMethodField(
        help_text="By which the person is called; given at the check-in, null before."
    )

    def get_queue_number(self, appointment: Any) -> str | None:
        number = getattr(appointment, "queue_number", None)
        return str(number) if number else None


@shows(APPOINTMENT)
class AppointmentSerializer(VisitSerializer):
    """A seat with what it waits for."""

    application = serializers.CharField(source="application.code")
    party = serializers.CharField(
        help_text="The same for appointments that were booked together; empty for one alone."
    )
    moved = serializers.IntegerField(
        help_text="How often it went to another session; each time the letter is a new one."
    )
    bill = BillSerializer(allow_null=True)


@shows(BOOKED)
class BookedSerializer(serializers.Serializer[Any]):
    """Everybody's seat, and the one bill for all."""

    appointments = AppointmentSerializer(many=True)
    bill = BillSerializer()


class PaceSerializer(serializers.Serializer[Any]):
    percent = serializers.IntegerField(help_text="Of the seats taken now.")
    seconds = serializers.IntegerField(help_text="After the opening, by when they were taken.")


@shows(REPORT)
class ReportSerializer(serializers.Serializer[Any]):
    release = serializers.CharField(source="release.code")
    offered = serializers.IntegerField()
    taken = serializers.IntegerField()
    free = serializers.IntegerField()
    accounts = serializers.IntegerField(help_text="That have a seat in it.")
    people = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="Given back, cancelled or not paid in time.")
    awaited = serializers.IntegerField(
        help_text="Offered to the waiting list first; one that was declined counts each time."
    )
    unused = serializers.IntegerField(help_text="Left empty in sessions that have begun.")
    pace = PaceSerializer(many=True)


class RequirementsAsked(Body):
    kind = OneOf(Need.choices, help_text="Why a passport is needed.")
    age = serializers.IntegerField(
        min_value=0, max_value=OLDEST, help_text="Whole years on the day of the visit."
    )
    book = OneOf(Book.choices, help_text="Years the passport is to be valid for.")
    service = OneOf(ServiceClass.choices, default=ServiceClass.REGULAR)
    circumstance = serializers.ListField(
        child=OneOf(Circumstance.choices),
        default=list,
        help_text="May be given several times. Those that make no difference are ignored.",
    )
    day = serializers.DateField(
        required=False, help_text="Whose rules and fees count; today in Jakarta without it."
    )


class DocumentSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    why = serializers.CharField()
    how = serializers.CharField(help_text="How to bring it.")
    only_if_any = serializers.BooleanField(help_text="Nobody is sent away without it.")
    written_in = serializers.CharField(help_text="The regulation or list that asks for it.")


class CostSerializer(serializers.Serializer[Any]):
    tariff = serializers.CharField()
    description = serializers.CharField()
    amount = serializers.IntegerField(help_text="Whole Rupiah.")


@shows(REQUIREMENTS)
class RequirementsSerializer(serializers.Serializer[Any]):
    """What was asked and the answer to it."""

    day = serializers.DateField()
    kind = serializers.ChoiceField(Need.choices)
    age = serializers.IntegerField()
    book = serializers.ChoiceField(Book.choices)
    service = serializers.ChoiceField(ServiceClass.choices)
    circumstances = serializers.ListField(child=serializers.ChoiceField(Circumstance.choices))
    visit = serializers.ChoiceField(Visit.choices)
    documents = DocumentSerializer(many=True)
    costs = CostSerializer(many=True)
    total = serializers.IntegerField(help_text="Whole Rupiah.")
    notes = serializers.ListField(child=serializers.CharField())
    sources = serializers.ListField(child=serializers.CharField())
