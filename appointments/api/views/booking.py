from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.guardians import ConsentMissing, GuardianMissing
from appointments.access import application_for
from appointments.api.reading import appointment, appointment_billed, appointments
from appointments.api.serializers import (
    AppointmentRequest,
    AppointmentSerializer,
    BookedSerializer,
)
from appointments.applying import AlreadyActive, NotADraft
from appointments.booking import SeatElsewhere, hold_seats
from appointments.documents.wanted import DocumentsMissing
from appointments.models import Appointment
from appointments.party import ChosenTwice, NobodyChosen, SeveralServices
from appointments.priority import OtherService, PriorityOnly
from appointments.submitting import request_payment
from mpaspor.api.bodies import named, read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock
from payments.api.serializers import BillSerializer
from payments.tariffs import TariffMissing
from quota.queries import SlotGone, TermsMissing
from quota.seats import PartyTooLarge, SlotFull, TooFewSeats
from quota.waiting_room.turns import AllPromised, QueueFirst, TurnForOtherService


class Appointments(ClientView, ListAPIView[Appointment]):
    scopes = {"GET": "appointments:read", "POST": "appointments:write"}
    serializer_class = AppointmentSerializer
    ordering = ("-held_at", "-pk")

    def get_queryset(self) -> "QuerySet[Appointment]":
        return appointments(account_of(self.request))

    @extend_schema(summary="List appointments", description="Of your account, newest first.")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Book seats and ask for their bill",
        description="Takes a seat of the session for each application, or for none, and asks the "
        "gateway for one billing code for all in one go. The bill is `requested` and its "
        "`billing_code` null until the gateway has answered, usually within seconds: read "
        "`bills/{code}/`. Its lines say for which appointment they are. Seats that are not paid "
        "for in time go back.",
        request=AppointmentRequest,
        responses={201: BookedSerializer},
    )
    @refuses(
        *REFUSALS,
        SlotFull,
        TooFewSeats,
        PartyTooLarge,
        NobodyChosen,
        ChosenTwice,
        SeveralServices,
        SlotGone,
        OtherService,
        DocumentsMissing,
        PriorityOnly,
        NotADraft,
        AlreadyActive,
        SeatElsewhere,
        GuardianMissing,
        ConsentMissing,
        QueueFirst,
        TurnForOtherService,
        AllPromised,
        TermsMissing,
        TariffMissing,
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        asked = read(AppointmentRequest, request.data)
        account, by, at = account_of(request), name_of(request), clock.now()
        chosen = named(
            "applications",
            lambda: [application_for(account, code) for code in asked["applications"]],
        )
        held = hold_seats(applications=chosen, slot_code=asked["slot"], by=by, at=at)
        billed = request_payment(appointment=held[0], by=by, at=at)
        booked = appointments(account).filter(bill=billed.bill_id).order_by("pk")
        with timezone.override(ZoneInfo(billed.slot.office.zone)):
            answer = BookedSerializer({"appointments": booked, "bill": billed.bill}).data
        return Response(answer, status=201)


class OneAppointment(ClientView):
    scopes = {"GET": "appointments:read"}

    @extend_schema(summary="Read an appointment", responses=AppointmentSerializer)
    def get(self, request: Request, code: str) -> Response:
        found = appointment(account_of(request), code)
        return Response(AppointmentSerializer(found).data)


class OneBill(ClientView):
    scopes = {"GET": "bills:read"}

    @extend_schema(
        summary="Read a bill",
        description="Its billing code, what it is for, until when it can be paid, and what was "
        "paid. Once it is `paid` the appointment is `confirmed` within a second.",
        responses=BillSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        billed = appointment_billed(account_of(request), code)
        with timezone.override(ZoneInfo(billed.slot.office.zone)):
            return Response(BillSerializer(billed.bill).data)
