from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.serializers import RequirementsAsked, RequirementsSerializer
from appointments.asking import question_of
from appointments.requirements import (
    NoRulesYet,
    Question,
    Requirements,
    TooYoungForTenYears,
    requirements,
)
from mpaspor.api.bodies import read
from mpaspor.api.operations import refuses
from mpaspor.api.views import PublicView
from mpaspor.core import clock
from payments.tariffs import TariffMissing, billing_day


class WhatToBring(PublicView):
    @extend_schema(
        summary="Read what to bring",
        description="Documents, state fees in whole Rupiah and the kind of visit, by the rules of "
        "the day, with their sources. Words are in the language of Accept-Language; codes are "
        "stable.",
        parameters=[RequirementsAsked],
        responses=RequirementsSerializer,
    )
    @refuses(TooYoungForTenYears, NoRulesYet, TariffMissing)
    def get(self, request: Request) -> Response:
        asked = read(RequirementsAsked, request.query_params)
        question = question_of(asked)
        on = asked.get("day") or billing_day(clock.now())
        found = requirements(question, on=on)
        answer = _asked(question) | _found(found) | {"day": on}
        return Response(RequirementsSerializer(answer).data)


def _asked(question: Question) -> dict[str, Any]:
    return {
        "kind": question.need,
        "age": question.age,
        "book": question.book,
        "service": question.service,
        "circumstances": sorted(question.circumstances),
    }


def _found(found: Requirements) -> dict[str, Any]:
    return {
        "visit": found.visit,
        "documents": [
            {
                "code": each.paper.code,
                **each.paper.words,
                "only_if_any": each.paper.only_if_any,
                "written_in": each.source,
            }
            for each in found.documents
        ],
        "costs": [vars(line) | {"description": _(line.description)} for line in found.costs],
        "total": found.total,
        "notes": found.notes,
        "sources": found.sources,
    }
