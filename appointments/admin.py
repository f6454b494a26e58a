"""Appointments and applications as officers see them: changed by nobody here, each look noted."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from applicants.models import User
from appointments.access import applications_at, appointments_at, receives_people
from appointments.calls.forms import CounterForm
from appointments.calls.models import Counter
from appointments.corrections.enums import RequestStatus
from appointments.corrections.requesting import open_request
from appointments.counter import look
from appointments.desk import named
from appointments.documents.queries import with_documents_waiting
from appointments.documents.wanted import wanted
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.history import events_of
from appointments.models import Application, Appointment
from appointments.visits.queries import next_step
from mpaspor.core import clock
from mpaspor.core.templatetags import words
from quota.access import offices_of
from quota.enums import Role
from quota.scoping import OwnOffices as OfOwnOffices
from quota.scoping import ScopedAdmin

APPOINTMENT_COLOURS = {
    AppointmentStatus.HELD: "default",
    AppointmentStatus.AWAITING_PAYMENT: "warning",
    AppointmentStatus.CONFIRMED: "info",
    AppointmentStatus.CHECKED_IN: "success",
    AppointmentStatus.RELEASED: "danger",
    AppointmentStatus.EXPIRED: "danger",
    AppointmentStatus.CANCELLED: "danger",
    AppointmentStatus.NO_SHOW: "danger",
}
APPLICATION_COLOURS = {
    ApplicationStatus.DRAFT: "default",
    ApplicationStatus.SUBMITTED: "warning",
    ApplicationStatus.PAID: "warning",
    ApplicationStatus.SCHEDULED: "info",
    ApplicationStatus.ARRIVED: "success",
    ApplicationStatus.INTERVIEWED: "info",
    ApplicationStatus.ENROLLED: "info",
    ApplicationStatus.ADJUDICATED: "info",
    ApplicationStatus.PRINTED: "info",
    ApplicationStatus.CHECKED: "info",
    ApplicationStatus.READY: "success",
    ApplicationStatus.HANDED_OVER: "success",
    ApplicationStatus.DEFERRED: "warning",
    ApplicationStatus.REFUSED: "danger",
    ApplicationStatus.UNCOLLECTED: "danger",
    ApplicationStatus.CANCELLED: "danger",
    ApplicationStatus.EXPIRED: "danger",
}


def never(_admin: Any, request: HttpRequest, obj: Any = None) -> bool:
    return False


def note(request: HttpRequest, seen: Iterable[Appointment], *, through: str) -> None:
    assert isinstance(request.user, User)
    look(seen, by=request.user, at=clock.now(), through=through)


class OwnOffices(admin.SimpleListFilter):
    title = _("office")
    parameter_name = "office"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(office.code, office.name) for office in offices_of(request.user)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(slot__office__code=self.value()) if self.value() else queryset


class DocumentsWaiting(admin.SimpleListFilter):
    title = _("documents")
    parameter_name = "documents"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", str(_("waiting to be looked at")))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return with_documents_waiting(queryset) if self.value() else queryset


class CorrectionsAsked(admin.SimpleListFilter):
    title = _("corrections")
    parameter_name = "corrections"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", str(_("asked for and not answered")))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        asked = queryset.filter(correction_requests__status=RequestStatus.OPEN)
        return asked if self.value() else queryset


class ForReceivers(ModelAdmin):
    """For the officers who receive people. Searching and opening a page leave a line each."""

    has_add_permission = has_change_permission = has_delete_permission = never
    show_full_result_count = False
    search_fields = ("code",)
    search_help_text = _("Code, or part of the name")
    actions = None
    fields = ()
    person = "person"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return receives_people(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return receives_people(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        found = queryset.filter(named(search_term, self.person)) if search_term else queryset
        return found, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        listed = getattr(response, "context_data", {}).get("cl")
        if listed is not None and listed.query:
            seen = self.appointments(request, listed.result_list)
            note(request, seen, through="search")
        return response

    def appointments(self, request: HttpRequest, rows: Iterable[Any]) -> Iterable[Appointment]:
        """Whose data these rows show."""
        raise NotImplementedError


@admin.register(Appointment)
class AppointmentAdmin(ForReceivers):
    list_display = ("code", "name", "office", "day", "session", "state")
    list_filter = ("status", OwnOffices, DocumentsWaiting, CorrectionsAsked)
    date_hierarchy = "slot__date"
    ordering = ("-slot__date", "slot__starts", "pk")
    person = "application__person"

    @display(description=_("Name"), ordering="application__person__name")
    def name(self, appointment: Appointment) -> str:
        return appointment.application.person.name

    @display(description=_("Office"), ordering="slot__office__name")
    def office(self, appointment: Appointment) -> str:
        return appointment.slot.office.name

    @display(description=_("Day"), ordering="slot__date")
    def day(self, appointment: Appointment) -> str:
        return words.day(appointment.slot.date)

    @display(description=_("Session"), ordering="slot__starts")
    def session(self, appointment: Appointment) -> str:
        slot = appointment.slot
        hours = f"{words.clock(slot.starts)}–{words.clock(slot.ends)}"
        return f"{hours} {words.zone_name(slot.office.zone)}"

    @display(description=_("Status"), ordering="status", label=APPOINTMENT_COLOURS)
    def state(self, appointment: Appointment) -> tuple[str, str]:
        return appointment.status, appointment.get_status_display()

    def get_list_display(self, request: HttpRequest) -> Sequence[str]:
        """The office is worth a column only to those who have several."""
        several = offices_of(request.user).count() > 1
        return [column for column in self.list_display if several or column != "office"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Appointment]":
        return appointments_at(request.user)

    def appointments(self, request: HttpRequest, rows: Iterable[Any]) -> Iterable[Appointment]:
        return rows

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        note(request, [obj], through="page")
        done, looks = events_of(obj)
        payments = obj.bill.payments.select_related("settlement") if obj.bill else []
        context |= {"papers": wanted(obj.application, at=clock.now())}
        context |= {"next_step": next_step(obj.application), "correction": open_request(obj)}
        context |= {"appointment": obj, "payments": payments, "done": done, "looks": looks}
        return super().render_change_form(request, context, *args, obj=obj, **options)


@admin.register(Application)
class ApplicationAdmin(ForReceivers):
    list_display = ("code", "name", "kind", "book", "service", "state")
    list_filter = ("status", "kind", "service")
    ordering = ("-created_at",)

    @display(description=_("Name"), ordering="person__name")
    def name(self, application: Application) -> str:
        return application.person.name

    @display(description=_("Status"), ordering="status", label=APPLICATION_COLOURS)
    def state(self, application: Application) -> tuple[str, str]:
        return application.status, application.get_status_display()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Application]":
        return applications_at(request.user)

    def appointments(self, request: HttpRequest, rows: Iterable[Any]) -> Iterable[Appointment]:
        return appointments_at(request.user).filter(application__in=[row.pk for row in rows])

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        appointments = self.appointments(request, [obj])
        note(request, appointments, through="page")
        context |= {"application": obj, "appointments": appointments}
        return super().render_change_form(request, context, *args, obj=obj, **options)


@admin.register(Counter)
class CounterAdmin(ScopedAdmin):
    """Set up by the head; opened, closed and used from the page of counters."""

    viewers = (Role.HEAD, Role.COUNTER)
    editors = (Role.HEAD,)
    form = CounterForm
    list_display = ("office", "number", "name", "station", "is_open")
    list_display_links = ("number",)
    list_filter = ("station", OfOwnOffices)
    list_select_related = ("office",)
    has_delete_permission = never

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A counter stays at its office."""
        return ("office",) if obj else ()
