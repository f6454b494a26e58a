from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.serializers import LetterCheckSerializer
from appointments.visits.checking import check_letter
from mpaspor.api.views import PublicView


class LetterCheck(PublicView):
    @extend_schema(
        summary="Check a letter",
        description="By what its square holds (the signed part of the address) or by its code; "
        "nothing personal. The signed part can be checked without us: it is a JWS by Ed25519, and "
        "`/verify/keys.json` has the public keys.",
        responses=LetterCheckSerializer,
    )
    def get(self, request: Request, letter: str) -> Response:
        return Response(LetterCheckSerializer(check_letter(letter)).data)
