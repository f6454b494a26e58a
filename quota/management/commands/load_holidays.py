from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mpaspor.core import clock
from quota.closures import seed_holidays


class Command(BaseCommand):
    help = "Enters the national holidays and joint leave of the given years as closures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--years", type=int, nargs="+", required=True)

    def handle(self, *args: Any, years: list[int], **options: Any) -> None:
        added = seed_holidays(years=years, by="command", at=clock.now())
        for year, new in added.items():
            self.stdout.write(f"{year}: {new} new closures")
