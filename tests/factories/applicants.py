"""Accounts and persons as people make them, as few facts given as the test is about."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from applicants import totp
from applicants.accounts import open_account
from applicants.contacts import read_contact
from applicants.enums import FactorKind, PrivacyKind, Relation, Sex
from applicants.models import Person, PrivacyRequest, SecondFactor, User
from applicants.persons import add_person
from applicants.privacy_requests import ask
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened

PASSWORD = "kopi-tubruk-panas"
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BIRTH_DATE = date(1990, 7, 1)

numbers = count(1)


def make_user(contact: str = "", *, confirmed: bool = True, **facts: Any) -> User:
    """An account with `contact` (an e-mail or a phone in any writing) and PASSWORD."""
    user = open_account(
        name=facts.pop("name", "Siti Rahayu"),
        contact=read_contact(contact or f"siti{next(numbers)}@example.test"),
        password=facts.pop("password", PASSWORD),
        language=facts.pop("language", "id"),
        at=clock.now(),
        confirmed=confirmed,
    )
    for name, value in facts.items():
        setattr(user, name, value)
    user.save()
    return user


def give_app(user: User) -> User:
    """Sets up an authenticator app, as if long ago, whose codes are those of APP_SECRET."""
    factor = SecondFactor(account=user, kind=FactorKind.APP, last_step=0, added_at=clock.now())
    factor.secret = APP_SECRET
    factor.save()
    return user


def app_code(*, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    return totp.code_of(APP_SECRET, totp.step_at(clock.now()) + steps)


def make_superuser() -> User:
    contact = f"chief{next(numbers)}@example.test"
    return give_app(make_user(contact, name="Chief", is_superuser=True))


def make_person(account: User | None = None, **given: Any) -> Person:
    """A person of `account` whose NIK fits the birth date and sex."""
    account = account or make_user()
    facts: dict[str, Any] = {"birth_date": BIRTH_DATE, "sex": Sex.MAN} | given
    if "nik" not in facts:
        facts["nik"] = valid_nik(birth_date=facts["birth_date"], sex=facts["sex"])
    usual: dict[str, Any] = {"name": "Budi Santoso", "birth_place": "Bandung", "at": clock.now()}
    return add_person(account=account, by=account, **usual | facts)


def make_child(of: Person | None = None, **given: Any) -> Person:
    """A child of nine in the account of their mother, with the consent of its holder."""
    mother = of or make_person(sex=Sex.WOMAN)
    usual: dict[str, Any] = {"birth_date": clock.now().date() - timedelta(days=365 * 9)}
    usual |= {"name": "Bayu Santoso", "relation": Relation.MOTHER, "consented_in": "id"}
    return make_person(mother.account, **usual | {"guardian": mother} | given)


def make_privacy_request(
    *,
    account: User | None = None,
    kind: PrivacyKind = PrivacyKind.CORRECTION,
    words: str = "Nama saya salah tulis.",
    at: datetime | None = None,
) -> PrivacyRequest:
    account = account or make_user()
    return ask(account=account, kind=kind, words=words, by=account, at=at or clock.now())


def valid_nik(
    *,
    birth_date: date = BIRTH_DATE,
    sex: str = Sex.MAN,
    serial: int | None = None,
    district: str = "327301",
) -> str:
    """Another NIK at each call, unless `serial` is given."""
    day = birth_date.day + (40 if sex == Sex.WOMAN else 0)
    number = (next(numbers) - 1) % 9999 + 1 if serial is None else serial
    return f"{district}{day:02}{birth_date:%m%y}{number:04}"


def newest_code(to: str) -> str:
    """The six digits that lie in the outbox for this contact."""
    contact = read_contact(to)
    notices = Notice.objects.filter(template="notices/applicants/code").order_by("-pk")
    for notice in notices.exclude(payload=None):
        recipient, context = opened(notice)
        if recipient == contact.to:
            return str(context["contact_code"])
    raise AssertionError(f"no code was sent to {to}")
