from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.core.money import rupiah
from payments.gateway.simponi import gateway
from payments.reconciliation.asking import ask_reconciliation, banking_day
from payments.reconciliation.enums import RunStatus
from payments.reconciliation.models import Difference, Reconciliation
from payments.reconciliation.reading import reconcile_due


class Command(BaseCommand):
    help = (
        "Compares our books with the gateway's file of one banking day (yesterday, if not given)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("day", nargs="?", type=date.fromisoformat, help="such as 2026-11-25")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        day = options["day"] or banking_day(at) - timedelta(days=1)
        try:
            ask_reconciliation(day=day, by="command", at=at)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.remedy}") from refusal
        while Reconciliation.objects.filter(day=day, next_at__lte=at).exists():
            reconcile_due(files=gateway(), at=at)
        run = Reconciliation.objects.get(day=day)
        if run.status != RunStatus.DONE:
            raise CommandError(f"The file of {day} cannot be read: {run.trouble}")
        left = Difference.objects.filter(day=day, cleared_at=None).count()
        self.stdout.write(
            f"{day}: {run.lines} lines, {run.found} new to us, theirs {rupiah(run.theirs)}, "
            f"ours {rupiah(run.ours)}, difference {rupiah(run.theirs - run.ours)}, "
            f"{left} to look into."
        )
