"""Followers hear of each release of their office exactly once, and of what becomes of it."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from pytest_django import Settings

from applicants.erasing import erase_account
from applicants.models import User
from appointments.telling_followers import tell_followers
from mpaspor.core import clock
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import opened
from quota.enums import Role
from quota.followers.enums import NewsKind
from quota.followers.following import following_of, unfollow
from quota.followers.models import Following
from quota.models import Office, Release
from quota.release import move_opening, open_release, withdraw_release
from tests.factories.applicants import make_user
from tests.factories.followers import make_announced, make_following
from tests.factories.quota import make_office, make_officer, make_plan, make_release

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def noon(office: Office) -> datetime:
    return office.local(clock.now() + timedelta(days=1)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )


@pytest.fixture
def night(noon: datetime) -> datetime:
    return noon.replace(hour=23)


def tell(at: datetime, *, batch: int = 200) -> list[str]:
    """Everything that is due is told; the kinds of all news told by now, in order."""
    while tell_followers(at=at, batch=batch):
        pass
    return kinds()


def kinds() -> list[str]:
    told = Notice.objects.filter(reference__startswith="news:").order_by("pk")
    return [reference.split(":")[3] for reference in told.values_list("reference", flat=True)]


def notices() -> "list[Notice]":
    return list(Notice.objects.filter(reference__startswith="news:").order_by("pk"))


def by_sms(office: Office, *, remind: bool = False, by: str = Channel.EMAIL) -> User:
    """Has no e-mail address."""
    following = make_following(office, make_user("0812-3456-7890", notices_by=by), remind=remind)
    account = following.account
    assert isinstance(account, User)
    return account


def withdraw(release: Release, at: datetime) -> None:
    withdraw_release(release=release, by="test", at=at, reason="Flood")


def test_announced_release_is_told_to_each_follower_of_its_office_once(
    office: Office, noon: datetime
) -> None:
    followings = [make_following(office) for _three in range(3)]
    make_following()
    release = make_announced(office, at=noon)

    tell(noon, batch=2)
    tell(noon + HOUR)

    assert kinds() == ["announced"] * 3
    to = Counter(opened(notice)[0] for notice in notices())
    assert to == Counter(str(following.account.email) for following in followings)
    facts = opened(notices()[0])[1]
    assert following_of(facts["token"]) == followings[0]
    assert (facts["release"], facts["opens"]) == (
        release.code,
        office.local(release.publish_at).isoformat(),
    )


def test_announced_release_without_followers_leaves_nothing_to_tell(
    office: Office, noon: datetime
) -> None:
    make_announced(office, at=noon)

    assert tell(noon) == []
    assert not tell_followers(at=noon)


@transaction.atomic
def killed(at: datetime) -> None:
    tell_followers(at=at, batch=2)
    raise KeyboardInterrupt


def test_worker_killed_in_the_middle_loses_nobody_and_tells_nobody_twice(
    office: Office, noon: datetime
) -> None:
    for _five in range(5):
        make_following(office)
    make_announced(office, at=noon)
    tell_followers(at=noon, batch=2)

    with pytest.raises(KeyboardInterrupt):
        killed(noon)
    assert len(kinds()) == 2

    assert tell(noon, batch=2) == ["announced"] * 5
    assert len({notice.reference for notice in notices()}) == 5


def test_follower_who_stops_and_comes_back_is_told_once(office: Office, noon: datetime) -> None:
    following = make_following(office)
    make_following(office)
    make_announced(office, at=noon)
    tell_followers(at=noon, batch=1)
    unfollow(following=Following.objects.get(pk=following.pk), by="test", at=noon)
    make_following(office, following.account)

    assert tell(noon) == ["announced"] * 2


def test_follower_who_stopped_is_not_told(office: Office, noon: datetime) -> None:
    unfollow(following=make_following(office), by="test", at=noon)
    make_announced(office, at=noon)

    assert tell(noon) == []


def test_erased_account_follows_nothing(office: Office, noon: datetime) -> None:
    account = by_sms(office)
    make_announced(office, at=noon)
    erase_account(account=account, by=make_officer(Role.CENTRE), at=noon)

    assert not Following.objects.exists()
    assert tell(noon) == []


# Withdrawn and moved


def test_withdrawn_release_is_told_to_who_was_told_of_it(office: Office, noon: datetime) -> None:
    make_following(office, remind=True)
    release = make_announced(office, at=noon)
    tell(noon)

    withdraw(release, noon + HOUR)

    assert tell(release.publish_at) == ["announced", "withdrawn"]


def test_withdrawn_release_that_nobody_heard_of_is_not_told(office: Office, noon: datetime) -> None:
    make_following(office)
    release = make_announced(office, at=noon)

    withdraw(release, noon)

    assert tell(release.publish_at) == []


def test_release_withdrawn_while_it_is_told_is_told_no_further_and_taken_back(
    office: Office, noon: datetime
) -> None:
    for _three in range(3):
        make_following(office)
    release = make_announced(office, at=noon)
    tell_followers(at=noon, batch=1)

    withdraw(release, noon)

    assert tell(noon) == ["announced", "withdrawn", "withdrawn", "withdrawn"]


def test_withdrawn_draft_is_no_news(office: Office, noon: datetime) -> None:
    make_following(office)

    withdraw(make_release(plan=make_plan(office)), noon)

    assert tell(noon) == []


def test_moved_opening_is_told_each_time_with_the_new_moment_and_reminds_then(
    office: Office, noon: datetime
) -> None:
    make_following(office, remind=True)
    release = make_announced(office, at=noon)
    tell(noon)
    first, second = release.publish_at + HOUR, release.publish_at + timedelta(days=1)

    for moment in (first, second):
        move_opening(release=release, publish_at=moment, by="test", at=noon)
        tell(noon)

    assert kinds() == ["announced", "moved", "moved"]
    said = [opened(notice)[1]["opens"] for notice in notices()[1:]]
    assert said == [office.local(moment).isoformat() for moment in (first, second)]
    assert tell(second - HOUR - timedelta(seconds=1)) == ["announced", "moved", "moved"]
    assert tell(second - HOUR)[3:] == ["soon"]


def test_moved_opening_that_nobody_heard_of_is_announced_with_the_new_moment(
    office: Office, noon: datetime
) -> None:
    make_following(office)
    release = make_announced(office, at=noon)
    later = release.publish_at + HOUR

    move_opening(release=release, publish_at=later, by="test", at=noon)

    assert tell(noon) == ["announced"]
    assert opened(notices()[0])[1]["opens"] == office.local(later).isoformat()
    withdraw(release, noon)
    assert tell(noon) == ["announced", "withdrawn"]


# Reminders


def test_reminder_comes_an_hour_before_to_who_wants_one(office: Office, noon: datetime) -> None:
    make_following(office)
    wanted = make_following(office, remind=True)
    release = make_announced(office, at=noon)
    tell(noon)

    tell(release.publish_at - HOUR - timedelta(seconds=1))
    assert kinds() == ["announced"] * 2
    tell(release.publish_at - HOUR)
    tell(release.publish_at)

    assert kinds() == ["announced", "announced", "soon"]
    assert opened(notices()[2])[0] == wanted.account.email


def test_reminder_that_would_come_after_the_opening_is_dropped(
    office: Office, noon: datetime
) -> None:
    make_following(office, remind=True)
    release = make_announced(office, at=noon)
    tell(noon)

    assert tell(release.publish_at) == ["announced"]


def test_release_announced_within_the_hour_needs_no_reminder(
    office: Office, noon: datetime
) -> None:
    make_following(office, remind=True)
    make_announced(office, at=noon, opens=noon + HOUR)

    assert tell(noon + HOUR - timedelta(seconds=1)) == ["announced"]


def test_announcement_that_could_not_be_told_before_the_opening_is_told_after_it(
    office: Office, noon: datetime
) -> None:
    make_following(office)
    release = make_announced(office, at=noon)
    open_release(release=release, at=release.publish_at)

    assert tell(release.publish_at + HOUR) == ["announced"]


# SMS


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_phone_at_night_waits_for_the_morning_and_mail_does_not(
    office: Office, night: datetime, channel: Channel
) -> None:
    by_sms(office, by=channel)
    make_following(office)
    make_announced(office, at=night)

    tell(night)
    assert [notice.channel for notice in notices()] == [Channel.EMAIL]
    morning = (night + timedelta(days=1)).replace(hour=7)
    tell(morning - timedelta(seconds=1))
    assert len(notices()) == 1

    tell(morning)
    assert [notice.channel for notice in notices()] == [Channel.EMAIL, channel]


def test_sms_at_night_goes_at_once_when_the_release_opens_before_the_morning(
    office: Office, night: datetime
) -> None:
    by_sms(office)
    make_announced(office, at=night, opens=night + 7 * HOUR)

    assert tell(night) == ["announced"]


def test_sms_of_a_release_announced_and_withdrawn_in_one_night_is_never_sent(
    office: Office, night: datetime
) -> None:
    by_sms(office)
    make_following(office)
    release = make_announced(office, at=night)
    tell(night)

    withdraw(release, night + HOUR)
    tell(night + HOUR)
    tell(night + 12 * HOUR)

    assert [(notice.channel, kind) for notice, kind in zip(notices(), kinds(), strict=True)] == [
        (Channel.EMAIL, "announced"),
        (Channel.EMAIL, "withdrawn"),
    ]


@pytest.mark.parametrize("channel", Channel)
def test_news_go_by_the_channel_chosen_and_once(
    office: Office, noon: datetime, channel: Channel
) -> None:
    account = by_sms(office, by=channel)
    account.email, account.email_verified = "ani@example.test", True
    account.save()
    make_announced(office, at=noon)

    tell(noon)

    assert [notice.channel for notice in notices()] == [channel]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_phone_budget_of_a_day_stops_announcements_but_no_correction(
    office: Office, noon: datetime, settings: Settings, channel: Channel
) -> None:
    settings.FOLLOWER_SMS_A_DAY = 2
    by_sms(office, by=channel)
    for _three in range(3):
        release = make_announced(office, at=noon, opens=noon + timedelta(days=5))
        tell(noon)
    assert kinds() == ["announced"] * 2

    withdraw(release, noon)
    make_announced(office, at=noon, opens=noon + timedelta(days=6))

    assert tell(noon) == ["announced"] * 2 + ["withdrawn"]
    make_announced(office, at=noon + timedelta(days=2), opens=noon + timedelta(days=7))
    assert tell(noon + timedelta(days=2))[3:] == ["announced"]


def test_sms_budget_does_not_count_mail(office: Office, noon: datetime, settings: Settings) -> None:
    settings.FOLLOWER_SMS_A_DAY = 1
    make_following(office)
    for _two in range(2):
        make_announced(office, at=noon, opens=noon + timedelta(days=5))

    assert tell(noon) == ["announced"] * 2


# The words


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", NewsKind)
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_message_says_where_when_and_how_to_stop(kind: str, channel: str, language: str) -> None:
    facts = {
        "release": "ACD3EFG4HJ",
        "office": "Kantor Imigrasi Wamena & Jayapura",
        "office_code": "wamena",
        "zone": "Asia/Jayapura",
        "opens": "2026-12-07T09:00:00+09:00",
        "first_day": "2026-12-14",
        "last_day": "2026-12-18",
        "token": "12.abc",
        "base_url": "https://paspor.example",
    }
    with translation.override(language):
        text = render_to_string(f"notices/appointments/release_{kind}.{channel}.txt", facts)

    assert "https://paspor.example/unfollow/12.abc/" in text
    assert ("Kantor Imigrasi Wamena & Jayapura" in text, "09:00 WIT" in text) == (True, True)
