"""Everything that is kept about an account: what its holder gets when they ask for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import (
    Consent,
    PendingContact,
    Person,
    PrivacyRequest,
    SecondFactor,
    User,
    Verification,
)
from applicants.signals import looks_wanted, personal_data_wanted
from mpaspor.audit.models import Entry
from mpaspor.notifications.inbox import letters_of

Title = str | Promise


@dataclass(frozen=True)
class Fact:
    """A value, and how people read it where that is another text."""

    value: Any
    words: str = ""


Row = dict[str, Fact]


@dataclass(frozen=True)
class Table:
    """One table of the database: whose rows, and which facts of each, by their path.

    `without` are the columns left out, so that a new one must be put on either side.
    """

    model: type[Model]
    name: str
    title: Title
    rows_of: "Callable[[User], QuerySet[Any]]"
    facts: tuple[str, ...]
    without: tuple[str, ...] = ("id",)

    def part(self, account: User) -> "Part":
        rows = [
            {path.replace(".", "_"): fact(row, path) for path in self.facts}
            for row in self.rows_of(account).order_by("pk")
        ]
        return Part(self.name, self.title, rows)


@dataclass(frozen=True)
class Part:
    """A heading and the rows below it."""

    name: str
    title: Title
    rows: list[Row]


@dataclass(frozen=True)
class Look:
    """Somebody saw the data: in which role and office, and on which occasion."""

    at: datetime
    who: str
    what: str


TABLES = (
    Table(
        User,
        "account",
        _("Your account"),
        lambda account: User.objects.filter(pk=account.pk),
        (
            "code",
            "name",
            "email",
            "email_verified",
            "phone",
            "phone_verified",
            "language",
            "notices_by",
            "person_limit",
            "date_joined",
            "last_login",
        ),
        (
            "id",
            "password",
            "is_superuser",
            "is_staff",
            "is_active",
            "session_version",
            "erased_at",
        ),
    ),
    Table(
        PendingContact,
        "wanted_contacts",
        _("Contacts not yet confirmed"),
        lambda account: account.pending_contacts.all(),
        ("channel", "to", "wanted_at"),
        ("id", "account"),
    ),
    Table(
        SecondFactor,
        "second_factors",
        _("Your second step of signing in"),
        lambda account: account.second_factors.all(),
        ("code", "kind", "added_at", "used_at"),
        ("id", "account", "secret_sealed", "last_step", "credential", "credential_id"),
    ),
    Table(
        Person,
        "persons",
        _("The persons you look after"),
        lambda account: account.persons.select_related("identity", "guardian"),
        (
            "code",
            "identity.nik",
            "name",
            "birth_place",
            "birth_date",
            "sex",
            "differs_from_nik",
            "guardian.code",
            "relation",
            "created_at",
        ),
        ("id", "account"),
    ),
    Table(
        Verification,
        "registry_checks",
        _("What the civil registry said"),
        lambda account: Verification.objects.filter(person__account=account),
        ("person.code", "verdict", "mismatches", "reason", "since", "asked_at"),
        ("id", "round", "next_at", "attempts", "trouble"),
    ),
    Table(
        Consent,
        "consents",
        _("What you agreed to"),
        lambda account: account.consents.select_related("person"),
        ("kind", "version", "language", "person.code", "given_at", "withdrawn_at"),
        ("id", "account"),
    ),
    Table(
        PrivacyRequest,
        "requests",
        _("What you asked about your data"),
        lambda account: account.privacy_requests.all(),
        ("code", "kind", "status", "words", "asked_at", "due_at", "answered_at", "answer"),
        ("id", "account", "words_sealed", "answer_sealed", "answered_by"),
    ),
    Table(
        Entry,
        "deeds",
        _("What was done from your account"),
        lambda account: Entry.objects.filter(by_id=account.pk),
        ("at", "deed", "subject", "facts"),
        ("id", "by", "door", "link", "digest"),
    ),
)


def parts_of(account: User) -> list[Part]:
    """All of it, this app's first."""
    own = [table.part(account) for table in TABLES] + [_messages(account)]
    answers: Any = personal_data_wanted.send(User, account=account)
    return own + [part for _receiver, parts in answers for part in parts]


def _messages(account: User) -> Part:
    """In words: their facts alone would tell nobody anything."""
    rows = [
        {
            "created_at": Fact(letter.message.created_at),
            "read_at": Fact(letter.message.read_at),
            "heading": Fact(letter.subject),
            "body": Fact(letter.body),
        }
        for letter in letters_of(account.code)
    ]
    return Part("messages", _("Your messages"), rows)


def looks_at(account: User) -> list[Look]:
    """Who saw it, the newest first."""
    answers: Any = looks_wanted.send(User, account=account)
    looks = [look for _receiver, found in answers for look in found]
    return sorted(looks, key=lambda look: look.at, reverse=True)


def fact(row: Any, path: str) -> Fact:
    """The value of "person.code" in row.person.code; None where the way ends early."""
    *way, name = path.split(".")
    for step in way:
        row = getattr(row, step)
        if row is None:
            return Fact(None)
    display = getattr(row, f"get_{name}_display", None)
    return Fact(getattr(row, name), str(display()) if display else "")
