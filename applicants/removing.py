"""Taking a person out of an account."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from applicants.guardians import refuse_guarding
from applicants.identities import erase_identity_if_unused
from applicants.models import Person
from applicants.persons import locked
from applicants.signals import person_leaving
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal


class PersonInUse(Refusal):
    code = "person-in-use"
    message = _("There is an application for this person, so the person stays in your account.")
    remedy = _("Applications that were paid for are kept, as the law on state fees orders.")


@transaction.atomic
def remove_person(*, person: Person, by: trail.By, at: datetime) -> None:
    """The account knows this person no more; drafts nobody went on with go with them.

    Repeatable. Raises PersonInUse, GuardsChildren.
    """
    locked(person.account)
    known = Person.objects.select_for_update(of=("self",)).filter(pk=person.pk).first()
    if known is None:
        return
    refuse_guarding(known, at=at)
    person_leaving.send(Person, person=known, by=by, at=at)
    forget(known, by=by, at=at)
    erase_identity_if_unused(known.identity, at=at)


def forget(person: Person, *, by: trail.By, at: datetime) -> None:
    """Deletes the row; grown-up wards lose their guardian, consents stay without a name."""
    person.wards.update(guardian=None, relation="")
    person.consents.filter(withdrawn_at=None).update(withdrawn_at=at)
    trail.record(
        "remove_person",
        subject=f"person:{person.code}",
        by=by,
        at=at,
        identity=person.identity.code,
    )
    try:
        person.delete()
    except ProtectedError as kept:
        raise PersonInUse from kept
