from importlib import import_module

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def import_models(self) -> None:
        super().import_models()
        import_module("payments.reconciliation.models")
