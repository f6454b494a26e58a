"""For programs of an office: the documents of its visits, and the verdict on each."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.document_serializers import SentSerializer, VerdictRequest
from appointments.counter import look
from appointments.documents.access import document_at, documents_at
from appointments.documents.answers import as_file
from appointments.documents.enums import DocumentStatus, Media
from appointments.documents.judging import (
    DocumentChanged,
    NoteMissing,
    ReasonMissing,
    VisitHasBegun,
    ask_again,
    find_complete,
)
from appointments.documents.models import Document
from mpaspor.api.bodies import read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock


class Jpeg(BaseRenderer):
    media_type = Media.JPEG.value
    format = "jpg"
    render_style = "binary"

    def render(self, data: Any, *_context: Any, **_more: Any) -> Any:
        return data


class PdfFile(Jpeg):
    media_type = Media.PDF.value
    format = "pdf"


class DocumentsWaiting(ClientView, ListAPIView[Document]):
    scopes = {"GET": "documents:verify"}
    serializer_class = SentSerializer
    ordering = ("pk",)

    def get_queryset(self) -> "QuerySet[Document]":
        return documents_at(account_of(self.request))

    @extend_schema(
        summary="List documents that wait for a verdict",
        description="Of people whose visit is confirmed at the office of the client's account, "
        "the oldest first.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class DocumentFile(ClientView):
    scopes = {"GET": "documents:verify"}
    renderer_classes = (Jpeg, PdfFile)

    @extend_schema(
        summary="Get the file of a document",
        description="Of a person whom the office expects. Each look is noted, and the person can "
        "read that it was taken.",
        responses={
            (200, Media.JPEG.value): OpenApiTypes.BINARY,
            (200, Media.PDF.value): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        account = account_of(request)
        document, visit = document_at(account, code)
        answer = as_file(document, f"{document.application.code}-{document.kind}")
        program = name_of(request)
        look([visit], by=account, at=clock.now(), through="document", program=program)
        return answer


class DocumentVerdict(ClientView):
    scopes = {"POST": "documents:verify"}

    @extend_schema(
        summary="Decide about a document",
        description="As an officer does: `complete`, or `not_complete` with a reason, which the "
        "person is told. Once, before the person comes.",
        request=VerdictRequest,
        responses={200: SentSerializer},
    )
    @refuses(*REFUSALS, DocumentChanged, VisitHasBegun, ReasonMissing, NoteMissing)
    @once_per_key
    def post(self, request: Request, code: str) -> Response:
        account, by, at = account_of(request), name_of(request), clock.now()
        said = read(VerdictRequest, request.data)
        document, visit = document_at(account, code)
        if said.pop("verdict") == DocumentStatus.COMPLETE:
            find_complete(document=document, by=by, at=at)
        else:
            ask_again(document=document, visit=visit, **said, by=by, at=at)
        decided, _visit = document_at(account, code)
        return Response(SentSerializer(decided).data)
