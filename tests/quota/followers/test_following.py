import pytest
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.followers.following import follow, following_of, unfollow, unfollow_token
from quota.followers.models import Following
from tests.factories.followers import make_following

pytestmark = pytest.mark.django_db


def deeds(following: Following) -> list[str]:
    return [entry.deed for entry in trail.of(f"office:{following.office.code}")]


def test_follow_again_is_once_and_sets_the_reminder() -> None:
    first = make_following()
    again = follow(
        account=first.account, office=first.office, remind=True, by="test", at=clock.now()
    )

    assert (again.pk, again.since, again.remind) == (first.pk, first.since, True)
    assert deeds(first) == ["office.follow"]


def test_unfollow_twice_is_once() -> None:
    following, other = make_following(), make_following()

    unfollow(following=Following.objects.get(pk=following.pk), by="test", at=clock.now())
    unfollow(following=following, by="test", at=clock.now())

    assert list(Following.objects.all()) == [other]
    assert deeds(following) == ["office.follow", "office.unfollow"]


def test_following_of_its_token_is_the_following_until_it_is_stopped() -> None:
    following = make_following()
    make_following()
    token = unfollow_token(following)
    assert following_of(token) == following

    unfollow(following=Following.objects.get(pk=following.pk), by="test", at=clock.now())
    make_following(following.office, following.account)
    assert following_of(token) is None


def test_following_of_a_token_for_another_is_refused() -> None:
    mine, other = make_following(), make_following()
    _own, _dot, signature = unfollow_token(mine).partition(".")

    for token in ("", "x", str(other.pk), f"{other.pk}.{signature}"):
        with pytest.raises(BadSignature):
            following_of(token)


def test_second_following_of_one_account_is_stopped_by_the_database() -> None:
    one = make_following()
    with pytest.raises(IntegrityError, match="followed_once"), transaction.atomic():
        Following.objects.create(account=one.account, office=one.office, since=one.since)
