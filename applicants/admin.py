from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from applicants.deciding import decide_verification, may_decide
from applicants.enums import PrivacyStatus, RegistryVerdict
from applicants.forms import AnswerForm, DecisionForm
from applicants.models import Person, PrivacyRequest, RetentionRule, User, Verification
from applicants.privacy_requests import answer
from applicants.queries import has_second_factor
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags import words

STATUS_COLOURS = {
    PrivacyStatus.OPEN: "warning",
    PrivacyStatus.GRANTED: "success",
    PrivacyStatus.DECLINED: "danger",
    PrivacyStatus.TAKEN_BACK: "default",
}


def look(request: HttpRequest, subject: str) -> None:
    """Whoever opens a person's data leaves a line. Only the centre comes here, of no office."""
    assert isinstance(request.user, User)
    role = {"role": request.user.officer.role} if hasattr(request.user, "officer") else {}
    at = clock.now()
    trail.record("person.look", subject=subject, by=request.user, at=at, through="page", **role)


class AccountCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("name", "email", "phone")


class AccountChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class AccountAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Accounts of applicants and officers. Contacts are typed and confirmed by their holders."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "phone", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "phone", "name")
    search_help_text = _("E-mail, mobile phone as +62…, or name")
    ordering = ("-pk",)
    show_full_result_count = False
    readonly_fields = (
        "own_code",
        "email_verified",
        "phone_verified",
        "notices_by",
        "second_step",
        "last_login",
        "date_joined",
    )
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("own_code", "name", "password")}),
        (
            _("Contacts"),
            {"fields": ("email", "email_verified", "phone", "phone_verified", "notices_by")},
        ),
        (_("Security"), {"fields": ("second_step",)}),
        (_("Rules"), {"fields": ("is_active", "is_staff", "is_superuser", "person_limit")}),
        (_("Use"), {"fields": ("language", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("name", "email", "phone", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        contacts = ("email", "phone") if obj else ()
        return (*super().get_readonly_fields(request, obj), *contacts)

    @admin.display(description=_("Code"))
    def own_code(self, account: User) -> str:
        return account.code

    @admin.display(description=_("Second step"))
    def second_step(self, account: User) -> str:
        words = _("Look or reset") if has_second_factor(account) else _("None")
        address = reverse("admin:second_factor_reset", args=[account.code])
        return format_html('<a href="{}">{}</a>', address, words)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What an account did is kept with it: it is closed instead (not active)."""
        return False


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    list_display = ("name", "nik", "birth_date", "sex", "differs_from_nik", "owner")
    list_filter = ("differs_from_nik",)
    list_select_related = ("identity", "account")
    search_fields = ("name", "=code", "=account__email", "=account__phone")
    ordering = ("-pk",)
    show_full_result_count = False
    fields: ClassVar = [
        "own_code",
        "nik",
        "name",
        "birth_place",
        "birth_date",
        "sex",
        "differs_from_nik",
        "owner",
        "created_at",
    ]
    readonly_fields = tuple(fields)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if person := self.get_object(request, object_id):
            look(request, f"person:{person.code}")
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description=_("Code"))
    def own_code(self, person: Person) -> str:
        return person.code

    @admin.display(description=_("Account"))
    def owner(self, person: Person) -> str:
        return str(person.account or "–")

    @admin.display(description=_("NIK"))
    def nik(self, person: Person) -> str:
        return person.identity.masked_nik

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ModelAdmin):
    """The centre's desk for requests about data: what is due first stands first."""

    list_display = ("code", "kind", "state", "asked", "due")
    list_filter = ("status", "kind")
    # Those without an answer first.
    ordering = (F("answered_at").asc(nulls_first=True), "due_at")
    search_fields = ("=code", "=account__code")
    search_help_text = _("Code of the request or of the account")
    fields: ClassVar = ["code", "kind", "state", "asked", "due"]
    readonly_fields = tuple(fields)
    actions_detail = ("decide",)
    show_full_result_count = False

    @display(description=_("Status"), label=STATUS_COLOURS)
    def state(self, asked: PrivacyRequest) -> tuple[str, str]:
        if asked.is_overdue(clock.now()):
            return PrivacyStatus.DECLINED, str(_("Overdue"))
        return asked.status, asked.get_status_display()

    @display(description=_("Asked"), ordering="asked_at")
    def asked(self, asked: PrivacyRequest) -> str:
        return words.moment(asked.asked_at, settings.TIME_ZONE)

    @display(description=_("Answer due"), ordering="due_at")
    def due(self, asked: PrivacyRequest) -> str:
        return words.moment(asked.due_at, settings.TIME_ZONE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @action(description=_("Read and answer"), url_path="decide", permissions=("view",))
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.get_object(request, object_id)
        if asked is None:
            raise Http404
        form = AnswerForm(request.POST or None)
        if form.is_valid() and self._answered(request, asked, form):
            return redirect("admin:applicants_privacyrequest_changelist")
        look(request, f"account:{asked.account.code}")
        context = self.admin_site.each_context(request) | {
            "title": asked.get_kind_display(),
            "asked": asked,
            "form": form,
            "is_open": asked.status == PrivacyStatus.OPEN,
            "is_overdue": asked.is_overdue(clock.now()),
            "zone": settings.TIME_ZONE,
        }
        return render(request, "admin/privacy_request.html", context)

    def _answered(self, request: HttpRequest, asked: PrivacyRequest, form: AnswerForm) -> bool:
        assert isinstance(request.user, User)
        given = form.cleaned_data
        try:
            answer(
                request=asked,
                grant=given["decision"] == "grant",
                text=given["answer"],
                by=request.user,
                at=clock.now(),
            )
        except Refusal as no:
            form.refuse(no)
            return False
        messages.success(request, _("The answer is given."))
        return True


@admin.register(RetentionRule)
class RetentionRuleAdmin(ModelAdmin):
    """A new rule is a new row with its day; those before it stay as they were."""

    list_display = ("kind", "days", "in_force_from")
    list_filter = ("kind",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(request.user, User)
        facts = {"days": obj.days, "in_force_from": obj.in_force_from.isoformat()}
        subject = f"retention:{obj.kind}"
        trail.record("retention.rule", subject=subject, by=request.user, at=clock.now(), **facts)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


VERDICT_COLOURS = {
    RegistryVerdict.PENDING: "default",
    RegistryVerdict.UNAVAILABLE: "warning",
    RegistryVerdict.MATCH: "success",
    RegistryVerdict.MISMATCH: "danger",
    RegistryVerdict.NOT_FOUND: "danger",
    RegistryVerdict.NOT_ONLINE: "danger",
    RegistryVerdict.BLOCKED: "danger",
}


class ToDecide(admin.SimpleListFilter):
    """Unless all are asked for, those the registry left to an officer."""

    title = _("verdict")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("All")), *RegistryVerdict.choices]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": _("For an officer to decide")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> "QuerySet[Any]":
        if self.value() is None:
            return queryset.for_an_officer(clock.now())
        return queryset if self.value() == "all" else queryset.filter(verdict=self.value())


@admin.register(Verification)
class VerificationAdmin(ModelAdmin):
    """What the civil registry said, and the desk for what it did not say. A look leaves a line."""

    list_display = ("code", "state", "attempts", "since", "asked_at", "trouble")
    list_filter = (ToDecide,)
    list_select_related = ("person",)
    search_fields = ("person__code__iexact",)
    search_help_text = _("Code of the person")
    ordering = ("since",)
    show_full_result_count = False
    actions = None

    @display(description=_("Person"))
    def code(self, verification: Verification) -> str:
        return verification.person.code

    @display(description=_("Verdict"), ordering="verdict", label=VERDICT_COLOURS)
    def state(self, verification: Verification) -> tuple[str, str]:
        return verification.verdict, verification.get_verdict_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        verification = self.get_object(request, object_id)
        if verification is None:
            raise Http404
        if not (isinstance(request.user, User) and self.has_change_permission(request)):
            raise PermissionDenied
        at = clock.now()
        form = DecisionForm(request.POST or None)
        if form.is_valid() and self._decided(verification, form, by=request.user, at=at):
            self.message_user(request, _("Done."), "success")
            return redirect("admin:applicants_verification_changelist")
        look(request, f"person:{verification.person.code}")
        context = self.admin_site.each_context(request) | {
            "title": verification.person.code,
            "verification": verification,
            "person": verification.person,
            "form": form if may_decide(verification, at=at) else None,
            "zone": settings.TIME_ZONE,
        }
        return render(request, "admin/verification.html", context)

    def _decided(
        self, verification: Verification, form: DecisionForm, *, by: User, at: datetime
    ) -> bool:
        try:
            decide_verification(verification=verification, **form.cleaned_data, by=by, at=at)
        except Refusal as no:
            form.refuse(no)
            return False
        return True
