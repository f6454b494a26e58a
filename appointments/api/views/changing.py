from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.reading import appointment
from appointments.api.serializers import (
    AppointmentSerializer,
    CancelRequest,
    RescheduleRequest,
)
from appointments.cancelling import (
    AnswerInstead,
    BilledTogether,
    NotCancellable,
    PaidMeanwhile,
    TooLateToCancel,
    cancel,
)
from appointments.moving import RoomAtWork, SameOfficeOnly
from appointments.priority import OtherService, PriorityOnly
from appointments.rescheduling import NotMovable, RightSpent, TooLateToMove, reschedule
from mpaspor.api.bodies import read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock
from quota.queries import SlotGone, TermsMissing
from quota.seats import SlotFull, TooFewSeats


class Cancel(ClientView):
    scopes = {"POST": "appointments:write"}

    @extend_schema(
        summary="Cancel an appointment",
        description="Before paying: the bill is withdrawn and no money is lost. After paying: the "
        "fee stays with the state. The seats go back to others. Of a paid party one can be "
        "cancelled `alone`.",
        request=CancelRequest,
        responses={200: AppointmentSerializer},
    )
    @refuses(
        *REFUSALS, NotCancellable, AnswerInstead, TooLateToCancel, BilledTogether, PaidMeanwhile
    )
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        account = account_of(request)
        asked = read(CancelRequest, request.data)
        cancel(appointment=appointment(account, code), **asked, by=name_of(request), at=clock.now())
        return Response(AppointmentSerializer(appointment(account, code)).data)


class Reschedule(ClientView):
    scopes = {"POST": "appointments:write"}

    @extend_schema(
        summary="Choose another day",
        description="Moves a paid appointment to another session of the same office. The new seat "
        "is sure before the old one goes back. As often and as long before the visit as the terms "
        "of the office say: usually once, until the day before. The session it has already is no "
        "change.",
        request=RescheduleRequest,
        responses={200: AppointmentSerializer},
    )
    @refuses(
        *REFUSALS,
        NotMovable,
        TooLateToMove,
        RightSpent,
        SlotGone,
        SlotFull,
        TooFewSeats,
        SameOfficeOnly,
        RoomAtWork,
        OtherService,
        PriorityOnly,
        TermsMissing,
    )
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        account = account_of(request)
        asked = read(RescheduleRequest, request.data)
        reschedule(
            appointment=appointment(account, code),
            slot_code=asked["slot"],
            alone=asked["alone"],
            by=name_of(request),
            at=clock.now(),
        )
        return Response(AppointmentSerializer(appointment(account, code)).data)
