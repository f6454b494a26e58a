"""Children: who is one, and the grown-up of the account who stands for them."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.consents import give_consent, in_force
from applicants.enums import ConsentKind, Relation
from applicants.models import Person
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal


class GuardianNeeded(Refusal):
    code = "guardian-needed"
    message = _("A child under %(age)s needs a mother, father or guardian in the account.")
    remedy = _("Name one of the grown-ups of your account. If none is there, add them first.")
    field = "guardian"
    status = 422


class GuardianNotAdult(Refusal):
    code = "guardian-not-adult"
    message = _("The mother, father or guardian must be %(age)s years or older.")
    remedy = _("Name a grown-up of your account.")
    field = "guardian"
    status = 422


class GuardianElsewhere(Refusal):
    code = "guardian-elsewhere"
    message = _("The mother, father or guardian must be another person of the same account.")
    remedy = _("Add them to this account first.")
    field = "guardian"
    status = 422


class RelationNotValid(Refusal):
    code = "relation-not-valid"
    message = _("Say whether this is the child's mother, father or guardian.")
    field = "relation"
    status = 422


class ConsentNeeded(Refusal):
    code = "consent-needed"
    message = _("To apply for a child you must agree to the text about the child's data.")
    remedy = _("Read it on the child's page and tick the box below it.")
    field = "consent"
    status = 422


class GuardianMissing(GuardianNeeded):
    """The same, of a child that is in the account already."""

    remedy = _("Open the child's page under “My applications” and name one there.")
    field = "person"


class ConsentMissing(ConsentNeeded):
    remedy = _("Open the child's page under “My applications” and agree there.")
    field = "person"


class GuardsChildren(Refusal):
    code = "guards-children"
    message = _("This person is the mother, father or guardian of a child in your account.")
    remedy = _("Name another one for the child first, or take the child out of the account.")


def is_child(birth_date: date, *, at: datetime) -> bool:
    """Below the age from which on nobody needs a guardian, on that day in the capital."""
    return Person(birth_date=birth_date).age_on(timezone.localdate(at)) < settings.ADULT_AGE


def set_guardian(person: Person, guardian: Person | None, relation: str, *, at: datetime) -> None:
    """Puts the guardian down, not yet saved; for a grown-up there is none.

    The account must be locked. Raises GuardianNeeded, GuardianElsewhere, GuardianNotAdult,
    RelationNotValid; GuardsChildren when the person is a child and a guardian at once.
    """
    if not is_child(person.birth_date, at=at):
        person.guardian, person.relation = None, ""
        return
    refuse_guarding(person, at=at)
    if guardian is None:
        raise GuardianNeeded(age=settings.ADULT_AGE)
    known = Person.objects.filter(pk=guardian.pk, account_id=person.account_id).first()
    if known is None or known.pk == person.pk:
        raise GuardianElsewhere
    if is_child(known.birth_date, at=at):
        raise GuardianNotAdult(age=settings.ADULT_AGE)
    if relation not in Relation.values:
        raise RelationNotValid
    person.guardian, person.relation = known, relation


def keep_consent(person: Person, *, consented_in: str, by: trail.By, at: datetime) -> None:
    """For a child: the consent given now, or the one in force. Raises ConsentNeeded."""
    if not is_child(person.birth_date, at=at):
        return
    if consented_in:
        give_consent(
            account=person.account,
            person=person,
            kind=ConsentKind.CHILD,
            language=consented_in,
            by=by,
            at=at,
        )
    elif not in_force(person, ConsentKind.CHILD):
        raise ConsentNeeded


def refuse_unguarded(person: Person, *, at: datetime) -> None:
    """Before anything is applied for. Raises GuardianMissing, ConsentMissing."""
    if not is_child(person.birth_date, at=at):
        return
    if person.guardian_id is None:
        raise GuardianMissing(age=settings.ADULT_AGE)
    if not in_force(person, ConsentKind.CHILD):
        raise ConsentMissing


def refuse_guarding(person: Person, *, at: datetime) -> None:
    """Raises GuardsChildren while a child hangs on this person."""
    if person.pk and any(is_child(ward.birth_date, at=at) for ward in person.wards.all()):
        raise GuardsChildren
