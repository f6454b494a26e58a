from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "mpaspor.audit"
    label = "audit"
