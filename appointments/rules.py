"""The rules about documents, fees and visits: rows with their source and the days they hold.

A rule that changes gets `until`, and a new row from the day after; old answers stay explained.
Kept from the day on that the fees here begin with (PP 45/2024). Amounts are not here: they are
rows of payments.Tariff.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from django.utils.translation import gettext_noop

from appointments.enums import Book, Circumstance, Need, ServiceClass, Visit

FIRST = date(2024, 12, 17)

SOURCES = {
    "8/2014-4": "Permenkumham 8/2014 jo. 18/2022, Pasal 4",
    "8/2014-5": "Permenkumham 8/2014 jo. 18/2022, Pasal 5",
    "18/2022-2A": "Permenkumham 18/2022, Pasal 2A",
    "8/2014-bap": "Permenkumham 8/2014 jo. 18/2022 (BAP)",
    "imigrasi": "Direktorat Jenderal Imigrasi, persyaratan paspor (imigrasi.go.id)",
    "23/2006-29": "UU 23/2006 jo. 24/2013, Pasal 29",
    "54/2007": "PP 54/2007 (pengangkatan anak)",
    "45/2024": "PP 45/2024 (PNBP)",
}


class Group(Enum):
    """Whoever is married counts as grown up."""

    GROWN_UP = "grown-up"
    CHILD = "child"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a row holds: for these needs and groups, with all of `given` and none of `unless`."""

    needs: frozenset[Need] = frozenset(Need)
    groups: frozenset[Group] = frozenset(Group)
    given: frozenset[Circumstance] = frozenset()
    unless: frozenset[Circumstance] = frozenset()
    source: str
    since: date = FIRST
    until: date | None = None

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, kw_only=True)
class Bring(Rule):
    paper: str


@dataclass(frozen=True, kw_only=True)
class Fee(Rule):
    """`tariff` is a code of payments.Tariff."""

    tariff: str
    books: frozenset[Book] = frozenset(Book)
    services: frozenset[ServiceClass] = frozenset(ServiceClass)


@dataclass(frozen=True, kw_only=True)
class Way(Rule):
    visit: Visit
    books: frozenset[Book] = frozenset(Book)


@dataclass(frozen=True, kw_only=True)
class Limit(Rule):
    """Who does not get which book."""

    book: Book


@dataclass(frozen=True, kw_only=True)
class Note(Rule):
    text: str
    services: frozenset[ServiceClass] = field(default=frozenset(ServiceClass))


def _of(*members: Need) -> frozenset[Need]:
    return frozenset(members)


GROWN_UP, CHILD = frozenset({Group.GROWN_UP}), frozenset({Group.CHILD})
ONLINE = _of(Need.NEW, Need.REPLACEMENT)
COUNTER = _of(Need.LOST, Need.DAMAGED, Need.CHANGED)
# All but a replacement, for which the old passport speaks if it is not too old.
WHOLE = frozenset(Need) - {Need.REPLACEMENT}
WITH_BOOK = _of(Need.REPLACEMENT, Need.DAMAGED, Need.CHANGED)
AGAIN = _of(Need.REPLACEMENT)
MARRIED = frozenset({Circumstance.MARRIED})
OLD_BOOK = frozenset({Circumstance.OLD_BOOK})
BORN_ABROAD = frozenset({Circumstance.BORN_ABROAD})
ONE_PARENT = frozenset({Circumstance.ONE_PARENT})
GUARDIAN = frozenset({Circumstance.GUARDIAN})
A4, A5, IMIGRASI = "8/2014-4", "8/2014-5", "imigrasi"

# In the order in which they are listed for people.
DOCUMENTS = (
    Bring(paper="ktp", groups=GROWN_UP, source=A4),
    Bring(paper="parents-ktp", groups=CHILD, unless=ONE_PARENT | GUARDIAN, source=A5),
    Bring(paper="parent-ktp", groups=CHILD, given=ONE_PARENT, unless=GUARDIAN, source=A5),
    Bring(paper="guardian-ktp", groups=CHILD, given=GUARDIAN, source=IMIGRASI),
    Bring(paper="kk", groups=GROWN_UP, needs=WHOLE, source=A4),
    Bring(paper="kk", groups=GROWN_UP, needs=AGAIN, given=OLD_BOOK, source=IMIGRASI),
    Bring(paper="kk", groups=CHILD, source=A5),
    Bring(paper="proof-of-birth", groups=GROWN_UP, needs=WHOLE, unless=MARRIED, source=A4),
    Bring(
        paper="proof-of-birth",
        groups=GROWN_UP,
        needs=AGAIN,
        given=OLD_BOOK,
        unless=MARRIED,
        source=IMIGRASI,
    ),
    Bring(paper="marriage-book", groups=GROWN_UP, given=MARRIED, source="18/2022-2A"),
    Bring(paper="birth-certificate", groups=CHILD, source=A5),
    Bring(
        paper="birth-report", groups=GROWN_UP, needs=WHOLE, given=BORN_ABROAD, source="23/2006-29"
    ),
    Bring(
        paper="birth-report",
        groups=GROWN_UP,
        needs=AGAIN,
        given=BORN_ABROAD | OLD_BOOK,
        source="23/2006-29",
    ),
    Bring(paper="birth-report", groups=CHILD, given=BORN_ABROAD, source="23/2006-29"),
    Bring(paper="parents-marriage", groups=CHILD, unless=ONE_PARENT | GUARDIAN, source=A5),
    Bring(paper="one-parent", groups=CHILD, given=ONE_PARENT, unless=GUARDIAN, source=A5),
    Bring(paper="guardianship", groups=CHILD, given=GUARDIAN, source=IMIGRASI),
    Bring(
        paper="adoption",
        groups=CHILD,
        given=frozenset({Circumstance.ADOPTED}),
        unless=GUARDIAN,
        source="54/2007",
    ),
    Bring(paper="parents-passports", groups=CHILD, unless=GUARDIAN, source=A5),
    Bring(paper="statement", groups=CHILD, source=A5),
    Bring(
        paper="parent-abroad",
        groups=CHILD,
        given=frozenset({Circumstance.PARENT_ABROAD}),
        unless=ONE_PARENT | GUARDIAN,
        source=IMIGRASI,
    ),
    Bring(paper="old-passport", needs=WITH_BOOK, source=A4),
    Bring(paper="police-report", needs=_of(Need.LOST), source="8/2014-bap"),
    Bring(paper="proof-of-change", needs=_of(Need.CHANGED), source="8/2014-bap"),
    Bring(paper="name-ruling", given=frozenset({Circumstance.NAME_DIFFERS}), source=A4),
)

FEES = (
    Fee(tariff="EPASSPORT-5", books=frozenset({Book.FIVE_YEARS}), source="45/2024"),
    Fee(tariff="EPASSPORT-10", books=frozenset({Book.TEN_YEARS}), source="45/2024"),
    Fee(
        tariff="ACCELERATED",
        needs=ONLINE,
        services=frozenset({ServiceClass.ACCELERATED}),
        source="45/2024",
    ),
    Fee(tariff="LOST", needs=_of(Need.LOST), source="45/2024"),
    Fee(tariff="DAMAGED", needs=_of(Need.DAMAGED), source="45/2024"),
)

# The first that holds is taken.
WAYS = (
    Way(visit=Visit.COUNTER, needs=COUNTER, source="8/2014-bap"),
    # Here nobody shows that they are married: this service books ten years from 17 on.
    Way(
        visit=Visit.COUNTER,
        needs=ONLINE,
        given=MARRIED,
        books=frozenset({Book.TEN_YEARS}),
        source="18/2022-2A",
    ),
    Way(visit=Visit.ONLINE, needs=ONLINE, source=IMIGRASI),
)

LIMITS = (Limit(book=Book.TEN_YEARS, groups=CHILD, source="18/2022-2A"),)

NOTES = (
    Note(
        text=gettext_noop(
            "An officer first examines what happened and writes it down (BAP). You need no booking "
            "from here, and nothing is paid before the examination."
        ),
        needs=COUNTER,
        source="8/2014-bap",
    ),
    Note(
        text=gettext_noop(
            "After a flood, fire or other disaster no charge is due; bring a letter about it from "
            "the village or city office."
        ),
        needs=_of(Need.LOST, Need.DAMAGED),
        source="8/2014-bap",
    ),
    Note(
        text=gettext_noop("The same-day service cannot be booked for this; ask at the counter."),
        needs=COUNTER,
        services=frozenset({ServiceClass.ACCELERATED}),
        source=IMIGRASI,
    ),
    Note(
        text=gettext_noop(
            "If a name, a place or a date is missing on the document about the birth, bring a "
            "letter about it from the authority that issued it."
        ),
        groups=GROWN_UP,
        needs=WHOLE,
        source=A4,
    ),
    Note(
        text=gettext_noop("The child comes along. At least one parent or the guardian comes too."),
        groups=CHILD,
        source=A5,
    ),
    Note(
        text=gettext_noop(
            "Online you can only book the passport for 5 years for somebody under 17. For the one "
            "for 10 years go to the counter and show the marriage book."
        ),
        groups=GROWN_UP,
        needs=ONLINE,
        given=MARRIED,
        source="18/2022-2A",
    ),
)
