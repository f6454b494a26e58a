from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.TextChoices):
    """What became of a person whose session the office closed."""

    WAITING = "waiting", _("Not moved yet")
    MOVED = "moved", _("Moved")
    SEATLESS = "seatless", _("No equal seat was found")
    # Cancelled, lapsed or moved in another way before it was their turn.
    OVER = "over", _("Settled otherwise")


PLACE_MOVES: list[tuple[str, str]] = [
    (Place.WAITING, Place.MOVED),
    (Place.WAITING, Place.SEATLESS),
    (Place.WAITING, Place.OVER),
    # The office looks again.
    (Place.SEATLESS, Place.WAITING),
]


class Answer(models.TextChoices):
    """What the person says to it; who says nothing keeps the new session."""

    NONE = "", _("No answer yet")
    ACCEPTED = "accepted", _("Accepted")
    CHOSEN = "chosen", _("Chose another session")
    DECLINED = "declined", _("Declined: the fee is to be given back")


ANSWER_MOVES: list[tuple[str, str]] = [
    (Answer.NONE, Answer.ACCEPTED),
    (Answer.NONE, Answer.CHOSEN),
    (Answer.NONE, Answer.DECLINED),
]
