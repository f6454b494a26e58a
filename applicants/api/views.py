from datetime import date
from typing import Any

from django.db import transaction
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.access import person_for
from applicants.api.serializers import (
    NikCheckRequest,
    PersonChange,
    PersonRequest,
    PersonSerializer,
    VerdictSerializer,
)
from applicants.birth_dates import BirthDateNotPast, BirthDateTooOld
from applicants.guardians import (
    ConsentNeeded,
    GuardianElsewhere,
    GuardianNeeded,
    GuardianNotAdult,
    GuardsChildren,
    RelationNotValid,
)
from applicants.models import Person, User
from applicants.names import NameNotValid, PlaceNotValid
from applicants.nik import differences
from applicants.persons import (
    DiffersFromNik,
    NikNotValid,
    PersonAlreadyKnown,
    TooManyPersons,
    add_person,
    correct_person,
    locked,
    today,
)
from applicants.verdicts import judge
from mpaspor.api.bodies import named, read
from mpaspor.api.clients import account_of, name_of
from mpaspor.api.operations import refuses
from mpaspor.api.repeating import REFUSALS, once_per_key
from mpaspor.api.views import ClientView, PublicView
from mpaspor.core import clock


class Persons(ClientView):
    scopes = {"POST": "applications:write"}

    @extend_schema(
        summary="Register a person",
        description="A person that your account looks after from now on. The NIK is kept sealed "
        "and only ever shown masked. A child also needs `guardian`, `relation` and `consent`.",
        request=PersonRequest,
        responses={201: PersonSerializer},
    )
    @refuses(
        *REFUSALS,
        NikNotValid,
        DiffersFromNik,
        NameNotValid,
        PlaceNotValid,
        BirthDateNotPast,
        BirthDateTooOld,
        PersonAlreadyKnown,
        TooManyPersons,
        GuardianNeeded,
        GuardianNotAdult,
        RelationNotValid,
        ConsentNeeded,
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        account = account_of(request)
        asked = _asked(account, read(PersonRequest, request.data))
        person = add_person(account=account, **asked, by=name_of(request), at=clock.now())
        return Response(PersonSerializer(person).data, status=201)


# As the deed takes them; the NIK stays.
FACTS = ("name", "birth_place", "birth_date", "sex", "guardian", "relation")


class OnePerson(ClientView):
    scopes = {"GET": "applications:write", "PATCH": "applications:write"}

    @extend_schema(
        summary="Read a person",
        description="With what the civil registry says by now.",
        responses=PersonSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(PersonSerializer(person_for(account_of(request), code)).data)

    @extend_schema(
        summary="Correct a person",
        description="What is not sent stays as it is. Never the NIK. The civil registry is asked "
        "anew about other data. A consent in force counts on.",
        request=PersonChange,
        responses=PersonSerializer,
    )
    @refuses(
        DiffersFromNik,
        NameNotValid,
        PlaceNotValid,
        BirthDateNotPast,
        BirthDateTooOld,
        GuardianNeeded,
        GuardianElsewhere,
        GuardianNotAdult,
        GuardsChildren,
        RelationNotValid,
        ConsentNeeded,
    )
    @transaction.atomic
    def patch(self, request: Request, code: str) -> Response:
        account = locked(account_of(request))
        person = person_for(account, code)
        said = _changed(account, person, read(PersonChange, request.data, partial=True))
        correct_person(person=person, **said, by=name_of(request), at=clock.now())
        return Response(PersonSerializer(person_for(account, code)).data)


def _changed(account: User, person: Person, said: dict[str, Any]) -> dict[str, Any]:
    """As correct_person takes them. A difference once confirmed stands while its facts do."""
    stands = person.differs_from_nik and not {"birth_date", "sex"} & said.keys()
    consent = said.pop("consent", False)
    if "guardian" in said:
        guardian = said["guardian"]
        given = named("guardian", lambda: person_for(account, guardian)) if guardian else None
        said["guardian"] = given
    known = {name: getattr(person, name) for name in FACTS} | {"confirms_difference": stands}
    return known | said | {"consented_in": get_language() or "" if consent else ""}


def _asked(account: User, body: dict[str, Any]) -> dict[str, Any]:
    """The body as add_person takes it."""
    guardian, consent = body.pop("guardian"), body.pop("consent")
    if guardian:
        body["guardian"] = named("guardian", lambda: person_for(account, guardian))
    return body | {"consented_in": get_language() or "" if consent else ""}


@method_decorator(never_cache, name="dispatch")
class NikChecks(PublicView):
    @extend_schema(
        summary="Check a NIK",
        description="What is wrong with a NIK, digit by digit, with reason and remedy; what is "
        "unusual; what it says. Nothing is stored, no register is asked, and the NIK is not in "
        "the answer. A wrong NIK is an answer like any other: 200 with `valid` false.",
        request=NikCheckRequest,
        responses={200: VerdictSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = read(NikCheckRequest, request.data)
        day = today(clock.now())
        return Response(VerdictSerializer(_verdict(asked, day)).data)


def _verdict(asked: dict[str, Any], day: date) -> dict[str, Any]:
    verdict = judge(asked["nik"], today=day)
    answer = {"valid": verdict.nik is not None, "differences": (), "says": None}
    if nik := verdict.nik:
        compared = {"birth_date": asked.get("birth_date"), "sex": asked.get("sex")}
        says = {"region": nik.region, "sex": nik.sex, "birth_dates": nik.birth_dates(today=day)}
        answer |= {"differences": differences(nik, **compared), "says": says}
    return answer | {"problems": verdict.problems, "notes": verdict.notes}
