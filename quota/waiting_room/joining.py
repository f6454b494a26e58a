"""Getting in line: once for each person and release, however often it is asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import moment
from quota.enums import ReleaseStatus, Service
from quota.models import Release
from quota.seats import PartyTooLarge
from quota.waiting_room import lots
from quota.waiting_room.enums import RoomStatus, TicketStatus, Turn
from quota.waiting_room.locking import join_list
from quota.waiting_room.models import QueueMember, QueueTicket, Room


class NoRoom(Refusal):
    code = "no-waiting-room"
    message = _("This opening has no waiting room.")
    remedy = _("Choose a seat directly, as soon as it is open.")


class JoinsLater(Refusal):
    code = "joins-later"
    message = _("The waiting room is not open yet.")
    remedy = _(
        "Come back from %(moment)s on. It does not matter who comes first: the order is drawn."
    )


class NobodyChosen(Refusal):
    code = "nobody-chosen"
    message = _("Nobody is chosen.")
    remedy = _("Choose who needs a seat.")
    field = "persons"
    status = 422


class TicketTooLarge(PartyTooLarge):
    code = "ticket-too-large"
    message = _("At most %(limit)s people can stand in line together.")
    remedy = _("Choose fewer people. The others can get in line on their own.")
    field = "persons"
    status = 422


class MemberTwice(Refusal):
    code = "member-twice"
    message = _("Somebody is named twice.")
    remedy = _("Choose each person once.")
    field = "persons"
    status = 422


class ServiceUnknown(Refusal):
    code = "service-unknown"
    message = _("There is no such service.")
    remedy = _("Choose one of the list.")
    field = "service"
    status = 422


class AlreadyInLine(Refusal):
    code = "already-in-line"
    message = _("One of these people is in line for this opening already.")
    remedy = _(
        "Each person has one place. To stand in line with others, leave the line first; to add "
        "somebody, get in line with the others only."
    )
    field = "persons"


class NotInLine(Refusal):
    code = "not-in-line"
    message = _("This place in line is no longer yours to give up.")
    remedy = _("Look at the waiting room again to see where you stand.")


def join(
    *,
    release: Release,
    identities: Sequence[str],
    service: str,
    holder: str,
    by: trail.By,
    at: datetime,
) -> QueueTicket:
    """One place for the people named by `identities`; `holder` is the account to be told.

    Before the opening it does not matter when; later ones follow in order of arrival. The same
    people again get the same ticket. Raises NoRoom, JoinsLater, NobodyChosen, TicketTooLarge,
    MemberTwice, ServiceUnknown, AlreadyInLine.
    """
    _check(identities, service)
    try:
        with transaction.atomic():
            return _join(release, identities, service, holder, by=by, at=at)
    except IntegrityError as clash:
        if "one_ticket_an_identity" not in str(clash):
            raise
        return _joined(release, set(identities))


def leave(*, ticket: QueueTicket, by: trail.By, at: datetime) -> None:
    """Gives the place up; its people may get in line anew, at the end. Raises NotInLine."""
    with transaction.atomic():
        left = QueueTicket.objects.select_for_update().get(pk=ticket.pk)
        turns = [member.turn for member in left.members.select_for_update()]
        if left.status == TicketStatus.DONE or Turn.USED in turns:
            raise NotInLine
        if left.status == TicketStatus.LEFT:
            return
        left.members.all().delete()
        left.status = TicketStatus.LEFT
        left.save(update_fields=["status"])
        _record("left", left, by, at)


def line_up_again(*, ticket: QueueTicket, by: trail.By, at: datetime) -> None:
    """At the end, for those who did not come when called; repeatable. Raises NotInLine."""
    with transaction.atomic():
        lapsed = QueueTicket.objects.select_for_update().get(pk=ticket.pk)
        if lapsed.status == TicketStatus.WAITING:
            return
        if lapsed.status != TicketStatus.LAPSED:
            raise NotInLine
        lapsed.status, lapsed.number, lapsed.queued_at = TicketStatus.WAITING, None, at
        lapsed.size = lapsed.members.filter(turn=Turn.WAITING).count()
        lapsed.save(update_fields=["status", "number", "queued_at", "size"])
        _record("lined_up_again", lapsed, by, at)


def _check(identities: Sequence[str], service: str) -> None:
    if service not in Service.values:
        raise ServiceUnknown
    if not identities:
        raise NobodyChosen
    if len(set(identities)) < len(identities):
        raise MemberTwice
    if len(identities) > settings.PARTY_LIMIT:
        raise TicketTooLarge(limit=settings.PARTY_LIMIT)


def _join(
    release: Release,
    identities: Sequence[str],
    service: str,
    holder: str,
    *,
    by: trail.By,
    at: datetime,
) -> QueueTicket:
    join_list(release)
    room = _open_room(release, at)
    code = new_code()
    ticket = QueueTicket.objects.create(
        code=code,
        digest=lots.digest_of(code),
        room=room,
        holder=holder,
        service=service,
        size=len(identities),
        joined_at=at,
        queued_at=at,
    )
    QueueMember.objects.bulk_create(
        QueueMember(ticket=ticket, release=release, identity=identity, service=service)
        for identity in identities
    )
    _record("joined", ticket, by, at, size=ticket.size, service=service)
    return ticket


def _open_room(release: Release, at: datetime) -> Room:
    rooms = Room.objects.select_related("release__office")
    room = rooms.filter(release=release).first()
    if room is None or room.status == RoomStatus.DORMANT:
        raise NoRoom
    if room.release.status not in (ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN):
        raise NoRoom
    if at < room.join_from:
        raise JoinsLater(moment=moment(room.join_from, room.release.office.zone))
    return room


def _joined(release: Release, identities: set[str]) -> QueueTicket:
    """The ticket of exactly these people; raises AlreadyInLine."""
    members = QueueMember.objects.select_related("ticket").filter(
        release=release, identity__in=identities
    )
    tickets = {member.ticket for member in members}
    everybody = {member.identity for ticket in tickets for member in ticket.members.all()}
    if len(tickets) != 1 or everybody != identities:
        raise AlreadyInLine
    return tickets.pop()


def _record(done: str, ticket: QueueTicket, by: trail.By, at: datetime, **facts: Any) -> None:
    trail.record(f"queue.{done}", subject=f"ticket:{ticket.code}", by=by, at=at, **facts)
