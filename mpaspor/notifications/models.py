from django.db import models

from mpaspor.core.sealed_columns import SealedField


class Channel(models.TextChoices):
    EMAIL = "email"
    SMS = "sms"


class Notice(models.Model):
    """A message to be sent: committed with the deed that caused it, sent at least once.

    Recipient and contents lie sealed and are wiped once sent; `reference` names the notice to the
    neighbour, so that a repeated try is not a second message.
    """

    reference = models.CharField(max_length=80, unique=True)
    channel = models.CharField(max_length=8, choices=Channel)
    template = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    payload = SealedField(context="notice:{reference}", null=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["next_at"],
                name="notice_due",
                condition=models.Q(sent_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.template} ({self.reference})"
