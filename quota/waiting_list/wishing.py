"""A place on the waiting list: taken, changed, left. It ends by itself when its days are over."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Office
from quota.seats import PartyTooLarge
from quota.waiting_list.answering import decline_open_offer
from quota.waiting_list.enums import Hours, WishStatus
from quota.waiting_list.models import Wish, WishMember
from quota.waiting_list.queries import today

OFFICES = 5


class AlreadyListed(Refusal):
    code = "already-listed"
    message = _("One of these people is already on the waiting list.")
    remedy = _("Change that wish under “My applications”, or withdraw it where it was made.")
    field = "persons"


class NoSuchOffice(Refusal):
    code = "no-such-office"
    message = _("We do not know this office: %(office)s.")
    remedy = _("Choose from 1 to 5 offices from the list.")
    field = "office"
    status = 422


class RangePast(Refusal):
    code = "range-past"
    message = _("These days are over.")
    remedy = _("Choose a last day that is still to come.")
    field = "last_day"
    status = 422


class RangeBackwards(Refusal):
    code = "range-backwards"
    message = _("The last day must not be before the first day.")
    field = "last_day"
    status = 422


class WishOver(Refusal):
    code = "wish-over"
    message = _("This wish is no longer on the waiting list.")
    remedy = _("Make a new one if you still need a seat.")


class BoundToAppointment(Refusal):
    code = "bound-to-appointment"
    message = _("This wish is for an earlier day of your appointment and cannot be changed.")
    remedy = _("Withdraw it if you want to keep your day.")


def place_wish(
    *,
    account: AbstractBaseUser,
    identities: Sequence[str],
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    is_earlier: bool = False,
    by: trail.By,
    at: datetime,
) -> Wish:
    """A wish of `identities`, all together, at the end of the list.

    Raises PartyTooLarge, NoSuchOffice, RangePast, RangeBackwards, AlreadyListed.
    """
    if not 1 <= len(set(identities)) <= settings.PARTY_LIMIT:
        raise PartyTooLarge(limit=settings.PARTY_LIMIT)
    wish = Wish(account_id=account.pk, size=len(set(identities)), placed_at=at)
    wish.is_earlier = is_earlier
    _say(wish, offices, first_day, last_day, hours, service, at=at)
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
            WishMember.objects.bulk_create(
                WishMember(wish=wish, identity=identity) for identity in sorted(set(identities))
            )
            _record("wish.place", wish, by=by, at=at, people=wish.size)
    except IntegrityError as clash:
        if "one_live_wish" in str(clash):
            raise AlreadyListed from clash
        raise
    return wish


@transaction.atomic
def change_wish(
    *,
    wish: Wish,
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    by: trail.By,
    at: datetime,
) -> Wish:
    """It keeps its place; an offer that is open stays open.

    Raises WishOver, BoundToAppointment, NoSuchOffice, RangePast, RangeBackwards.
    """
    current = _waiting(wish)
    if current.is_earlier:
        raise BoundToAppointment
    _say(current, offices, first_day, last_day, hours, service, at=at)
    current.save()
    _record("wish.change", current, by=by, at=at)
    return current


@transaction.atomic
def withdraw_wish(*, wish: Wish, by: trail.By, at: datetime) -> None:
    """Seats on offer go to the next in line; repeatable. Raises WishOver if it ended else."""
    current = Wish.objects.select_for_update().get(pk=wish.pk)
    if current.status == WishStatus.WITHDRAWN:
        return
    if current.status != WishStatus.WAITING:
        raise WishOver
    _end(current, WishStatus.WITHDRAWN, by=by, at=at)


@transaction.atomic
def leave(*, wish: Wish, identity: str, status: WishStatus, by: trail.By, at: datetime) -> None:
    """The others of the party keep their place; without others the wish ends as `status` says."""
    current = Wish.objects.select_for_update().get(pk=wish.pk)
    left = current.members.filter(identity=identity, live=True).update(live=False)
    if not left or current.status != WishStatus.WAITING:
        return
    if current.size == 1:
        _end(current, status, by=by, at=at)
        return
    current.size -= 1
    current.save(update_fields=["size"])
    _record("wish.leave", current, by=by, at=at)


@transaction.atomic
def end_days(*, wish: Wish, after: date, by: trail.By, at: datetime) -> None:
    """No day after that one is wanted any more; who then has none left to wait for, is served.

    A wish that somebody is answering in this moment stays as it is: the answer looks at the day.
    """
    rows = Wish.objects.select_for_update(skip_locked=True)
    current = rows.filter(pk=wish.pk, status=WishStatus.WAITING, last_day__gt=after).first()
    if current is None:
        return
    if after < max(current.first_day, today(at)):
        _end(current, WishStatus.SERVED, by=by, at=at)
        return
    current.last_day = after
    current.save(update_fields=["last_day"])
    decline_open_offer(current, by=by, at=at, after=after)
    _record("wish.shorten", current, by=by, at=at, last_day=str(after))


def expire_wishes(*, at: datetime, batch: int = 500) -> int:
    """Ends the wishes whose last day is over everywhere in the country; returns how many."""
    with transaction.atomic():
        over = Wish.objects.filter(status=WishStatus.WAITING, last_day__lt=today(at))
        wishes = list(over.select_for_update(skip_locked=True)[:batch])
        for wish in wishes:
            _end(wish, WishStatus.EXPIRED, by="timetable", at=at)
    return len(wishes)


def _waiting(wish: Wish) -> Wish:
    current = Wish.objects.select_for_update().get(pk=wish.pk)
    if current.status != WishStatus.WAITING:
        raise WishOver
    return current


def _say(
    wish: Wish,
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    *,
    at: datetime,
) -> None:
    if last_day < today(at):
        raise RangePast
    if last_day < first_day:
        raise RangeBackwards
    wish.offices = _keys(offices)
    wish.first_day, wish.last_day = first_day, last_day
    wish.hours, wish.service = hours, service


def _keys(codes: Sequence[str]) -> list[int]:
    known = dict(Office.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in codes:
        if code not in known:
            raise NoSuchOffice(office=code)
    keys = [known[code] for code in dict.fromkeys(codes)]
    if not 1 <= len(keys) <= OFFICES:
        raise NoSuchOffice(office=", ".join(codes[OFFICES:]))
    return keys


def _end(wish: Wish, status: WishStatus, *, by: trail.By, at: datetime) -> None:
    decline_open_offer(wish, by=by, at=at)
    wish.status = status
    wish.save(update_fields=["status"])
    _record(f"wish.{status}", wish, by=by, at=at)


def _record(deed: str, wish: Wish, *, by: trail.By, at: datetime, **facts: object) -> None:
    trail.record(deed, subject=f"wish:{wish.code}", by=by, at=at, **facts)
