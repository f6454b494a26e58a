"""A party: people of one account who are seated together, pay together, or do neither."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.models import Application, Appointment
from mpaspor.core.errors import Refusal
from quota.seats import PartyTooLarge


class NobodyChosen(Refusal):
    code = "nobody-chosen"
    message = _("Nobody was chosen to be booked.")
    remedy = _("Choose at least one application.")
    field = "applications"


class ChosenTwice(Refusal):
    code = "chosen-twice"
    message = _("%(name)s was chosen twice.")
    remedy = _("Everybody gets one seat: choose each person once.")
    field = "applications"


class SeveralAccounts(Refusal):
    code = "several-accounts"
    message = _("These applications are not all of one account.")
    remedy = _("Book the applications of each account from that account.")
    field = "applications"


class SeveralServices(Refusal):
    code = "several-services"
    message = _("These people did not all choose the same service.")
    remedy = _("Book those with the same service together, and the others by themselves.")
    field = "applications"


def refuse_as_party(applications: Sequence[Application]) -> None:
    """Raises NobodyChosen, PartyTooLarge, ChosenTwice, SeveralAccounts, SeveralServices."""
    if not applications:
        raise NobodyChosen
    if len(applications) > settings.PARTY_LIMIT:
        raise PartyTooLarge(limit=settings.PARTY_LIMIT)
    _refuse_twice(applications)
    if len({application.account_id for application in applications}) > 1:
        raise SeveralAccounts
    if len({application.service for application in applications}) > 1:
        raise SeveralServices


def _refuse_twice(applications: Sequence[Application]) -> None:
    seen = set()
    for application in applications:
        if application.identity_id in seen:
            raise ChosenTwice(name=application.person.name)
        seen.add(application.identity_id)


@contextmanager
def in_the_way(application: Application, *, of: int) -> Iterator[None]:
    """A refusal inside says whose it is, when it is a party `of` several."""
    try:
        yield
    except Refusal as no:
        no.who = application.person.name if of > 1 else ""
        raise


def together_with(appointment: Appointment) -> "QuerySet[Appointment]":
    """Itself and those booked with it, in the order of their identities; also who left since."""
    if not appointment.party:
        return Appointment.objects.filter(pk=appointment.pk)
    return Appointment.objects.filter(party=appointment.party).order_by("pk")


def locked_party(appointment: Appointment) -> list[Appointment]:
    """As together_with, with all a deed needs; none of them changes until the transaction ends.

    Locked first and read afterwards: who waits for the lock of a row that is moved meanwhile would
    not find it again by a join with the session it had.
    """
    return locked(together_with(appointment))


def locked(rows: "QuerySet[Appointment]") -> list[Appointment]:
    """As locked_party, for other appointments; `rows` joins nothing that changes."""
    keys = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    members = Appointment.objects.filter(pk__in=keys).order_by("pk")
    owners = Application.objects.filter(pk__in=members.values("application")).order_by("pk")
    list(owners.select_for_update().values_list("pk", flat=True))
    return list(
        members.select_related(
            "application__account", "application__person", "slot__office", "bill"
        )
    )
