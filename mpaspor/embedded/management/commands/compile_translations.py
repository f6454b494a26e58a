from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mpaspor.embedded.translations import compile_catalogue, outdated


class Command(BaseCommand):
    help = "Compile the translations that changed. Needs no gettext."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in map(Path, settings.LOCALE_PATHS):
            for source in outdated(folder):
                count = compile_catalogue(source)
                self.stdout.write(f"{source.relative_to(folder)}: {count} messages compiled")
