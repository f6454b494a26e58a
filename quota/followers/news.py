"""News of a release lies in rows until all followers of its office are told.

Each piece is told by one worker at a time, batch by batch, in transactions that hold the notices
together with the note of how far it came: whoever is killed in between loses nothing.
"""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from django.conf import settings

from mpaspor.notifications.models import Channel
from quota.followers.enums import NewsKind
from quota.followers.models import Following, News
from quota.followers.quiet_hours import after_quiet_hours
from quota.models import Release

# News go in two: those that do not wait, and those that let a phone ring.
WAYS = frozenset({Channel.EMAIL, Channel.SMS})


def way_of(channel: Channel) -> Channel:
    """With which news a follower is told; WhatsApp rings as an SMS does."""
    return Channel.EMAIL if channel == Channel.EMAIL else Channel.SMS


def announce(release: Release, *, at: datetime) -> None:
    """All followers are to be told, and reminded shortly before; in the caller's transaction."""
    _lay_down(release, NewsKind.ANNOUNCED, WAYS, at=at, due=at)
    _lay_down_reminder(release, at=at)


def move(release: Release, *, at: datetime) -> None:
    """Who may have heard of the old moment hears of the new one, the others of the release."""
    heard = _fall_silent(release)
    _lay_down(release, NewsKind.MOVED, heard, at=at, due=at)
    _lay_down(release, NewsKind.ANNOUNCED, WAYS - heard, at=at, due=at)
    _lay_down_reminder(release, at=at)


def take_back(release: Release, *, at: datetime) -> None:
    """Who may have heard of the release hears of its withdrawal, the others of neither."""
    _lay_down(release, NewsKind.WITHDRAWN, _fall_silent(release), at=at, due=at)


def due_news(*, at: datetime) -> News | None:
    """One piece that nobody else is telling, locked. A reminder that comes too late is dropped, and
    what lets a phone ring waits for the morning."""
    waiting = News.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    locking = waiting.select_related("release__office")
    news = locking.select_for_update(skip_locked=True, of=("self",)).first()
    while news is not None and (moment := _moment_to_tell(news, at=at)) != at:
        News.objects.filter(pk=news.pk).update(next_at=moment)
        news = locking.select_for_update(skip_locked=True, of=("self",)).first()
    return news


def went_on(news: News, told: Sequence[Following]) -> None:
    """With the lock of `due_news`. Without anybody left to tell it is done."""
    if told:
        News.objects.filter(pk=news.pk).update(told_to=told[-1].pk)
    else:
        News.objects.filter(pk=news.pk).update(next_at=None)


def _fall_silent(release: Release) -> set[Channel]:
    """Nothing told before is told any further; by which channels telling had begun.

    Waits for whoever is telling at this moment: so that nobody is told, and never corrected.
    """
    news = News.objects.filter(release=release)
    told = [one for one in news.order_by("pk").select_for_update() if one.has_begun]
    news.update(next_at=None)
    return {Channel(one.channel) for one in told}


def _moment_to_tell(news: News, *, at: datetime) -> datetime | None:
    if news.kind == NewsKind.SOON and at >= news.opens_at:
        return None
    if news.channel == Channel.SMS:
        return after_quiet_hours(at, office=news.release.office, before=news.opens_at)
    return at


def _lay_down_reminder(release: Release, *, at: datetime) -> None:
    soon = release.publish_at - timedelta(minutes=settings.FOLLOWERS_REMINDED_MINUTES)
    if soon > at:
        _lay_down(release, NewsKind.SOON, WAYS, at=at, due=soon)


def _lay_down(
    release: Release, kind: NewsKind, channels: Set[Channel], *, at: datetime, due: datetime
) -> None:
    facts = {"release": release, "kind": kind, "opens_at": release.publish_at, "made_at": at}
    News.objects.bulk_create(
        News(**facts, channel=channel, next_at=due) for channel in sorted(channels)
    )
