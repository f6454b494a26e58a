"""What a session has shown of its holder: the second factor, and how long ago anything at all.

There is one way to begin a session, allauth's sign-in, and whoever has a second factor comes
through it only by the second step (applicants.stages). So a session that begins for an account
with a second factor has shown it. The mark holds the account's `session_version` and is worth
nothing under another one.
"""

from datetime import datetime

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from applicants import stepping_up
from applicants.models import User
from applicants.queries import has_second_factor

PASSED, PROVED = "second_factor_passed", "proved_at"


def begin(request: HttpRequest, account: User, *, at: datetime) -> None:
    """A session begins: whatever signing in asks for was shown."""
    prove(request, at=at)
    if has_second_factor(account):
        request.session[PASSED] = account.session_version


def pass_second_step(request: HttpRequest, account: User, *, at: datetime) -> None:
    """In a session that lasts already, the second factor was shown (or has just been made)."""
    prove(request, at=at)
    request.session[PASSED] = account.session_version


def prove(request: HttpRequest, *, at: datetime) -> None:
    request.session[PROVED] = at.isoformat()


def keep_this_session(request: HttpRequest, account: User) -> None:
    """The others of the account have just ended."""
    update_session_auth_hash(request, account)


def has_passed(request: HttpRequest) -> bool:
    """Whether this session has shown its account's second factor. Asks the database nothing."""
    user = request.user
    return isinstance(user, User) and request.session.get(PASSED) == user.session_version


def is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the holder was there lately enough to change the keys of the account."""
    proved = request.session.get(PROVED)
    return stepping_up.is_fresh(datetime.fromisoformat(proved) if proved else None, at=at)
