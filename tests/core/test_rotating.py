"""A change of keys, step by step as an operator takes it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from pytest_django import Settings

from applicants.models import NIK_INDEX, Identity
from mpaspor.core.rotation import behind, rotate
from mpaspor.core.sealed_columns import sealed_fields
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from tests.factories.applicants import make_person, valid_nik
from tests.notifications.making import make_notice

pytestmark = pytest.mark.django_db

OLD, NEW, NEWEST = b"o" * 32, b"n" * 32, b"m" * 32


def keys(settings: Settings, known: dict[int, bytes], *, write: int) -> None:
    settings.SEAL_KEYS = settings.INDEX_KEYS = known
    settings.SEAL_WITH = settings.INDEX_WITH = write


@pytest.fixture(autouse=True)
def old_key(settings: Settings) -> None:
    keys(settings, {1: OLD}, write=1)


def command() -> list[str]:
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    return said.getvalue().splitlines()


def key_ids(identity: Identity) -> tuple[int | None, ...]:
    """Of the seal and of both index columns."""
    identity.refresh_from_db()
    columns = (identity.nik_sealed, identity.nik_index_odd, identity.nik_index_even)
    return tuple(bytes(value)[0] if value else None for value in columns)


def waiting() -> int:
    return sum(behind(column).count() for column in sealed_fields())


def test_rotate_keys_turns_every_row_and_what_was_written_stays_readable(
    settings: Settings,
) -> None:
    nik = valid_nik()
    identity, notice = make_person(nik=nik).identity, make_notice(to="siti@example.test")
    keys(settings, {1: OLD, 2: NEW}, write=2)
    command()

    assert key_ids(identity) == (2, 1, 2)
    assert (identity.nik, Identity.objects.get(NIK_INDEX.matches(nik))) == (nik, identity)
    notice.refresh_from_db()
    assert opened(notice)[0] == "siti@example.test"
    assert bytes(notice.payload)[0] == 2


def test_rotate_keys_after_the_old_key_went_wipes_what_it_made(settings: Settings) -> None:
    nik = valid_nik()
    identity = make_person(nik=nik).identity
    keys(settings, {1: OLD, 2: NEW}, write=2)
    command()
    keys(settings, {2: NEW}, write=2)
    command()

    assert key_ids(identity) == (2, None, 2)
    assert make_person(nik=nik).identity == identity


def test_rotate_keys_a_second_time_takes_the_column_of_the_first_key(settings: Settings) -> None:
    nik = valid_nik()
    identity = make_person(nik=nik).identity
    keys(settings, {1: OLD, 2: NEW}, write=2)
    command()
    keys(settings, {2: NEW, 3: NEWEST}, write=3)
    assert make_person(nik=nik).identity == identity
    command()

    assert key_ids(identity) == (3, 3, 2)


def test_rotate_keys_says_what_was_done_and_which_keys_may_go(settings: Settings) -> None:
    make_person()
    make_notice()
    keys(settings, {1: OLD, 2: NEW}, write=2)
    said = "\n".join(command())

    assert "applicants.Identity.nik_sealed: 1 sealed anew" in said
    assert "notifications.Notice.payload: 1 sealed anew" in said
    assert "All is sealed with key 2: 2 anew" in said
    assert "SEAL_KEYS: key 1 may go now." in said
    assert "INDEX_KEYS: key 1 may go from " in said


def test_rotate_keys_repeated_does_nothing(settings: Settings) -> None:
    identity = make_person().identity
    keys(settings, {1: OLD, 2: NEW}, write=2)
    command()
    before = Identity.objects.values().get(pk=identity.pk)
    assert "All is sealed with key 2: 0 anew" in "\n".join(command())
    assert Identity.objects.values().get(pk=identity.pk) == before


def test_rotate_keys_with_one_key_has_nothing_to_do_and_no_key_to_drop() -> None:
    make_person()
    said = command()
    assert said[-1].startswith("All is sealed with key 1: 0 anew")
    assert not [line for line in said if "may go" in line]


def test_rotate_stopped_in_the_middle_goes_on(settings: Settings) -> None:
    for _number in range(5):
        make_person()
    keys(settings, {1: OLD, 2: NEW}, write=2)
    reports = rotate(batch=2)
    assert next(progress.done for progress in reports if progress.done) == 2
    assert waiting() == 3
    command()
    assert waiting() == 0


def test_rotate_keys_with_a_value_that_does_not_open_turns_the_rest_and_says_so(
    settings: Settings,
) -> None:
    lost, other = make_person().identity, make_person().identity
    Identity.objects.filter(pk=lost.pk).update(nik_sealed=b"\x01" + b"x" * 40)
    keys(settings, {1: OLD, 2: NEW}, write=2)
    with pytest.raises(CommandError, match="1 values open under no key"):
        command()
    assert (key_ids(lost)[0], key_ids(other)[0]) == (1, 2)


def test_rotate_keys_passes_over_notices_that_are_sent(settings: Settings) -> None:
    notice = make_notice()
    Notice.objects.filter(pk=notice.pk).update(payload=None)
    keys(settings, {1: OLD, 2: NEW}, write=2)
    command()
    notice.refresh_from_db()
    assert notice.payload is None


def test_identity_without_an_index_is_refused_by_the_database() -> None:
    identity = make_person().identity
    with pytest.raises(IntegrityError, match="identity_is_indexed"):
        Identity.objects.filter(pk=identity.pk).update(nik_index_odd=None)
