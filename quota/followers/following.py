"""Being told of an office's releases: asked for, changed, stopped."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import transaction

from mpaspor.audit import trail
from quota.followers.models import Following
from quota.models import Office

SIGNER = signing.Signer(sep=".", salt="unfollow")


@transaction.atomic
def follow(
    *, account: AbstractBaseUser, office: Office, remind: bool, by: trail.By, at: datetime
) -> Following:
    """Repeatable; again sets only whether there are reminders."""
    following, is_new = Following.objects.update_or_create(
        account_id=account.pk,
        office=office,
        defaults={"remind": remind},
        create_defaults={"remind": remind, "since": at},
    )
    if is_new:
        _record("office.follow", following, by=by, at=at)
    return following


@transaction.atomic
def unfollow(*, following: Following, by: trail.By, at: datetime) -> None:
    """Nothing more is told; repeatable."""
    gone, _by_table = Following.objects.filter(pk=following.pk).delete()
    if gone:
        _record("office.unfollow", following, by=by, at=at)


def unfollow_token(following: Following) -> str:
    """What each message carries: it stops this following, without signing in, and nothing else."""
    return SIGNER.sign(str(following.pk))


def following_of(token: str) -> Following | None:
    """None when it was stopped already. Raises django.core.signing.BadSignature."""
    return Following.objects.select_related("office").filter(pk=SIGNER.unsign(token)).first()


def _record(deed: str, following: Following, *, by: trail.By, at: datetime) -> None:
    subject = f"office:{following.office.code}"
    trail.record(deed, subject=subject, by=by, at=at, following=following.pk)
