from django.db import models


class NewsKind(models.TextChoices):
    """What followers of an office are told about one of its releases."""

    ANNOUNCED = "announced"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    SOON = "soon"
