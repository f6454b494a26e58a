"""Quota as officers edit it. Deeds of a release have a page of their own: preview and decide."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags import words
from quota.access import acting, approves_releases, officer_may, offices_of
from quota.enums import ReleaseStatus, Role
from quota.exchange.admin import ExchangeAdmin
from quota.followers.queries import follower_count
from quota.forms import Decision, DecisionForm, OfficerForm, PlanLineForm, ReleaseForm, SessionForm
from quota.models import (
    Closure,
    Office,
    Officer,
    Plan,
    PlanLine,
    Release,
    Slot,
    SlotQuerySet,
    SpecialDay,
    Terms,
)
from quota.planning import PlanFixed, refuse_reviewed_day, waiting_with
from quota.preview import preview_of
from quota.queries import office_names
from quota.release import draft_release, redraft_release
from quota.scoping import OwnOffices, OwnReleases, ScopedAdmin
from quota.waiting_list.enums import WishStatus
from quota.waiting_list.models import Wish
from quota.waiting_room.announcing import is_early_enough
from quota.waiting_room.queries import figures, room_of

STATUS_COLOURS = {
    ReleaseStatus.REVIEWED: "info",
    ReleaseStatus.SCHEDULED: "warning",
    ReleaseStatus.OPEN: "success",
    ReleaseStatus.WITHDRAWN: "danger",
}

WISH_COLOURS = {
    WishStatus.WAITING: "info",
    WishStatus.SERVED: "success",
    WishStatus.UNANSWERED: "danger",
}

# What a planner writes; the rest of a release is done by deeds.
DRAFTED = ("office", "plan", "first_day", "last_day", "publish_at")


def never(_admin: Any, request: HttpRequest, obj: Any = None) -> bool:
    return False


@admin.register(Office)
class OfficeAdmin(ScopedAdmin):
    office_path = "pk"
    list_display = ("name", "city", "province", "kind", "zone")
    list_filter = ("kind", "zone", "province")
    search_fields = ("code", "name", "city", "province")
    has_delete_permission = never


@admin.register(Terms)
class TermsAdmin(ScopedAdmin):
    editors = (Role.HEAD,)
    list_display = ("__str__", "hold_minutes", "pay_minutes", "early_minutes", "late_minutes")
    list_filter = (OwnOffices,)
    list_select_related = ("office",)
    ordering = ("office__name", "-in_force_from")


@admin.register(Officer)
class OfficerAdmin(ScopedAdmin):
    """The centre's only: an officer names no officers."""

    viewers = editors = ()
    list_display = ("user", "role", "office")
    list_filter = ("role", OwnOffices)
    list_select_related = ("user", "office")
    search_fields = ("user__name", "user__email")
    readonly_fields = ("second_step",)
    form = OfficerForm

    @display(description=_("Second step"))
    def second_step(self, officer: Officer) -> str:
        if not officer.pk:
            return "–"
        address = reverse("admin:second_factor_reset", args=[officer.user.code])
        return format_html('<a href="{}">{}</a>', address, _("Look or reset"))


@admin.register(Closure)
class ClosureAdmin(ExchangeAdmin):
    exchanged = "closure"
    editors = (Role.HEAD, Role.PLANNER)
    list_display = ("date", "reason", "office")
    list_filter = (OwnOffices,)
    list_select_related = ("office",)
    date_hierarchy = "date"
    ordering = ("-date",)


@admin.register(SpecialDay)
class SpecialDayAdmin(ExchangeAdmin):
    exchanged = "specialday"
    editors = (Role.HEAD, Role.PLANNER)
    list_display = ("date", "like", "reason", "office")
    list_filter = (OwnOffices,)
    list_select_related = ("office",)
    date_hierarchy = "date"
    ordering = ("-date",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        refuse_reviewed_day(obj, form.initial.get("date"))
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        refuse_reviewed_day(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for special in queryset:
            refuse_reviewed_day(special)
        super().delete_queryset(request, queryset)


class PlanLineInline(TabularInline):
    model = PlanLine
    extra = 0
    hide_title = True
    form = PlanLineForm
    fields = ("weekday", "starts", "ends", "service", "counters", "minutes", "seats")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or not waiting_with(obj).exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    has_delete_permission = has_change_permission


@admin.register(Plan)
class PlanAdmin(ExchangeAdmin):
    exchanged = "plan"
    editors = (Role.HEAD, Role.PLANNER)
    list_display = ("name", "office")
    list_filter = (OwnOffices,)
    list_select_related = ("office",)
    ordering = ("office__name", "name")
    inlines = (PlanLineInline,)
    readonly_fields = ("fixed",)

    @display(description=_("May be changed"))
    def fixed(self, plan: Plan) -> str:
        waiting = waiting_with(plan).first()
        return str(PlanFixed(release=waiting)) if waiting else str(_("Yes"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A plan stays with its office: its releases are there."""
        return ("office", *self.readonly_fields) if obj else ()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        Plan.objects.select_for_update().get(pk=form.instance.pk)
        waiting = waiting_with(form.instance).first()
        if waiting and formset.has_changed():
            raise PlanFixed(release=waiting)
        super().save_formset(request, form, formset, change)


@admin.register(Release)
class ReleaseAdmin(ScopedAdmin):
    editors = (Role.HEAD, Role.PLANNER)
    form = ReleaseForm
    list_display = ("office", "first_day", "last_day", "opens", "state")
    list_display_links = ("office", "first_day")
    list_filter = ("status", OwnOffices)
    list_select_related = ("office", "plan", "drafted_by", "reviewed_by", "room")
    date_hierarchy = "publish_at"
    readonly_fields = ("opens", "status", "drafter", "reviewer")
    actions_detail = ("decide",)
    has_delete_permission = never

    @display(description=_("Opens at"), ordering="publish_at")
    def opens(self, release: Release) -> str:
        return words.moment(release.publish_at, release.office.zone)

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def state(self, release: Release) -> tuple[str, str]:
        return release.status, release.get_status_display()

    @display(description=_("Drafted by"))
    def drafter(self, release: Release) -> str:
        return str(release.drafted_by or "–")

    @display(description=_("Reviewed by"))
    def reviewer(self, release: Release) -> str:
        return str(release.reviewed_by or "–")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return DRAFTED
        if self.has_change_permission(request, obj):
            return (*DRAFTED, "status", "drafter", "reviewer")
        return (*DRAFTED[:-1], *self.readonly_fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or obj.status in (ReleaseStatus.DRAFT, ReleaseStatus.REVIEWED)
        )

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The moment of opening is read and written in the zone of the office."""
        with timezone.override(self._zone(request, object_id)):
            response = super().changeform_view(request, object_id, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            redraft_release(release=obj, by=acting(request), at=clock.now())
        else:
            facts = {name: getattr(obj, name) for name in DRAFTED}
            obj.pk = draft_release(**facts, by=acting(request), at=clock.now()).pk

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:quota_release_decide", obj.pk)

    response_post_save_change = response_post_save_add

    def note(self, *args: Any) -> None:
        """The deeds do."""

    @action(description=_("Preview and decide"), url_path="decide", permissions=("view",))
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        release = self.get_object(request, object_id)
        if release is None:
            raise Http404
        with timezone.override(release.office.zone):
            return self._decision(request, release)

    def _decision(self, request: HttpRequest, release: Release) -> HttpResponse:
        form = DecisionForm(request.POST or None, initial={"publish_at": release.publish_at})
        if form.is_valid() and self._done(request, release, form):
            return redirect("admin:quota_release_decide", release.pk)
        context = self.admin_site.each_context(request) | {
            "title": str(release),
            "release": release,
            "preview": preview_of(release),
            "form": form,
            "draw_too_late": not is_early_enough(release, clock.now()),
            "room": (room := room_of(release)),
            "figures": figures(room) if room else None,
            "followers": follower_count(release.office),
            "may_edit": self.has_change_permission(request, release),
            "may_approve": approves_releases(request.user),
        }
        return render(request, "quota/release_decision.html", context)

    def _done(self, request: HttpRequest, release: Release, form: DecisionForm) -> bool:
        decision = form.cleaned_data["decision"]
        if decision != Decision.REVIEW and not approves_releases(request.user):
            raise PermissionDenied
        if not officer_may(request.user, *self.editors):
            raise PermissionDenied
        try:
            form.carry_out(release, by=acting(request), at=clock.now())
        except Refusal as no:
            form.add_error(no.field if no.field in form.fields else None, str(no))
            return False
        self.message_user(request, _("Done."), "success")
        return True

    def _zone(self, request: HttpRequest, object_id: str | None) -> ZoneInfo:
        """Of the office just chosen, else that of the release, else the officer's own."""
        offices, chosen = offices_of(request.user), request.POST.get("office", "")
        if chosen.isdecimal():
            offices = offices.filter(pk=chosen)
        elif object_id and object_id.isdecimal():
            offices = offices.filter(releases__pk=object_id)
        office = offices.first()
        return ZoneInfo(office.zone if office else settings.TIME_ZONE)


@admin.register(Slot)
class SlotAdmin(ScopedAdmin):
    """What was made, with what is left of it. It is changed by deeds, on a page of their own."""

    editors = (Role.HEAD, Role.PLANNER)
    list_display = ("date", "session", "service", "office", "capacity", "held", "free", "open")
    list_filter = ("service", OwnOffices, OwnReleases)
    list_select_related = ("office",)
    date_hierarchy = "date"
    show_full_result_count = False
    fields = readonly_fields = (
        "office", "date", "session", "service", "capacity", "held", "free", "open",
    )  # fmt: skip
    actions_detail = ("amend",)
    has_add_permission = has_change_permission = has_delete_permission = never

    def get_queryset(self, request: HttpRequest) -> SlotQuerySet:
        slots: SlotQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return slots.with_free().with_held()

    @display(description=_("Session"), ordering="starts")
    def session(self, slot: Slot) -> str:
        zone = words.zone_name(slot.office.zone)
        return f"{words.clock(slot.starts)}–{words.clock(slot.ends)} {zone}"

    @display(description=_("Free"), ordering="free")
    def free(self, slot: Slot) -> int:
        return slot.free

    @display(description=_("Taken"), ordering="held")
    def held(self, slot: Slot) -> int:
        return slot.held

    @display(description=_("Open"), boolean=True)
    def open(self, slot: Slot) -> bool:
        return slot.closed_at is None

    @action(description=_("Change or close"), url_path="amend", permissions=("view",))
    def amend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        slot = self.get_object(request, object_id)
        if slot is None:
            raise Http404
        form = SessionForm(request.POST or None, initial={"seats": slot.capacity})
        if form.is_valid() and self._done(request, slot, form):
            return redirect("admin:quota_slot_amend", slot.pk)
        context = self.admin_site.each_context(request) | {
            "title": f"{slot.office}, {words.day(slot.date)}, {self.session(slot)}",
            "slot": slot,
            "form": form,
            "returning": slot.capacity - slot.held - slot.free,
            "may_edit": officer_may(request.user, *self.editors),
            "may_empty": officer_may(request.user, Role.HEAD),
        }
        return render(request, "quota/session_change.html", context)

    def _done(self, request: HttpRequest, slot: Slot, form: SessionForm) -> bool:
        if not officer_may(request.user, *self.editors):
            raise PermissionDenied
        try:
            form.carry_out(slot, by=acting(request), at=clock.now())
        except Refusal as no:
            form.add_error(no.field if no.field in form.fields else None, str(no))
            return False
        self.message_user(request, _("Done."), "success")
        return True


class WishOffices(OwnOffices):
    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        office = offices_of(request.user).filter(code=self.value()).first()
        return queryset.filter(offices__contains=[office.pk]) if office else queryset


@admin.register(Wish)
class WishAdmin(ScopedAdmin):
    """How many wait for the officer's offices and for when, never who. Changed by nobody here."""

    list_display = ("code", "at_offices", "first_day", "last_day", "size", "state", "placed_at")
    list_filter = ("status", "service", WishOffices)
    search_fields = ("code",)
    ordering = ("placed_at", "pk")
    fields = (
        "code",
        "at_offices",
        "first_day",
        "last_day",
        "hours",
        "service",
        "size",
        "state",
        "lapsed",
        "placed_at",
    )
    readonly_fields = fields
    has_add_permission = has_change_permission = has_delete_permission = never

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        own = list(offices_of(request.user).values_list("pk", flat=True))
        return Wish.objects.filter(offices__overlap=own)

    @display(description=_("offices"))
    def at_offices(self, wish: Wish) -> str:
        return ", ".join(office_names(wish.offices))

    @display(description=_("status"), label=WISH_COLOURS)
    def state(self, wish: Wish) -> tuple[str, str]:
        return wish.status, wish.get_status_display()
