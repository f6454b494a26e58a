from django.db import models
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import new_code
from mpaspor.core.sealed_columns import SealedField


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")


class Notice(models.Model):
    """A message to be sent: committed with the deed that caused it, sent at least once.

    Recipient and contents lie sealed and are wiped once sent; `reference` names the notice to the
    neighbour, so that a repeated try is not a second message. `channel` is the one it goes by: what
    cannot go by WhatsApp goes by SMS from then on.
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


class Message(models.Model):
    """What an account was told, to be read again in the service itself.

    Its facts lie sealed; the words are made when it is read, in the language of the reader.
    `reference` is that of the notice that went out at the same time, if one did.
    """

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    reference = models.CharField(max_length=80, unique=True)
    # The account's code: this part of the service knows no accounts.
    holder = models.CharField(max_length=10)
    template = models.CharField(max_length=80)
    payload = SealedField(context="message:{reference}")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["holder", "-created_at"], name="messages_of_holder"),)

    def __str__(self) -> str:
        return f"{self.template} ({self.reference})"
