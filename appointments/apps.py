from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = _("appointments")

    def ready(self) -> None:
        import_module("appointments.corrections.models")
        import_module("appointments.calls.models")
        import_module("appointments.documents.models")
        import_module("appointments.reseating.models")
        import_module("appointments.visits.models")
        import_module("appointments.receivers")
