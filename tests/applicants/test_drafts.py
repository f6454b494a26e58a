"""What was typed and not sent: sealed, bounded, the account's own."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from applicants.drafts import DraftTooLarge, forget, forget_old_drafts, keep, kept
from applicants.erasing import erase_account
from applicants.models import FormDraft, Session, User
from mpaspor.core import clock
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

FORM = "/account/persons/new/"
NIK = "3273010107900001"
TYPED = [("nik", NIK), ("name", "Siti \x00\u202e"), ("days", "1"), ("days", "2")]


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


def test_keep_is_found_again_word_for_word(account: User) -> None:
    at = clock.now()
    keep(account=account, form=FORM, typed=TYPED, at=at)
    found = kept(account=account, form=FORM)
    assert found
    assert (found.typed, found.at) == (TYPED, at)


def test_keep_again_takes_the_place_of_what_was_kept(account: User) -> None:
    keep(account=account, form=FORM, typed=TYPED, at=clock.now())
    keep(account=account, form=FORM, typed=[("name", "B")], at=clock.now())
    found = kept(account=account, form=FORM)
    assert found
    assert (found.typed, FormDraft.objects.count()) == ([("name", "B")], 1)


def test_kept_is_of_this_account_and_form_only(account: User) -> None:
    keep(account=account, form=FORM, typed=TYPED, at=clock.now())
    assert kept(account=make_user(), form=FORM) is None
    assert kept(account=account, form="/applications/new/") is None


def test_kept_stands_nowhere_in_clear_and_opens_in_its_own_row_only(account: User) -> None:
    keep(account=account, form=FORM, typed=TYPED, at=clock.now())
    draft = FormDraft.objects.get()
    row = [draft.form, bytes(draft.typed_sealed), draft.updated_at]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert [word in stored for word in (NIK.encode(), b"Siti")] == [False] * 2
    FormDraft.objects.update(account=make_user("budi@example.com"))
    assert kept(account=User.objects.get(email="budi@example.com"), form=FORM) is None


def test_keep_too_much_is_refused_and_leaves_what_was_kept(account: User) -> None:
    keep(account=account, form=FORM, typed=TYPED, at=clock.now())
    with pytest.raises(DraftTooLarge):
        keep(account=account, form=FORM, typed=[("name", "x" * 20_000)], at=clock.now())
    found = kept(account=account, form=FORM)
    assert found
    assert found.typed == TYPED


def test_keep_of_too_many_forms_forgets_the_oldest(account: User) -> None:
    start = clock.now()
    other = make_user()
    keep(account=other, form=FORM, typed=TYPED, at=start)
    for number in range(settings.DRAFTS_PER_ACCOUNT + 3):
        at = start + timedelta(seconds=number)
        keep(account=account, form=f"/{number}/", typed=TYPED, at=at)
    forms = set(FormDraft.objects.filter(account=account).values_list("form", flat=True))
    assert forms == {f"/{number}/" for number in range(3, settings.DRAFTS_PER_ACCOUNT + 3)}
    assert kept(account=other, form=FORM) is not None


def test_forget_is_for_one_form_and_repeatable(account: User) -> None:
    for form in ("/a/", "/b/"):
        keep(account=account, form=form, typed=TYPED, at=clock.now())
    for _again in range(2):
        forget(account=account, form="/a/")
    assert [draft.form for draft in FormDraft.objects.all()] == ["/b/"]


def test_forget_old_drafts_keeps_those_of_the_last_days(account: User) -> None:
    at = clock.now()
    days = timedelta(days=settings.DRAFT_DAYS)
    for form, age in {"/young/": days, "/old/": days + timedelta(seconds=1)}.items():
        keep(account=account, form=form, typed=TYPED, at=at - age)
    forget_old_drafts(at=at)
    assert [draft.form for draft in FormDraft.objects.all()] == ["/young/"]


def test_erased_account_leaves_neither_draft_nor_session(account: User, client: Client) -> None:
    client.force_login(account)
    keep(account=account, form=FORM, typed=TYPED, at=clock.now())
    erase_account(account=account, by=account, at=clock.now())
    assert (FormDraft.objects.count(), Session.objects.count()) == (0, 0)


def test_keep_for_an_address_longer_than_any_form_has_is_refused() -> None:
    account = make_user()

    keep(account=account, form="/" + "x" * 199, typed=[("name", "Siti")], at=clock.now())
    with pytest.raises(DraftTooLarge):
        keep(account=account, form="/" + "x" * 200, typed=[("name", "Siti")], at=clock.now())
