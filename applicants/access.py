"""The one door to each row."""

from django.shortcuts import get_object_or_404

from applicants.models import Consent, Person, PrivacyRequest, SecondFactor, User
from applicants.queries import persons_of, second_factors_of


def person_for(user: User, code: str) -> Person:
    """Raises Http404 when there is no such person or it is another account's."""
    return get_object_or_404(persons_of(user), code=code)


def factor_for(user: User, code: str) -> SecondFactor:
    """Raises Http404 when there is no such factor or it is another account's."""
    return get_object_or_404(second_factors_of(user), code=code)


def consent_for(user: User, kind: str, code: str) -> Consent:
    """The consent in force for the person with this code; raises Http404."""
    rows = user.consents.select_related("person").filter(withdrawn_at=None)
    return get_object_or_404(rows, kind=kind, person__code=code)


def privacy_request_for(user: User, code: str) -> PrivacyRequest:
    return get_object_or_404(user.privacy_requests, code=code)
