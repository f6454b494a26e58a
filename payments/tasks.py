"""The worker's side: loops until nothing is due."""

from celery import shared_task

from mpaspor.core import clock
from payments import retention
from payments.gateway.simponi import gateway
from payments.incidents import watch_gateway
from payments.issuing import issue_requested
from payments.polling import ask_all_due
from payments.reconciliation.asking import ask_nightly
from payments.reconciliation.reading import reconcile_due
from payments.renewing import renew_codes as renew
from payments.settlement import match_orphans as match
from payments.straying import ask_strays as ask_about_strays


@shared_task(name="payments.request_bills")
def request_bills() -> None:
    while issue_requested(gateway=gateway(), at=clock.now()):
        pass


@shared_task(name="payments.ask")
def ask() -> None:
    ask_all_due(gateway=gateway())


@shared_task(name="payments.match_orphans")
def match_orphans() -> None:
    match(at=clock.now())


@shared_task(name="payments.ask_strays")
def ask_strays() -> None:
    while ask_about_strays(gateway=gateway(), at=clock.now()):
        pass


@shared_task(name="payments.forget")
def forget() -> None:
    retention.forget_callbacks(at=clock.now())


@shared_task(name="payments.reconcile")
def reconcile() -> None:
    ask_nightly(at=clock.now())
    while reconcile_due(files=gateway(), at=clock.now()):
        pass


@shared_task(name="payments.watch")
def watch() -> None:
    watch_gateway(at=clock.now())


@shared_task(name="payments.renew_codes")
def renew_codes() -> None:
    while renew(gateway=gateway(), at=clock.now()):
        pass
