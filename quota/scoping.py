"""Admin pages limited to an officer's own offices, by role and not by Django's permissions."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.access import acting, officer_may, offices_of
from quota.enums import Role
from quota.models import Office, Plan, Release

# How many of the latest releases one can filter by.
RELEASES = 50


class OwnOffices(admin.SimpleListFilter):
    title = _("office")
    parameter_name = "office"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(office.code, office.name) for office in offices_of(request.user)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(office__code=self.value()) if self.value() else queryset


class OwnReleases(admin.SimpleListFilter):
    title = _("release")
    parameter_name = "release"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        own = Release.objects.filter(office__in=offices_of(request.user))
        opened = own.exclude(opened_at=None).select_related("office").order_by("-opened_at")
        return [(release.code, str(release)) for release in opened[:RELEASES]]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(release__code=self.value()) if self.value() else queryset


class ScopedAdmin(ModelAdmin):
    """Rows of the officer's own offices, and those of no office to look at.

    `viewers` and `editors` are roles besides the centre, which does everything everywhere.
    What is changed here goes into the audit trail.
    """

    viewers: tuple[Role, ...] = (Role.HEAD, Role.PLANNER)
    editors: tuple[Role, ...] = ()
    # From the row to its office.
    office_path = "office"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        rows: QuerySet[Any] = super().get_queryset(request)
        own = Q(**{f"{self.office_path}__in": offices_of(request.user)})
        return rows.filter(own | Q(**{f"{self.office_path}__isnull": True}))

    def is_own(self, request: HttpRequest, row: Any) -> bool:
        """Rows of no office belong to the centre."""
        office = getattr(row, self.office_path)
        if office is None:
            return officer_may(request.user, Role.CENTRE)
        key = office.pk if isinstance(office, Office) else office
        return offices_of(request.user).filter(pk=key).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return officer_may(request.user, *self.viewers)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return officer_may(request.user, *self.viewers)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return officer_may(request.user, *self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return officer_may(request.user, *self.editors) and (
            obj is None or self.is_own(request, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def formfield_for_foreignkey(
        self, db_field: "models.ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        offices = offices_of(request.user)
        if db_field.related_model is Office:
            kwargs["queryset"] = offices
        elif db_field.related_model is Plan:
            kwargs["queryset"] = Plan.objects.filter(office__in=offices).select_related("office")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.related_model is Office and not officer_may(request.user, Role.CENTRE):
            field.required, field.empty_label, field.help_text = True, None, ""
        return field

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except Refusal as no:
            self.message_user(request, str(no), "error")
            response = redirect(request.get_full_path())
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.note("added", request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.note("changed", request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: "QuerySet[Any]") -> Any:
        for row in queryset:
            self.note("deleted", request, row)
        return super().log_deletions(request, queryset)

    def note(self, done: str, request: HttpRequest, row: Any, what: Any = None) -> None:
        kind = self.model._meta.model_name
        subject = f"{kind}:{getattr(row, 'code', row.pk)}"
        facts = {"what": what} if what else {}
        trail.record(f"{kind}.{done}", subject=subject, by=acting(request), at=clock.now(), **facts)
