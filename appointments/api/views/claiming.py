from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.reading import appointment_billed
from mpaspor.api.bodies import read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock
from payments.api.serializers import ClaimRequest, ClaimSerializer
from payments.claiming import AlreadyPaid, NothingToClaim, NtbTooLong, claim_paid
from payments.ntpn import NtpnUnreadable


class Claims(ClientView):
    scopes = {"POST": "appointments:write"}

    @extend_schema(
        summary="Say that a bill is paid",
        description="For when the bank has the money and the bill does not show it. The gateway is "
        "asked at once; until `answer_due_at` the answer is there: read `bills/{code}/`. Letters "
        "that look alike (O and 0, I and 1) are forgiven. It books nothing by itself.",
        request=ClaimRequest,
        responses={201: ClaimSerializer},
    )
    @refuses(*REFUSALS, NtpnUnreadable, NtbTooLong, NothingToClaim, AlreadyPaid)
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        said = read(ClaimRequest, request.data)
        billed = appointment_billed(account_of(request), code)
        assert billed.bill is not None  # it was found by it
        claim = claim_paid(bill_code=billed.bill.code, **said, by=name_of(request), at=clock.now())
        with timezone.override(ZoneInfo(billed.slot.office.zone)):
            return Response(ClaimSerializer(claim).data, status=201)
