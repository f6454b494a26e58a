"""Fees, which the centre edits, and money, which nobody does. Times are the capital's (WIB)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core import money as written
from mpaspor.core.templatetags import words
from payments.enums import BillStatus, Outcome
from payments.forms import IncidentForm, TariffForm
from payments.incidents import IncidentOver, end_incident, open_incident
from payments.models import Bill, BillLine, Incident, Payment, Settlement, Tariff
from payments.reconciliation.asking import BANKS

# How many days one can choose.
DAYS = 8

BILL_COLOURS = {
    BillStatus.REQUESTED: "default",
    BillStatus.ISSUED: "warning",
    BillStatus.PAID: "success",
    BillStatus.EXPIRED: "danger",
    BillStatus.VOID: "danger",
}
OUTCOME_COLOURS = {Outcome.BILL_PAID: "success", Outcome.CASE: "danger"}

Column = Callable[[Any, Any], str]


def rupiah(field: str, label: Any) -> Column:
    @display(description=label, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        return written.rupiah(getattr(row, field))

    return column


def named(field: str, label: Any, *, ordering: str | None = None) -> Column:
    """A field under a name of ours, where the model gives it none."""

    @display(description=label, ordering=ordering)
    def column(_admin: Any, row: Any) -> str:
        return str(getattr(row, field) or "–")

    return column


def moment(field: str, label: Any) -> Column:
    @display(description=label, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        at = getattr(row, field)
        return words.moment(at, settings.TIME_ZONE) if at else "–"

    return column


def never(_admin: Any, request: HttpRequest, obj: Any = None) -> bool:
    return False


class ReadOnly:
    has_add_permission = has_change_permission = has_delete_permission = never


class ByDay(admin.SimpleListFilter):
    """One day of the capital; the last ones are offered, any other may stand in the address."""

    parameter_name = "day"
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        today = clock.now().astimezone(BANKS).date()
        days = [today - timedelta(days=back) for back in range(DAYS)]
        return [(day.isoformat(), words.day(day)) for day in days]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        try:
            day = date.fromisoformat(self.value() or "")
            midnight = datetime.combine(day, time(0), BANKS)
            end = midnight + timedelta(days=1)
        except (ValueError, OverflowError):  # not a day: nothing is left out
            return queryset
        return queryset.filter(**{f"{self.field}__gte": midnight, f"{self.field}__lt": end})


class RequestedOn(ByDay):
    title = _("day of the bill")
    field = "requested_at"


class PaidOn(ByDay):
    title = _("day of payment")
    field = "paid_at"


@admin.register(Tariff)
class TariffAdmin(ModelAdmin):
    form = TariffForm
    list_display = ("code", "said", "fee", "in_force_from", "in_force_until")
    list_filter = ("code",)
    fee = rupiah("amount", _("Fee"))
    has_delete_permission = never

    @display(description=_("Name"))
    def said(self, tariff: Tariff) -> str:
        """As people read it; a name that the catalogue does not know stays as it is."""
        return gettext(tariff.name)

    def save_model(self, request: HttpRequest, obj: Tariff, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        facts = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        subject = f"tariff:{obj.code}"
        assert isinstance(request.user, AbstractBaseUser)
        trail.record("tariff.set", subject=subject, by=request.user, at=clock.now(), **facts)


class LineInline(ReadOnly, TabularInline):
    model = BillLine
    verbose_name_plural = _("Fees of this bill")
    fields = readonly_fields = ("tariff", "description", "fee", "for_code")
    fee = rupiah("amount", _("Fee"))
    extra = 0
    hide_title = True


class PaymentInline(ReadOnly, TabularInline):
    model = Payment
    verbose_name_plural = _("Payments for this bill")
    number = named("ntpn", _("NTPN"), ordering="ntpn")
    through = named("paid_through", _("Channel"))
    fields = readonly_fields = ("number", "sum", "paid", "through", "outcome")
    sum = rupiah("amount", _("Amount"))
    paid = moment("paid_at", _("Paid at (the bank's time)"))
    extra = 0
    hide_title = True

    @display(description=_("Outcome"))
    def outcome(self, payment: Payment) -> str:
        return what_became_of(payment.settlement)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Payment]":
        return super().get_queryset(request).select_related("settlement")


@admin.register(Bill)
class BillAdmin(ReadOnly, ModelAdmin):
    list_display = ("code", "billing_code", "payer_name", "sum", "state", "requested")
    list_filter = ("status", RequestedOn)
    search_fields = (
        "code__iexact",
        "billing_code",
        "old_codes__billing_code",
        "payer__iexact",
        "payments__ntpn__iexact",
    )
    search_help_text = _("Billing code, NTPN, code of the bill or of the appointment")
    ordering = ("-pk",)
    show_full_result_count = False
    inlines = (LineInline, PaymentInline)
    fields = readonly_fields = (
        "code",
        "payer",
        "payer_name",
        "billing_code",
        "sum",
        "status",
        "requested",
        "issued",
        "pay_before",
        "closed",
        "asked",
        "trouble",
    )
    sum = rupiah("amount", _("Amount"))
    requested = moment("requested_at", _("Requested"))
    issued = moment("issued_at", _("Code given"))
    pay_before = moment("pay_until", _("Pay before"))
    closed = moment("closed_at", _("Closed"))
    asked = moment("asked_at", _("Gateway last asked"))

    @display(description=_("Status"), ordering="status", label=BILL_COLOURS)
    def state(self, bill: Bill) -> tuple[str, str]:
        return bill.status, bill.get_status_display()


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "bill", "sum", "paid", "through")
    number = named("ntpn", _("NTPN"), ordering="ntpn")
    through = named("paid_through", _("Channel"))
    bank_number = named("ntb", _("NTB or NTP"))
    list_filter = (PaidOn,)
    list_select_related = ("bill",)
    search_fields = ("ntpn__iexact", "bill__billing_code", "bill__code__iexact")
    search_help_text = _("NTPN, billing code or code of the bill")
    ordering = ("-pk",)
    show_full_result_count = False
    fields = readonly_fields = ("number", "bank_number", "bill", "sum", "paid", "through", "known")
    sum = rupiah("amount", _("Amount"))
    paid = moment("paid_at", _("Paid at (the bank's time)"))
    known = moment("known_at", _("Known to us"))


@admin.register(Settlement)
class SettlementAdmin(ReadOnly, ModelAdmin):
    """What became of each payment; those for the treasurer come first."""

    list_display = ("payment", "bill", "amount", "result", "settled")
    list_select_related = ("payment__bill",)
    list_filter = ("outcome", "case")
    search_fields = ("payment__ntpn__iexact", "payment__bill__billing_code")
    search_help_text = _("NTPN or billing code")
    ordering = ("-outcome", "-pk")
    show_full_result_count = False
    fields = readonly_fields = ("payment", "bill", "amount", "outcome", "case", "settled")
    settled = moment("at", _("Settled"))

    @display(description=_("Bill"))
    def bill(self, settlement: Settlement) -> Bill | None:
        return settlement.payment.bill

    @display(description=_("Amount"), ordering="payment__amount")
    def amount(self, settlement: Settlement) -> str:
        return written.rupiah(settlement.payment.amount)

    @display(description=_("Outcome"), ordering="outcome", label=OUTCOME_COLOURS)
    def result(self, settlement: Settlement) -> tuple[str, str]:
        return settlement.outcome, what_became_of(settlement)


def what_became_of(settlement: Settlement) -> str:
    """Paid the bill, or which kind of case it is."""
    return settlement.get_case_display() or settlement.get_outcome_display()


@admin.register(Incident)
class IncidentAdmin(ModelAdmin):
    """Officers of the centre open an outage here and say when it is over."""

    form = IncidentForm
    list_display = ("code", "what", "began", "ended", "begun_by", "reason")
    begun_by = named("opened_by", _("Opened by"))
    list_select_related = ("opened_by",)
    ordering = ("-pk",)
    began = moment("began_at", _("Began"))
    ended = moment("ended_at", _("Ended"))
    has_delete_permission = never

    def get_fields(self, request: HttpRequest, obj: Incident | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("what", "reason")
        facts = self.get_readonly_fields(request, obj)
        return facts if obj.ended_at else (*facts, "over")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Incident | None = None
    ) -> tuple[str, ...]:
        return ("code", "what", "reason", "began", "ended", "begun_by") if obj else ()

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        assert isinstance(request.user, AbstractBaseUser)
        facts: dict[str, Any] = {"by": request.user, "at": clock.now()}
        if not change:
            what, reason = form.cleaned_data["what"], form.cleaned_data["reason"]
            obj.pk = open_incident(what=what, reason=reason, **facts).pk
        elif form.cleaned_data.get("over"):
            self._end(request, obj, facts)

    def _end(self, request: HttpRequest, obj: Incident, facts: dict[str, Any]) -> None:
        try:
            end_incident(code=obj.code, **facts)
        except IncidentOver as no:
            self.message_user(request, str(no), "error")
