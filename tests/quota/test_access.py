import pytest
from django.contrib.auth.models import AnonymousUser

from quota.access import approves_releases, officer_may, offices_of
from quota.enums import OF_NO_OFFICE, Role
from tests.factories.applicants import make_user
from tests.factories.quota import make_office, make_officer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.HEAD, Role.PLANNER, Role.COUNTER])
def test_offices_of_officer_is_the_own_one(role: Role) -> None:
    office, _other = make_office(), make_office()

    assert list(offices_of(make_officer(role, office))) == [office]


def test_offices_of_centre_and_superuser_are_all() -> None:
    make_office()
    make_office()

    assert offices_of(make_officer(Role.CENTRE)).count() == 2
    assert offices_of(make_user(is_superuser=True)).count() == 2


def test_offices_of_people_who_are_no_officers_are_none() -> None:
    office = make_office()
    gone = make_officer(Role.HEAD, office)
    gone.is_active = False

    for user in (AnonymousUser(), make_user(), gone):
        assert not offices_of(user).exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.HEAD, True), (Role.PLANNER, True), (Role.COUNTER, False), (Role.CENTRE, True)],
)
def test_officer_may_by_role_and_the_centre_always(role: Role, may: bool) -> None:
    user = make_officer(role, None if role in OF_NO_OFFICE else make_office())

    assert officer_may(user, Role.HEAD, Role.PLANNER) is may


def test_officer_may_nothing_when_locked_out_or_no_officer() -> None:
    gone = make_officer(Role.HEAD, make_office())
    gone.is_active = False

    for user in (AnonymousUser(), make_user(), gone):
        assert not officer_may(user, *Role)


def test_approves_releases_is_for_heads_and_the_centre() -> None:
    office = make_office()

    assert approves_releases(make_officer(Role.HEAD, office))
    assert approves_releases(make_officer(Role.CENTRE))
    assert not approves_releases(make_officer(Role.PLANNER, office))
