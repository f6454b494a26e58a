from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.serializers import ReportSerializer
from appointments.release_reports import report_of
from mpaspor.api.views import PublicView
from mpaspor.core import clock
from quota.queries import opened_releases


class ReleaseReport(PublicView):
    @extend_schema(summary="Read what became of a release's seats", responses=ReportSerializer)
    def get(self, request: Request, code: str) -> Response:
        release = get_object_or_404(opened_releases(), code=code)
        return Response(ReportSerializer(report_of(release, at=clock.now())).data)
