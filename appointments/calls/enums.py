from django.db import models
from django.utils.translation import gettext_lazy as _

from quota.enums import Service


class Station(models.TextChoices):
    """What is done at a counter; a number waits for one of them at a time."""

    INTERVIEW = "interview", _("Documents and interview")
    BIOMETRICS = "biometrics", _("Photo and fingerprints")


class NumberStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CALLED = "called", _("Called")
    SERVED = "served", _("At the counter")
    SET_ASIDE = "set_aside", _("Did not come when called")
    DONE = "done", _("Done")


AT_A_COUNTER = (NumberStatus.CALLED, NumberStatus.SERVED)

NUMBER_MOVES: list[tuple[str, str]] = [
    (NumberStatus.WAITING, NumberStatus.CALLED),
    (NumberStatus.CALLED, NumberStatus.SERVED),
    (NumberStatus.CALLED, NumberStatus.SET_ASIDE),
    (NumberStatus.SET_ASIDE, NumberStatus.CALLED),
    # Sent on to another station.
    (NumberStatus.SERVED, NumberStatus.WAITING),
    (NumberStatus.SERVED, NumberStatus.DONE),
]

# The letter before a number; each has a row of numbers of its own.
LETTERS = {Service.REGULAR: "A", Service.ACCELERATED: "B", Service.PRIORITY: "P"}
PRIORITY = LETTERS[Service.PRIORITY]
