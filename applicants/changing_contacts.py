"""Adding, changing and removing a contact of an account that is in use.

Whoever changes how an account is reached can take it over, so each step needs a code to a contact
that is not the one to be changed. What is wanted waits outside the account until it is confirmed.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.codes import CodeTooSoon, send_code, use_code
from applicants.contacts import Contact, confirmed_contacts, unconfirmed
from applicants.enums import Purpose
from applicants.holding import ContactTaken, columns, let_go, refuse_taken, save_unless_taken
from applicants.models import PendingContact, User
from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.core.errors import Refusal
from mpaspor.notifications import inbox, outbox
from mpaspor.notifications.models import Channel

PATIENCE = timedelta(days=7)


class ContactYours(Refusal):
    code = "contact-yours"
    message = _("%(contact)s is confirmed in your account already.")
    remedy = _("Nothing needs to be done.")
    field = "contact"


class ProofMissing(Refusal):
    code = "contact-proof-missing"
    message = _("Before this, a code is needed that we send to %(contact)s.")
    status = 403

    def __init__(self, contact: Contact) -> None:
        super().__init__(contact=contact.masked)
        self.contact = contact


class OnlyContact(Refusal):
    code = "only-contact"
    message = _("This is the only contact of your account, so it cannot be removed.")
    remedy = _("Add another one and confirm it first.")


class NothingPending(Refusal):
    code = "no-pending-contact"
    message = _("No contact waits for its code. Perhaps it is confirmed already.")
    remedy = _("Look under “My account”.")


def proof_needed(account: User, channel: Channel | str) -> Contact:
    """Where the code goes before the contact of this kind may change: to the other one.

    To the same one when the account has no other.
    """
    contacts = confirmed_contacts(account)
    others = [contact for contact in contacts if contact.channel != channel]
    return next(iter(others or contacts), unconfirmed(account))


@transaction.atomic
def want_contact(
    *, account: User, contact: Contact, proof: Contact | None, by: trail.By, at: datetime
) -> None:
    """Sends a code to a contact that is to join the account, or to take the place of one.

    `proof` is the contact to which a code went that was typed back just now. Raises ProofMissing,
    ContactYours, ContactTaken and what send_code raises.
    """
    _refuse_without_proof(account, contact.channel, proof)
    if contact in confirmed_contacts(account):
        raise ContactYours(contact=contact)
    refuse_taken(contact, by=account)
    PendingContact.objects.update_or_create(
        account=account,
        channel=contact.channel,
        defaults={"to": contact.to, "wanted_at": at},
    )
    # Too soon: the code sent a moment ago still counts.
    with suppress(CodeTooSoon):
        send_wanted_code(account=account, contact=contact, by=by, at=at)
    _record("want_contact", account, contact.channel, by=by, at=at)


def send_wanted_code(*, account: User, contact: Contact, by: trail.By, at: datetime) -> None:
    send_code(account=account, to=contact, purpose=Purpose.ADD, by=by, at=at)


def wanted_contact(account: User, channel: Channel | str) -> Contact:
    """What waits for its code; raises NothingPending."""
    pending = PendingContact.objects.filter(account=account, channel=channel).first()
    if pending is None:
        raise NothingPending
    return Contact(Channel(pending.channel), pending.to)


def confirm_wanted(
    *, account: User, channel: Channel | str, typed: str, by: trail.By, at: datetime
) -> Contact:
    """The code sent to the wanted contact was typed: from now on it is the account's.

    The contacts the account had before are told. Raises NothingPending, CodeWrong, CodeUsedUp, and
    ContactTaken when another account was quicker.
    """
    contact = wanted_contact(account, channel)
    use_code(account=account, to=contact, purpose=Purpose.ADD, typed=typed, at=at)
    _take(account, contact, by=by, at=at)
    return contact


@transaction.atomic
def remove_contact(
    *, account: User, channel: Channel | str, proof: Contact | None, by: trail.By, at: datetime
) -> None:
    """Repeatable. All contacts, the removed one too, are told. Raises ProofMissing, OnlyContact."""
    user = User.objects.select_for_update().get(pk=account.pk)
    before = confirmed_contacts(user)
    gone = [contact for contact in before if contact.channel == channel]
    if not gone:
        return
    if before == gone:
        raise OnlyContact
    _refuse_without_proof(user, channel, proof)
    field, verified = columns(channel)
    setattr(user, field, None)
    setattr(user, verified, False)
    user.save(update_fields=[field, verified])
    _record("remove_contact", user, channel, by=by, at=at)
    _tell(user, before, removed=gone[0], added=None, at=at)


@transaction.atomic
def forget_wanted(*, account: User, channel: Channel | str, by: trail.By, at: datetime) -> None:
    """The holder does not want it any more. Repeatable."""
    if PendingContact.objects.filter(account=account, channel=channel).delete()[0]:
        _record("forget_wanted_contact", account, channel, by=by, at=at)


def forget_old(*, at: datetime) -> int:
    """Deletes what was wanted and never confirmed; returns how many."""
    return PendingContact.objects.filter(wanted_at__lt=at - PATIENCE).delete()[0]


@transaction.atomic
def _take(account: User, contact: Contact, *, by: trail.By, at: datetime) -> None:
    user = _locked_and_freed(account, contact, by=by, at=at)
    before = confirmed_contacts(user)
    replaced = [old for old in before if old.channel == contact.channel]
    field, verified = columns(contact.channel)
    setattr(user, field, contact.to)
    setattr(user, verified, True)
    save_unless_taken(user, contact)
    user.pending_contacts.filter(channel=contact.channel).delete()
    _record("take_contact", user, contact.channel, by=by, at=at)
    _tell(user, before, removed=replaced[0] if replaced else None, added=contact, at=at)


def _locked_and_freed(account: User, contact: Contact, *, by: trail.By, at: datetime) -> User:
    """The account, locked; whoever typed the contact without confirming it has lost it."""
    field, verified = columns(contact.channel)
    concerned = User.objects.filter(Q(pk=account.pk) | Q(**{field: contact.to})).order_by("pk")
    users = {user.pk: user for user in concerned.select_for_update()}
    user = users.pop(account.pk)
    for squatter in users.values():
        if getattr(squatter, verified):
            raise ContactTaken(contact=contact)
        let_go(contact, holder=squatter, by=by, at=at)
    return user


def _refuse_without_proof(account: User, channel: Channel | str, proof: Contact | None) -> None:
    needed = proof_needed(account, channel)
    if proof != needed:
        raise ProofMissing(needed)


def _tell(
    user: User,
    contacts: list[Contact],
    *,
    removed: Contact | None,
    added: Contact | None,
    at: datetime,
) -> None:
    template, reference = "notices/applicants/contacts_changed", f"contacts:{new_code()}"
    facts = {
        "removed": removed.masked if removed else "",
        "added": added.masked if added else "",
    }
    inbox.keep(template, holder=user.code, reference=reference, at=at, **facts)
    for contact in contacts:
        outbox.enqueue(
            template,
            reference=f"{reference}:{contact.channel}",
            channel=contact.channel,
            to=contact.to,
            language=user.language,
            at=at,
            **facts,
        )


def _record(deed: str, user: User, channel: Channel | str, *, by: trail.By, at: datetime) -> None:
    trail.record(deed, subject=f"account:{user.code}", by=by, at=at, channel=str(channel))
