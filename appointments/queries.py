from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from applicants.models import Person, User
from appointments.accepting import persons_of_wish
from appointments.access import wishes_of, with_all
from appointments.bringing import ToBring, to_bring
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Appointment
from appointments.party import together_with
from appointments.submitting import ACCELERATED, TARIFF_OF_BOOK, lines_of
from mpaspor.core.codes import typed_code
from payments.models import Bill, Tariff
from payments.tariffs import Line, billing_day, in_force
from quota.models import Office
from quota.queries import offices_with_free
from quota.searching import earliest_seats
from quota.waiting_list.enums import OfferStatus
from quota.waiting_list.models import Offer, Wish
from quota.waiting_list.queries import line_at

DRAFT = ApplicationStatus.DRAFT
# Wishes that one page shows.
WISHES = 10


def offered(*, on: date) -> list[Tariff]:
    """What can be applied for here and its fee on that day."""
    codes = [*TARIFF_OF_BOOK.values(), ACCELERATED]
    return list(in_force(on).filter(code__in=codes).order_by("code", "in_force_from"))


def fees(at: datetime) -> dict[str, int]:
    """Rupiah by tariff, of what is billed at that moment."""
    return {tariff.code: tariff.amount for tariff in offered(on=billing_day(at))}


def offices_with_room(*, search: str, service: str, party: int, at: datetime) -> list[Office]:
    """As quota's offices_with_free, with nothing free where no session takes the whole party."""
    found = offices_with_free(search=search, service=service, at=at)
    if party > 1:
        roomy = earliest_seats(service=service, at=at, party=party)
        fitting = {one.office.pk for one in roomy}
        for office in found:
            office.free = office.free if office.pk in fitting else 0
    return sorted(found, key=lambda office: -office.free)


@dataclass(frozen=True)
class Share:
    """What a bill has, or will have, for one of those who are seated together; in Rupiah."""

    appointment: Appointment
    lines: list[Line]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def bring(self) -> ToBring:
        application, slot = self.appointment.application, self.appointment.slot
        return to_bring(application, on=slot.date)


def shares_to_be(appointment: Appointment, *, at: datetime) -> list[Share]:
    """Of everybody who holds a seat together with this one, itself included."""
    held = with_all(together_with(appointment)).filter(status=AppointmentStatus.HELD)
    return [Share(one, lines_of(one.application, at=at)) for one in held.order_by("pk")]


def unseated_party(appointment: Appointment) -> str:
    """The codes, joined by a dash, of a party's drafts whose seats went back; empty for others."""
    members = list(together_with(appointment).select_related("application"))
    drafts = [one.application for one in members if one.application.status == DRAFT]
    is_over = all(one.status == AppointmentStatus.RELEASED for one in members)
    return "-".join(draft.code for draft in drafts) if is_over and len(drafts) > 1 else ""


def shares_of(bill: Bill) -> list[Share]:
    """By the lines of the bill, which its price changes no more."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for row in bill.lines.order_by("pk"):
        lines[row.for_code or bill.payer].append(Line(row.tariff, row.description, row.amount))
    billed = with_all(Appointment.objects.filter(bill=bill)).order_by("pk")
    return [Share(one, lines[one.code]) for one in billed]


@dataclass(frozen=True)
class ShownWish:
    """A wish as its account sees it. `line`: how many people wait for each of its offices."""

    wish: Wish
    persons: list[Person]
    line: list[tuple[Office, int]]
    offer: Offer | None


def wish_shown(wish: Wish, *, at: datetime) -> ShownWish:
    open_ = Offer.objects.filter(wish=wish, status=OfferStatus.OPEN, until__gt=at)
    offer = open_.select_related("slot__office").first()
    return ShownWish(wish, persons_of_wish(wish), line_at(wish.offices), offer)


def wishes_shown(user: User, *, at: datetime) -> list[ShownWish]:
    """The latest wishes of the account."""
    return [wish_shown(wish, at=at) for wish in wishes_of(user)[:WISHES]]


def bills_of_application(code: str) -> list[int]:
    """Keys of the bills that were made for this application."""
    rows = Appointment.objects.filter(application__code=typed_code(code), bill__isnull=False)
    return list(rows.values_list("bill", flat=True))


def members_of(bill: Bill | None) -> list[Appointment]:
    """Whom the bill is for; nobody when it is not known or they are forgotten."""
    rows = Appointment.objects.filter(bill=bill) if bill else Appointment.objects.none()
    return list(rows.select_related("application", "slot__office").order_by("pk"))
