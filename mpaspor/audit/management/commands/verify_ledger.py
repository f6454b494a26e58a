from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mpaspor.audit import roots


class Command(BaseCommand):
    help = "Recomputes the chain of all that was done and compares it with the published roots."

    def handle(self, *args: Any, **options: Any) -> None:
        entries, faults = roots.verify()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {entries} entries.")
        self.stdout.write(f"The ledger is whole: {entries} entries, every root fits.")
