from datetime import datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import new_code
from mpaspor.core.templatetags import words
from quota.enums import (
    OF_NO_OFFICE,
    RELEASE_MOVES,
    WAITING,
    OfficeKind,
    ReleaseStatus,
    Reserve,
    Role,
    Service,
    Weekday,
    Zone,
)


class Office(models.Model):
    free: int
    """Seats of a service that can be booked; only on offices read by `offices_with_free()`."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=8, choices=OfficeKind, default=OfficeKind.KANIM)
    city = models.CharField(_("city or regency"), max_length=60)
    province = models.CharField(_("province"), max_length=60)
    address = models.CharField(_("address"), max_length=200, blank=True)
    zone = models.CharField(_("time zone"), max_length=20, choices=Zone)
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("In degrees, south is negative. Used to find offices nearby."),
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="office_place_whole",
                violation_error_message=_("Give latitude and longitude, or neither."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, where they are known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))


class Terms(models.Model):
    """The numbers an office may set, each row in force from a date on; no office: everywhere."""

    office = models.ForeignKey(
        Office,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        verbose_name=_("office"),
        help_text=_("Empty: all offices that have no terms of their own."),
    )
    in_force_from = models.DateField(_("in force from"))
    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes a seat is held"),
        default=15,
        validators=[MinValueValidator(1)],
        help_text=_("While the person reads the review page."),
    )
    pay_minutes = models.PositiveSmallIntegerField(
        _("minutes to pay"), default=120, validators=[MinValueValidator(1)]
    )
    bank_grace_minutes = models.PositiveSmallIntegerField(
        _("minutes of bank grace"),
        default=15,
        help_text=_("By how much the bank's time may be after the deadline."),
    )
    draw_notice_hours = models.PositiveSmallIntegerField(
        _("hours of notice for the draw"),
        default=24,
        help_text=_(
            "A release announced at least so long before it opens has a waiting room; we are bound "
            "to the draw from then on."
        ),
    )
    queue_join_minutes = models.PositiveSmallIntegerField(
        _("minutes the waiting room is open before"),
        default=60,
        validators=[MinValueValidator(1)],
        help_text=_("Who joins in this time before the opening takes part in the draw."),
    )
    enter_minutes = models.PositiveSmallIntegerField(
        _("minutes to come when called"), default=10, validators=[MinValueValidator(1)]
    )
    choose_minutes = models.PositiveSmallIntegerField(
        _("minutes to choose a seat"), default=15, validators=[MinValueValidator(1)]
    )
    early_minutes = models.PositiveSmallIntegerField(
        _("minutes early"),
        default=60,
        help_text=_("How long before the session a person may check in."),
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("minutes late"),
        default=30,
        help_text=_("How long after the session's end a person may still check in."),
    )
    reschedules = models.PositiveSmallIntegerField(
        _("changes of the day"),
        default=1,
        help_text=_("How often a person may choose another day for a paid appointment."),
    )
    reschedule_days = models.PositiveSmallIntegerField(
        _("days before, changes end"),
        default=1,
        help_text=_("So many days before the visit is the last day to choose another one."),
    )
    returns_after_minutes = models.PositiveSmallIntegerField(
        _("minutes until a freed seat may return"),
        default=10,
        help_text=_(
            "A seat that was given back can be taken again from a moment on that nobody knows: "
            "at the earliest after these minutes,"
        ),
    )
    returns_within_minutes = models.PositiveSmallIntegerField(
        _("minutes until a freed seat has returned"),
        default=120,
        help_text=_("and at the latest after these. With 0 in both it can be taken at once."),
    )
    documents_before_billing = models.BooleanField(
        _("documents first"),
        default=False,
        help_text=_("A billing code is only given when every document was sent."),
    )
    counters = models.PositiveSmallIntegerField(
        _("counters with staff"),
        null=True,
        blank=True,
        help_text=_("How many can be open at once. Plans that need more are warned of."),
    )
    restoration_percent = models.PositiveSmallIntegerField(
        _("percent kept for restorations"),
        default=3,
        validators=[MaxValueValidator(50)],
        help_text=_("Of a day's seats, for people who paid in time and lost their seat."),
    )
    assisted_percent = models.PositiveSmallIntegerField(
        _("percent kept for assisted booking"),
        default=0,
        validators=[MaxValueValidator(50)],
        help_text=_("Of a day's seats, for people an officer helps to book."),
    )
    reserve_days = models.PositiveSmallIntegerField(
        _("days before, a reserve ends"),
        default=1,
        help_text=_("So many days before the session, seats still kept are offered to everybody."),
    )

    offer_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer an offer"),
        default=120,
        validators=[MinValueValidator(1)],
        help_text=_("How long a seat is kept for who is next on the waiting list."),
    )
    offer_ends_minutes = models.PositiveSmallIntegerField(
        _("minutes before, offers end"),
        default=180,
        help_text=_("So long before the session, seats are no longer kept for the waiting list."),
    )

    companions = models.PositiveSmallIntegerField(
        _("companions of a priority person"),
        default=1,
        help_text=_(
            "So many grown-ups of the same account may have a priority seat beside each person "
            "who needs one."
        ),
    )
    others_before_priority = models.PositiveSmallIntegerField(
        _("others between priority numbers"),
        default=2,
        help_text=_(
            "So many other queue numbers are called after each priority number while both wait. "
            "With 0, priority numbers always come first."
        ),
    )
    walk_ins = models.PositiveSmallIntegerField(
        _("numbers without an appointment"),
        default=10,
        help_text=_(
            "So many priority numbers a day may be given at the door to elderly people, people "
            "with a disability, pregnant women and small children without an appointment."
        ),
    )
    collect_days = models.PositiveSmallIntegerField(
        _("days to collect"),
        default=30,
        validators=[MinValueValidator(1)],
        help_text=_("A passport that nobody collects so long after it is ready is cancelled."),
    )
    leftover_hours = models.PositiveSmallIntegerField(
        _("hours until leftovers are offered"),
        default=24,
        help_text=_("Seats still free so long after an opening go to the waiting list first."),
    )

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        constraints = (
            models.UniqueConstraint(
                fields=["office", "in_force_from"],
                nulls_distinct=False,
                name="terms_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(returns_within_minutes__gte=models.F("returns_after_minutes")),
                name="terms_return_in_order",
                violation_error_message=_("A seat cannot have returned before it may return."),
            ),
        )

    def __str__(self) -> str:
        since = date_format(self.in_force_from, "j F Y")
        return f"{self.office or _('All offices')}, {since}"


class Officer(models.Model):
    """Where an officer serves and as what.

    The centre serves all offices; treasurers and auditors none: they look after money.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="officer",
        verbose_name=_("account"),
    )
    office = models.ForeignKey(
        Office,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        verbose_name=_("office"),
        help_text=_("Empty for the centre, treasurers and auditors."),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=OF_NO_OFFICE, office__isnull=True)
                | (~Q(role__in=OF_NO_OFFICE) & Q(office__isnull=False)),
                name="officer_has_an_office_where_needed",
                violation_error_message=_(
                    "Centre, treasurer and auditor have no office; every other role needs one."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Closure(models.Model):
    """A day without sessions: a national holiday or joint leave, or one office's own closure."""

    office = models.ForeignKey(
        Office,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        verbose_name=_("office"),
        help_text=_("Empty: all offices."),
    )
    date = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ("date",)
        constraints = (
            models.UniqueConstraint(
                fields=["office", "date"], nulls_distinct=False, name="closure_once"
            ),
        )

    def __str__(self) -> str:
        return f"{words.day(self.date)}, {self.reason}"


class SpecialDay(models.Model):
    """A day on which an office serves as on another weekday, be it a Saturday or a holiday."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, verbose_name=_("office"))
    date = models.DateField(_("date"))
    like = models.PositiveSmallIntegerField(
        _("serves as on a"),
        choices=Weekday,
        help_text=_("The sessions of this weekday are held on that day."),
    )
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=["office", "date"], name="special_day_once"),)
        triggers: ClassVar = [
            # What a second officer approved is what opens.
            pgtrigger.Trigger(
                name="reviewed_day_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                PERFORM 1 FROM quota_office
                  WHERE id IN (OLD.office_id, NEW.office_id) FOR SHARE;
                IF EXISTS (SELECT 1 FROM quota_release
                            WHERE office_id IN (OLD.office_id, NEW.office_id)
                              AND status IN ('reviewed', 'scheduled')
                              AND (OLD.date BETWEEN first_day AND last_day
                                   OR NEW.date BETWEEN first_day AND last_day))
                THEN RAISE EXCEPTION 'a reviewed release waits with this day';
                END IF;
                RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{words.day(self.date)}, {self.reason}"


class Plan(models.Model):
    """A week of sessions with their seats, to be laid over the days of a release."""

    office = models.ForeignKey(
        Office,
        on_delete=models.CASCADE,
        related_name="plans",
        verbose_name=_("office"),
    )
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = (models.UniqueConstraint(fields=["office", "name"], name="plan_named_once"),)

    def __str__(self) -> str:
        return f"{self.office}: {self.name}"


class PlanLine(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lines")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(_("starts"), help_text=_("In the office's zone."))
    ends = models.TimeField(_("ends"))
    service = models.CharField(
        _("service"), max_length=12, choices=Service, default=Service.REGULAR
    )
    counters = models.PositiveSmallIntegerField(
        _("counters"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes a person"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"),
        validators=[MinValueValidator(1), MaxValueValidator(500)],
        help_text=_("Empty: what the counters can serve in that time."),
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("weekday", "starts", "service")
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "weekday", "starts", "service"], name="plan_line_once"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=models.F("starts")),
                name="plan_line_ends_after_start",
                violation_error_message=_("The session must end after it starts."),
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="plan_line_has_seats"),
            models.CheckConstraint(
                condition=Q(counters=None, minutes=None) | Q(counters__gte=1, minutes__gte=1),
                name="plan_line_counters_with_minutes",
                violation_error_message=_("Give counters and minutes a person, or neither."),
            ),
        )
        triggers: ClassVar = [
            # What a second officer approved is what opens. The lock waits for a review under way.
            pgtrigger.Trigger(
                name="reviewed_plan_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                PERFORM 1 FROM quota_plan
                  WHERE id IN (OLD.plan_id, NEW.plan_id) FOR SHARE;
                IF EXISTS (SELECT 1 FROM quota_release
                            WHERE plan_id IN (OLD.plan_id, NEW.plan_id)
                              AND status IN ('reviewed', 'scheduled'))
                THEN RAISE EXCEPTION 'a reviewed release waits with this plan';
                END IF;
                RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {words.clock(self.starts)}–{words.clock(self.ends)}"


class Release(models.Model):
    """The opening of an office's quota for a range of days, at a moment announced before."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        related_name="releases",
        verbose_name=_("office"),
    )
    plan = models.ForeignKey(
        Plan,
        on_delete=models.PROTECT,
        related_name="releases",
        verbose_name=_("plan"),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    publish_at = models.DateTimeField(_("opens at"))
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ReleaseStatus,
        default=ReleaseStatus.DRAFT,
        editable=False,
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("drafted by"),
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    # When the waiting list was offered what was left (quota/leftovers.py).
    leftovers_offered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("-publish_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")),
                name="release_ends_after_start",
                violation_error_message=_("The last day must not be before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("drafted_by")),
                name="release_reviewed_by_another",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="release_moves", field="status", transitions=RELEASE_MOVES),
            pgtrigger.Protect(
                name="reviewed_release_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.status <> 'draft' AND"
                    " (NEW.office_id, NEW.plan_id, NEW.first_day, NEW.last_day, NEW.drafted_by_id)"
                    " IS DISTINCT FROM"
                    " (OLD.office_id, OLD.plan_id, OLD.first_day, OLD.last_day, OLD.drafted_by_id)"
                ),
            ),
            pgtrigger.Protect(
                name="reviewed_release_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.status NOT IN ('draft', 'withdrawn')"),
            ),
        ]

    def __str__(self) -> str:
        days = [date_format(day, "j F Y") for day in (self.first_day, self.last_day)]
        return f"{self.office}, {' – '.join(days)}"

    @property
    def is_waiting(self) -> bool:
        """Nobody has a seat in it yet."""
        return self.status in WAITING


class SlotQuerySet(models.QuerySet["Slot"]):
    def bookable(self, at: datetime) -> Self:
        """Of open releases, not closed and not yet begun."""
        return self.filter(release__status=ReleaseStatus.OPEN, starts_at__gt=at, closed_at=None)

    def with_free(self) -> Self:
        """Adds `free`, counted on the partial index: taken seats are never looked at."""
        seats = Seat.objects.free().filter(slot=models.OuterRef("pk")).order_by()
        counted = seats.values("slot").annotate(number_free=models.Count("pk"))
        free = models.Subquery(counted.values("number_free"))
        return self.annotate(free=Coalesce(free, 0))

    def with_held(self) -> Self:
        """Adds `held`: neither free nor on their way back."""
        seats = Seat.objects.filter(slot=models.OuterRef("pk")).exclude(holder=None).order_by()
        counted = seats.values("slot").annotate(number_held=models.Count("pk"))
        held = models.Subquery(counted.values("number_held"))
        return self.annotate(held=Coalesce(held, 0))

    def with_room(self) -> Self:
        """Those with seats the office itself can give away, free or kept: `room` of them."""
        empty = Q(seats__holder=None, seats__returns_at=None)
        return self.annotate(room=models.Count("seats", filter=empty)).filter(room__gt=0)

    def joined_free(self) -> Self:
        """Adds `free_seats` to count over many slots at once, on the same index."""
        free = models.FilteredRelation(
            "seats",
            condition=Q(seats__holder=None, seats__returns_at=None, seats__reserve=""),
        )
        return self.annotate(free_seats=free)


class Slot(models.Model):
    """One session of one day at one office for one class of service."""

    free: int
    """Seats that can be taken; only on slots read by `with_free()`."""
    held: int
    """Seats somebody has; only on slots read by `with_held()`."""
    room: int
    """Free and kept seats; only on slots read by `with_room()`."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="slots")
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("office")
    )
    date = models.DateField(_("date"))
    starts = models.TimeField(_("starts"), help_text=_("In the office's zone."))
    ends = models.TimeField(_("ends"))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    service = models.CharField(_("service"), max_length=12, choices=Service)
    capacity = models.PositiveSmallIntegerField(_("seats"))
    # No further seat is given away; those who have one are moved or told (quota/closing.py).
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("session of a day")
        verbose_name_plural = _("sessions by day")
        ordering = ("date", "starts")
        constraints = (
            models.UniqueConstraint(
                fields=["office", "date", "starts", "service"], name="slot_once"
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="slot_bound", fields=["code", "release", "office"]),
            # Not when a release opens: one check for each of its slots would take seconds.
            pgtrigger.Trigger(
                name="slot_has_its_seats",
                operation=pgtrigger.UpdateOf("capacity"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                declare=[("made", "integer"), ("wanted", "integer")],
                func="""
                SELECT capacity INTO wanted FROM quota_slot WHERE id = NEW.id;
                SELECT count(*) INTO made FROM quota_seat WHERE slot_id = NEW.id;
                IF made <> wanted
                THEN RAISE EXCEPTION 'session % for % has % seats', NEW.code, wanted, made;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{words.day(self.date)}, {words.clock(self.starts)}–{words.clock(self.ends)}"


class SeatQuerySet(models.QuerySet["Seat"]):
    def free(self) -> Self:
        """What everybody can take."""
        return self.filter(holder=None, returns_at=None, reserve="")

    def kept(self, reserve: Reserve) -> Self:
        return self.filter(holder=None, returns_at=None, reserve=reserve)


class Seat(models.Model):
    """One place in a slot. Free while nobody holds it, it is not on its way back and not kept."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="seats", db_index=False)
    number = models.PositiveSmallIntegerField()
    # The code of the appointment that has the seat; this app knows no appointment.
    holder = models.CharField(max_length=10, null=True)
    # Given back: nobody holds it, and until this moment nobody can take it (quota/returning.py).
    returns_at = models.DateTimeField(null=True)
    # Kept for somebody (quota/reserves.py); empty: for everybody.
    reserve = models.CharField(max_length=12, choices=Reserve, blank=True, db_default="")

    objects = SeatQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["slot", "reserve"],
                name="seats_kept",
                condition=~Q(reserve="") & Q(holder__isnull=True),
            ),
            models.Index(
                fields=["returns_at"],
                name="seat_returning",
                condition=Q(returns_at__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(holder=None) | Q(returns_at=None), name="held_or_returning"
            ),
            # The only index that has the number, so that looking for a free seat never walks over
            # the taken ones.
            models.UniqueConstraint(
                fields=["slot", "number"],
                condition=Q(holder__isnull=True, returns_at__isnull=True, reserve=""),
                name="free_seats",
            ),
            models.UniqueConstraint(
                fields=["holder"],
                condition=Q(holder__isnull=False),
                name="one_seat_a_holder",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="seat_bound", fields=["slot", "number"]),
            pgtrigger.Protect(
                name="held_seat_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.holder IS NOT NULL"),
            ),
            # Once a statement. More than a session can have at once come only from an opening,
            # whose slots are new: there no older seats need be counted.
            pgtrigger.Trigger(
                name="no_seat_too_many",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="made"),
                func="""
                IF EXISTS (SELECT 1 FROM made WHERE number < 1)
                THEN RAISE EXCEPTION 'seats are counted from 1';
                END IF;
                IF EXISTS (SELECT 1 FROM quota_slot slot JOIN
                            (SELECT slot_id, count(*) AS seats FROM made GROUP BY slot_id) more
                            ON slot.id = more.slot_id WHERE more.seats > slot.capacity)
                   OR (SELECT count(*) FROM (SELECT 1 FROM made LIMIT 501) few) <= 500
                      AND EXISTS (SELECT 1 FROM quota_slot slot JOIN quota_seat seat
                                   ON seat.slot_id = slot.id
                                   WHERE slot.id IN (SELECT slot_id FROM made)
                                   GROUP BY slot.id HAVING count(*) > slot.capacity)
                THEN RAISE EXCEPTION 'more seats than the session has';
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id}/{self.number}"
