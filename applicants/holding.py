"""Whose a contact is: the account's that confirmed it. Typing an address claims nothing."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from applicants.contacts import Contact
from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel


class ContactTaken(Refusal):
    code = "contact-taken"
    message = _("There is already an account with %(contact)s.")
    remedy = _("Sign in with it, or make a new password if you forgot yours.")
    field = "contact"


def columns(channel: Channel | str) -> tuple[str, str]:
    """Where an account has its contact of this kind, and whether it is confirmed."""
    if channel == Channel.EMAIL:
        return "email", "email_verified"
    return "phone", "phone_verified"


def refuse_taken(contact: Contact, *, by: User) -> None:
    """Raises ContactTaken when another account has confirmed it."""
    field, verified = columns(contact.channel)
    others = User.objects.filter(**{field: contact.to, verified: True}).exclude(pk=by.pk)
    if others.exists():
        raise ContactTaken(contact=contact)


def let_go(contact: Contact, *, holder: User, by: trail.By, at: datetime) -> None:
    """The account never confirmed the contact and loses it; with nothing left it is closed."""
    field, _verified = columns(contact.channel)
    setattr(holder, field, None)
    holder.is_active = holder.is_active and bool(holder.email or holder.phone)
    holder.save(update_fields=[field, "is_active"])
    subject = f"account:{holder.code}"
    trail.record("let_contact_go", subject=subject, by=by, at=at, channel=contact.channel)


def save_unless_taken(user: User, contact: Contact) -> None:
    """The unique index decides: two people at once do not both pass. Raises ContactTaken."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as taken:
        raise ContactTaken(contact=contact) from taken
