"""Who follows which office."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from quota.followers.enums import NewsKind
from quota.followers.models import Following, News
from quota.models import Office


def followings_of(account: AbstractBaseUser | AnonymousUser) -> "QuerySet[Following]":
    rows = Following.objects.filter(account=account.pk).select_related("office")
    return rows.order_by("office__name")


def is_followed(office: Office, account: AbstractBaseUser | AnonymousUser) -> bool:
    return Following.objects.filter(account=account.pk, office=office).exists()


def follower_count(office: Office) -> int:
    return Following.objects.filter(office=office).count()


def still_to_tell(news: News) -> "QuerySet[Following]":
    """In the order in which they are told."""
    rows = Following.objects.filter(office=news.release.office_id, pk__gt=news.told_to)
    if news.kind == NewsKind.SOON:
        rows = rows.filter(remind=True)
    return rows.select_related("account").order_by("pk")
