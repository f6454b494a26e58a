from django.db import models
from django.utils.translation import gettext_lazy as _


class RoomStatus(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    ACTIVE = "active", _("At work")
    DORMANT = "dormant", _("At rest: everybody passes")


ROOM_MOVES: list[tuple[str, str]] = [
    (RoomStatus.ANNOUNCED, RoomStatus.ACTIVE),
    (RoomStatus.ANNOUNCED, RoomStatus.DORMANT),
    (RoomStatus.ACTIVE, RoomStatus.DORMANT),
]


class TicketStatus(models.TextChoices):
    WAITING = "waiting", _("In line")
    CALLED = "called", _("Called")
    DONE = "done", _("Through")
    LAPSED = "lapsed", _("Did not come in time")
    LEFT = "left", _("Left the line")


TICKET_MOVES: list[tuple[str, str]] = [
    (TicketStatus.WAITING, TicketStatus.CALLED),
    (TicketStatus.WAITING, TicketStatus.LEFT),
    (TicketStatus.CALLED, TicketStatus.DONE),
    (TicketStatus.CALLED, TicketStatus.LAPSED),
    (TicketStatus.CALLED, TicketStatus.LEFT),
    (TicketStatus.LAPSED, TicketStatus.WAITING),
    (TicketStatus.LAPSED, TicketStatus.LEFT),
]


class Turn(models.TextChoices):
    """One member's right to take one seat. While it is open a seat is kept for it."""

    WAITING = "waiting", _("In line")
    OPEN = "open", _("May choose")
    USED = "used", _("Has chosen")


TURN_MOVES: list[tuple[str, str]] = [
    (Turn.WAITING, Turn.OPEN),
    (Turn.OPEN, Turn.USED),
    (Turn.OPEN, Turn.WAITING),
    (Turn.USED, Turn.OPEN),
]


class Told(models.TextChoices):
    NOTHING = "", "–"
    SOON = "soon", _("Your turn is soon")
    CALLED = "called", _("You are called")


class Band(models.TextChoices):
    """How many seats are left, as everybody may know it: a number would be old when it is read."""

    NONE = "none", _("none at this moment")
    FEW = "few", _("a few")
    SOME = "some", _("less than half")
    MANY = "many", _("more than half")
