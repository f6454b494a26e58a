from typing import Any

from django.core.management.base import BaseCommand, CommandError

from appointments.invariants import broken
from mpaspor.core import clock


class Command(BaseCommand):
    help = "Prints one line for each broken rule of the service; exits non-zero if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = list(broken(at=clock.now()))
        for line in lines:
            self.stdout.write(line)
        if lines:
            raise CommandError(f"{len(lines)} broken rules.")
        self.stdout.write("All rules of the service hold.")
