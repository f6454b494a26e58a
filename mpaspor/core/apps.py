from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "mpaspor.core"
    label = "core"
