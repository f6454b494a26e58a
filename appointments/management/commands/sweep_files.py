from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from appointments.documents.sweeping import sweep_files
from mpaspor.core import clock


class Command(BaseCommand):
    help = "Deletes files of documents that no row knows and names documents that lost theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what there is.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        swept = sweep_files(by="command", at=clock.now(), dry_run=dry_run)
        self.stdout.write(f"{'To be deleted' if dry_run else 'Deleted'}: {swept}.")
        for code in swept.lost:
            self.stdout.write(f"Lost its file: document {code}.")
