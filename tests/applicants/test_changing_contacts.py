from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applicants.accounts import NoAccount, account_to_recover, confirm_contact, open_account
from applicants.changing_contacts import (
    ContactYours,
    NothingPending,
    OnlyContact,
    ProofMissing,
    confirm_wanted,
    forget_old,
    forget_wanted,
    proof_needed,
    remove_contact,
    want_contact,
    wanted_contact,
)
from applicants.codes import CodeUsedUp, CodeWrong, send_code
from applicants.contacts import Contact, confirmed_contacts, read_contact
from applicants.enums import Purpose
from applicants.holding import ContactTaken
from applicants.models import PendingContact, User
from applicants.queries import account_of
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import opened
from tests.factories.applicants import PASSWORD, make_user, newest_code
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db

MAIL, NEW_MAIL = read_contact("siti@example.com"), read_contact("rahayu@example.com")
PHONE, NEW_PHONE = read_contact("0812-3456-7890"), read_contact("0813-3456-7890")


def with_both() -> User:
    return make_user("siti@example.com", phone=PHONE.to, phone_verified=True)


def want(account: User, contact: Contact, *, proof: Contact | None) -> None:
    want_contact(account=account, contact=contact, proof=proof, by=account, at=clock.now())


def confirm(account: User, contact: Contact, *, typed: str = "") -> None:
    confirm_wanted(
        account=account,
        channel=contact.channel,
        typed=typed or newest_code(contact.to),
        by=account,
        at=clock.now(),
    )


def remove(account: User, channel: Channel, *, proof: Contact | None) -> None:
    remove_contact(account=account, channel=channel, proof=proof, by=account, at=clock.now())


def contacts(account: User) -> list[Contact]:
    return confirmed_contacts(User.objects.get(pk=account.pk))


def told() -> list[tuple[str, str, str]]:
    """To whom it was said that which contact went and which one came."""
    rows = Notice.objects.filter(template="notices/applicants/contacts_changed").order_by("pk")
    return [(to, facts["removed"], facts["added"]) for to, facts in map(opened, rows)]


def test_second_contact_is_the_accounts_only_when_its_code_is_typed() -> None:
    account = make_user("siti@example.com")
    want(account, PHONE, proof=MAIL)
    assert (contacts(account), wanted_contact(account, Channel.SMS)) == ([MAIL], PHONE)
    confirm(account, PHONE)
    assert contacts(account) == [MAIL, PHONE]
    assert PendingContact.objects.count() == 0
    assert told() == [(MAIL.to, "", PHONE.masked)]
    deeds = [entry.deed for entry in trail.of(f"account:{account.code}")]
    assert deeds == ["open_account", "send_code", "want_contact", "take_contact"]


@pytest.mark.parametrize(
    ("old", "new", "proof"), [(PHONE, NEW_PHONE, MAIL), (MAIL, NEW_MAIL, PHONE)]
)
def test_changed_contact_needs_the_other_one_and_tells_both_old_ones(
    old: Contact, new: Contact, proof: Contact
) -> None:
    account = with_both()
    want(account, new, proof=proof)
    confirm(account, new)
    assert set(contacts(account)) == {new, proof}
    assert Counter(told()) == Counter(
        [(MAIL.to, old.masked, new.masked), (PHONE.to, old.masked, new.masked)]
    )
    assert account_of(old) is None


@pytest.mark.parametrize("proof", [None, PHONE, NEW_PHONE])
def test_change_without_a_code_to_the_other_contact_is_refused(proof: Contact | None) -> None:
    account = with_both()
    with pytest.raises(ProofMissing):
        want(account, NEW_PHONE, proof=proof)
    with pytest.raises(ProofMissing):
        remove(account, Channel.SMS, proof=proof)
    assert (contacts(account), Notice.objects.count()) == ([MAIL, PHONE], 0)
    assert PendingContact.objects.count() == 0


def test_change_of_the_only_contact_needs_that_one() -> None:
    account = make_user("siti@example.com")
    assert proof_needed(account, Channel.EMAIL) == proof_needed(account, Channel.SMS) == MAIL
    with pytest.raises(ProofMissing):
        want(account, NEW_MAIL, proof=None)
    want(account, NEW_MAIL, proof=MAIL)
    confirm(account, NEW_MAIL)
    assert contacts(account) == [NEW_MAIL]
    assert told() == [(MAIL.to, MAIL.masked, NEW_MAIL.masked)]


def test_wanted_contact_with_a_wrong_code_changes_nothing() -> None:
    account = with_both()
    want(account, NEW_PHONE, proof=MAIL)
    with pytest.raises(CodeWrong):
        confirm(account, NEW_PHONE, typed="1")
    assert (contacts(account), told()) == ([MAIL, PHONE], [])


def test_wanted_contact_is_not_confirmed_by_a_code_of_another_account() -> None:
    mine, other = make_user("siti@example.com"), make_user("budi@example.com")
    want(mine, PHONE, proof=MAIL)
    want(other, PHONE, proof=read_contact("budi@example.com"))
    with pytest.raises(CodeWrong):
        confirm(other, PHONE)
    confirm(mine, PHONE)
    assert contacts(mine) == [MAIL, PHONE]
    with pytest.raises(CodeUsedUp):
        confirm(other, PHONE, typed="123456")


def test_wanted_contact_of_another_confirmed_account_is_refused_with_a_way_on() -> None:
    account = make_user("siti@example.com")
    make_user(PHONE.to)
    with pytest.raises(ContactTaken) as no:
        want(account, PHONE, proof=MAIL)
    assert no.value.facts["contact"] == PHONE
    assert str(no.value.remedy)
    assert PendingContact.objects.count() == 0


def test_wanted_contact_that_is_confirmed_here_is_refused() -> None:
    with pytest.raises(ContactYours):
        want(with_both(), PHONE, proof=MAIL)


def test_wanted_contact_opens_nothing_and_keeps_nobody_from_it() -> None:
    account = make_user("siti@example.com")
    want(account, PHONE, proof=MAIL)
    assert account_of(PHONE) is None
    with pytest.raises(NoAccount):
        account_to_recover(PHONE)
    owner = open_account(
        name="Budi", contact=PHONE, password=PASSWORD, language="id", at=clock.now(), confirmed=True
    )
    assert contacts(owner) == [PHONE]
    with pytest.raises(ContactTaken):
        confirm(account, PHONE)
    assert contacts(account) == [MAIL]


def test_wanted_contact_confirmed_here_leaves_who_only_typed_it() -> None:
    """Somebody began to sign up with this number and never typed the code."""
    squatter = make_user(PHONE.to, confirmed=False)
    account = make_user("siti@example.com")
    want(account, PHONE, proof=MAIL)
    confirm(account, PHONE)
    assert contacts(account) == [MAIL, PHONE]
    squatter.refresh_from_db()
    assert (squatter.phone, squatter.is_active) == (None, False)
    assert trail.of(f"account:{squatter.code}")[-1].deed == "let_contact_go"


def test_code_of_a_sign_up_whose_contact_was_confirmed_elsewhere_opens_nothing() -> None:
    begun, account = make_user(PHONE.to, confirmed=False), make_user("siti@example.com")
    send_code(account=begun, to=PHONE, purpose=Purpose.CONFIRM, by=begun, at=clock.now())
    code = newest_code(PHONE.to)
    want(account, PHONE, proof=MAIL)
    confirm(account, PHONE)
    with pytest.raises(NoAccount):
        confirm_contact(account=begun, typed=code, by=begun, at=clock.now())


def test_wanted_contact_confirmed_here_leaves_the_rest_of_who_only_typed_it() -> None:
    other = make_user("budi@example.com", phone=PHONE.to)
    account = make_user("siti@example.com")
    want(account, PHONE, proof=MAIL)
    confirm(account, PHONE)
    other.refresh_from_db()
    assert (other.email, other.phone, other.is_active) == ("budi@example.com", None, True)


def test_open_account_with_a_contact_that_a_confirmed_account_only_typed_takes_it() -> None:
    other = make_user("budi@example.com", phone=PHONE.to)
    owner = make_user(PHONE.to, confirmed=False)
    other.refresh_from_db()
    assert (other.phone, str(owner.phone)) == (None, PHONE.to)


def test_account_that_can_be_signed_in_to_has_a_contact() -> None:
    account = make_user("siti@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=account.pk).update(email=None)


def test_wanted_contact_is_the_newest_of_its_kind_and_can_be_forgotten() -> None:
    account = make_user("siti@example.com")
    want(account, PHONE, proof=MAIL)
    want(account, NEW_PHONE, proof=MAIL)
    assert wanted_contact(account, Channel.SMS) == NEW_PHONE
    for _again in range(2):
        forget_wanted(account=account, channel=Channel.SMS, by=account, at=clock.now())
    with pytest.raises(NothingPending):
        confirm(account, NEW_PHONE)


def test_wanted_contact_is_forgotten_after_a_week() -> None:
    account, at = make_user("siti@example.com"), clock.now()
    want(account, PHONE, proof=MAIL)
    assert forget_old(at=at + timedelta(days=6)) == 0
    assert forget_old(at=at + timedelta(days=8)) == 1


def test_remove_contact_needs_another_one_and_tells_both() -> None:
    account = with_both()
    for _again in range(2):
        remove(account, Channel.SMS, proof=MAIL)
    assert contacts(account) == [MAIL]
    assert told() == [(MAIL.to, PHONE.masked, ""), (PHONE.to, PHONE.masked, "")]
    with pytest.raises(OnlyContact):
        remove(account, Channel.EMAIL, proof=MAIL)
    assert contacts(account) == [MAIL]


@pytest.mark.django_db(transaction=True)
def test_contact_confirmed_here_and_by_a_sign_up_at_once_is_that_of_one() -> None:
    for number in range(10):
        phone = read_contact(f"0812-3456-{number:04}")
        account, begun = make_user(), make_user(phone.to, confirmed=False)
        want(account, phone, proof=proof_needed(account, Channel.SMS))
        wanted_code = newest_code(phone.to)
        send_code(account=begun, to=phone, purpose=Purpose.CONFIRM, by=begun, at=clock.now())
        begun_code = newest_code(phone.to)

        def answer(
            person: int,
            account: User = account,
            begun: User = begun,
            phone: Contact = phone,
            codes: tuple[str, str] = (wanted_code, begun_code),
        ) -> str:
            try:
                if person:
                    confirm(account, phone, typed=codes[0])
                else:
                    confirm_contact(account=begun, typed=codes[1], by=begun, at=clock.now())
            except Refusal as no:
                return no.code
            return "confirmed"

        assert at_once(answer, 2)["confirmed"] == 1
        owners = User.objects.filter(phone=phone.to, phone_verified=True, is_active=True)
        assert owners.count() == 1
