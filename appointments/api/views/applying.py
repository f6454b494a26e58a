from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.access import person_for
from applicants.guardians import ConsentMissing, GuardianMissing
from appointments.access import application_for, locked_application_for
from appointments.api.serializers import (
    ApplicationChange,
    ApplicationRequest,
    ApplicationSerializer,
    ask_for,
)
from appointments.applying import (
    AlreadyActive,
    NotADraft,
    change_application,
    start_application,
)
from appointments.details import EmergencyContact, Journey
from appointments.enums import SpecialNeed, TravelPurpose
from appointments.models import Application
from appointments.preparing import (
    ContactNameNotValid,
    ContactPhoneNotValid,
    DepartureNotValid,
    DetailsClosed,
    contact_of,
    name_contact,
    plan_journey,
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


# The questions of a draft; the journey and the contact stay open until the visit.
ANSWERS = ("kind", "book", "service", "need")


class OneApplication(ClientView):
    scopes = {"GET": "applications:write", "PATCH": "applications:write"}

    @extend_schema(summary="Read an application", responses=ApplicationSerializer)
    def get(self, request: Request, code: str) -> Response:
        application = application_for(account_of(request), code)
        return Response(ApplicationSerializer(application).data)

    @extend_schema(
        summary="Change an application",
        description="What is not sent stays as it is; all that is sent is changed, or nothing. "
        "`kind`, `book`, `service` and `need` of a draft; the journey and the emergency contact "
        "until the visit. `departure` null: not known any more.",
        request=ApplicationChange,
        responses=ApplicationSerializer,
    )
    @refuses(
        NotADraft,
        AtTheCounter,
        TooYoungForTenYears,
        DetailsClosed,
        DepartureNotValid,
        ContactNameNotValid,
        ContactPhoneNotValid,
    )
    @transaction.atomic
    def patch(self, request: Request, code: str) -> Response:
        said = read(ApplicationChange, request.data, partial=True)
        application = locked_application_for(account_of(request), code)
        by, at = name_of(request), clock.now()
        if any(name in said for name in ANSWERS):
            answers = {name: said.get(name, getattr(application, name)) for name in ANSWERS}
            answers["need"] = SpecialNeed(answers["need"])
            change_application(application=application, **answers, by=by, at=at)
        if "purpose" in said or "departure" in said:
            journey = _new_journey(application, said)
            plan_journey(application=application, journey=journey, by=by, at=at)
        if contact := _contact(said):
            name_contact(application=application, contact=contact, by=by, at=at)
        changed = application_for(account_of(request), code)
        return Response(ApplicationSerializer(changed).data)


def _new_journey(application: Application, said: dict[str, Any]) -> Journey:
    known = vars(application.journey) if application.journey else {"departure": None}
    journey = known | {name: said[name] for name in ("purpose", "departure") if name in said}
    ask_for(["purpose"], journey)
    return Journey(TravelPurpose(journey["purpose"]), journey["departure"])
