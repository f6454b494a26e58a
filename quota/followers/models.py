from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpaspor.notifications.models import Channel
from quota.followers.enums import NewsKind


class Following(models.Model):
    """An account is told of each release that an office announces."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    office = models.ForeignKey(
        "quota.Office", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    remind = models.BooleanField(
        _("Remind me shortly before the opening, when the waiting room lets people in"),
        default=False,
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "office"], name="followed_once"),)
        indexes = (models.Index(fields=["office", "id"], name="followers_of_office"),)

    def __str__(self) -> str:
        return f"{self.account_id}/{self.office_id}"


class News(models.Model):
    """Something to tell all followers of a release's office, by mail or to their phones.

    While `next_at` is set it is being told; `told_to` is the key of the last following that was
    looked at, so that whoever goes on begins behind it.
    """

    release = models.ForeignKey("quota.Release", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=NewsKind)
    # SMS stands for whatever lets a phone ring.
    channel = models.CharField(max_length=8, choices=Channel)
    # Of the opening as it is told: an opening may move more than once.
    opens_at = models.DateTimeField()
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    told_to = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["release", "kind", "channel", "opens_at"], name="news_once"
            ),
        )
        indexes = (
            models.Index(fields=["next_at"], name="news_due", condition=Q(next_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.release_id}: {self.kind}, {self.channel}"

    @property
    def has_begun(self) -> bool:
        """Somebody may have been told."""
        return self.told_to > 0
