from importlib import import_module

from django.apps import AppConfig


class QuotaConfig(AppConfig):
    name = "quota"

    def import_models(self) -> None:
        super().import_models()
        import_module("quota.waiting_room.models")
        import_module("quota.waiting_list.models")
        import_module("quota.followers.models")
