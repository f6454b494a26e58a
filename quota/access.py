"""Which offices an officer serves, and what the role there allows."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from quota.enums import Role
from quota.models import Office, Officer

Account = AbstractBaseUser | AnonymousUser


def acting(request: HttpRequest) -> AbstractBaseUser:
    """Who uses the admin, which lets nobody in unknown."""
    user = request.user
    if not isinstance(user, AbstractBaseUser):
        raise PermissionDenied
    return user


def officer_of(user: Account) -> Officer | None:
    """Read once for each user object: the admin asks dozens of times a page."""
    officer: Officer | None = getattr(user, "officer", None)
    return officer


def offices_of(user: Account) -> "QuerySet[Office]":
    """All offices for the centre and superusers, an officer's own, none for anybody else."""
    if not user.is_active:
        return Office.objects.none()
    if getattr(user, "is_superuser", False):
        return Office.objects.all()
    officer = officer_of(user)
    if officer is None:
        return Office.objects.none()
    if officer.role == Role.CENTRE:
        return Office.objects.all()
    return Office.objects.filter(officer=officer)


def officer_may(user: Account, *roles: Role) -> bool:
    """Whether the user serves in one of these roles. The centre and superusers may all of them."""
    if not user.is_active:
        return False
    if getattr(user, "is_superuser", False):
        return True
    officer = officer_of(user)
    return officer is not None and officer.role in {*roles, Role.CENTRE}


def serves(user: Account) -> bool:
    """Whether the officers' site is for this user at all."""
    return officer_may(user, *Role)


def approves_releases(user: Account) -> bool:
    """Who announces and withdraws; planners only draft and review each other."""
    return officer_may(user, Role.HEAD)


def handles_money(user: Account) -> bool:
    """Who decides about money at the treasurer's desk."""
    return officer_may(user, Role.TREASURER)


def reads_money(user: Account) -> bool:
    return officer_may(user, Role.TREASURER, Role.AUDITOR)


def keeps_to_money(user: Account) -> bool:
    """Treasurers and auditors: theirs are the pages about money and no other."""
    return reads_money(user) and not officer_may(user, Role.CENTRE)
