from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mpaspor.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(ModelAdmin):
    list_display = ("at", "deed", "subject", "by", "door")
    list_filter = ("deed",)
    search_fields = ("subject",)
    list_select_related = ("by",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
