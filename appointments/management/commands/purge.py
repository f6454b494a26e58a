from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from appointments.retention import purge
from mpaspor.core import clock


class Command(BaseCommand):
    help = "Deletes what no rule keeps any more, as the timetable does every hour. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        counts = purge(by="command", at=clock.now(), dry_run=dry_run)
        what = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        self.stdout.write(f"{'To be deleted' if dry_run else 'Deleted'}: {what}.")
