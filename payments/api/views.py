from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mpaspor.api.views import PublicView
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.api.serializers import TariffsSerializer
from payments.callbacks import LONGEST, CallbackTooLong, take_callback
from payments.tariffs import billing_day, in_force


@csrf_exempt
@require_POST
def simponi_callback(request: HttpRequest) -> JsonResponse:
    try:
        known = take_callback(
            body=_body(request),
            content_type=request.headers.get("Content-Type", ""),
            timestamp=request.headers.get("X-Simponi-Timestamp", ""),
            signature=request.headers.get("X-Simponi-Signature", ""),
            at=clock.now(),
        )
    except Refusal as no:
        return JsonResponse({"code": no.code, "detail": str(no)}, status=no.status)
    return JsonResponse({"known": known})


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as big:
        raise CallbackTooLong(bytes=LONGEST) from big


class Tariffs(PublicView):
    @extend_schema(
        summary="List state fees",
        description="Those in force today, in whole Rupiah (PP 45/2024).",
        responses=TariffsSerializer,
    )
    def get(self, request: Request) -> Response:
        fees = (
            in_force(billing_day(clock.now())).order_by("code", "-in_force_from").distinct("code")
        )
        return Response(TariffsSerializer({"results": fees}).data)
