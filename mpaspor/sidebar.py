"""The officers' sidebar, in our words. Each line asks the page it leads to whether to be there."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appointments.access import receives_people
from quota.access import reads_money, serves

# Heading, and its lines: words, icon, and a page of ours or a table.
LINES = [
    (
        _("At the office"),
        [
            (_("Today"), "today", "admin:index"),
            (_("Check-in"), "qr_code_scanner", "admin:check_in"),
            (_("Letters without a line"), "wifi_off", "admin:letter_check"),
            (_("Counters"), "desk", "admin:counters"),
            (_("Roster of the day"), "list_alt", "admin:roster"),
            (_("Appointments"), "event", "appointments.Appointment"),
        ],
    ),
    (
        _("Quota"),
        [
            (_("Releases"), "campaign", "quota.Release"),
            (_("Waiting list"), "hourglass_top", "quota.Wish"),
            (_("Plans"), "calendar_month", "quota.Plan"),
            (_("Closures"), "event_busy", "quota.Closure"),
            (_("Special days"), "event_available", "quota.SpecialDay"),
            (_("Terms"), "tune", "quota.Terms"),
            (_("Offices"), "apartment", "quota.Office"),
            (_("Officers"), "badge", "quota.Officer"),
        ],
    ),
    (
        _("Money"),
        [
            (_("Money desk"), "account_balance", "admin:money"),
            (_("Reconciliation"), "balance", "admin:reconciliations"),
            (_("Tariffs"), "sell", "payments.Tariff"),
            (_("Bills"), "receipt_long", "payments.Bill"),
            (_("Payments"), "payments", "payments.Payment"),
            (_("Cases and outcomes"), "gavel", "payments.Settlement"),
        ],
    ),
    (
        _("Service"),
        [
            (_("Outages"), "bolt", "payments.Incident"),
            (_("Accounts"), "group", "applicants.User"),
            (_("Requests about data"), "shield_person", "applicants.PrivacyRequest"),
            (_("Rules for keeping data"), "auto_delete", "applicants.RetentionRule"),
            (_("Civil registry"), "fact_check", "applicants.Verification"),
            (_("Programs with access"), "key", "oauth2_provider.Application"),
            (_("Audit"), "history", "audit.Entry"),
        ],
    ),
]


# Who opens the pages that belong to no table.
OWN_PAGES = {
    "admin:index": serves,
    "admin:check_in": receives_people,
    "admin:letter_check": receives_people,
    "admin:counters": receives_people,
    "admin:roster": receives_people,
    "admin:money": reads_money,
    "admin:reconciliations": reads_money,
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """What this officer may open, for unfold."""
    return [
        {
            "title": heading,
            "separator": False,
            "items": [
                {"title": title, "icon": icon, "link": _address(target)}
                for title, icon, target in lines
                if _may_open(request, target)
            ],
        }
        for heading, lines in LINES
    ]


def _address(target: str) -> str:
    if target.startswith("admin:"):
        return reverse(target)
    return reverse(f"admin:{target.replace('.', '_').lower()}_changelist")


def _may_open(request: HttpRequest, target: str) -> bool:
    if target in OWN_PAGES:
        return OWN_PAGES[target](request.user)
    page = admin.site.get_model_admin(apps.get_model(target))
    return bool(page.has_view_permission(request))
