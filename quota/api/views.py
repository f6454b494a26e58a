"""What everybody may read about offices: where, when, and what is free."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from mpaspor.api.bodies import named, read
from mpaspor.api.views import PublicView
from mpaspor.core import clock
from quota.api.reading import announced, availability
from quota.api.serializers import (
    AvailabilitySerializer,
    DaysAsked,
    FoundSerializer,
    OfficeSearch,
    OfficeSerializer,
    ReleaseSerializer,
    SearchAsked,
)
from quota.models import Office, Release
from quota.queries import FRESH, offices
from quota.searching import earliest_seats


@extend_schema_view(get=extend_schema(summary="Find offices", parameters=[OfficeSearch]))
class Offices(PublicView, ListAPIView[Office]):
    serializer_class = OfficeSerializer
    ordering = ("code",)

    def get_queryset(self) -> "QuerySet[Office]":
        return offices(read(OfficeSearch, self.request.query_params).get("q", ""))


class OneOffice(PublicView):
    @extend_schema(summary="Read an office", responses=OfficeSerializer)
    def get(self, request: Request, code: str) -> Response:
        return Response(OfficeSerializer(get_object_or_404(offices(), code=code)).data)


class Availability(PublicView):
    @extend_schema(
        summary="Find free seats",
        description="Sessions that can still be booked, with the seats nobody holds, as they "
        f"were at most {FRESH} seconds ago.",
        parameters=[DaysAsked],
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        office = get_object_or_404(offices(), code=code)
        asked = read(DaysAsked, request.query_params)
        days = {"first": asked["from"], "last": asked["to"]}
        found = availability(office=office, **days, service=asked.get("service"), at=clock.now())
        answer = AvailabilitySerializer(found).data
        return Response(answer, headers={"Cache-Control": f"public, max-age={FRESH}"})


class EarliestSeats(PublicView):
    @extend_schema(
        summary="Find the earliest seat over all offices",
        description="One entry for each office that has room for the party, the earliest day "
        f"first, then the nearest; as it was at most {FRESH} seconds ago.",
        parameters=[SearchAsked],
        responses=FoundSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        wish = read(SearchAsked, request.query_params)
        near = wish.get("near")
        found = earliest_seats(
            service=wish["service"],
            party=wish["party"],
            until=wish.get("before"),
            near=named("near", lambda: get_object_or_404(offices(), code=near)) if near else None,
            within_km=wish.get("within_km"),
            at=clock.now(),
        )
        answer = FoundSerializer(found, many=True).data
        return Response(answer, headers={"Cache-Control": f"public, max-age={FRESH}"})


@extend_schema_view(
    get=extend_schema(
        summary="List releases",
        description="Openings of quota that are announced or open, latest first.",
    )
)
class Releases(PublicView, ListAPIView[Release]):
    serializer_class = ReleaseSerializer
    ordering = ("-publish_at", "-pk")

    def get_queryset(self) -> "QuerySet[Release]":
        return announced(at=clock.now())
