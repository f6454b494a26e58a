from datetime import datetime

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.access import application_for
from appointments.api.document_serializers import (
    DocumentRequest,
    SentSerializer,
    WantedSerializer,
)
from appointments.documents.access import document_of
from appointments.documents.reading import REFUSALS as UNFIT
from appointments.documents.reading import FileTooLarge
from appointments.documents.taking import (
    DocumentComplete,
    DocumentNotWanted,
    DocumentsClosed,
    DocumentStays,
    remove_document,
    take_upload,
)
from appointments.documents.wanted import wanted
from appointments.models import Application
from mpaspor.api.bodies import read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock


class Documents(ClientView):
    scopes = {"GET": "applications:write", "POST": "applications:write"}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="List the documents of an application",
        description="What the rules want for it, each with what was sent of it and what an officer "
        "found. Names are in the language of Accept-Language.",
        responses=WantedSerializer(many=True),
    )
    def get(self, request: Request, code: str) -> Response:
        return _listed(application_for(account_of(request), code), at=clock.now())

    @extend_schema(
        summary="Send a document",
        description="A photo (JPEG, PNG, WebP) or a PDF of at most 10 MB, in place of the one sent "
        "before of this kind. It is written anew: lengths and digests are those of what is kept.",
        request=DocumentRequest,
        responses={201: SentSerializer},
    )
    @refuses(
        *REFUSALS,
        DocumentNotWanted,
        DocumentsClosed,
        DocumentComplete,
        FileTooLarge,
        *UNFIT.values(),
    )
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        application = application_for(account_of(request), code)
        asked = read(DocumentRequest, request.data)
        document = take_upload(
            application=application, **asked, by=name_of(request), at=clock.now()
        )
        return Response(SentSerializer(document).data, status=201)


class OneDocument(ClientView):
    scopes = {"GET": "applications:write", "DELETE": "applications:write"}

    @extend_schema(
        summary="Read what was found of a document",
        description="`not_complete` has a `reason`, and maybe a `note` of the officer: send it "
        "again.",
        responses=SentSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(SentSerializer(document_of(account_of(request), code)).data)

    @extend_schema(
        summary="Take a document back",
        description="Of a draft. Answers with the documents of the application as they are now.",
        responses={200: WantedSerializer(many=True)},
    )
    @refuses(DocumentStays)
    def delete(self, request: Request, code: str) -> Response:
        document, at = document_of(account_of(request), code), clock.now()
        remove_document(document=document, by=name_of(request), at=at)
        return _listed(document.application, at=at)


def _listed(application: Application, *, at: datetime) -> Response:
    return Response(WantedSerializer(wanted(application, at=at), many=True).data)
