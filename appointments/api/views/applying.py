from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.access import person_for
from applicants.guardians import ConsentMissing, GuardianMissing
from appointments.access import application_for
from appointments.api.serializers import ApplicationRequest, ApplicationSerializer
from appointments.applying import AlreadyActive, start_application
from appointments.details import EmergencyContact, Journey
from appointments.enums import SpecialNeed, TravelPurpose
from appointments.preparing import (
    ContactNameNotValid,
    ContactPhoneNotValid,
    DepartureNotValid,
    contact_of,
)
from appointments.requirements import AtTheCounter, TooYoungForTenYears
from mpaspor.api.bodies import named, read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView
from mpaspor.core import clock


class Applications(ClientView):
    scopes = {"POST": "applications:write"}

    @extend_schema(
        summary="Start an application",
        description="The draft of this person: a new one, or the one begun before with these "
        "answers instead.",
        request=ApplicationRequest,
        responses={201: ApplicationSerializer},
    )
    @refuses(
        *REFUSALS,
        AlreadyActive,
        AtTheCounter,
        TooYoungForTenYears,
        GuardianMissing,
        ConsentMissing,
        DepartureNotValid,
        ContactNameNotValid,
        ContactPhoneNotValid,
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        account = account_of(request)
        asked = read(ApplicationRequest, request.data)
        person = named("person", lambda: person_for(account, asked.pop("person")))
        need = SpecialNeed(asked.pop("need", SpecialNeed.NONE))
        journey, contact = _journey(asked), _contact(asked)
        application = start_application(
            account=account,
            person=person,
            **asked,
            need=need,
            journey=journey,
            contact=contact,
            by=name_of(request),
            at=clock.now(),
        )
        return Response(ApplicationSerializer(application).data, status=201)


def _journey(asked: dict[str, Any]) -> Journey | None:
    """Taken out of what was asked."""
    purpose, departure = asked.pop("purpose", None), asked.pop("departure", None)
    return Journey(TravelPurpose(purpose), departure) if purpose else None


def _contact(asked: dict[str, Any]) -> EmergencyContact | None:
    said = {name: asked.pop(f"contact_{name}", "") for name in ("name", "relation", "phone")}
    return contact_of(**said) if said["name"] else None


class OneApplication(ClientView):
    scopes = {"GET": "applications:write"}

    @extend_schema(summary="Read an application", responses=ApplicationSerializer)
    def get(self, request: Request, code: str) -> Response:
        application = application_for(account_of(request), code)
        return Response(ApplicationSerializer(application).data)
