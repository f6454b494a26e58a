from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.reading import (
    appointment_billed,
    confirmed_appointment,
    expected_at_offices_of,
    office_of,
)
from appointments.api.serializers import CheckInRequest, VisitSerializer
from appointments.arrival import NotConfirmed, OtherOffice, TooEarly, TooLate, check_in
from appointments.letters import letter
from appointments.receipts import NotPaid, receipt
from mpaspor.api.bodies import named, read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock
from quota.queries import TermsMissing


class Pdf(BaseRenderer):
    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"

    def render(self, data: Any, *_context: Any, **_more: Any) -> Any:
        return data


class Letter(ClientView):
    scopes = {"GET": "appointments:read"}
    renderer_classes = (Pdf,)

    @extend_schema(
        summary="Get the letter",
        description="The page to bring along, in the language of Accept-Language.",
        responses={(200, Pdf.media_type): OpenApiTypes.BINARY},
    )
    @refuses(NotConfirmed)
    def get(self, request: Request, code: str) -> HttpResponse:
        found = confirmed_appointment(account_of(request), code)
        name = f'attachment; filename="m-paspor-{found.code}.pdf"'
        headers = {"Content-Disposition": name}
        return HttpResponse(letter(found), content_type=Pdf.media_type, headers=headers)


class Receipt(ClientView):
    scopes = {"GET": "bills:read"}
    renderer_classes = (Pdf,)

    @extend_schema(
        summary="Get the receipt",
        description="Of a paid bill, in the language of Accept-Language.",
        responses={(200, Pdf.media_type): OpenApiTypes.BINARY},
    )
    @refuses(NotPaid)
    def get(self, request: Request, code: str) -> HttpResponse:
        bill = appointment_billed(account_of(request), code).bill
        assert bill is not None  # it was found by it
        headers = {"Content-Disposition": f'attachment; filename="m-paspor-{bill.code}.pdf"'}
        return HttpResponse(receipt(bill), content_type=Pdf.media_type, headers=headers)


class CheckIn(ClientView):
    scopes = {"POST": "checkin:write"}

    @extend_schema(
        summary="Check a person in",
        description="For the kiosk of an office: the account behind the client must be an officer "
        "who receives people there, and then may check in whoever is expected there. Repeatable.",
        request=CheckInRequest,
        responses={200: VisitSerializer},
    )
    @refuses(*REFUSALS, NotConfirmed, OtherOffice, TooEarly, TooLate, TermsMissing)
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        account = account_of(request)
        asked = read(CheckInRequest, request.data)
        office = named("office", lambda: office_of(account, asked["office"]))
        arrived = check_in(
            appointment=expected_at_offices_of(account, code),
            office=office,
            by=name_of(request),
            at=clock.now(),
        )
        return Response(VisitSerializer(arrived).data)
