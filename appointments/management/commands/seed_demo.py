import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from appointments import demo
from mpaspor.core import clock
from quota.models import Office, Seat


class Command(BaseCommand):
    help = "Loads the demonstration's data and writes its sign-ins to DEMO_FILE. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is no demonstration: set DEMO=1 to load made-up people.")
        facts = demo.load(at=clock.now())
        if settings.DEMO_FILE:
            _write(Path(settings.DEMO_FILE), facts)
        offices, seats = Office.objects.count(), Seat.objects.free().count()
        self.stdout.write(f"Demonstration ready: {offices} offices, {seats} free seats.")


def _write(path: Path, facts: dict[str, Any]) -> None:
    """Readable by its owner only: there are passwords in it."""
    text = json.dumps(facts, indent=2) + "\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
