from django.db import models
from django.utils.translation import gettext_lazy as _


class RunStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    READING = "reading", _("Reading the file")
    DONE = "done", _("Done")


class DifferenceKind(models.TextChoices):
    ONLY_OURS = "only_ours", _("We have it, the file has not")
    AMOUNT = "amount", _("Another amount in the file")
    CODE = "code", _("Another billing code in the file")
    TWICE = "twice", _("Twice in the files")
    ODD_LINE = "odd_line", _("A line that cannot be read")
