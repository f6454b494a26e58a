"""Followers of an office, and releases announced to them by the deeds that do it in earnest."""

from datetime import datetime, timedelta
from typing import Any

from applicants.models import User
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.followers.following import follow
from quota.followers.models import Following
from quota.models import Office, Release
from quota.release import schedule_release
from tests.factories.applicants import make_user
from tests.factories.quota import make_office, make_plan, make_release


def make_following(
    office: Office | None = None, account: User | None = None, *, remind: bool = False
) -> Following:
    account, office = account or make_user(), office or make_office()
    return follow(account=account, office=office, remind=remind, by=account, at=clock.now())


def make_announced(
    office: Office | None = None, *, at: datetime | None = None, opens: datetime | None = None
) -> Release:
    """By default announced now, to open in two days."""
    at = at or clock.now()
    facts: dict[str, Any] = {"publish_at": opens or at + timedelta(days=2)}
    plan = make_plan(office or make_office())
    reviewed = make_release(plan=plan, status=ReleaseStatus.REVIEWED, **facts)
    return schedule_release(release=reviewed, by="test", at=at)
