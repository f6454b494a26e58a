from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mpaspor.embedded.demonstration import AlreadyRunning, PortTaken, run
from mpaspor.embedded.home import NotOurs
from mpaspor.embedded.log import Log
from mpaspor.embedded.postgres import PostgresMissing
from mpaspor.embedded.supervisor import ChildFailed
from mpaspor.embedded.valkey import ValkeyMissing

EXPECTED = (AlreadyRunning, PortTaken, ChildFailed, NotOurs, PostgresMissing, ValkeyMissing)


class Command(BaseCommand):
    help = "Run the whole service on this machine: servers, web, worker, beat and simulators."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run(Log())
        except EXPECTED as problem:
            raise CommandError(str(problem)) from problem
