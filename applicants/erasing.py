"""Erasing an account: its holder's name and contacts, its persons, their NIK."""

from datetime import date, datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from applicants.codes import forget_codes
from applicants.contacts import contacts_of
from applicants.identities import erase_identity_if_unused
from applicants.models import Person, User, Verification
from applicants.persons import locked
from applicants.removing import PersonInUse, forget
from applicants.sessions import end_sessions
from applicants.signals import account_closing, account_leaving
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.notifications import inbox

# What stands in the row of a person whose application is kept: nothing of them.
NOBODY = {"name": "–", "birth_place": "", "birth_date": date(1900, 1, 1), "sex": ""}


class StillServes(Refusal):
    code = "still-serves"
    message = _("This account belongs to an officer or to a program.")
    remedy = _("Ask the centre to end that first.")


def refuse_unless_closable(account: User, *, at: datetime) -> None:
    """Raises StillServes, or what keeps the account open elsewhere (appointments.leaving)."""
    serves = account.is_staff or account.is_superuser or hasattr(account, "officer")
    if serves or get_application_model().objects.filter(user=account).exists():
        raise StillServes
    account_closing.send(User, account=account, at=at)


@transaction.atomic
def erase_account(*, account: User, by: trail.By, at: datetime) -> None:
    """Closes the account for good; repeatable.

    Persons go; those with a paid application lose name, birth and NIK, while its bill and payment
    stay as the law on state fees orders. A NIK that another account looks after stays there.
    Raises as refuse_unless_closable does.
    """
    user = locked(account)
    if user.erased_at:
        return
    refuse_unless_closable(user, at=at)
    persons = _persons(user)
    account_leaving.send(User, account=user, by=by, at=at)
    user.persons.update(guardian=None, relation="")
    _close(user, at=at)
    for person in persons:
        _forget_or_blank(person, by=by, at=at)
        erase_identity_if_unused(person.identity, at=at)
    user.privacy_requests.update(words_sealed=None, answer_sealed=None)
    trail.record("erase_account", subject=f"account:{user.code}", by=by, at=at)


def _persons(user: User) -> list[Person]:
    """Locked with their identities, in one order for everybody."""
    rows = user.persons.select_related("identity").order_by("identity_id")
    return list(rows.select_for_update(of=("self", "identity")))


def _close(user: User, *, at: datetime) -> None:
    for contact in contacts_of(user):
        forget_codes(contact)
    user.pending_contacts.all().delete()
    user.form_drafts.all().delete()
    inbox.forget(user.code)
    end_sessions(user.sessions.all())
    user.second_factors.all().delete()
    user.recovery_codes.all().delete()
    user.session_version += 1
    user.name, user.email, user.phone = "", None, None
    user.email_verified = user.phone_verified = user.is_active = False
    user.set_unusable_password()
    user.erased_at = at
    user.save()
    # The admin's own log writes names down.
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).update(object_repr=user.code)


def _forget_or_blank(person: Person, *, by: trail.By, at: datetime) -> None:
    try:
        with transaction.atomic():
            forget(person, by=by, at=at)
    except PersonInUse:
        person.consents.filter(withdrawn_at=None).update(withdrawn_at=at)
        Verification.objects.filter(person=person).delete()
        Person.objects.filter(pk=person.pk).update(**NOBODY)
