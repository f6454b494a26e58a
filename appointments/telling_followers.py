"""Followers of an office are told of its releases: once each, by the channel they chose."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from applicants.announcing import send
from applicants.models import User
from applicants.notice_channels import reach
from mpaspor.notifications.models import Channel, Notice
from quota.followers.enums import NewsKind
from quota.followers.following import unfollow_token
from quota.followers.models import Following, News
from quota.followers.news import due_news, way_of, went_on
from quota.followers.queries import still_to_tell

BATCH = 200
CORRECTIONS = (NewsKind.MOVED, NewsKind.WITHDRAWN)
DAY = timedelta(days=1)


@transaction.atomic
def tell_followers(*, at: datetime, batch: int = BATCH) -> bool:
    """One batch of the news that has waited longest; False when nothing is due. By many at once."""
    news = due_news(at=at)
    if news is None:
        return False
    followings = list(still_to_tell(news)[:batch])
    for following in followings:
        _tell(news, following, at=at)
    went_on(news, followings)
    return True


def _tell(news: News, following: Following, *, at: datetime) -> None:
    account = following.account
    assert isinstance(account, User)
    contact = reach(account) if account.is_active else None
    if contact is None or way_of(contact.channel) != news.channel:
        return
    if _is_spent(news, account, at=at):
        return
    release, office = news.release, news.release.office
    send(
        account,
        f"notices/appointments/release_{news.kind}",
        f"{_of(account)}{release.code}:{news.kind}:{news.opens_at:%Y%m%d%H%M%S}",
        at=at,
        release=release.code,
        office=office.name,
        office_code=office.code,
        zone=office.zone,
        opens=office.local(news.opens_at).isoformat(),
        first_day=release.first_day.isoformat(),
        last_day=release.last_day.isoformat(),
        token=unfollow_token(following),
    )


def _is_spent(news: News, account: User, *, at: datetime) -> bool:
    """So many messages to a phone a day and no more; but what was said is always put right."""
    if news.channel != Channel.SMS or news.kind in CORRECTIONS:
        return False
    told = Notice.objects.filter(reference__startswith=_of(account), created_at__gt=at - DAY)
    return told.exclude(channel=Channel.EMAIL).count() >= settings.FOLLOWER_SMS_A_DAY


def _of(account: User) -> str:
    return f"news:{account.code}:"
