from importlib import import_module

from django.apps import AppConfig


class ApplicantsConfig(AppConfig):
    name = "applicants"

    def ready(self) -> None:
        import_module("applicants.receivers")
