"""By which channel an account gets its notices: the one its holder chose, as long as it can be.

Codes go where they are asked for, and who is told that a contact changed is told everywhere.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.contacts import Contact, confirmed_contacts
from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.notifications import whatsapp
from mpaspor.notifications.models import Channel

# What is tried in which order: the same number before another contact.
ORDERS = {
    Channel.EMAIL: (Channel.EMAIL, Channel.SMS),
    Channel.SMS: (Channel.SMS, Channel.EMAIL),
    Channel.WHATSAPP: (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL),
}


class ChannelNotOffered(Refusal):
    code = "notice-channel-not-offered"
    message = _("Messages cannot be sent that way.")
    remedy = _("Choose one of the ways shown here.")
    field = "channel"
    status = 422


class EmailNotConfirmed(Refusal):
    code = "notice-channel-without-email"
    message = _("Your account has no confirmed e-mail address.")
    remedy = _("Add it under “My account” and type its code there, or choose another way.")
    field = "channel"


class PhoneNotConfirmed(EmailNotConfirmed):
    code = "notice-channel-without-phone"
    message = _("Your account has no confirmed mobile phone.")


def offered() -> list[Channel]:
    return [channel for channel in Channel if channel != Channel.WHATSAPP or whatsapp.is_offered()]


def ways(user: User) -> dict[Channel, Contact]:
    """How notices can go to this account, the e-mail first."""
    found = {contact.channel: contact for contact in confirmed_contacts(user)}
    if (phone := found.get(Channel.SMS)) and whatsapp.is_offered():
        found[Channel.WHATSAPP] = Contact(Channel.WHATSAPP, phone.to)
    return found


def reach(user: User) -> Contact | None:
    """Where a notice goes: by the channel chosen, else by another one, else nowhere."""
    possible = ways(user)
    order = ORDERS[Channel(user.notices_by)]
    return next((possible[channel] for channel in order if channel in possible), None)


@transaction.atomic
def choose_channel(*, account: User, channel: str, by: trail.By, at: datetime) -> None:
    """Repeatable. Raises ChannelNotOffered, EmailNotConfirmed, PhoneNotConfirmed."""
    user = User.objects.select_for_update().get(pk=account.pk)
    if channel not in offered():
        raise ChannelNotOffered
    chosen = Channel(channel)
    if chosen not in ways(user):
        raise EmailNotConfirmed if chosen == Channel.EMAIL else PhoneNotConfirmed
    if chosen == user.notices_by:
        return
    user.notices_by = chosen
    user.save(update_fields=["notices_by"])
    trail.record(
        "choose_channel", subject=f"account:{user.code}", by=by, at=at, channel=chosen.value
    )
